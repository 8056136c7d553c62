//! What is suggested while somebody types in the form of a search: options of a list, for the script of the
//! form.

use askama::Template;
use axum::extract::State;
use web::extract::QueryValues;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::place_names::name_of;
use crate::domain::search::filter::{Search, WORDS};
use crate::domain::search::suggest::suggest;
use crate::frame::Frame;
use crate::state::AppState;

/// The options of a list.
#[derive(Debug, Template)]
#[template(path = "pages/suggestions.html")]
pub struct SuggestionList {
    frame: Frame,
    options: Vec<SuggestedOption>,
}

/// What can be chosen.
#[derive(Debug)]
struct SuggestedOption {
    kind: &'static str,
    /// What it is called.
    label: String,
    /// What kind of thing it is, or where.
    note: String,
    /// The address of its page.
    path: String,
}

impl Page for SuggestionList {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /lettings/suggest/?q=`
pub async fn suggest_names(
    State(app): State<AppState>,
    values: QueryValues,
    frame: Frame,
) -> web::Result<View<SuggestionList>> {
    let search = Search::read(&values);
    let text = search.text(WORDS).unwrap_or_default();
    // What is asked may still have to be made: at the first start, or after somebody has dropped it.
    let found = suggest(&app.db, text).await;
    let found = found.map_err(|error| web::Error::Unavailable(error.into()))?;
    let places = found.places.iter().map(|(place, names)| SuggestedOption {
        kind: "place",
        label: name_of(&frame, names, place),
        note: frame.text("search-suggested-place"),
        path: frame.path(&place.path()),
    });
    let lettings = found.lettings.into_iter().map(|letting| SuggestedOption {
        kind: "letting",
        label: letting.title,
        note: letting.city,
        path: frame.path(&format!("/lettings/{}/", letting.id)),
    });
    let options = places.chain(lettings).collect();
    Ok(View(SuggestionList { frame, options }))
}
