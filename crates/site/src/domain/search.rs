//! Searches of lettings: which there are, in which order, and how many a further filter would leave.
//!
//! Where to look is read from the derived table of documents and its index of words
//! ([`crate::schema::document`]); what a page shows of a letting comes from Django's tables.

mod counts;
pub mod filter;
mod hit;
pub mod person;
pub mod place;
mod rank;
pub mod suggest;
mod words;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use db::words::{Clause, Matching, matching};
use db::{ConnectionTrait as _, Database, DbBackend, DbErr};
use sea_orm::Value;

pub use self::counts::{Counts, EXACT, counts};
use self::filter::{AMENITY, AT_LEAST_BEDROOMS, GUESTS, KIND, LEAST, MOST, PLACE, Search, WORDS};
use self::hit::rows;
pub use self::hit::{Forgiven, Found, Hit, MOST_FOUND};
use self::words::wanted;
use crate::places::Place;
use crate::schema::document::{
    self, DOCUMENT_TABLE, TOKENS, WORDS as INDEX, amenity_token, kind_token,
};

/// Where words are looked for.
const ANY_PART: &[usize] = &[document::TITLE, document::PLACE, document::REST];
/// Where the words of a place are.
const PLACE_PART: &[usize] = &[document::PLACE];

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
            let parts = if filter == PLACE {
                PLACE_PART
            } else {
                ANY_PART
            };
            let Some(wanted) = wanted(db, INDEX, parts, text).await? else {
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
    clauses.extend(tokens.map(|token| Clause::token(token, &[TOKENS])));
    let conditions = conditions(question);
    let order = ("letting_id", "letting_id DESC");
    let mut hits = query(db, &clauses, &conditions, order).await?;
    let is_cut = hits.len() > MOST_FOUND;
    let sort = search.sort();
    if is_cut && clauses.is_empty() {
        // There is an index in this order.
        let order = match sort {
            "price" => ("price", "price, letting_id"),
            "sleeps" => ("sleeps", "sleeps DESC, letting_id DESC"),
            _ => order,
        };
        hits = query(db, &clauses, &conditions, order).await?;
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

/// What is asked of a letting beside words.
struct Conditions {
    /// Of a column of its document, each with its value in place of `?`.
    columns: Vec<(&'static str, Value)>,
    /// The nights that have to be free, from the arrival to the departure.
    nights: Option<(NaiveDate, NaiveDate)>,
}

fn conditions(question: &Question<'_>) -> Conditions {
    let Question { search, unit, .. } = question;
    let price = |filter| {
        let price = search.number(filter);
        price.map(|price: i64| price.saturating_mul(*unit))
    };
    let conditions = [
        ("document.sleeps >= ?", search.number(GUESTS)),
        ("document.bedrooms >= ?", search.number(AT_LEAST_BEDROOMS)),
        ("document.price >= ?", price(LEAST)),
        ("document.price <= ?", price(MOST)),
    ];
    let columns = conditions.into_iter();
    let columns =
        columns.filter_map(|(condition, number)| number.map(|number| (condition, number.into())));
    Conditions {
        columns: columns.collect(),
        nights: search.nights(),
    }
}

/// One more than are found at most. Without clauses in an order, of those that have the column it begins
/// with; with clauses the newest first.
async fn query(
    db: &Database,
    clauses: &[Clause],
    conditions: &Conditions,
    (column, order): (&str, &str),
) -> Result<Vec<Hit>, DbErr> {
    let columns = "document.letting_id, document.price, document.sleeps, document.kind";
    let limit = MOST_FOUND + 1;
    let backend = db.get_database_backend();
    let mut values: Vec<Value> = Vec::new();
    let (from, condition, order) = if clauses.is_empty() {
        (
            format!("{DOCUMENT_TABLE} AS document"),
            format!("document.{column} IS NOT NULL"),
            order.to_owned(),
        )
    } else {
        let Matching {
            from,
            key,
            condition,
            query,
        } = matching(backend, INDEX, clauses);
        values.push(query.into());
        // SQLite reads the index in its order, newest first, only if it comes first.
        let join = match backend {
            DbBackend::Sqlite => "CROSS JOIN",
            _ => "JOIN",
        };
        let from =
            format!("{from} {join} {DOCUMENT_TABLE} AS document ON document.letting_id = {key}");
        (from, condition, format!("{key} DESC"))
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
