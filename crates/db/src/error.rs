//! Which database errors mean that the database cannot serve now, and which are mistakes.

use std::sync::Arc;

use sea_orm::sqlx::{self, error::DatabaseError};
use sea_orm::{DbErr, RuntimeErr};

/// Whether the error says that the database cannot be reached, opened, read or written, is
/// locked or took too long: something that may be over in a moment, and is no fault of the
/// statement. A missing table, a broken rule or a row of the wrong type is not.
pub fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_ref() {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                sqlx::Error::Database(error) => match sqlite_code(error.as_ref()) {
                    Some(code) => sqlite_is_unavailable(code),
                    None => server_is_unavailable(error.as_ref()),
                },
                _ => false,
            }
        }
        _ => false,
    }
}

/// The database's message if it refuses a row because of a constraint, a type or a trigger, whoever
/// has made these; `None` for other errors. The message holds no values.
pub fn refusal(error: &DbErr) -> Option<&str> {
    let error = database_error(error)?;
    let refuses = match sqlite_code(error) {
        Some(code) => sqlite_refuses(code),
        None => error.code().is_some_and(|code| postgres_refuses(&code)),
    };
    refuses.then(|| error.message())
}

/// Whether the error says that another program holds a lock for longer than was waited: BUSY, LOCKED;
/// `lock_not_available`.
pub fn is_locked(error: &DbErr) -> bool {
    matches!(primary_code(error), Some(5 | 6))
        || database_error(error)
            .and_then(DatabaseError::code)
            .is_some_and(|code| code == "55P03")
}

/// The driver's error for a statement that selects.
pub(crate) fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

/// The driver's error for a statement that does something.
pub(crate) fn exec_error(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

/// The database's own message, without the driver's prefix.
pub(crate) fn message(error: &DbErr) -> String {
    match (database_error(error), error) {
        (Some(error), _) => error.message().to_owned(),
        (None, DbErr::Custom(text)) => text.clone(),
        (None, error) => error.to_string(),
    }
}

/// Whether open connections would keep failing after the cause of the error is gone. On SQLite: a file
/// that cannot be read (IOERR, CORRUPT, CANTOPEN, NOTADB), since a restored file may have the same
/// identity, and one that was opened read-only (READONLY). On PostgreSQL: a session that began
/// read-only, as on a server that was a standby then, and one with an outdated plan.
pub(crate) fn needs_new_connections(error: &DbErr) -> bool {
    matches!(primary_code(error), Some(8 | 10 | 11 | 14 | 26))
        || is_outdated_plan(error)
        || database_error(error)
            .and_then(DatabaseError::code)
            .is_some_and(|code| code == "25006")
}

/// Whether the error says that PostgreSQL did not run a prepared statement: since it was prepared,
/// somebody has changed the type of a column that it returns, as Django's `migrate` does.
pub(crate) fn is_outdated_plan(error: &DbErr) -> bool {
    database_error(error).is_some_and(refuses_plan)
}

fn server_is_unavailable(error: &dyn DatabaseError) -> bool {
    let code = error.code();
    code.is_some_and(|code| postgres_is_unavailable(&code)) || refuses_plan(error)
}

/// By the server's function, since the message is in the server's language, and the code stands for
/// whatever PostgreSQL does not support.
fn refuses_plan(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
    error.is_some_and(|error| {
        error.code() == "0A000" && error.routine() == Some("RevalidateCachedQuery")
    })
}

/// Whether the error says that a file is no SQLite database, or one with damage: CORRUPT, NOTADB.
pub(crate) fn is_no_database(error: &DbErr) -> bool {
    matches!(primary_code(error), Some(11 | 26))
}

fn primary_code(error: &DbErr) -> Option<u32> {
    database_error(error).and_then(sqlite_code)
}

pub(crate) fn database_error(error: &DbErr) -> Option<&dyn DatabaseError> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error.as_database_error()
}

/// The database's own message with PostgreSQL's detail; `None` for an error of the connection.
pub(crate) fn database_message(error: &DbErr) -> Option<String> {
    let error = database_error(error)?;
    let postgres = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
    Some(match postgres.and_then(|error| error.detail()) {
        Some(detail) => format!("{}. {detail}", error.message()),
        None => error.message().to_owned(),
    })
}

