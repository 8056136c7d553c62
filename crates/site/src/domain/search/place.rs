//! The places that there are lettings in, with the names that their addresses have.

use std::collections::BTreeMap;

use db::words::one_of;
use db::{ConnectionTrait, DbErr, Integer, stored};
use sea_orm::Value;

use super::hit::{Found, rows};
use crate::places::Place;
use crate::schema::document::DOCUMENT_TABLE;

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

/// The cities in which lettings were found, in the order of their addresses.
pub async fn cities_of(db: &impl ConnectionTrait, found: &Found) -> Result<Vec<NamedPlace>, DbErr> {
    let ids: Vec<_> = found.hits.iter().map(|hit| hit.id).collect();
    let (condition, ids) = one_of(db.get_database_backend(), "letting_id", 1, &ids);
    cities(db, &format!("WHERE {condition}"), vec![ids.into()]).await
}

/// All cities that there are lettings in, for the site map.
pub async fn all_cities(db: &impl ConnectionTrait) -> Result<Vec<NamedPlace>, DbErr> {
    cities(db, "", Vec::new()).await
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
        let place = Place::of(&country, &state, &city);
        let known = all.entry(place.clone()).or_insert(NamedPlace {
            place,
            city,
            state,
            country,
            count: 0,
        });
        known.count += count;
    }
    Ok(all.into_values().collect())
}
