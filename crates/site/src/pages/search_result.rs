//! What a search has found, in words.

use super::card::LettingCard;
use super::pager::Rows;
use super::pricing::Pricing;
use super::search_form::{Chip, LIST, chips, said};
use crate::domain::letting;
use crate::domain::search::filter::PLACE;
use crate::domain::search::{self, Forgiven, Found, Question};
use crate::frame::Frame;
use crate::state::AppState;

/// How many lettings are shown that are near to what was asked for.
const NEAR: u64 = 6;

/// The lettings of a search, and how many there are.
pub async fn find(app: &AppState, question: &Question<'_>) -> web::Result<(Found, Rows)> {
    let found = search::find(&app.db, question).await;
    // What is searched may still have to be made: at the first start, or after somebody has dropped it.
    let found = found.map_err(|error| web::Error::Unavailable(error.into()))?;
    let count = found.hits.len() as u64;
    let rows = if found.is_cut {
        Rows::MoreThan(count)
    } else {
        Rows::Exactly(count)
    };
    Ok((found, rows))
}

/// What a search has found.
#[derive(Debug)]
pub struct SearchResult {
    /// How many lettings.
    pub total: String,
    /// How words were read that nothing has.
    pub forgiven: Vec<String>,
    /// The values in use.
    pub chips: Vec<Chip>,
    /// Where nothing is found: the values without which there is something.
    pub drop: Vec<Chip>,
    /// Where nothing is found: what is near.
    pub near: Vec<LettingCard>,
}

impl SearchResult {
    /// Of what was found.
    pub async fn new(
        app: &AppState,
        pricing: &Pricing<'_>,
        question: &Question<'_>,
        found: &Found,
    ) -> web::Result<Self> {
        let frame = pricing.frame;
        let forgiven = found.forgiven.iter();
        let mut result = Self {
            total: total(frame, question, found),
            forgiven: forgiven
                .map(|word| forgiven_sentence(frame, "search-forgiven", word))
                .collect(),
            chips: chips(pricing, question.search),
            drop: Vec::new(),
            near: Vec::new(),
        };
        if found.hits.is_empty() {
            let others = search::to_drop(&app.db, question).await?;
            // The one that leaves least is nearest to what was asked for.
            let nearest = others.iter().min_by_key(|(_, found)| found.hits.len());
            if let Some((_, found)) = nearest {
                let ids = found.ids(0, NEAR);
                let lettings = letting::of_ids(&app.db, &ids).await?;
                result.near = LettingCard::all(pricing, lettings);
            }
            let chip = |(given, found): &(_, Found)| Chip {
                label: frame.text_pair(
                    "search-drop-one",
                    ["value", "count"],
                    (said(pricing, question.search, given), found.hits.len()),
                ),
                path: question.search.without(given).path(LIST, 1),
            };
            result.drop = others.iter().map(chip).collect();
        }
        Ok(result)
    }
}

/// How many lettings a search has found, in words: "15 homes in California".
pub fn total(frame: &Frame, question: &Question<'_>, found: &Found) -> String {
    let count = found.hits.len();
    if found.is_cut {
        let sort = question.search.sort();
        let is_sorted = ["price", "sleeps"].contains(&sort) && question.search.has_words();
        let key = if is_sorted {
            "search-total-more-sorted"
        } else {
            "search-total-more"
        };
        return frame.text_with(key, "count", found.counted);
    }
    if count == 0 {
        return frame.text("search-nothing");
    }
    match question.search.text(PLACE) {
        Some(place) => frame.text_pair("search-total-in", ["count", "place"], (count, place)),
        None => frame.text_with("search-total", "count", count),
    }
}

/// What was taken in the place of a word, in words.
pub(super) fn forgiven_sentence(
    frame: &Frame,
    key: &str,
    Forgiven { word, taken }: &Forgiven,
) -> String {
    let all = taken
        .iter()
        .cloned()
        .reduce(|first, second| frame.text_pair("search-or", ["first", "second"], (first, second)));
    let taken = all.unwrap_or_default();
    frame.text_pair(key, ["word", "taken"], (word.as_str(), taken))
}
