//! What a database says of itself: which columns refer to what.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

/// A column that refers to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) target: String,
}

/// Every foreign key, by its first column.
pub(super) async fn references(connection: &impl ConnectionTrait) -> Result<Vec<Reference>, DbErr> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT referring.relname::text, attribute.attname::text, target.relname::text \
             FROM pg_constraint \
             JOIN pg_class AS referring ON referring.oid = conrelid \
             JOIN pg_class AS target ON target.oid = confrelid \
             JOIN pg_attribute AS attribute \
             ON attribute.attrelid = conrelid AND attribute.attnum = conkey[1] \
             WHERE contype = 'f' AND target.relnamespace = current_schema()::regnamespace"
        }
        _ => {
            // A reference may be written in other letters than the table's name.
            "SELECT master.name, reference.\"from\", COALESCE(aim.name, reference.\"table\") \
             FROM sqlite_master AS master, pragma_foreign_key_list(master.name) AS reference \
             LEFT JOIN sqlite_master AS aim ON aim.type = 'table' \
             AND aim.name = reference.\"table\" COLLATE NOCASE \
             WHERE master.type = 'table'"
        }
    };
    let rows = rows(connection, sql).await?;
    let references = rows.iter().map(|row| {
        Ok(Reference {
            table: row.try_get_by_index(0)?,
            column: row.try_get_by_index(1)?,
            target: row.try_get_by_index(2)?,
        })
    });
    references.collect()
}

/// How many rows a statement finds that begins with its FROM.
pub(super) async fn count(connection: &impl ConnectionTrait, from: &str) -> Result<u64, DbErr> {
    let rows = rows(connection, &format!("SELECT count(*) {from}")).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(count.unsigned_abs())
}

pub(super) async fn rows(
    connection: &impl ConnectionTrait,
    sql: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_string(backend, sql.to_owned());
    connection.query_all_raw(statement).await
}
