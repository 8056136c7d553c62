//! What a search has found.

use db::{Database, DbErr, Integer};
use sea_orm::QueryResult;

/// The most lettings that a search finds: the newest of more.
pub const MOST_FOUND: usize = 10_000;
/// Of more lettings than these nobody is told how many a further filter would leave.
pub const EXACT: usize = 1_000;
/// With more rows than these no more are counted than [`EXACT`], which takes a tenth of the time.
const MANY_ROWS: u64 = 100_000;

/// Up to how many are counted of a sequence of so many rows.
pub(super) async fn most_counted(db: &Database, sequence: &str) -> usize {
    if db.has_small_derived_tables() {
        return MOST_FOUND;
    }
    match db.with_derived(db.count_of(sequence)).await {
        Some(count) if count > MANY_ROWS => EXACT,
        _ => MOST_FOUND,
    }
}

/// How many are read where so many are to be shown and so many are counted.
pub(super) fn at_least(until: u64, counted: usize) -> usize {
    let until = usize::try_from(until).unwrap_or(MOST_FOUND);
    until.clamp(counted, MOST_FOUND)
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The lettings, in the order asked for.
    pub hits: Vec<Hit>,
    /// Whether there are more: then these are the newest, or the first in the order of a price or a size
    /// where there are no words.
    pub is_cut: bool,
    /// Up to how many were counted.
    pub counted: usize,
    /// The words that nothing was found for, with those that were taken in their place.
    pub forgiven: Vec<Forgiven>,
}

impl Found {
    /// The keys of a part of the lettings.
    pub fn ids(&self, offset: u64, limit: u64) -> Vec<i64> {
        let [offset, limit] =
            [offset, limit].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let hits = self.hits.iter().skip(offset).take(limit);
        hits.map(|hit| hit.id).collect()
    }
}

/// A letting that was found, with what the order depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The letting's key.
    pub id: i64,
    pub(super) price: Option<i64>,
    pub(super) sleeps: Option<i64>,
    pub(super) kind: Option<String>,
}

impl Hit {
    pub(super) fn of(row: &QueryResult) -> Result<Self, DbErr> {
        let number = |index| {
            let number: Option<Integer> = row.try_get_by_index(index)?;
            Ok::<_, DbErr>(number.map(|number| number.0))
        };
        let Integer(id) = row.try_get_by_index(0)?;
        Ok(Self {
            id,
            price: number(1)?,
            sleeps: number(2)?,
            kind: row.try_get_by_index(3)?,
        })
    }
}

/// A word that was forgiven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgiven {
    /// As it was typed, but for accents and case.
    pub word: String,
    /// What was taken in its place.
    pub taken: Vec<String>,
}
