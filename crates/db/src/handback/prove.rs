//! The proof of a handback: both sides are read and compared before anything of it lasts.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::Error;
use super::catalog::{count, rows};
use super::plan::{Plan, Step};
use super::survey::Survey;
use crate::connection::Transaction;
use crate::names::quoted;
use crate::schema::Schema;

/// Every row of a table that was carried is in the other, and no other is.
pub(super) async fn carried(
    transaction: &Transaction,
    schema: &Schema,
    plan: &Plan,
) -> Result<(), Error> {
    for step in &plan.steps {
        let Step::CarryRows { from, to, .. } = step else {
            continue;
        };
        let columns = schema.table(from).map_or(&[][..], |table| table.columns);
        let names: Vec<_> = columns.iter().map(|column| quoted(column.name)).collect();
        let names = names.join(", ");
        for (one, other) in [(*from, &**to), (&**to, *from)] {
            let (left, right) = (quoted(one), quoted(other));
            let sql = format!(
                "FROM (SELECT {names} FROM {left} EXCEPT SELECT {names} FROM {right}) AS rest"
            );
            let rest = counted(transaction, &sql).await?;
            if rest > 0 {
                let what = format!("{rest} rows of {one} are not in {other}");
                return Err(Error::Unproved(what));
            }
        }
    }
    Ok(())
}

/// The tables that the owner's code reads hold as many rows as the plan says.
pub(super) async fn readable(transaction: &Transaction, plan: &Plan) -> Result<(), Error> {
    for (table, expected) in &plan.tables {
        let found = counted(transaction, &format!("FROM {}", quoted(table))).await?;
        if found != *expected {
            let what = format!("{table} holds {found} rows, not {expected}");
            return Err(Error::Unproved(what));
        }
    }
    Ok(())
}

/// The references that lead nowhere, of the tables that the steps touch. PostgreSQL lets none in,
/// and is asked here to look at once.
pub(super) async fn dangling(
    transaction: &Transaction,
    survey: &Survey,
    plan: &Plan,
) -> Result<Vec<String>, DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let sql = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED";
        transaction.execute_unprepared(sql).await?;
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for step in &plan.steps {
        let Step::CarryRows { to, .. } = step else {
            continue;
        };
        let references = survey.references.iter();
        let referring = references.filter(|reference| reference.target == *to);
        let mut tables: Vec<&str> = referring.map(|reference| &*reference.table).collect();
        tables.push(to);
        for table in tables {
            let sql = format!(
                "SELECT \"table\" || ' ' || rowid || ' to ' || parent \
                 FROM pragma_foreign_key_check('{}')",
                table.replace('\'', "''")
            );
            for row in rows(transaction, &sql).await? {
                let text: Option<String> = row.try_get_by_index(0)?;
                found.push(text.unwrap_or_else(|| table.to_owned()));
            }
        }
    }
    Ok(found)
}

/// What led nowhere before may do so still; nothing else.
pub(super) fn nothing_new(before: &[String], after: &[String]) -> Result<(), Error> {
    match after.iter().find(|row| !before.contains(row)) {
        Some(row) => Err(Error::Unproved(format!(
            "a row would refer to nothing: {row}"
        ))),
        None => Ok(()),
    }
}

async fn counted(transaction: &Transaction, from: &str) -> Result<u64, Error> {
    let count = count(transaction, from).await;
    count.map_err(|error| Error::Unproved(error.to_string()))
}
