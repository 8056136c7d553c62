//! What keeps objects from going.

use db::{DbErr, references};
use sea_orm::{ConnectionTrait, SqlErr};

use crate::data::doomed::Doomed;
use crate::request::ask::Ask;

/// Whether the database keeps a row for the sake of another, or does not know what that refers to.
/// An error of a commit has no code to be known by.
pub(super) fn is_held(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    ) || error.to_string().to_lowercase().contains("foreign key")
}

/// What keeps objects from going, in words: rows of tables that no model knows of, such as those of an
/// application that is no more. Whatever their references say, nothing is lost that nobody was told of.
pub(super) async fn held_by(
    ask: &Ask,
    db: &impl ConnectionTrait,
    all: &[Doomed],
) -> Result<Vec<String>, DbErr> {
    let registry = &ask.admin.registry;
    let mut held = Vec::new();
    for reference in references::declared(db).await? {
        for doomed in all {
            let full_name = doomed.model.full_name();
            let is =
                |table: &str, column: &str| reference.table == table && reference.column == column;
            let mut relations = registry.relations_to(doomed.model).into_iter();
            let mut pairs = registry.pairs_of(doomed.model).into_iter();
            let mut followers = ask.admin.followers.iter();
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
                let names = [
                    ("count", count.into()),
                    ("table", reference.table.as_str().into()),
                ];
                held.push(ask.with("admin-delete-held-by", names));
            }
        }
    }
    Ok(held)
}
