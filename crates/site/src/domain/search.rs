//! Searches of lettings: which there are, in which order, and how many a further filter would leave.
//!
//! Where to look is read from the derived table of documents and its index of words
//! ([`crate::schema::document`]); what a page shows of a letting comes from Django's tables.

mod counts;
pub mod filter;
mod hit;
pub mod place;
mod rank;
mod words;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use db::words::{Clause, Matching, Term, matching};
use db::{ConnectionTrait as _, Database, DbBackend, DbErr};

pub use self::counts::{Counts, EXACT, counts};
use self::filter::{AMENITY, AT_LEAST_BEDROOMS, GUESTS, KIND, LEAST, MOST, PLACE, Search, WORDS};
use self::hit::rows;
pub use self::hit::{Forgiven, Found, Hit, MOST_FOUND};
use self::words::wanted;
use crate::places::Place;
use crate::schema::document::{DOCUMENT_TABLE, TOKENS, WORDS as INDEX, amenity_token, kind_token};

/// What is searched for.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What a visitor has typed and chosen.
    pub search: &'a Search,
    /// The place whose page it is.
    pub place: Option<&'a Place>,
    /// The smallest units of the currency in a whole one, in which visitors type prices.
    pub unit: i64,
}

/// Finds lettings. Without the derived tables, which are made first on a database that is new here, it
/// fails as if the database could not be reached.
pub async fn find(db: &Database, question: &Question<'_>) -> Result<Found, DbErr> {
    db.settle_derived_tables().await;
    look(db, question).await
}

async fn look(db: &Database, question: &Question<'_>) -> Result<Found, DbErr> {
    let Question { search, place, .. } = question;
    let mut forgiven = Vec::new();
    let mut looked_for = Vec::new();
    for filter in [PLACE, WORDS] {
        if let Some(text) = search.text(filter) {
            let Some(wanted) = wanted(db, filter, text).await? else {
                // Signs alone: no document has any.
                return Ok(Found::default());
            };
            forgiven.extend(wanted.forgiven.iter().cloned());
            looked_for.push((filter, wanted));
        }
    }
    let words = looked_for.iter().flat_map(|(_, wanted)| &wanted.clauses);
    let mut clauses: Vec<Clause> = words.cloned().collect();
    let tokens = search.slugs(KIND).map(kind_token);
    let tokens = tokens.chain(search.slugs(AMENITY).map(amenity_token));
    let tokens = tokens.chain(place.iter().map(|place| place.token()));
    clauses.extend(tokens.map(token));
    let conditions = conditions(question);
    let mut hits = query(db, &clauses, &conditions, "letting_id DESC").await?;
    let is_cut = hits.len() > MOST_FOUND;
    let sort = search.sort();
    if is_cut && clauses.is_empty() {
        // There is an index in this order.
        let (column, order) = match sort {
            "price" => ("price", "price, letting_id"),
            "sleeps" => ("sleeps", "sleeps DESC, letting_id DESC"),
            _ => ("letting_id", "letting_id DESC"),
        };
        let condition = format!("{conditions} AND document.{column} IS NOT NULL");
        hits = query(db, &clauses, &condition, order).await?;
    }
    hits.truncate(MOST_FOUND);
    match sort {
        "price" => hits.sort_by_key(|hit| (hit.price.is_none(), hit.price)),
        "sleeps" => hits.sort_by_key(|hit| Reverse(hit.sleeps)),
        "best" if !is_cut => {
            let words = looked_for.iter().find(|(filter, _)| *filter == WORDS);
            if let Some((_, wanted)) = words {
                rank::best_first(db, &mut hits, wanted).await?;
            }
        }
        _ => {}
    }
    Ok(Found {
        hits,
        is_cut,
        forgiven,
    })
}

/// A clause for what is no word that somebody types.
fn token(word: String) -> Clause {
    let is_beginning = false;
    Clause {
        terms: vec![Term { word, is_beginning }],
        parts: &[TOKENS],
    }
}

/// The conditions on numbers, which cannot hold anything but digits.
fn conditions(question: &Question<'_>) -> String {
    let Question { search, unit, .. } = question;
    let price = |filter| {
        let price = search.number(filter);
        price.map(|price: i64| price.saturating_mul(*unit))
    };
    let conditions = [
        ("sleeps >=", search.number(GUESTS)),
        ("bedrooms >=", search.number(AT_LEAST_BEDROOMS)),
        ("price >=", price(LEAST)),
        ("price <=", price(MOST)),
    ];
    let mut all = "1 = 1".to_owned();
    for (condition, number) in conditions {
        if let Some(number) = number {
            all += &format!(" AND document.{condition} {number}");
        }
    }
    all
}

/// One more than are found at most.
async fn query(
    db: &Database,
    clauses: &[Clause],
    conditions: &str,
    order: &str,
) -> Result<Vec<Hit>, DbErr> {
    let columns = "document.letting_id, document.price, document.sleeps, document.kind";
    let limit = MOST_FOUND + 1;
    let sql = if clauses.is_empty() {
        format!(
            "SELECT {columns} FROM {DOCUMENT_TABLE} AS document WHERE {conditions} \
             ORDER BY {order} LIMIT {limit}"
        )
    } else {
        let backend = db.get_database_backend();
        let Matching {
            from,
            key,
            condition,
        } = matching(backend, INDEX, clauses);
        // SQLite reads the index in its order, newest first, only if it comes first.
        let join = match backend {
            DbBackend::Sqlite => "CROSS JOIN",
            _ => "JOIN",
        };
        format!(
            "SELECT {columns} FROM {from} {join} {DOCUMENT_TABLE} AS document \
             ON document.letting_id = {key} WHERE {condition} AND {conditions} \
             ORDER BY {key} DESC LIMIT {limit}"
        )
    };
    rows(db, sql).await?.iter().map(Hit::of).collect()
}

/// Which of these values a visitor would see no letting without: for a search that finds nothing, each with
/// how many there are without it.
pub async fn to_drop(
    db: &Database,
    question: &Question<'_>,
) -> Result<Vec<(filter::Given, Found)>, DbErr> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for given in question.search.narrowing() {
        let search = question.search.without(given);
        if search.narrowing().next().is_none() && question.place.is_none() {
            continue;
        }
        let question = Question {
            search: &search,
            ..*question
        };
        let found = look(db, &question).await?;
        if !found.hits.is_empty() && seen.insert(search.path("", 1)) {
            all.push((given.clone(), found));
        }
    }
    Ok(all)
}
