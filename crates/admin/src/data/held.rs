//! What keeps objects from going.

use db::{DbErr, references};
use sea_orm::{ConnectionTrait, SqlErr};

use super::deletion::Doomed;
use crate::description::registry::{Follower, Registry};

/// Whether the database keeps a row for the sake of another, or does not know what that refers to.
/// An error of a commit has no code to be known by.
pub(crate) fn is_held(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    ) || error.to_string().to_lowercase().contains("foreign key")
}

/// Rows of a table that no model knows of, such as one of an application that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) table: String,
    /// How many of them there are.
    pub(crate) count: i64,
}

/// What keeps objects from going. Whatever the references of those rows say, nothing is lost that
/// nobody was told of.
pub(crate) async fn held_by(
    db: &impl ConnectionTrait,
    registry: &Registry,
    followers: &[Follower],
    all: &[Doomed],
) -> Result<Vec<Held>, DbErr> {
    let mut held = Vec::new();
    for reference in references::declared(db).await? {
        for doomed in all {
            let full_name = doomed.model.full_name();
            let is =
                |table: &str, column: &str| reference.table == table && reference.column == column;
            let mut relations = registry.relations_to(doomed.model).into_iter();
            let mut pairs = registry.pairs_of(doomed.model).into_iter();
            let mut followers = followers.iter();
            let goes_along = relations.any(|(child, field)| is(child.table, &field.column()))
                || pairs.any(|(table, column)| is(table, column))
                || followers.any(|(table, column, of)| *of == full_name && is(table, column));
            let is_to_key =
                reference.target == doomed.model.table && reference.target_column == "id";
            if goes_along || !is_to_key {
                continue;
            }
            let count = references::count(db, &reference, &doomed.keys).await?;
            if count > 0 {
                held.push(Held {
                    table: reference.table.clone(),
                    count,
                });
            }
        }
    }
    Ok(held)
}
