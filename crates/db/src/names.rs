//! The names that Django gives to indexes and constraints.
//!
//! They follow `Django 5.2 db/backends/base/schema.py` (`_create_index_name`) and
//! `db/backends/utils.py` (`names_digest`): another program that alters the schema later, a
//! Django migration above all, finds them by these names.

use md5::{Digest, Md5};
use sea_orm::DbBackend;

/// The name of an index or a constraint over columns of a table; `suffix` tells its purpose
/// (`_uniq`, `_like`, `_fk_<table>_<column>`, or nothing for a plain index).
pub fn index_name(backend: DbBackend, table: &str, columns: &[&str], suffix: &str) -> String {
    let longest = match backend {
        DbBackend::Postgres => 63,
        _ => 200,
    };
    let mut hash_and_suffix = digest(table, columns) + suffix;
    let name = format!("{table}_{}_{hash_and_suffix}", columns.join("_"));
    if name.len() <= longest {
        return name;
    }
    // As Django: the hash and the suffix get a third, table and columns share the rest.
    hash_and_suffix.truncate(longest / 3);
    let share = (longest - hash_and_suffix.len()) / 2 - 1;
    format!(
        "{}_{}_{hash_and_suffix}",
        cut(table, share),
        cut(&columns.join("_"), share)
    )
}

/// A name quoted for a statement.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The first eight hexadecimal digits of MD5 over the names one after the other.
fn digest(table: &str, columns: &[&str]) -> String {
    let mut md5 = Md5::new();
    md5.update(table);
    for column in columns {
        md5.update(column);
    }
    let sum = md5.finalize();
    let digits = sum.iter().take(4).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// At most that many bytes of a name (all names here are ASCII).
fn cut(name: &str, length: usize) -> &str {
    name.get(..length).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names read from databases that Django made.
    #[test]
    fn names_are_those_that_django_gives() {
        let sqlite =
            |table, columns: &[&str], suffix| index_name(DbBackend::Sqlite, table, columns, suffix);
        let postgres = |table, columns: &[&str], suffix| {
            index_name(DbBackend::Postgres, table, columns, suffix)
        };
        assert_eq!(
            sqlite("auth_permission", &["content_type_id"], ""),
            "auth_permission_content_type_id_2f476e4b"
        );
        assert_eq!(
            sqlite(
                "auth_group_permissions",
                &["group_id", "permission_id"],
                "_uniq"
            ),
            "auth_group_permissions_group_id_permission_id_0cd325b0_uniq"
        );
        assert_eq!(
            postgres("auth_user", &["username"], "_like"),
            "auth_user_username_6821ab7c_like"
        );
        assert_eq!(
            postgres(
                "auth_group_permissions",
                &["permission_id"],
                "_fk_auth_permission_id"
            ),
            "auth_group_permissio_permission_id_84c5c92e_fk_auth_perm"
        );
    }
}
