//! Makes a database anew from the definitions and rows of another. Both `backup` and `restore` do it
//! here, with statements that the grammar has built.

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};

use super::attached::{SOURCE, texts, value};
use super::definition::Definition;
use crate::backup::failure::Failure;
use crate::backup::subject::Progress;
use crate::connection::Transaction;
use crate::ddl::exclusions;
use crate::names::quoted;
use crate::schema::OwnTables;

/// How copied rows are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// By their number.
    Counted,
    /// By their values.
    Compared,
}

/// Makes `main` what the attached database is, as far as its definition says.
pub(super) async fn rebuild(
    transaction: &Transaction,
    definition: &Definition,
    own: &OwnTables,
    proof: Proof,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<(), Failure> {
    drop_everything(transaction).await?;
    for table in &definition.tables {
        run(transaction, &table.sql).await?;
    }
    let total = definition.tables.len() as u64;
    for (done, table) in (0..).zip(&definition.tables) {
        progress(Progress {
            doing: &table.name,
            done,
            total,
        });
        copy_rows(transaction, &table.name, &table.stored, proof).await?;
    }
    copy_counters(transaction).await?;
    for sql in &definition.indexes {
        run(transaction, sql).await?;
    }
    for table in &definition.tables {
        for sql in exclusions(DbBackend::Sqlite, own, &table.name) {
            run(transaction, &sql).await?;
        }
    }
    for pragma in ["user_version", "application_id"] {
        let value: i64 = value(transaction, &format!("PRAGMA {SOURCE}.{pragma}")).await?;
        run(transaction, &format!("PRAGMA main.{pragma} = {value}")).await?;
    }
    Ok(())
}

async fn run(transaction: &Transaction, sql: &str) -> Result<(), DbErr> {
    transaction.execute_unprepared(sql).await.map(|_| ())
}

/// Drops views, then tables. Virtual tables come first, since dropping one drops its shadow tables.
async fn drop_everything(transaction: &Transaction) -> Result<(), DbErr> {
    let drops = "SELECT 'DROP ' || type || ' IF EXISTS main.\"' || replace(name, '\"', '\"\"') || '\"' \
         FROM main.sqlite_master \
         WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         ORDER BY type DESC, sql LIKE 'CREATE VIRTUAL%' DESC";
    for sql in texts(transaction, drops).await? {
        run(transaction, &sql).await?;
    }
    Ok(())
}

/// Copies the rows of a table and verifies them.
async fn copy_rows(
    transaction: &Transaction,
    table: &str,
    columns: &[String],
    proof: Proof,
) -> Result<(), Failure> {
    let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    let columns = columns.join(", ");
    let table = quoted(table);
    let select = |schema| format!("SELECT {columns} FROM {schema}.{table}");
    let insert = format!("INSERT INTO main.{table} ({columns}) {}", select(SOURCE));
    run(transaction, &insert).await?;
    let mut differ = format!(
        "SELECT (SELECT count(*) FROM main.{table}) <> (SELECT count(*) FROM {SOURCE}.{table})"
    );
    if proof == Proof::Compared {
        let (source, main) = (select(SOURCE), select("main"));
        differ += &format!(" OR EXISTS ({source} EXCEPT {main})");
    }
    if value::<bool>(transaction, &differ).await? {
        return Err(DbErr::Custom(format!("the rows of {table} did not arrive")).into());
    }
    Ok(())
}

/// Copies the counters of `AUTOINCREMENT`, so that the id of a deleted row is not given again.
async fn copy_counters(transaction: &Transaction) -> Result<(), DbErr> {
    let both = format!(
        "SELECT EXISTS (SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence') \
         AND EXISTS (SELECT 1 FROM {SOURCE}.sqlite_master WHERE name = 'sqlite_sequence' \
         AND sql = 'CREATE TABLE sqlite_sequence(name,seq)')"
    );
    if !value::<bool>(transaction, &both).await? {
        return Ok(());
    }
    run(transaction, "DELETE FROM main.sqlite_sequence").await?;
    let insert = format!(
        "INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM {SOURCE}.sqlite_sequence \
         WHERE typeof(seq) = 'integer' AND name IN ( \
            SELECT name FROM main.sqlite_master WHERE type = 'table')"
    );
    run(transaction, &insert).await
}
