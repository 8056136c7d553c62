//! Searches of profiles, by the names of their users.

use std::cmp::Reverse;

use db::found::{newest, rows};
use db::words::one_of;
use db::{ConnectionTrait as _, Database, DbErr, Integer, stored};

use super::hit::{Forgiven, at_least, most_counted};
use super::rank::{WEIGHED, worth};
use super::words::{Wanted, wanted};
use crate::schema::LISTED_PROFILES;
use crate::schema::person::{NAMES, PERSON_TABLE, USERNAME, WORDS};
use crate::words::words;

/// The profiles that were found, the best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// Their keys.
    pub ids: Vec<i64>,
    /// Whether there are more: then these are the newest.
    pub is_cut: bool,
    /// Up to how many were counted.
    pub counted: usize,
    /// The words that nothing was found for, with those that were taken in their place.
    pub forgiven: Vec<Forgiven>,
}

impl People {
    /// The keys of a part of them.
    pub fn page(&self, offset: u64, limit: u64) -> Vec<i64> {
        let [offset, limit] =
            [offset, limit].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        self.ids.iter().copied().skip(offset).take(limit).collect()
    }
}

/// Finds profiles by words, each of which has to begin one of username, first name and last name; so many at least
/// as are to be shown, where there are so many. Without
/// the derived tables, which are made first on a database that is new here, it fails as if the database
/// could not be reached.
pub async fn find(db: &Database, text: &str, until: u64) -> Result<People, DbErr> {
    db.settle_derived_tables().await;
    let Some(wanted) = wanted(db, WORDS, &[USERNAME, NAMES], text).await? else {
        return Ok(People::default());
    };
    let counted = most_counted(db, LISTED_PROFILES).await;
    let limit = at_least(until, counted);
    let mut ids = Vec::new();
    for row in newest(db, WORDS, &wanted.clauses, (None, limit + 1)).await? {
        let Integer(id) = row.try_get_by_index(0)?;
        ids.push(id);
    }
    let is_cut = ids.len() > counted;
    ids.truncate(limit);
    if !is_cut && (2..=WEIGHED).contains(&ids.len()) {
        ids = best_first(db, &ids, &wanted).await?;
    }
    Ok(People {
        ids,
        is_cut,
        counted,
        forgiven: wanted.forgiven,
    })
}

/// Sorts by what the names are worth, then by age, the oldest first as in the list.
async fn best_first(db: &Database, ids: &[i64], wanted: &Wanted) -> Result<Vec<i64>, DbErr> {
    let (condition, ids) = one_of(db.get_database_backend(), "profile_id", 1, ids);
    let sql = format!(
        "SELECT profile_id, username, first_name, last_name FROM {PERSON_TABLE} WHERE {condition}"
    );
    let mut weighed = Vec::new();
    for row in rows(db, sql, vec![ids.into()]).await? {
        let Integer(id) = row.try_get_by_index(0)?;
        let text = |index: usize| stored::shown(&row, index);
        let username = words(&text(1)?);
        let names = words(&format!("{} {}", text(2)?, text(3)?));
        let clauses = wanted.clauses.iter();
        let worth: u32 = clauses.map(|clause| worth(clause, &username, &names)).sum();
        weighed.push((Reverse(worth), id));
    }
    weighed.sort_unstable();
    Ok(weighed.into_iter().map(|(_, id)| id).collect())
}
