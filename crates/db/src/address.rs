//! Where a database is: the grammar of `DATABASE_URL`. Opens nothing.

mod error;
mod rules;
mod server;
mod uri;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use sea_orm::DbBackend;

pub use self::error::AddressError;
pub use self::server::Server;

/// The address of a database, checked but not opened.
///
/// The forms are those of the Django world (`dj-database-url`): three slashes and a relative
/// path, or four and an absolute one, for SQLite; `postgres://`, `postgresql://` or another name of
/// PostgreSQL's there, with the parts and parameters that libpq documents. `Debug` and `Display` never
/// show a password.
#[derive(Clone)]
pub enum Address {
    /// A file, relative to the working directory or absolute.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<Server>),
}

/// The schemes under which `dj-database-url` 3 knows PostgreSQL.
const POSTGRES_SCHEMES: [&str; 6] = [
    "postgres",
    "postgresql",
    "pgsql",
    "postgis",
    "timescale",
    "timescalegis",
];

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        match text.split_once("://") {
            Some(("sqlite", rest)) => sqlite_path(rest).map(Self::Sqlite),
            Some((scheme, rest)) if POSTGRES_SCHEMES.contains(&scheme) => {
                Ok(Self::Postgres(Box::new(Server::parse(rest)?)))
            }
            _ => Err(AddressError::Scheme),
        }
    }
}

impl Address {
    /// The SQL dialect of the database.
    pub fn backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// The server; `None` for a file.
    pub(crate) fn server(&self) -> Option<&Server> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(server) => Some(server),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "SQLite file {}", path.display()),
            Self::Postgres(server) => server.fmt(formatter),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The path of `sqlite:///path`, given what follows the two slashes.
