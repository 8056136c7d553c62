//! The list of lettings, whole or narrowed by a search.

use askama::Template;
use axum::extract::State;
use web::extract::{PageNumber, QueryValues};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::card::LettingCard;
use super::pager::Pager;
use super::pricing::Pricing;
use super::search_form::{LIST, SearchForm};
use super::search_result::{SearchResult, find};
use crate::domain::letting;
use crate::domain::search::filter::Search;
use crate::domain::search::{self, Question};
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
    form: SearchForm,
    /// What a search has found; `None` for the whole list.
    result: Option<SearchResult>,
    /// How many lettings there are, in words.
    total: String,
    lettings: Vec<LettingCard>,
    pager: Pager,
}

impl Page for LettingList {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /lettings/?page=N`, with the parameters of a search
/// ([`crate::domain::search::filter::FILTERS`]).
pub async fn list_lettings(
    State(app): State<AppState>,
    page: PageNumber,
    values: QueryValues,
    frame: Frame,
) -> web::Result<View<LettingList>> {
    let search = Search::read(&values);
    if search.is_asked() {
        return search_lettings(&app, page, &search, frame).await;
    }
    let mut lettings = letting::list(&app.db, page.offset(PAGE_SIZE), PAGE_SIZE + 1).await?;
    let count = letting::count(&app.db).await?;
    let pager = Pager::new(&frame, LIST, page, PAGE_SIZE, &mut lettings)?.of(count, PAGE_SIZE);
    let title = frame.text("letting-list-title");
    let steps = [(&*frame.text("nav-home"), "/"), (&*title, LIST)];
    let data = breadcrumbs(&frame, &steps);
    let description = frame.text("letting-list-description");
    let pricing = Pricing::new(&app, &frame);
    Ok(View(LettingList {
        head: Head::public(&frame, &pager.path, title.clone(), description).with_data(&data),
        form: SearchForm::new(&pricing, &search, None),
        result: None,
        total: frame.text_with("search-total", "count", count),
        lettings: LettingCard::all(&pricing, lettings),
        pager,
        frame,
    }))
}

async fn search_lettings(
    app: &AppState,
    page: PageNumber,
    search: &Search,
    frame: Frame,
) -> web::Result<View<LettingList>> {
    let pricing = Pricing::new(app, &frame);
    let question = Question {
        search,
        place: None,
        until: page.offset(PAGE_SIZE).saturating_add(PAGE_SIZE),
        unit: app.currency.unit(),
    };
    let (found, rows) = find(app, &question).await?;
    let pager = Pager::counted(
        &frame,
        |page| search.path(LIST, page),
        page,
        PAGE_SIZE,
        rows,
    )?;
    let ids = found.ids(page.offset(PAGE_SIZE), PAGE_SIZE);
    let lettings = letting::of_ids(&app.db, &ids).await?;
    let counts = search::counts(&app.db, &found).await?;
    let result = SearchResult::new(app, &pricing, &question, &found).await?;
    let title = frame.text("letting-list-title");
    Ok(View(LettingList {
        head: Head::unlisted(title, frame.text("letting-list-description")),
        form: SearchForm::new(&pricing, search, counts.as_ref()),
        total: result.total.clone(),
        result: Some(result),
        lettings: LettingCard::all(&pricing, lettings),
        pager,
        frame,
    }))
}
