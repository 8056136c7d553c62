//! References between tables: which there are, and which rows refer to nothing. Reads only.
//!
//! SQLite without `PRAGMA foreign_keys`, as other programs use it, lets such rows in and does not
//! report them later.

use std::collections::BTreeSet;
use std::fmt;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::names::quoted;
use crate::schema::Schema;
use crate::stored;

/// So many rows are named.
const MOST_NAMED: usize = 5;

/// A column that refers to one of another table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The table that refers.
    pub table: String,
    /// Its column.
    pub column: String,
    /// The table that is referred to.
    pub target: String,
    /// Its column.
    pub target_column: String,
}

/// Rows of a table that refer to nothing. Its text is a clause without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// By which column.
    pub reference: Reference,
    /// How many.
    pub rows: u64,
    /// The ids of the first, where the table has such a column.
    pub ids: Vec<String>,
}

/// Every reference of one column that the database itself knows, in order.
pub async fn declared(db: &impl ConnectionTrait) -> Result<Vec<Reference>, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT own.relname::text, own_column.attname::text, \
             target.relname::text, target_column.attname::text \
             FROM pg_constraint AS found \
             JOIN pg_class AS own ON own.oid = found.conrelid \
             JOIN pg_class AS target ON target.oid = found.confrelid \
             JOIN pg_attribute AS own_column ON own_column.attrelid = found.conrelid \
             AND own_column.attnum = found.conkey[1] \
             JOIN pg_attribute AS target_column ON target_column.attrelid = found.confrelid \
             AND target_column.attnum = found.confkey[1] \
             WHERE found.contype = 'f' AND cardinality(found.conkey) = 1 \
             AND own.relnamespace = current_schema()::regnamespace \
             AND target.relnamespace = own.relnamespace"
        }
        // Without a name it is the primary key; a table that is not there has none.
        _ => {
            "SELECT own.name, found.\"from\", target.name, coalesce(found.\"to\", \
             (SELECT name FROM pragma_table_info(target.name) WHERE pk = 1)) \
             FROM sqlite_master AS own, pragma_foreign_key_list(own.name) AS found \
             JOIN sqlite_master AS target ON lower(target.name) = lower(found.\"table\") \
             AND target.type = 'table' \
             WHERE own.type = 'table' AND (SELECT count(*) \
             FROM pragma_foreign_key_list(own.name) AS other WHERE other.id = found.id) = 1"
        }
    };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let mut found = BTreeSet::new();
    for row in db.query_all_raw(statement).await? {
        found.insert(Reference {
            table: stored::shown(&row, 0)?,
            column: stored::shown(&row, 1)?,
            target: stored::shown(&row, 2)?,
            target_column: stored::shown(&row, 3)?,
        });
    }
    Ok(found.into_iter().collect())
}

/// The rows that refer to nothing, by the references that the database knows and by those that the
/// tables of a schema have, whether it knows of them or not.
pub async fn orphans(db: &impl ConnectionTrait, schema: &Schema) -> Result<Vec<Orphans>, DbErr> {
    let mut all: BTreeSet<Reference> = declared(db).await?.into_iter().collect();
    let tables = columns(db).await?;
    for table in schema.tables {
        for column in table.columns {
            let Some(target) = column.references else {
                continue;
            };
            let is_declared =
                |known: &Reference| known.table == table.name && known.column == column.name;
            let is_there =
                |table: &str, column: &str| tables.contains(&(table.to_owned(), column.to_owned()));
            // A column that the database declares as a reference to another table is not judged by
            // the schema.
            if !all.iter().any(is_declared)
                && is_there(table.name, column.name)
                && is_there(target, "id")
            {
                all.insert(Reference {
                    table: table.name.to_owned(),
                    column: column.name.to_owned(),
                    target: target.to_owned(),
                    target_column: "id".to_owned(),
                });
            }
        }
    }
    let mut found = Vec::new();
    for reference in all {
        found.extend(orphans_of(db, reference, &tables).await?);
    }
    Ok(found)
}

async fn orphans_of(
    db: &impl ConnectionTrait,
    reference: Reference,
    tables: &BTreeSet<(String, String)>,
) -> Result<Option<Orphans>, DbErr> {
    let [table, column, target, target_column] = [
        &reference.table,
        &reference.column,
        &reference.target,
        &reference.target_column,
    ]
    .map(|name| quoted(name));
    let lost = format!(
        "FROM {table} AS own LEFT JOIN {target} AS other ON own.{column} = other.{target_column} \
         WHERE own.{column} IS NOT NULL AND other.{target_column} IS NULL"
    );
    let backend = db.get_database_backend();
    let count = Statement::from_string(backend, format!("SELECT CAST(count(*) AS bigint) {lost}"));
    let row = db.query_one_raw(count).await?;
    let rows = match row {
        Some(row) => row.try_get_by_index::<i64>(0)?.cast_unsigned(),
        None => 0,
    };
    if rows == 0 {
        return Ok(None);
    }
    let mut ids = Vec::new();
    if tables.contains(&(reference.table.clone(), "id".to_owned())) {
        let sql = format!("SELECT CAST(own.id AS text) {lost} ORDER BY own.id LIMIT {MOST_NAMED}");
        let statement = Statement::from_string(backend, sql);
        for row in db.query_all_raw(statement).await? {
            ids.push(stored::shown(&row, 0)?);
        }
    }
    Ok(Some(Orphans {
        reference,
        rows,
        ids,
    }))
}

/// How many rows of a table refer to one of these keys.
pub async fn count(
    db: &impl ConnectionTrait,
    reference: &Reference,
    keys: &[i64],
) -> Result<i64, DbErr> {
    let backend = db.get_database_backend();
    let (table, column) = (quoted(&reference.table), quoted(&reference.column));
    let mut rows = 0;
    for keys in keys.chunks(KEYS_AT_ONCE) {
        let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
        let sql = format!(
            "SELECT CAST(count(*) AS bigint) FROM {table} WHERE {column} IN ({})",
            keys.join(", ")
        );
        let row = db
            .query_one_raw(Statement::from_string(backend, sql))
            .await?;
        if let Some(row) = row {
            rows += row.try_get_by_index::<i64>(0)?;
        }
    }
    Ok(rows)
}

/// At most so many keys stand in one statement.
const KEYS_AT_ONCE: usize = 500;

/// Tables with their columns.
async fn columns(db: &impl ConnectionTrait) -> Result<BTreeSet<(String, String)>, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema()"
        }
        _ => {
            "SELECT own.name, info.name FROM sqlite_master AS own, pragma_table_info(own.name) AS info \
             WHERE own.type = 'table'"
        }
    };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let mut found = BTreeSet::new();
    for row in db.query_all_raw(statement).await? {
        found.insert((stored::shown(&row, 0)?, stored::shown(&row, 1)?));
    }
    Ok(found)
}

impl fmt::Display for Orphans {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            reference,
            rows,
            ids,
        } = self;
        let (noun, verb) = match rows {
            1 => ("row", "refers"),
            _ => ("rows", "refer"),
        };
        write!(formatter, "{rows} {noun} of {}", reference.table)?;
        if !ids.is_empty() {
            let more = if *rows > ids.len() as u64 {
                ", …"
            } else {
                ""
            };
            write!(formatter, " (id {}{more})", ids.join(", "))?;
        }
        write!(
            formatter,
            " {verb} by {} to nothing in {}",
            reference.column, reference.target
        )
    }
}