fn sqlite_path(rest: &str) -> Result<PathBuf, AddressError> {
    let path = rest.strip_prefix('/').ok_or(AddressError::SqlitePath)?;
    let path = percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| AddressError::SqlitePath)?;
    let is_file_name = !path.is_empty() && !path.ends_with('/') && path != ":memory:";
    // SQLite reads a file name that begins with `file:` as a URI of its own.
    if is_file_name && !path.starts_with("file:") && !path.contains(['?', '\0']) {
        Ok(PathBuf::from(path.as_ref()))
    } else {
        Err(AddressError::SqlitePath)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[track_caller]
    fn path_of(text: &str) -> PathBuf {
        match text.parse::<Address>() {
            Ok(Address::Sqlite(path)) => path,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn sqlite_paths_are_relative_with_three_slashes_and_absolute_with_four() {
        assert_eq!(path_of("sqlite:///site.sqlite3"), Path::new("site.sqlite3"));
        assert_eq!(path_of("sqlite:////srv/a%20b.db"), Path::new("/srv/a b.db"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, expected) in [
            ("", AddressError::Scheme),
            ("mysql://localhost/db", AddressError::Scheme),
            ("sqlite:site.db", AddressError::Scheme),
            ("sqlite://site.db", AddressError::SqlitePath),
            ("sqlite:///", AddressError::SqlitePath),
            ("sqlite:////srv/", AddressError::SqlitePath),
            ("sqlite:///:memory:", AddressError::SqlitePath),
            ("sqlite:///a.db?mode=ro", AddressError::SqlitePath),
            ("sqlite:///file:a.db", AddressError::SqlitePath),
            ("sqlite:///a%00.db", AddressError::SqlitePath),
        ] {
            assert_eq!(text.parse::<Address>().err(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let address: Address = "postgres://ann:hunter2@db.example:5433/books"
            .parse()
            .unwrap();
        let shown = format!("{address} {address:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("ann"),
            "{shown}"
        );
        assert!(shown.contains("books at db.example:5433"), "{shown}");
    }

    #[track_caller]
    fn shown(text: &str) -> String {
        text.parse::<Address>().unwrap().to_string()
    }

    #[test]
    fn servers_are_found_under_every_form() {
        for (text, expected) in [
            ("postgres://u@h/d", "d at h:5432"),
            ("postgresql://u@h:5433/d", "d at h:5433"),
            ("postgis://u@h/d", "d at h:5432"),
            // The database is the user's own.
            ("pgsql://ann@h", "ann at h:5432"),
            ("postgres://u@h/d?user=ann&dbname=", "ann at h:5432"),
            ("postgres://u@[::1]/d", "d at [::1]:5432"),
            ("postgres://u@[::1]:5433/d", "d at [::1]:5433"),
            ("postgres:///d?host=/run/pg&port=5433", "d at /run/pg:5433"),
            ("postgres://u@%2Frun%2Fpg/d", "d at /run/pg:5432"),
            ("postgres://u@h/d?hostaddr=::1", "d at [::1]:5432"),
            ("postgres://u@a/d?host=b", "d at b:5432"),
            ("postgres://u@h/d%2Fe", "d/e at h:5432"),
        ] {
            assert_eq!(
                shown(text),
                format!("PostgreSQL database {expected}"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_the_driver_cannot_do_is_refused_by_name() {
        for (parameter, value) in [
            ("service", "books"),
            ("channel_binding", "require"),
            ("require_auth", "scram-sha-256"),
            ("requirepeer", "postgres"),
            ("target_session_attrs", "standby"),
            ("sslnegotiation", "direct"),
            ("sslcrl", "crl.pem"),
            ("ssl_min_protocol_version", "TLSv1.3"),
            ("gssencmode", "require"),
            ("client_encoding", "LATIN1"),
            ("host", "a,b"),
            ("port", "5432,5433"),
        ] {
            let text = format!("postgres://u:hunter2@h/d?{parameter}={value}");
            let error = text.parse::<Address>().unwrap_err();
            let AddressError::Unsupported {
                parameter: named, ..
            } = &error
            else {
                panic!("{text}: {error}");
            };
            assert_eq!(named, parameter);
            let told = error.to_string();
            assert!(
                !told.contains("hunter2") && told.contains(parameter),
                "{told}"
            );
        }
        let several = "postgres://u@a,b/d".parse::<Address>().unwrap_err();
        assert!(
            several.to_string().contains("several are named"),
            "{several}"
        );
    }

    #[test]
    fn wrong_values_and_unknown_names_are_refused() {
        for (rest, named) in [
            ("h:notaport/db", "port"),
            ("h:0/db", "port"),
            ("h:65536/db", "port"),
            ("h/d?sslmode=verify", "sslmode"),
            ("h/d?sslmode=require&sslrootcert=system", "sslmode"),
            ("h/d?sslcert=a.crt", "sslcert"),
            ("h/d?hostaddr=h", "hostaddr"),
            ("h/d?connect_timeout=soon", "connect_timeout"),
            ("h/d?pgbouncer=1", "pgbouncer"),
            ("h/d?sslmode=", "sslmode"),
            ("h/d?connect_timeout=", "connect_timeout"),
            ("h/d?channel_binding=", "channel_binding"),
            ("h/d?ssl-mode=require", "ssl-mode"),
            ("h/d?Host=x", "Host"),
            ("h/d?ssl=false", "ssl"),
        ] {
            let error = format!("postgres://{rest}").parse::<Address>().unwrap_err();
            let told = error.to_string();
            assert!(told.contains(&format!("`{named}`")), "{rest}: {told}");
        }
    }

    #[test]
    fn what_changes_nothing_is_taken() {
        for query in [
            "application_name=site&fallback_application_name=x&connect_timeout=5",
            "channel_binding=prefer&gssencmode=disable&target_session_attrs=read-write",
            "keepalives=1&keepalives_idle=30&tcp_user_timeout=1000&client_encoding=UTF8",
            "sslmode=allow&sslcompression=0&ssl_min_protocol_version=TLSv1.2&sslsni=1",
            "host=&user=ann&sslrootcert=&options=-c%20search_path%3Dbooks",
            "pgbouncer=true",
        ] {
            shown(&format!("postgres://u@h/d?{query}"));
        }
    }

    #[test]
    fn no_error_shows_a_piece_of_a_password() {
        for rest in [
            "ann:hunter2/x@h/d",
            "ann:12/hunter2@h/d",
            "ann:%zzhunter2@h/d",
            "ann:hunter2@[::1",
            "ann:hunter2?x=hunter2@h/d?hunter2=1",
            "ann:hunter2@h:hunter2/d",
        ] {
            let error = format!("postgres://{rest}").parse::<Address>().unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{rest}: {error}");
        }
    }
}
