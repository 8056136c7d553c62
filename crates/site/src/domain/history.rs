//! The history of lettings: entries of Django's log for what belongs to a letting and is changed on pages of
//! the site's own.

use accounts::content_type;
use admin::schema::LOG_ENTRY;
use db::datetime::now;
use db::{Integer, Transaction};
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{ConnectionTrait as _, DbErr};
use serde_json::{Value, json};

/// Django's `action_flag` of a change.
const CHANGE: i64 = 2;

/// The longest label of an object that is stored, in characters.
const LABEL: usize = 200;

/// What happened to something that belongs to a letting, in the words of Django's inlines
/// (`Django 5.2 contrib/admin/utils.py`, `construct_change_message`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added(String),
    /// Fields of it, by their names, have other values.
    Changed(String, Vec<&'static str>),
    /// It is gone.
    Deleted(String),
}

impl Change {
    fn to_json(&self, name: &str) -> Value {
        match self {
            Self::Added(object) => json!({"added": {"name": name, "object": object}}),
            Self::Changed(object, fields) => {
                json!({"changed": {"name": name, "object": object, "fields": fields}})
            }
            Self::Deleted(object) => json!({"deleted": {"name": name, "object": object}}),
        }
    }
}

/// Who changed what belongs to which letting.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The user.
    pub user: Integer,
    /// The letting.
    pub letting: Integer,
    /// Its title.
    pub title: &'a str,
    /// What one of the changed things is called, in English.
    pub name: &'static str,
}

/// Writes an entry for changes; none without any.
pub async fn write(db: &Transaction, entry: Entry<'_>, changes: &[Change]) -> Result<(), DbErr> {
    if changes.is_empty() {
        return Ok(());
    }
    let message: Vec<_> = changes
        .iter()
        .map(|change| change.to_json(entry.name))
        .collect();
    let content_type = content_type::find(db, "lettings", "letting").await?;
    let label: String = entry.title.chars().take(LABEL).collect();
    let columns = [
        "action_time",
        "user_id",
        "content_type_id",
        "object_id",
        "object_repr",
        "action_flag",
        "change_message",
    ];
    let mut query = Query::insert();
    query
        .into_table(Alias::new(LOG_ENTRY.name))
        .columns(columns.map(Alias::new))
        .values_panic([
            Expr::val(now()),
            Expr::val(entry.user),
            Expr::val(content_type.map(|found| found.id.0)),
            Expr::val(entry.letting.0.to_string()),
            Expr::val(label),
            Expr::val(CHANGE),
            Expr::val(Value::from(message).to_string()),
        ]);
    db.execute(&query).await?;
    Ok(())
}
