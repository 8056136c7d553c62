//! Sets a table right: on SQLite by making it anew beside itself, as Django does
//! (`Django 5.2 db/backends/sqlite3/schema.py`, `_remake_table`), on PostgreSQL in place.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use super::repair::Fault;
use crate::connection::Transaction;
use crate::ddl::{column_definition, create_table, postgres_foreign_key};
use crate::inspect::{FoundColumn, Key, number};
use crate::names::quoted;
use crate::schema::{Column, Index, Kind, Table};

/// Sets a table right, of which `columns` are there.
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

/// Has PostgreSQL count on from the greatest number there. No sequence takes a number below 1.
pub(super) async fn count_on(
    transaction: &Transaction,
    table: &str,
    column: &str,
) -> Result<(), DbErr> {
    let sql = format!(
        "SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), max(\"{column}\")) \
         FROM \"{table}\" HAVING max(\"{column}\") > 0"
    );
    transaction.execute_unprepared(&sql).await.map(|_| ())
}

/// What `PRAGMA`s a connection to SQLite needs before the transaction in which [`repair`] is called:
/// a table that is dropped would take with it what refers to it, and one that is renamed would have
/// the definitions of others follow.
pub(crate) const BEFORE_REMAKING: [&str; 2] = [
    "PRAGMA foreign_keys = OFF",
    "PRAGMA legacy_alter_table = ON",
];

async fn remake(transaction: &Transaction, table: &Table, faults: &[Fault]) -> Result<(), DbErr> {
    let is_enforced = "SELECT CAST(foreign_keys AS bigint) FROM pragma_foreign_keys";
    if number(transaction, is_enforced).await? != 0 {
        let message = "the database has changed meanwhile: run the command again";
        return Err(DbErr::Custom(message.to_owned()));
    }
    let old = table.name;
    let new = free_name(transaction, old).await?;
    let further = further_columns(transaction, table, faults).await?;
    let columns = table.columns.iter();
    let definitions =
        columns.map(|column| column_definition(DbBackend::Sqlite, column, aim(column, faults)));
    let mut definition: Vec<String> = definitions.collect();
    let mut names: Vec<String> = table.columns.iter().map(|of| quoted(of.name)).collect();
    for (name, column) in further {
        names.push(quoted(&name));
        definition.push(column);
    }
    let names = names.join(", ");
    let around = around(transaction, old).await?;
    let counted = counted(transaction, old).await?;
    for sql in [
        format!("CREATE TABLE \"{new}\" ({})", definition.join(", ")),
        format!("INSERT INTO \"{new}\" ({names}) SELECT {names} FROM \"{old}\""),
        format!("DROP TABLE \"{old}\""),
        format!("ALTER TABLE \"{new}\" RENAME TO \"{old}\""),
    ] {
        transaction.execute_unprepared(&sql).await?;
    }
    let statements = create_table(DbBackend::Sqlite, table);
    let indexes = &statements[1..];
    for sql in indexes {
        transaction.execute_unprepared(sql).await?;
    }
    for (name, sql) in around {
        if !indexes.iter().any(|made| made.contains(&quoted(&name))) {
            transaction.execute_unprepared(&sql).await?;
        }
    }
    // Numbers that were given once are not given again.
    if let Some(counted) = counted {
        let sql = "UPDATE sqlite_sequence SET seq = max(seq, $1) WHERE name = $2";
        let values = [counted.into(), old.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        transaction.execute_raw(statement).await?;
    }
    Ok(())
}

/// What a table is called while it is made anew. Django, when it was killed, and older releases of it
/// may have left a table of the usual name, with rows that somebody misses.
async fn free_name(transaction: &Transaction, table: &str) -> Result<String, DbErr> {
    let mut name = format!("new__{table}");
    let sql = "SELECT name FROM sqlite_master WHERE name = $1 COLLATE NOCASE";
    while !query(transaction, sql, &name).await?.is_empty() {
        name.insert(0, '_');
    }
    Ok(name)
}

/// The table that a column refers to once it is set right.
fn aim<'a>(column: &Column, faults: &'a [Fault]) -> Option<&'a str> {
    let told = faults.iter().find_map(|fault| match fault {
        Fault::Reference {
            column: name, to, ..
        } if *name == column.name => Some(&**to),
        _ => None,
    });
    told.or(column.references).filter(|to| !to.is_empty())
}

