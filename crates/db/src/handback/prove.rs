//! Verifies a handback before its commit: both sides are read and compared.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::catalog::{count, rows};
use super::error::{Error, Refusal};
use super::plan::Plan;
use super::step::Step;
use super::survey::Survey;
use crate::connection::Transaction;
use crate::names::quoted;
use crate::schema::Schema;

/// Fails unless both tables of every carrying have the same rows.
pub(super) async fn carried(
    transaction: &Transaction,
    schema: &Schema,
    survey: &Survey,
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
            if let Some(names) = survey.triggers_of(to).filter(|_| rest > 0) {
                let what = format!(
                    "`{to}` makes other rows of those of `{from}`, by its trigger {names}: take it away \
                     and put it back afterwards"
                );
                return Err(Refusal::InTheWay(vec![what]).into());
            }
            if rest > 0 {
                let what = format!("{rest} rows of {one} are not in {other}");
                return Err(Error::Unproved(what));
            }
        }
    }
    Ok(())
}

/// Fails unless the tables that the owner's code reads have as many rows as the plan says.
pub(super) async fn row_counts(transaction: &Transaction, plan: &Plan) -> Result<(), Error> {
    for (table, expected) in &plan.tables {
        let found = counted(transaction, &format!("FROM {}", quoted(table))).await?;
        if found != *expected {
            let what = format!("{table} holds {found} rows, not {expected}");
            return Err(Error::Unproved(what));
        }
    }
    Ok(())
}

/// The orphans in tables that the steps touch. PostgreSQL has none: its deferred foreign keys are
/// checked here at once, and a violation is an error. SQLite's foreign keys are off, since a table may
/// have to be remade, so that they are checked here.
pub(super) async fn orphans(
    transaction: &Transaction,
    survey: &Survey,
    plan: &Plan,
) -> Result<Vec<String>, DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let sql = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED";
        transaction.execute_unprepared(sql).await?;
        return Ok(Vec::new());
    }
    let mut tables = BTreeSet::new();
    for step in &plan.steps {
        match step {
            Step::CarryRows { to, .. } => {
                let references = survey.references.iter();
                let referring = references.filter(|reference| reference.target == *to);
                tables.extend(referring.map(|reference| &*reference.table));
                tables.insert(to);
            }
            Step::RestoreReference { table, .. } => {
                tables.insert(table);
            }
            _ => {}
        }
    }
    let gone = |table: &&str| plan.steps.iter().any(|step| step.drops(table));
    tables.retain(|table| !gone(table));
    let mut found = Vec::new();
    for table in tables {
        // Only table and row are compared later, not the target, which a restored reference changes.
        let sql = format!(
            "SELECT \"table\" || ' ' || rowid FROM pragma_foreign_key_check('{}')",
            table.replace('\'', "''")
        );
        for row in rows(transaction, &sql).await? {
            let text: Option<String> = row.try_get_by_index(0)?;
            found.push(text.unwrap_or_else(|| table.to_owned()));
        }
    }
    Ok(found)
}

/// Fails if there is an orphan that was not there before.
pub(super) fn no_new_orphans(before: &[String], after: &[String]) -> Result<(), Error> {
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
