//! Statements on derived tables. They are not prepared: each is another text.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use crate::ddl::create_table;
use crate::integer::Integer;
use crate::names::quoted;
use crate::schema::{Content, DerivedTable, Table};

pub(super) async fn run(db: &impl ConnectionTrait, sql: &str) -> Result<(), DbErr> {
    db.execute_unprepared(sql).await.map(|_| ())
}

pub(super) async fn query(
    db: &impl ConnectionTrait,
    sql: String,
) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await
}

/// The whole number that a statement selects; 0 without a row.
pub(super) async fn number(db: &impl ConnectionTrait, sql: String) -> Result<i64, DbErr> {
    let numbers = numbers(db, sql).await?;
    Ok(numbers.first().copied().unwrap_or(0))
}

/// The whole numbers in the first column of what a statement selects.
pub(super) async fn numbers(db: &impl ConnectionTrait, sql: String) -> Result<Vec<i64>, DbErr> {
    let rows = query(db, sql).await?;
    let number = |row: &QueryResult| row.try_get_by_index(0).map(|Integer(number)| number);
    rows.iter().map(number).collect()
}

/// Numbers as a list within `IN (…)`.
pub(super) fn list(numbers: &[i64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(", ")
}

/// Drops the table, if there is one, and makes it empty.
pub(super) async fn create(db: &impl ConnectionTrait, table: &Table) -> Result<(), DbErr> {
    run(db, &format!("DROP TABLE IF EXISTS {}", quoted(table.name))).await?;
    for sql in create_table(db.get_database_backend(), table) {
        run(db, &sql).await?;
    }
    Ok(())
}

/// Has those who write the table take turns on PostgreSQL: each then sees what the one before has
/// committed. On SQLite a transaction that writes is the only one.
pub(super) async fn lock(db: &impl ConnectionTrait, table: &Table) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let table = quoted(table.name);
    let sql = format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE");
    run(db, &sql).await
}

/// Has PostgreSQL look up each row by an index in the rest of the transaction. Of a part of a table whose
/// bounds are values of another one it does not know how small it is, and would read whole tables for
/// each.
pub(super) async fn join_by_index(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    run(
        db,
        "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off",
    )
    .await
}

/// Reads a row of each query that the tables are made from. Fails if a table that they read is missing.
pub(super) async fn check_sources(
    db: &impl ConnectionTrait,
    derived: &[DerivedTable],
) -> Result<(), DbErr> {
    for derived in derived {
        let queries: Vec<_> = match derived.content {
            Content::Rows(rows) => vec![rows.from],
            Content::Blocks(sequences) => sequences.iter().map(|one| one.from).collect(),
        };
        for from in queries {
            query(db, format!("SELECT 1 FROM {from} LIMIT 1")).await?;
        }
    }
    Ok(())
}