/// The columns that Django's model has not, with their definitions.
async fn further_columns(
    transaction: &Transaction,
    table: &Table,
    faults: &[Fault],
) -> Result<Vec<(String, String)>, DbErr> {
    let sql = "SELECT info.name, info.type, CAST(info.\"notnull\" AS bigint), info.dflt_value, \
               CAST(info.hidden AS bigint), key.\"table\", key.\"to\", key.on_delete, \
               CAST(EXISTS (SELECT 1 FROM pragma_index_list($1) AS list \
                       WHERE list.origin = 'u' AND (SELECT group_concat(name) \
                       FROM pragma_index_info(list.name)) = info.name) AS bigint), \
               CAST(coalesce((SELECT instr(sql, 'JSON_VALID(\"' || info.name || '\")') \
                         FROM sqlite_master WHERE type = 'table' AND name = $1), 0) AS bigint) \
               FROM pragma_table_xinfo($1) AS info \
               LEFT JOIN pragma_foreign_key_list($1) AS key ON key.\"from\" = info.name \
               ORDER BY info.cid";
    let mut further = Vec::new();
    for row in query(transaction, sql, table.name).await? {
        let name: String = row.try_get_by_index(0)?;
        if table.columns.iter().any(|column| column.name == name) {
            continue;
        }
        let hidden: i64 = row.try_get_by_index(4)?;
        if hidden != 0 {
            return Err(DbErr::Custom(format!(
                "the column {}.{name} is computed: drop it, since the table has to be made anew",
                table.name
            )));
        }
        let definition = definition(&row, &name, faults)?;
        further.push((name, definition));
    }
    Ok(further)
}

fn definition(row: &QueryResult, name: &str, faults: &[Fault]) -> Result<String, DbErr> {
    let type_name: String = row.try_get_by_index(1)?;
    let not_null: i64 = row.try_get_by_index(2)?;
    let default: Option<String> = row.try_get_by_index(3)?;
    let (unique, json): (i64, i64) = (row.try_get_by_index(8)?, row.try_get_by_index(9)?);
    let quoted_name = quoted(name);
    let mut definition = format!("{quoted_name} {type_name}");
    if not_null == 1 {
        definition += " NOT NULL";
    }
    let given = faults.iter().find_map(|fault| match fault {
        Fault::Default { column, value } if column == name => Some((*value).to_owned()),
        _ => None,
    });
    if let Some(default) = given.or(default) {
        definition += &format!(" DEFAULT ({default})");
    }
    if unique == 1 {
        definition += " UNIQUE";
    }
    // The checks that Django gives to a column by its type.
    if type_name.to_lowercase().contains("unsigned") {
        definition += &format!(" CHECK ({quoted_name} >= 0)");
    }
    if json > 0 {
        definition += &format!(" CHECK ((JSON_VALID({quoted_name}) OR {quoted_name} IS NULL))");
    }
    if let Some(target) = row.try_get_by_index::<Option<String>>(5)? {
        let aim: Option<String> = row.try_get_by_index(6)?;
        let on_delete: String = row.try_get_by_index(7)?;
        let aim = aim.map_or_else(String::new, |aim| format!(" ({})", quoted(&aim)));
        definition += &format!(
            " REFERENCES {}{aim} ON DELETE {on_delete} DEFERRABLE INITIALLY DEFERRED",
            quoted(&target)
        );
    }
    Ok(definition)
}

/// Indexes and triggers of a table, which go with it: name and definition.
async fn around(transaction: &Transaction, table: &str) -> Result<Vec<(String, String)>, DbErr> {
    let sql = "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') \
               AND tbl_name = $1 AND sql IS NOT NULL ORDER BY rowid";
    let rows = query(transaction, sql, table).await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// The greatest number that was given so far.
async fn counted(transaction: &Transaction, table: &str) -> Result<Option<i64>, DbErr> {
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
            Fault::Key(_) => statements.extend(make_whole(transaction, table, columns).await?),
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
        count_on(transaction, table.name, column.name).await?;
    }
    Ok(())
}

/// The statement that adds the foreign key which a column is to have.
fn foreign_key(table: &Table, column: &Column, faults: &[Fault]) -> Option<String> {
    let target = aim(column, faults)?;
    Some(postgres_foreign_key(table, column, target))
}

/// What makes a table without its key what Django would have made.
async fn make_whole(
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
        if counts && found.key < Key::Counting && !has_default(transaction, table, name).await? {
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

/// Whether PostgreSQL fills a column by itself.
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

/// The names of a table's constraints of a kind, of a column or whatever theirs are.
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
