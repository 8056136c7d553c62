//! The list of lettings.

use askama::Template;
use axum::extract::State;
use web::extract::PageNumber;
use web::page::{CachePolicy, Page, View};

use super::pager::{PAGE_SIZE, Pager};
use crate::domain::letting;
use crate::frame::Frame;
use crate::state::AppState;

/// A page of the list.
#[derive(Debug, Template)]
#[template(path = "pages/letting_list.html")]
pub struct LettingList {
    frame: Frame,
    lettings: Vec<letting::Model>,
    pager: Pager,
}

impl Page for LettingList {
    const CACHE: CachePolicy = CachePolicy::Public;
}

/// `GET /lettings/?page=N`
pub async fn list_lettings(
    State(app): State<AppState>,
    page: PageNumber,
) -> web::Result<View<LettingList>> {
    let mut lettings = letting::list(&app.db, page.offset(PAGE_SIZE), PAGE_SIZE + 1).await?;
    let pager = Pager::new("/lettings/", page, &mut lettings)?;
    Ok(View(LettingList {
        frame: app.frame,
        lettings,
        pager,
    }))
}
