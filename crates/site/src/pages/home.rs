//! The home page: a welcome, some lettings, and on an empty site the way to fill it.

use askama::Template;
use axum::extract::State;
use serde_json::json;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::card::LettingCard;
use super::pricing::Pricing;
use super::search_form::SearchForm;
use crate::domain::search::filter::Search;
use crate::domain::{self, letting};
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The lettings that the page shows: the newest.
const NEWEST_LETTINGS: u64 = 6;

/// The home page.
#[derive(Debug, Template)]
#[template(path = "pages/home.html")]
pub struct Home {
    frame: Frame,
    head: Head,
    form: SearchForm,
    lettings: Vec<LettingCard>,
    is_empty: bool,
}

impl Page for Home {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /`
pub async fn show_home(State(app): State<AppState>, frame: Frame) -> web::Result<View<Home>> {
    let lettings = letting::newest(&app.db, NEWEST_LETTINGS).await?;
    let is_empty = lettings.is_empty() && domain::is_empty(&app.db).await?;
    let (title, description) = (frame.text("home-title"), frame.text("home-description"));
    let head = Head::public(&frame, "/", title, description).with_data(&json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": frame.text("site-name"),
        "url": frame.page_address("/"),
    }));
    let pricing = Pricing::new(&app, &frame);
    Ok(View(Home {
        form: SearchForm::new(&pricing, &Search::default(), None),
        lettings: LettingCard::all(&pricing, lettings),
        frame,
        head,
        is_empty,
    }))
}
