//! The list of lettings.

use askama::Template;
use axum::extract::State;
use web::extract::PageNumber;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::card::LettingCard;
use super::pager::Pager;
use super::pricing::Pricing;
use crate::domain::letting;
use crate::frame::Frame;
use crate::head::{Head, breadcrumbs};
use crate::state::AppState;

/// The lettings of a page.
const PAGE_SIZE: u64 = 24;

/// A page of the list.
#[derive(Debug, Template)]
#[template(path = "pages/letting_list.html")]
pub struct LettingList {
    frame: Frame,
    head: Head,
    lettings: Vec<LettingCard>,
    pager: Pager,
}

impl Page for LettingList {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /lettings/?page=N`
pub async fn list_lettings(
    State(app): State<AppState>,
    page: PageNumber,
    frame: Frame,
) -> web::Result<View<LettingList>> {
    let mut lettings = letting::list(&app.db, page.offset(PAGE_SIZE), PAGE_SIZE + 1).await?;
    let pager = Pager::new(&frame, "/lettings/", page, PAGE_SIZE, &mut lettings)?;
    let title = frame.text("letting-list-title");
    let steps = [(&*frame.text("nav-home"), "/"), (&*title, "/lettings/")];
    let data = breadcrumbs(&frame, &steps);
    let description = frame.text("letting-list-description");
    Ok(View(LettingList {
        head: Head::public(&frame, &pager.path, title.clone(), description).with_data(&data),
        lettings: LettingCard::all(&Pricing::new(&app, &frame), lettings),
        pager,
        frame,
    }))
}
