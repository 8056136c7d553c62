//! The home page: a welcome, and on an empty site the way to fill it.

use askama::Template;
use axum::extract::State;
use web::page::{CachePolicy, Page, View};

use crate::domain;
use crate::frame::Frame;
use crate::state::AppState;

/// The home page.
#[derive(Debug, Template)]
#[template(path = "pages/home.html")]
pub struct Home {
    frame: Frame,
    is_empty: bool,
}

impl Page for Home {
    const CACHE: CachePolicy = CachePolicy::Public;
}

/// `GET /`
pub async fn show_home(State(app): State<AppState>) -> web::Result<View<Home>> {
    let is_empty = domain::is_empty(&app.db).await?;
    Ok(View(Home {
        frame: app.frame,
        is_empty,
    }))
}
