//! The order of what words have found, the best first: the same on both databases.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use db::found::{newest, rows};
use db::words::{Clause, one_of};
use db::{ConnectionTrait as _, Database, Integer, stored};
use sea_orm::DbErr;

use super::hit::{Hit, MOST_FOUND};
use super::words::Wanted;
use crate::schema::document::{self, DOCUMENT_TABLE, WORDS as INDEX, place_names};
use crate::words::words;

/// Of more lettings only it is told apart whether all words are in the title.
pub(super) const WEIGHED: usize = 1_000;

/// What a word is worth: as a word of the title, as the beginning of one, as a word of the place, as the
/// beginning of one.
const WORTH: [u32; 4] = [16, 12, 8, 6];

/// Sorts the best first; of equal ones the newest.
pub(super) async fn best_first(
    db: &Database,
    hits: &mut [Hit],
    wanted: &Wanted,
) -> Result<(), DbErr> {
    if hits.len() > WEIGHED {
        let in_title = in_title(db, &wanted.clauses).await?;
        hits.sort_by_key(|hit| Reverse((in_title.contains(&hit.id), hit.id)));
        return Ok(());
    }
    let weights = weights(db, hits, &wanted.clauses).await?;
    hits.sort_by_key(|hit| Reverse((weights.get(&hit.id).copied().unwrap_or(0), hit.id)));
    Ok(())
}

/// The newest lettings whose titles have something of every clause.
async fn in_title(db: &Database, clauses: &[Clause]) -> Result<BTreeSet<i64>, DbErr> {
    let clauses: Vec<_> = clauses
        .iter()
        .map(|clause| Clause {
            terms: clause.terms.clone(),
            parts: &[document::TITLE],
        })
        .collect();
    let rows = newest(db, INDEX, &clauses, (None, MOST_FOUND)).await?;
    rows.iter()
        .map(|row| row.try_get_by_index(0).map(|Integer(id)| id))
        .collect()
}

/// What each letting is worth.
async fn weights(
    db: &Database,
    hits: &[Hit],
    clauses: &[Clause],
) -> Result<BTreeMap<i64, u32>, DbErr> {
    if hits.len() < 2 {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<_> = hits.iter().map(|hit| hit.id).collect();
    let (condition, ids) = one_of(db.get_database_backend(), "letting_id", 1, &ids);
    let sql = format!(
        "SELECT letting_id, title, city, state, country FROM {DOCUMENT_TABLE} WHERE {condition}"
    );
    let mut weights = BTreeMap::new();
    for row in rows(db, sql, vec![ids.into()]).await? {
        let Integer(id) = row.try_get_by_index(0)?;
        let text = |column| stored::shown(&row, column);
        let (city, state, country) = (text("city")?, text("state")?, text("country")?);
        let title = words(&text("title")?);
        let place = words(&place_names(&city, &state, &country).join(" "));
        let worth = clauses.iter().map(|clause| worth(clause, &title, &place));
        weights.insert(id, worth.sum());
    }
    Ok(weights)
}

/// What a clause is worth to something of these names.
pub(super) fn worth(clause: &Clause, title: &[String], place: &[String]) -> u32 {
    let is_in = |words: &[String]| {
        let terms = || clause.terms.iter();
        let is_whole = words
            .iter()
            .any(|word| terms().any(|term| term.word == *word));
        let begins = words
            .iter()
            .any(|word| terms().any(|term| word.starts_with(&term.word)));
        [is_whole, begins]
    };
    let found = [is_in(title), is_in(place)].concat();
    let mut worth = found.iter().zip(WORTH);
    worth
        .find(|(found, _)| **found)
        .map_or(0, |(_, worth)| worth)
}
