//! References of unknown tables that keep objects from being deleted.

use db::{DbErr, references};
use sea_orm::{ConnectionTrait, SqlErr};

use super::deletion::DeletionGroup;
use crate::description::registry::{DependentTable, Registry};

/// Whether the error says that a foreign key is violated. `sql_err` does not recognise the error of
/// a commit, at which a deferred key is checked, so that the text is searched, too.
pub(crate) fn is_foreign_key_violation(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    ) || error.to_string().to_lowercase().contains("foreign key")
}

/// Rows that refer to the objects from a table without a model, such as the table of an application
/// that is no longer installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Referrers {
    pub(crate) table: String,
    pub(crate) count: i64,
}

/// Finds the rows of tables without a model that refer to the objects. They keep the objects from
/// being deleted even if their foreign key says `ON DELETE CASCADE`: otherwise rows would be lost
/// that the page does not list.
pub(crate) async fn find_referrers(
    db: &impl ConnectionTrait,
    registry: &Registry,
    dependent_tables: &[DependentTable],
    all: &[DeletionGroup],
) -> Result<Vec<Referrers>, DbErr> {
    let mut referrers = Vec::new();
    for reference in references::declared(db).await? {
        for group in all {
            let full_name = group.model.full_name();
            let is =
                |table: &str, column: &str| reference.table == table && reference.column == column;
            let mut relations = registry.relations_to(group.model).into_iter();
            let mut pairs = registry.pairs_of(group.model).into_iter();
            let mut dependent_tables = dependent_tables.iter();
            let goes_along = relations.any(|(child, field)| is(child.table, &field.column()))
                || pairs.any(|(table, column)| is(table, column))
                || dependent_tables
                    .any(|(table, column, of)| *of == full_name && is(table, column));
            let is_to_key =
                reference.target == group.model.table && reference.target_column == "id";
            if goes_along || !is_to_key {
                continue;
            }
            let count = references::count(db, &reference, &group.keys).await?;
            if count > 0 {
                referrers.push(Referrers {
                    table: reference.table.clone(),
                    count,
                });
            }
        }
    }
    Ok(referrers)
}
