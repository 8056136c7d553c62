//! The places that there are lettings in, with the names that their addresses have.

use std::collections::BTreeMap;

use db::found::rows;
use db::words::{Clause, any_document, one_of};
use db::{ConnectionTrait, DbErr, Integer, stored};
use sea_orm::{QueryResult, Value};

use super::hit::Found;
use crate::places::Place;
use crate::schema::document::{DOCUMENT_TABLE, MOVED_TABLE, NAMES, PLACE_NAME, TOKENS, WORDS};

/// The most places that are listed.
const MOST_PLACES: usize = 50_000;

/// A place with names, as an address has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPlace {
    /// The city.
    pub place: Place,
    /// Its name.
    pub city: String,
    /// The state's name or code.
    pub state: String,
    /// The country's three letters.
    pub country: String,
    /// How many lettings there are.
    pub count: i64,
}

impl NamedPlace {
    fn of(city: String, state: String, country: String) -> Self {
        Self {
            place: Place::of(&country, &state, &city),
            city,
            state,
            country,
            count: 0,
        }
    }
}

/// The cities in which lettings were found, in the order of their addresses.
pub async fn cities_of(db: &impl ConnectionTrait, found: &Found) -> Result<Vec<NamedPlace>, DbErr> {
    let ids: Vec<_> = found.hits.iter().map(|hit| hit.id).collect();
    let (condition, ids) = one_of(db.get_database_backend(), "letting_id", 1, &ids);
    cities(db, &format!("WHERE {condition}"), vec![ids.into()]).await
}

/// How many places there may be: every one that has a page, and some that have none any more. Of more than
/// are listed nobody counts the rest.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} WHERE kind = $1 LIMIT {MOST_PLACES}) AS names",
        NAMES.table.name
    );
    let rows = rows(db, sql, vec![PLACE_NAME.into()]).await?;
    let Some(row) = rows.first() else {
        return Ok(0);
    };
    let Integer(count) = row.try_get_by_index(0)?;
    Ok(count.unsigned_abs())
}

/// A place as the sitemap needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The place.
    pub place: Place,
    /// Whether there are lettings in it.
    pub is_there: bool,
}

/// Places in the order of their names, at most `limit` of them: those behind `after`, or without it those
/// from `offset` on.
pub async fn entries(
    db: &impl ConnectionTrait,
    after: Option<&Place>,
    offset: u64,
    limit: u64,
) -> Result<Vec<Entry>, DbErr> {
    let (name, target) = after.map_or_else(Default::default, |place| (place.words(), place.key()));
    let sql = format!(
        "SELECT names.target, document.country, document.state, document.city FROM {} AS names \
         LEFT JOIN {DOCUMENT_TABLE} AS document ON document.letting_id = names.sample \
         WHERE names.kind = $1 AND (names.name, names.target) > ($2, $3) \
         ORDER BY names.name, names.target LIMIT {limit} OFFSET {offset}",
        NAMES.table.name
    );
    let values = vec![PLACE_NAME.into(), name.into(), target.into()];
    let mut entries = Vec::new();
    for row in rows(db, sql, values).await? {
        let place = Place::of_key(&stored::shown(&row, "target")?);
        let is_there = named(db, &place, &row).await?.is_some();
        entries.push(Entry { place, is_there });
    }
    Ok(entries)
}

/// The names that a place has in the address of a letting there; `None` if there is none. The row is of the
/// letting that was the last to be written there, which may have moved since.
pub(super) async fn named(
    db: &impl ConnectionTrait,
    place: &Place,
    row: &QueryResult,
) -> Result<Option<NamedPlace>, DbErr> {
    let text = |column| stored::shown(row, column);
    let names = NamedPlace::of(text("city")?, text("state")?, text("country")?);
    if names.place.is_in(place) {
        return Ok(Some(names));
    }
    let Some(id) = one_in(db, place).await? else {
        return Ok(None);
    };
    let cities = cities(db, "WHERE letting_id = $1", vec![id.into()]).await?;
    Ok(cities.into_iter().find(|city| city.place.is_in(place)))
}

/// How many moves are followed from place to place.
const MOST_MOVES: usize = 10;

/// Where the lettings of a place are that has none any more: the city is called otherwise, for example.
pub async fn moved(db: &impl ConnectionTrait, place: &Place) -> Result<Option<Place>, DbErr> {
    let mut place = place.clone();
    for _ in 0..MOST_MOVES {
        let sql = format!("SELECT moved_to FROM {MOVED_TABLE} WHERE path = $1");
        let rows = rows(db, sql, vec![place.key().into()]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        place = Place::of_key(&stored::shown(row, 0)?);
        if one_in(db, &place).await?.is_some() {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// A letting in a place.
async fn one_in(db: &impl ConnectionTrait, place: &Place) -> Result<Option<i64>, DbErr> {
    any_document(db, WORDS, &Clause::token(place.token(), &[TOKENS])).await
}

async fn cities(
    db: &impl ConnectionTrait,
    condition: &str,
    values: Vec<Value>,
) -> Result<Vec<NamedPlace>, DbErr> {
    let sql = format!(
        "SELECT city, state, country, count(*) FROM {DOCUMENT_TABLE} {condition} \
         GROUP BY city, state, country ORDER BY country, state, city LIMIT {MOST_PLACES}"
    );
    // Names that differ in case or accents alone have one address.
    let mut all: BTreeMap<Place, NamedPlace> = BTreeMap::new();
    for row in rows(db, sql, values).await? {
        let text = |index: usize| stored::shown(&row, index);
        let (city, state, country) = (text(0)?, text(1)?, text(2)?);
        let Integer(count) = row.try_get_by_index(3)?;
        let names = NamedPlace::of(city, state, country);
        let known = all.entry(names.place.clone()).or_insert(names);
        known.count += count;
    }
    Ok(all.into_values().collect())
}
