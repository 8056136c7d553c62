//! Where a database is: the grammar of `DATABASE_URL`. Opens nothing.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use sea_orm::DbBackend;
use sea_orm::sqlx::postgres::PgConnectOptions;
use secrecy::{ExposeSecret, SecretString};

/// The address of a database, checked but not opened.
///
/// The forms are those of the Django world (`dj-database-url`): three slashes and a relative
/// path, or four and an absolute one, for SQLite; `postgres://` or `postgresql://` with the
/// parts that libpq knows for PostgreSQL. `Debug` and `Display` never show a password.
#[derive(Clone)]
pub enum Address {
    /// A file, relative to the working directory or absolute.
    Sqlite(PathBuf),
    /// A server, with the password in it.
    Postgres(SecretString),
}

/// Why a text is not a database address. Says nothing of the text itself, which may hold a
/// password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another scheme than the three.
    #[error(
        "must begin with `sqlite:///` (a path follows; four slashes for an absolute one), \
         `postgres://` or `postgresql://`"
    )]
    Scheme,
    /// `sqlite://` with a host, without a path, in memory, or with a query.
    #[error(
        "must name a file after `sqlite:///`: no host, no `:memory:`, no `?` options, no trailing `/`"
    )]
    SqlitePath,
    /// What follows `postgres://` does not parse.
    #[error(
        "is not a PostgreSQL address of the form `postgres://user:password@host:port/database`"
    )]
    Postgres,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Some(rest) = text.strip_prefix("sqlite://") {
            return sqlite_path(rest).map(Self::Sqlite);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            PgConnectOptions::from_str(text).map_err(|_| AddressError::Postgres)?;
            return Ok(Self::Postgres(text.into()));
        }
        Err(AddressError::Scheme)
    }
}

impl Address {
    /// The dialect spoken there.
    pub fn backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// How to reach the server; `None` for a file.
    pub(crate) fn postgres_options(&self) -> Option<PgConnectOptions> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(url) => PgConnectOptions::from_str(url.expose_secret()).ok(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "SQLite file {}", path.display()),
            Self::Postgres(_) => match self.postgres_options() {
                Some(options) => write!(
                    formatter,
                    "PostgreSQL database {} at {}:{}",
                    options.get_database().unwrap_or("(user's own)"),
                    options.get_host(),
                    options.get_port()
                ),
                None => formatter.write_str("PostgreSQL database"),
            },
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
    // SQLite takes what begins so for a URI of its own.
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
            ("postgres://host:notaport/db", AddressError::Postgres),
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
}
