//! Repairs a table: on SQLite by making a new table and copying the rows, as Django does
//! (`Django 5.2 db/backends/sqlite3/schema.py`, `_remake_table`), on PostgreSQL in place.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use super::definition::{ColumnText, Constraint, Definition};
use super::repair::Fault;
use crate::connection::Transaction;
use crate::ddl::{column_definition, create_table, postgres_foreign_key};
use crate::inspect::{FoundColumn, Key, number};
use crate::names::quoted;
use crate::schema::{Column, Index, Kind, Table};

/// Repairs the faults of a table that has these columns.
pub(crate) async fn repair(
    transaction: &Transaction,
    table: &Table,
    columns: &BTreeMap<String, FoundColumn>,
    faults: &[Fault],
) -> Result<(), DbErr> {
    match transaction.get_database_backend() {
        DbBackend::Postgres => alter(transaction, table, columns, faults).await,
        _ => remake(transaction, table, faults).await,
    }
}

/// Sets a column's sequence to the greatest number in the table, or leaves it if it was further. A
/// sequence takes no number below 1.
pub(super) async fn advance_sequence(
    transaction: &Transaction,
    table: &str,
    column: &str,
) -> Result<(), DbErr> {
    let counter = format!("pg_get_serial_sequence('\"{table}\"', '{column}')");
    let sql = format!(
        "SELECT setval({counter}, greatest(max(\"{column}\"), \
         pg_sequence_last_value({counter}::regclass))) \
         FROM \"{table}\" HAVING max(\"{column}\") > 0"
    );
    transaction.execute_unprepared(&sql).await.map(|_| ())
}

/// The pragmas that SQLite needs before the transaction in which [`repair`] is called. Otherwise
/// dropping the old table would delete rows that refer to it, and renaming the new one would change
/// the definitions of other tables.
pub(crate) const BEFORE_REMAKING: [&str; 2] = [
    "PRAGMA foreign_keys = OFF",
    "PRAGMA legacy_alter_table = ON",
];

async fn remake(transaction: &Transaction, table: &Table, faults: &[Fault]) -> Result<(), DbErr> {
    // The plan that was made before the transaction had no repair, so the pragmas were not set. Since
    // then somebody has changed the database.
    let is_enforced = "SELECT CAST(foreign_keys AS bigint) FROM pragma_foreign_keys";
    if number(transaction, is_enforced).await? != 0 {
        let message = "the database has changed meanwhile: run the command again";
        return Err(DbErr::Custom(message.to_owned()));
    }
    let old = table.name;
    let new = free_name(transaction, old).await?;
    let text = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = $1";
    let text = query(transaction, text, old).await?;
    let text: String = match text.first() {
        Some(row) => row.try_get_by_index(0)?,
        None => String::new(),
    };
    let (definition, names) = new_definition(table, &text, faults).map_err(DbErr::Custom)?;
    let definition = definition.join(", ");
    let names = names.join(", ");
    let dependents = indexes_and_triggers(transaction, old).await?;
    let last_number = last_number(transaction, old).await?;
    for sql in [
        format!("CREATE TABLE \"{new}\" ({definition})"),
        format!("INSERT INTO \"{new}\" ({names}) SELECT {names} FROM \"{old}\""),
        format!("DROP TABLE \"{old}\""),
        format!("ALTER TABLE \"{new}\" RENAME TO \"{old}\""),
    ] {
        transaction.execute_unprepared(&sql).await?;
    }
    for sql in create_table(DbBackend::Sqlite, table).iter().skip(1) {
        transaction.execute_unprepared(sql).await?;
    }
    for (name, sql) in dependents {
        // Django's own indexes were made with the table.
        if !is_taken(transaction, &name).await? {
            transaction.execute_unprepared(&sql).await?;
        }
    }
    // The counter is kept, so that ids of deleted rows are not given again.
    if let Some(last_number) = last_number {
        for sql in [
            "INSERT INTO sqlite_sequence (name, seq) SELECT $2, $1 \
             WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $2)",
            "UPDATE sqlite_sequence SET seq = max(seq, $1) WHERE name = $2",
        ] {
            let values = [last_number.into(), old.into()];
            let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
            transaction.execute_raw(statement).await?;
        }
    }
    Ok(())
}

