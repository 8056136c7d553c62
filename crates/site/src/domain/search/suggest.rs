//! What is suggested while somebody types: places and lettings whose names begin so.

use db::found::rows;
use db::words::names_that_begin;
use db::{Database, DbErr, Integer, stored};
use sea_orm::QueryResult;

use super::place::{NamedPlace, named};
use crate::places::Place;
use crate::schema::document::{DOCUMENT_TABLE, NAMES as INDEX, OTHER_NAME, PLACE_NAME, TITLE_NAME};
use crate::words::folded;

/// The most suggestions.
pub const MOST: usize = 8;
/// The most of them that are places, where there are lettings, too.
const MOST_PLACES: usize = 5;
/// The names of each kind that are looked at: some may hold no more.
const LOOKED_AT: usize = 3 * MOST;

/// What is suggested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// Places that there are lettings in, each with the names of a city in it.
    pub places: Vec<(Place, NamedPlace)>,
    /// Lettings.
    pub lettings: Vec<Suggested>,
}

/// A letting that is suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested {
    /// Its key.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Where it is.
    pub city: String,
}

/// Suggests what begins with a text: [`MOST`] at most, places first. Without the derived tables it fails.
pub async fn suggest(db: &Database, text: &str) -> Result<Suggestions, DbErr> {
    let text = folded(text);
    if text.is_empty() {
        return Ok(Suggestions::default());
    }
    db.settle_derived_tables().await;
    let mut lettings = Vec::new();
    for row in names(db, TITLE_NAME, &text).await? {
        let title = stored::shown(&row, "title")?;
        if lettings.len() < MOST && folded(&title).starts_with(&text) {
            let Integer(id) = row.try_get_by("sample")?;
            let city = stored::shown(&row, "city")?;
            lettings.push(Suggested { id, title, city });
        }
    }
    let most = MOST - lettings.len().min(MOST - MOST_PLACES);
    let places = places(db, &text, most).await?;
    lettings.truncate(MOST - places.len());
    Ok(Suggestions { places, lettings })
}

/// Places that are called so first, then those whose names only begin so.
async fn places(db: &Database, text: &str, most: usize) -> Result<Vec<(Place, NamedPlace)>, DbErr> {
    let mut found = Vec::new();
    for kind in [PLACE_NAME, OTHER_NAME] {
        for row in names(db, kind, text).await? {
            let name = stored::shown(&row, "name")?;
            found.push((name != text, name, row));
        }
    }
    found.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    let mut places: Vec<(Place, NamedPlace)> = Vec::new();
    for (_, _, row) in found {
        let place = Place::of_key(&stored::shown(&row, "target")?);
        if places.len() == most || places.iter().any(|(known, _)| *known == place) {
            continue;
        }
        if let Some(names) = named(db, &place, &row).await? {
            places.push((place, names));
        }
    }
    Ok(places)
}

/// The first names of a kind that begin so, each with the document that had it last.
async fn names(db: &Database, kind: &str, text: &str) -> Result<Vec<QueryResult>, DbErr> {
    let (from, condition, values) = names_that_begin(INDEX, kind, text);
    let sql = format!(
        "SELECT names.name, names.target, names.sample, document.title, document.city, document.state, \
         document.country FROM {from} LEFT JOIN {DOCUMENT_TABLE} AS document \
         ON document.letting_id = names.sample WHERE {condition} \
         ORDER BY names.name, names.target LIMIT {LOOKED_AT}"
    );
    rows(db, sql, values.map(Into::into).to_vec()).await
}
