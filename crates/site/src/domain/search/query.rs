//! The statements of a search.

use chrono::NaiveDate;
use db::found::{Condition, Reading, newest, numbered, rows};
use db::words::Clause;
use db::{ConnectionTrait as _, Database, DbBackend, DbErr};

use super::hit::Hit;
use crate::schema::document::{DOCUMENT_TABLE, WORDS as INDEX};

/// What is asked of a letting beside words.
pub(super) struct Conditions {
    /// Of a column of its document, each with its value in place of `?`: what the index of words knows exactly.
    pub(super) in_index: Vec<(&'static str, i64)>,
    /// The same of what it knows about.
    pub(super) of_document: Vec<(&'static str, i64)>,
    /// The nights that have to be free, from the arrival to the departure.
    pub(super) nights: Option<(NaiveDate, NaiveDate)>,
}

/// An order in which there is an index of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Newest,
    Price,
    Sleeps,
}

const COLUMNS: &str = "document.price, document.sleeps, document.kind";

/// One more than the limit of what has something of every clause, the newest first.
pub(super) async fn with_clauses(
    db: &Database,
    clauses: &[Clause],
    conditions: &Conditions,
    limit: usize,
) -> Result<Vec<Hit>, DbErr> {
    let reading = Reading {
        table: DOCUMENT_TABLE,
        key: "letting_id",
        columns: COLUMNS,
        conditions: conditions.of(db.get_database_backend(), &conditions.of_document),
    };
    let rows = newest(db, INDEX, clauses, (Some(&reading), limit + 1)).await?;
    rows.iter().map(Hit::of).collect()
}

/// The same without clauses in an order, of those that have the column it begins with.
pub(super) async fn in_order(
    db: &Database,
    conditions: &Conditions,
    (order, limit): (Order, usize),
) -> Result<Vec<Hit>, DbErr> {
    let (column, order) = match order {
        Order::Newest => ("letting_id", "letting_id DESC"),
        Order::Price => ("price", "price, letting_id"),
        Order::Sleeps => ("sleeps", "sleeps DESC, letting_id DESC"),
    };
    let columns = [&*conditions.in_index, &*conditions.of_document].concat();
    let conditions = conditions.of(db.get_database_backend(), &columns);
    let mut values = Vec::new();
    let condition = numbered(&conditions, &mut values);
    let sql = format!(
        "SELECT document.letting_id, {COLUMNS} FROM {} AS document \
         WHERE document.{column} IS NOT NULL{condition} ORDER BY {order} LIMIT {}",
        DOCUMENT_TABLE,
        limit + 1
    );
    rows(db, sql, values).await?.iter().map(Hit::of).collect()
}

impl Conditions {
    fn of(&self, backend: DbBackend, columns: &[(&'static str, i64)]) -> Vec<Condition> {
        let columns = columns.iter();
        let mut all: Vec<_> = columns
            .map(|(condition, number)| ((*condition).to_owned(), vec![(*number).into()]))
            .collect();
        if let Some((arrival, departure)) = self.nights {
            // PostgreSQL would else join all stays, or all documents.
            let for_each = match backend {
                DbBackend::Postgres => " OFFSET 0",
                _ => "",
            };
            // Of a letting without a home nobody has said when it is free.
            let condition = format!(
                "document.sleeps IS NOT NULL \
                 AND NOT EXISTS (SELECT 1 FROM oc_lettings_stay AS stay \
                 WHERE stay.letting_id = document.letting_id \
                 AND stay.departure > ? AND stay.arrival < ?{for_each})"
            );
            all.push((condition, vec![arrival.into(), departure.into()]));
        }
        all
    }
}