/// A free name for the new table. A Django that was killed may have left a table of the usual name
/// `new__…`, with rows that its owner misses.
async fn free_name(transaction: &Transaction, table: &str) -> Result<String, DbErr> {
    let mut name = format!("new__{table}");
    while is_taken(transaction, &name).await? {
        name.insert(0, '_');
    }
    Ok(name)
}

async fn is_taken(transaction: &Transaction, name: &str) -> Result<bool, DbErr> {
    let sql = "SELECT name FROM sqlite_master WHERE lower(name) = lower($1)";
    Ok(!query(transaction, sql, name).await?.is_empty())
}

/// The table that a column refers to after the repair.
fn target_of<'a>(column: &Column, faults: &'a [Fault]) -> Option<&'a str> {
    let told = faults.iter().find_map(|fault| match fault {
        Fault::Reference {
            column: name, to, ..
        } if *name == column.name => Some(&**to),
        _ => None,
    });
    told.or(column.references).filter(|to| !to.is_empty())
}

/// The columns and constraints of the new table, and the names of the columns to copy. Django's columns
/// come first, with constraints that the owner has added, then the owner's own columns.
fn new_definition(
    table: &Table,
    text: &str,
    faults: &[Fault],
) -> Result<(Vec<String>, Vec<String>), String> {
    let old = Definition::read(text).map_err(|why| format!("{}: {why}", table.name))?;
    if old.options.to_uppercase().contains("STRICT") {
        return Err(format!(
            "{} is STRICT, which knows none of Django's types: make it a table without",
            table.name
        ));
    }
    let keys = old.constraints.iter().filter(|of| of.kind == "PRIMARY");
    let keys: Vec<&String> = keys.flat_map(|key| &key.columns).collect();
    let (mut definition, mut names) = (Vec::new(), Vec::new());
    for column in table.columns {
        let part = old.columns.iter().find(|part| part.name == column.name);
        names.push(quoted(column.name));
        definition.push(django_column(column, part, faults));
    }
    let is_described = |name: &str| table.columns.iter().any(|column| column.name == name);
    for part in old.columns.iter().filter(|part| !is_described(&part.name)) {
        let is_computed = |of: &Constraint| matches!(&*of.kind, "GENERATED" | "AS");
        if !part.constraints.iter().any(is_computed) {
            names.push(quoted(&part.name));
        }
        definition.push(extra_column(part, &keys, faults));
    }
    let kept = old.constraints.iter();
    definition.extend(kept.filter_map(|constraint| table_constraint(table, constraint)));
    Ok((definition, names))
}

/// A column as Django makes it, with the constraints that the owner has added.
fn django_column(column: &Column, part: Option<&ColumnText>, faults: &[Fault]) -> String {
    let target = target_of(column, faults);
    let mut definition = column_definition(DbBackend::Sqlite, column, target);
    let constraints = part.map_or(&[][..], |part| &part.constraints);
    let own = constraints.iter().filter(|constraint| {
        let is_kept = match &*constraint.kind {
            "CHECK" | "COLLATE" | "DEFAULT" => true,
            "UNIQUE" => column.index != Index::PrimaryKey,
            "REFERENCES" => column.references.is_none(),
            _ => false,
        };
        is_kept && !normalized(&definition).contains(&normalized(&constraint.text))
    });
    let own: Vec<_> = own.map(|constraint| &*constraint.text).collect();
    for constraint in own {
        definition.push(' ');
        definition += constraint;
    }
    definition
}

