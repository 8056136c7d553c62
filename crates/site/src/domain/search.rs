//! Searches of lettings: which there are, in which order, and how many a further filter would leave.
//!
//! Where to look is read from the derived table of documents and its index of words
//! ([`crate::schema::document`]); what a page shows of a letting comes from Django's tables.

mod counts;
pub mod filter;
mod hit;
pub mod person;
pub mod place;
mod query;
mod rank;
pub mod suggest;
mod words;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use db::words::Clause;
use db::{Database, DbErr};

pub use self::counts::{Counts, counts};
use self::filter::{
    AMENITY, AT_LEAST_BEDROOMS, Filter, GUESTS, KIND, LEAST, MOST, PLACE, Search, WORDS,
};
pub use self::hit::{EXACT, Forgiven, Found, Hit, MOST_FOUND};
use self::hit::{at_least, most_counted};
use self::query::{Conditions, Order, in_order, with_clauses};
use self::words::wanted;
use crate::places::Place;
use crate::schema::LISTED_LETTINGS;
use crate::schema::document::{
    self, BEDROOMS_TOKEN, GUESTS_TOKEN, PRICE_TOKEN, TOKENS, WORDS as INDEX, amenity_token,
    kind_token,
};
use crate::schema::numbers;

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
    /// How many are to be shown at least, from the first on, where there are so many.
    pub until: u64,
    /// The smallest units of the currency in a whole one, in which visitors type prices.
    pub unit: i64,
}

impl Question<'_> {
    /// The lowest and the highest price, in the smallest unit of the currency.
    fn prices(&self) -> [Option<i64>; 2] {
        [LEAST, MOST].map(|filter| {
            let price = self.search.number(filter);
            price.map(|price| price.saturating_mul(self.unit))
        })
    }
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
            let Some(wanted) = wanted(db, INDEX, parts_of(filter), text).await? else {
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
    let has_words = !clauses.is_empty();
    clauses.extend(numbers(question));
    let sort = search.sort();
    let counted = most_counted(db, LISTED_LETTINGS).await;
    // What is sorted has to be the same for all pages.
    let is_sorted = ["price", "sleeps"].contains(&sort) && has_words;
    let limit = if is_sorted {
        counted
    } else {
        at_least(question.until, counted)
    };
    let mut hits = if clauses.is_empty() {
        in_order(db, &conditions, (Order::Newest, limit)).await?
    } else {
        with_clauses(db, &clauses, &conditions, limit).await?
    };
    let is_cut = hits.len() > counted;
    let ordered = match sort {
        "price" => Some(Order::Price),
        "sleeps" => Some(Order::Sleeps),
        _ => None,
    };
    if let Some(order) = ordered.filter(|_| is_cut && !has_words) {
        hits = in_order(db, &conditions, (order, limit)).await?;
    }
    hits.truncate(limit);
    match sort {
        _ if is_cut && !is_sorted => {}
        "price" => hits.sort_by_key(|hit| (hit.price.is_none(), hit.price)),
        "sleeps" => hits.sort_by_key(|hit| Reverse(hit.sleeps)),
        "best" => {
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
        counted,
        forgiven,
    })
}

/// Where the words of a filter have to be.
fn parts_of(filter: &Filter) -> &'static [usize] {
    if filter == PLACE {
        PLACE_PART
    } else {
        ANY_PART
    }
}

/// What the numbers that were given look for. Where those are among the words of the index, it narrows by them.
fn numbers(question: &Question<'_>) -> Vec<Clause> {
    let search = question.search;
    let guests = search.number(GUESTS);
    let guests = guests.map(|number| numbers::at_least(GUESTS_TOKEN, number, &[TOKENS]));
    let bedrooms = search.number(AT_LEAST_BEDROOMS);
    let bedrooms = bedrooms.map(|number| numbers::at_least(BEDROOMS_TOKEN, number, &[TOKENS]));
    let prices = numbers::within(PRICE_TOKEN, question.prices(), &[TOKENS]);
    [guests, bedrooms, prices].into_iter().flatten().collect()
}

fn conditions(question: &Question<'_>) -> Conditions {
    let search = question.search;
    let given = |condition, number: Option<i64>| number.map(|number| (condition, number));
    let in_index = [
        given("document.sleeps >= ?", search.number(GUESTS)),
        given("document.bedrooms >= ?", search.number(AT_LEAST_BEDROOMS)),
    ];
    let [least, most] = question.prices();
    let of_document = [
        given("document.price >= ?", least),
        given("document.price <= ?", most),
    ];
    Conditions {
        in_index: in_index.into_iter().flatten().collect(),
        of_document: of_document.into_iter().flatten().collect(),
        nights: search.nights(),
    }
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
