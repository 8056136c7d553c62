//! The attached database, known as [`SOURCE`], and the queries on it and on `main`.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement, TryGetable,
};

use crate::address::Address;
use crate::backup::failure::Failure;
use crate::backup::subject::Subject;
use crate::pool::{Access, Config};

/// The schema name of the database that rows are copied from.
pub(super) const SOURCE: &str = "source";

/// Attaches a database as [`SOURCE`]. A backup is attached read-only, since some statements change
/// every attached database.
pub(super) async fn attach(
    connection: &DatabaseConnection,
    path: &Path,
    access: Access,
) -> Result<(), Failure> {
    let path = path.canonicalize()?;
    let path = percent_encode(path.as_os_str().as_bytes(), IN_URI);
    let mode = match access {
        Access::ReadOnly => "ro",
        Access::Recover => "rw",
    };
    let uri = format!("file:{path}?mode={mode}");
    let sql = format!("ATTACH DATABASE $1 AS {SOURCE}");
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [uri.into()]);
    connection.execute_raw(statement).await?;
    Ok(())
}

/// The characters that a path in a SQLite URI has to escape (`sqlite.org/uri.html`, 3.1).
const IN_URI: &AsciiSet = &CONTROLS.add(b' ').add(b'?').add(b'#').add(b'%');

/// The settings of the program, for another file.
pub(super) fn config_of(subject: Subject<'_>, path: &Path) -> Config {
    Config {
        address: Address::Sqlite(path.to_owned()),
        ..subject.config.clone()
    }
}

/// The tables that are not SQLite's own.
pub(super) async fn tables(
    connection: &impl ConnectionTrait,
    schema: &str,
) -> Result<Vec<String>, DbErr> {
    let sql = format!(
        "SELECT name FROM {schema}.sqlite_master \
         WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    );
    texts(connection, &sql).await
}

pub(super) async fn texts(
    connection: &impl ConnectionTrait,
    sql: &str,
) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| text(row, 0)).collect()
}

pub(super) fn text(row: &QueryResult, column: usize) -> Result<String, DbErr> {
    row.try_get_by_index(column)
}

pub(super) async fn value<T: TryGetable>(
    connection: &impl ConnectionTrait,
    sql: &str,
) -> Result<T, DbErr> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let row = connection.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?;
    row.try_get_by_index(0)
}

/// Closes the connection and waits, so that SQLite has removed its `-wal` and `-shm` files.
pub(super) async fn close(connection: DatabaseConnection) {
    if let Err(error) = connection.close().await {
        tracing::debug!(%error, "closing the connection failed");
    }
}