/// A column of the owner's. If it was the primary key, it becomes UNIQUE and loses its NOT NULL, since
/// our INSERTs do not fill it.
fn extra_column(part: &ColumnText, keys: &[&String], faults: &[Fault]) -> String {
    let mut definition = format!("{} {}", quoted(&part.name), part.type_name);
    let is_key =
        keys.contains(&&part.name) || part.constraints.iter().any(|of| of.kind == "PRIMARY");
    for constraint in &part.constraints {
        match &*constraint.kind {
            "PRIMARY" => definition += " UNIQUE",
            "NOT" if is_key => {}
            _ => {
                definition.push(' ');
                definition += &constraint.text;
            }
        }
    }
    let given = faults.iter().find_map(|fault| match fault {
        Fault::Default { column, value } if *column == part.name => Some(*value),
        _ => None,
    });
    if let Some(value) = given {
        definition += &format!(" DEFAULT {value}");
    }
    definition
}

/// A table constraint to keep; `None` for Django's keys, which the columns already have.
fn table_constraint(table: &Table, constraint: &Constraint) -> Option<String> {
    let mut columns = table.columns.iter();
    let alone = match &constraint.columns[..] {
        [only] => columns.find(|column| column.name == only),
        _ => None,
    };
    let is_djangos = match &*constraint.kind {
        "PRIMARY" => alone.is_some_and(|column| column.index == Index::PrimaryKey),
        "UNIQUE" => {
            alone.is_some_and(|column| matches!(column.index, Index::PrimaryKey | Index::Unique))
        }
        "FOREIGN" => alone.is_some_and(|column| column.references.is_some()),
        _ => {
            let mut definitions = table
                .columns
                .iter()
                .map(|column| column_definition(DbBackend::Sqlite, column, column.references));
            definitions.any(|text| normalized(&text).contains(&normalized(&constraint.text)))
        }
    };
    if is_djangos {
        return None;
    }
    if constraint.kind == "PRIMARY" {
        let columns: Vec<_> = constraint.columns.iter().map(|name| quoted(name)).collect();
        return Some(format!("UNIQUE ({})", columns.join(", ")));
    }
    Some(constraint.text.clone())
}

/// A definition without white space, quotes and case, for comparisons.
fn normalized(text: &str) -> String {
    let kept = text.chars().filter(|one| !one.is_whitespace());
    let kept = kept.filter(|one| !matches!(one, '"' | '`' | '[' | ']'));
    kept.collect::<String>().to_lowercase()
}

