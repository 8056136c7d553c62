//! The statement of a search.

use chrono::NaiveDate;
use db::words::{Clause, Matching, matching};
use db::{ConnectionTrait as _, Database, DbBackend, DbErr};
use sea_orm::Value;

use super::hit::{Hit, rows};
use crate::schema::document::{DOCUMENT_TABLE, WORDS as INDEX};

/// What is asked of a letting beside words.
pub(super) struct Conditions {
    /// Of a column of its document, each with its value in place of `?`.
    pub(super) columns: Vec<(&'static str, Value)>,
    /// The nights that have to be free, from the arrival to the departure.
    pub(super) nights: Option<(NaiveDate, NaiveDate)>,
}

impl Conditions {
    fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.nights.is_none()
    }
}

/// One more than the limit. Without clauses in an order, of those that have the column it begins with; with
/// clauses the newest first.
pub(super) async fn query(
    db: &Database,
    clauses: &[Clause],
    conditions: &Conditions,
    ((column, order), limit): ((&str, &str), usize),
) -> Result<Vec<Hit>, DbErr> {
    let columns = "document.letting_id, document.price, document.sleeps, document.kind";
    let limit = limit + 1;
    let backend = db.get_database_backend();
    let mut values: Vec<Value> = Vec::new();
    let (from, condition, order) = if clauses.is_empty() {
        (
            format!("{DOCUMENT_TABLE} AS document"),
            format!("document.{column} IS NOT NULL"),
            order.to_owned(),
        )
    } else {
        let found = matching(backend, INDEX, clauses);
        values.push(found.query.clone().into());
        if backend == DbBackend::Postgres && conditions.is_empty() {
            found_first(&found, limit)
        } else {
            joined(backend, &found)
        }
    };
    let mut sql = format!("SELECT {columns} FROM {from} WHERE {condition}");
    for (condition, value) in &conditions.columns {
        values.push(value.clone());
        let place = format!("${}", values.len());
        sql += &format!(" AND {}", condition.replace('?', &place));
    }
    // Of a letting without a home nobody has said when it is free.
    if let Some((arrival, departure)) = conditions.nights {
        let place = values.len();
        values.extend([arrival.into(), departure.into()]);
        sql += &format!(
            " AND document.sleeps IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM oc_lettings_stay AS stay \
             WHERE stay.letting_id = document.letting_id \
             AND stay.departure > ${} AND stay.arrival < ${})",
            place + 1,
            place + 2
        );
    }
    sql += &format!(" ORDER BY {order} LIMIT {limit}");
    rows(db, sql, values).await?.iter().map(Hit::of).collect()
}

/// What follows FROM, WHERE and ORDER BY.
type Parts = (String, String, String);

/// What the words find, joined with the documents.
fn joined(backend: DbBackend, found: &Matching) -> Parts {
    let Matching {
        from,
        key,
        condition,
        ..
    } = found;
    // SQLite reads the index in its order, newest first, only if it comes first.
    let join = match backend {
        DbBackend::Sqlite => "CROSS JOIN",
        _ => "JOIN",
    };
    (
        format!("{from} {join} {DOCUMENT_TABLE} AS document ON document.letting_id = {key}"),
        condition.clone(),
        format!("{key} DESC"),
    )
}

/// The same, where PostgreSQL would join all documents that are newer than the oldest one found.
fn found_first(found: &Matching, limit: usize) -> Parts {
    let Matching {
        from,
        key,
        condition,
        ..
    } = found;
    (
        format!(
            "(WITH found AS MATERIALIZED (SELECT {key} AS id FROM {from} WHERE {condition} \
             ORDER BY {key} DESC LIMIT {limit}) SELECT id FROM found) AS found \
             JOIN {DOCUMENT_TABLE} AS document ON document.letting_id = found.id"
        ),
        "TRUE".to_owned(),
        "found.id DESC".to_owned(),
    )
}