/// Words of rustls's certificate errors, and advice for each. libpq accepts some of these
/// certificates, since OpenSSL also takes version 1 and common names.
const CERTIFICATES: [(&str, &str); 4] = [
    (
        "CaUsedAsEndEntity",
        "the server's certificate is its own authority (self-signed), which `psql` takes and this \
         program's driver does not: have an authority of your own sign the server's certificate, or \
         make a self-signed one that says `CA:FALSE`",
    ),
    (
        "UnsupportedCertVersion",
        "the server's certificate has no extensions (X.509 version 1), which `psql` takes and this \
         program's driver does not: make one with the server's names in `subjectAltName`",
    ),
    (
        "UnknownIssuer",
        "no authority that is known here has signed the server's certificate: `sslrootcert` names \
         the file with the certificate of the one that has",
    ),
    (
        "NotValidForName",
        "the server's certificate is for another name: it counts what is in `subjectAltName` alone, \
         where `psql` takes the common name of a certificate without",
    ),
];

/// The same error. If TLS failed because of the server's certificate, its text says what to do.
pub(crate) fn with_advice(error: DbErr) -> DbErr {
    let DbErr::Conn(RuntimeErr::SqlxError(cause)) = &error else {
        return error;
    };
    let text = cause.to_string();
    let found = CERTIFICATES.iter().find(|(word, _)| text.contains(word));
    match found {
        Some((_, advice)) if !text.contains(advice) => {
            let told = sqlx::Error::Tls(format!("{advice} ({text})").into());
            DbErr::Conn(RuntimeErr::SqlxError(Arc::new(told)))
        }
        _ => error,
    }
}

/// Whether a read-only connection failed because a killed program left a journal, which has to be
/// rolled back before the file can be read.
pub(crate) fn needs_recovery(error: &DbErr) -> bool {
    primary_code(error) == Some(8)
}

/// SQLite's primary result code; `None` when the error is not SQLite's.
fn sqlite_code(error: &dyn DatabaseError) -> Option<u32> {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>()?;
    let extended: u32 = error.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// By the classes of PostgreSQL's appendix A: connection, resources, operator intervention,
/// system errors; authorisation and missing database (nothing can be opened); lock time-outs,
/// deadlocks and serialisation failures; read-only transactions; corrupted data.
fn postgres_is_unavailable(code: &str) -> bool {
    matches!(
        code.get(..2),
        Some("08" | "28" | "53" | "57" | "58" | "XX" | "40")
    ) || matches!(code, "3D000" | "55P03" | "25006")
}

/// PERM, BUSY, LOCKED, READONLY, INTERRUPT (at the limit on time), IOERR, CORRUPT, FULL, CANTOPEN,
/// AUTH, NOTADB.
fn sqlite_is_unavailable(primary_code: u32) -> bool {
    matches!(
        primary_code,
        3 | 5 | 6 | 8 | 9 | 10 | 11 | 13 | 14 | 23 | 26
    )
}

/// CONSTRAINT, which is also the code of a trigger's RAISE; MISMATCH.
fn sqlite_refuses(primary_code: u32) -> bool {
    matches!(primary_code, 19 | 20)
}

/// The classes of data exceptions, of integrity constraints and of a view's check option, and the
/// code of a trigger's RAISE.
fn postgres_refuses(code: &str) -> bool {
    matches!(code.get(..2), Some("22" | "23" | "44")) || code == "P0001"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_told_from_mistakes() {
        // BUSY, INTERRUPT, IOERR, NOTADB; ERROR (a missing table), CONSTRAINT, MISMATCH.
        for code in [5, 9, 10, 26] {
            assert!(sqlite_is_unavailable(code), "{code}");
        }
        for code in [1, 19, 20] {
            assert!(!sqlite_is_unavailable(code), "{code}");
        }
        // query_canceled, too_many_connections, admin_shutdown, invalid_catalog_name;
        // undefined_table, undefined_column, unique_violation.
        for code in ["57014", "53300", "57P01", "3D000"] {
            assert!(postgres_is_unavailable(code), "{code}");
        }
        for code in ["42P01", "42703", "23505", ""] {
            assert!(!postgres_is_unavailable(code), "{code}");
        }
    }
    #[test]
    fn refusals_are_told_from_outages_and_mistakes() {
        for code in [1, 5, 10, 19, 20, 26] {
            assert_eq!(sqlite_refuses(code), [19, 20].contains(&code), "{code}");
        }
        // string_data_right_truncation, check_violation, with_check_option_violation,
        // raise_exception; undefined_table, in_failed_sql_transaction, deadlock_detected.
        for code in ["22001", "23514", "44000", "P0001"] {
            assert!(postgres_refuses(code), "{code}");
        }
        for code in ["42P01", "25P02", "40P01", ""] {
            assert!(!postgres_refuses(code), "{code}");
        }
    }
}