/// Names and definitions of a table's indexes and triggers, which are dropped with it.
async fn indexes_and_triggers(
    transaction: &Transaction,
    table: &str,
) -> Result<Vec<(String, String)>, DbErr> {
    let sql = "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') \
               AND tbl_name = $1 AND sql IS NOT NULL ORDER BY rowid";
    let rows = query(transaction, sql, table).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// The last id that AUTOINCREMENT has given.
async fn last_number(transaction: &Transaction, table: &str) -> Result<Option<i64>, DbErr> {
    let sql = "SELECT CAST(count(*) AS bigint) FROM sqlite_master WHERE name = 'sqlite_sequence'";
    if number(transaction, sql).await? == 0 {
        return Ok(None);
    }
    let sql = "SELECT CAST(max(seq) AS bigint) FROM sqlite_sequence WHERE name = $1";
    let rows = query(transaction, sql, table).await?;
    let first = rows.first().map(|row| row.try_get_by_index(0));
    Ok(first.transpose()?.flatten())
}

async fn query(
    transaction: &Transaction,
    sql: &str,
    name: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = transaction.get_database_backend();
    let values: [Value; 1] = [name.into()];
    let statement = Statement::from_sql_and_values(backend, sql, values);
    transaction.query_all_raw(statement).await
}

async fn alter(
    transaction: &Transaction,
    table: &Table,
    columns: &BTreeMap<String, FoundColumn>,
    faults: &[Fault],
) -> Result<(), DbErr> {
    let alter = format!("ALTER TABLE \"{}\"", table.name);
    let mut statements = Vec::new();
    for fault in faults {
        match fault {
            Fault::Key(_) => statements.extend(restore_keys(transaction, table, columns).await?),
            Fault::Reference { column, .. } => {
                for name in constraints(transaction, table.name, column, "f").await? {
                    statements.push(format!("{alter} DROP CONSTRAINT {}", quoted(&name)));
                }
                let described = table.columns.iter().find(|of| of.name == *column);
                statements.extend(described.and_then(|of| foreign_key(table, of, faults)));
            }
            Fault::Default { column, value } => statements.push(format!(
                "{alter} ALTER COLUMN {} SET DEFAULT {value}",
                quoted(column)
            )),
        }
    }
    for sql in statements {
        transaction.execute_unprepared(&sql).await?;
    }
    let counts = |kind| matches!(kind, Kind::AutoField | Kind::BigAutoField);
    for column in table.columns.iter().filter(|column| counts(column.kind)) {
        advance_sequence(transaction, table.name, column.name).await?;
    }
    Ok(())
}

/// The statement that adds the foreign key which a column is to have.
fn foreign_key(table: &Table, column: &Column, faults: &[Fault]) -> Option<String> {
    let target = target_of(column, faults)?;
    Some(postgres_foreign_key(table, column, target))
}

/// The statements that give a table without its primary key all that Django would have given it. A
/// table made by `CREATE TABLE … AS SELECT` lacks everything else as well.
async fn restore_keys(
    transaction: &Transaction,
    table: &Table,
    columns: &BTreeMap<String, FoundColumn>,
) -> Result<Vec<String>, DbErr> {
    let alter = format!("ALTER TABLE \"{}\"", table.name);
    let mut statements = Vec::new();
    for column in table.columns {
        let Some(found) = columns.get(column.name) else {
            continue;
        };
        let name = column.name;
        if !column.null {
            statements.push(format!("{alter} ALTER COLUMN \"{name}\" SET NOT NULL"));
        }
        if column.index == Index::PrimaryKey && found.key < Key::Primary {
            for former in constraints(transaction, table.name, "", "p").await? {
                statements.push(format!("{alter} DROP CONSTRAINT {}", quoted(&former)));
            }
            statements.push(format!("{alter} ADD PRIMARY KEY (\"{name}\")"));
        }
        let counts = matches!(column.kind, Kind::AutoField | Kind::BigAutoField);
        if counts
            && found.key < Key::AutoIncrement
            && !has_default(transaction, table, name).await?
        {
            statements.push(format!(
                "{alter} ALTER COLUMN \"{name}\" ADD GENERATED BY DEFAULT AS IDENTITY"
            ));
        }
        if column.index == Index::Unique && found.key == Key::None {
            statements.push(format!("{alter} ADD UNIQUE (\"{name}\")"));
        }
        if found.references.is_none() {
            statements.extend(foreign_key(table, column, &[]));
        }
    }
    Ok(statements)
}

/// Whether a column has a default or is an identity column.
async fn has_default(
    transaction: &Transaction,
    table: &Table,
    column: &str,
) -> Result<bool, DbErr> {
    let sql = "SELECT column_name::text FROM information_schema.columns \
               WHERE table_schema = current_schema() AND table_name = $1 \
               AND (column_default IS NOT NULL OR is_identity = 'YES')";
    let rows = query(transaction, sql, table.name).await?;
    let names: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    Ok(names?.iter().any(|name| name == column))
}

/// The names of a table's constraints of a kind; of one column, or of all if `column` is empty.
async fn constraints(
    transaction: &Transaction,
    table: &str,
    column: &str,
    kind: &str,
) -> Result<Vec<String>, DbErr> {
    let sql = format!(
        "SELECT key.conname::text FROM pg_constraint AS key \
         JOIN pg_attribute AS attribute ON attribute.attrelid = key.conrelid \
         AND attribute.attnum = key.conkey[1] \
         JOIN pg_class AS class ON class.oid = key.conrelid \
         WHERE class.relnamespace = current_schema()::regnamespace AND class.relname = $1 \
         AND key.contype = '{kind}' AND '{column}' IN ('', attribute.attname)"
    );
    let rows = query(transaction, &sql, table).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
