//! The list of profiles, whole or narrowed by a search.

use askama::Template;
use axum::extract::State;
use web::extract::{PageNumber, QueryValues};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::card::ProfileCard;
use super::pager::{Pager, Rows};
use super::search_form::{SearchField, sentence};
use super::search_result::forgiven_sentence;
use crate::domain::profile;
use crate::domain::search::filter::{LONGEST_TEXT, Search, WORDS};
use crate::domain::search::person::{self, People};
use crate::emails;
use crate::frame::Frame;
use crate::head::{Head, breadcrumbs};
use crate::state::AppState;

/// The profiles of a page.
const PAGE_SIZE: u64 = 100;

/// The address of the list.
const LIST: &str = "/profiles/";

/// A page of the list.
#[derive(Debug, Template)]
#[template(path = "pages/profile_list.html")]
pub struct ProfileList {
    frame: Frame,
    head: Head,
    field: SearchField,
    /// Whether it is narrowed by a search.
    is_search: bool,
    /// How many profiles there are, in words.
    total: String,
    /// How words were read that nobody has.
    forgiven: Vec<String>,
    profiles: Vec<ProfileCard>,
    pager: Pager,
}

impl Page for ProfileList {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /profiles/?q=&page=N`
pub async fn list_profiles(
    State(app): State<AppState>,
    page: PageNumber,
    values: QueryValues,
    frame: Frame,
) -> web::Result<View<ProfileList>> {
    let search = Search::read(&values);
    if search.is_asked() {
        return search_profiles(&app, page, &search, frame).await;
    }
    let mut profiles = profile::list(&app.db, page.offset(PAGE_SIZE), PAGE_SIZE + 1).await?;
    let count = profile::count_listed(&app.db).await?;
    let pager = Pager::new(&frame, LIST, page, PAGE_SIZE, &mut profiles)?.of(count, PAGE_SIZE);
    let title = frame.text("profile-list-title");
    let steps = [(&*frame.text("nav-home"), "/"), (&*title, LIST)];
    let head = if emails::are_public(&app).await? {
        let description = frame.text("profile-list-description");
        let data = breadcrumbs(&frame, &steps);
        Head::public(&frame, &pager.path, title.clone(), description).with_data(&data)
    } else {
        Head::private(title.clone())
    };
    Ok(View(ProfileList {
        head,
        field: search_field(&frame, &search),
        is_search: false,
        total: frame.text_with("profile-search-total", "count", count),
        forgiven: Vec::new(),
        profiles: ProfileCard::all(&frame, profiles),
        pager,
        frame,
    }))
}

async fn search_profiles(
    app: &AppState,
    page: PageNumber,
    search: &Search,
    frame: Frame,
) -> web::Result<View<ProfileList>> {
    let found = match search.text(WORDS) {
        Some(text) => {
            let until = page.offset(PAGE_SIZE).saturating_add(PAGE_SIZE);
            person::find(&app.db, text, until).await
        }
        None => Ok(People::default()),
    };
    // What is searched may still have to be made: at the first start, or after somebody has dropped it.
    let found = found.map_err(|error| web::Error::Unavailable(error.into()))?;
    let count = found.ids.len() as u64;
    let rows = if found.is_cut {
        Rows::MoreThan(count)
    } else {
        Rows::Exactly(count)
    };
    let path = |page| search.path(LIST, page);
    let pager = Pager::counted(&frame, path, page, PAGE_SIZE, rows)?;
    let ids = found.page(page.offset(PAGE_SIZE), PAGE_SIZE);
    let profiles = profile::of_ids(&app.db, &ids).await?;
    let forgiven = found.forgiven.iter();
    let key = match rows {
        Rows::MoreThan(_) => "profile-search-more",
        Rows::Exactly(0) => "profile-search-nothing",
        Rows::Exactly(_) => "profile-search-total",
    };
    Ok(View(ProfileList {
        head: Head::private(frame.text("profile-list-title")),
        field: search_field(&frame, search),
        is_search: true,
        total: frame.text_with(
            key,
            "count",
            if found.is_cut {
                found.counted as u64
            } else {
                count
            },
        ),
        forgiven: forgiven
            .map(|word| forgiven_sentence(&frame, "profile-search-forgiven", word))
            .collect(),
        profiles: ProfileCard::all(&frame, profiles),
        pager,
        frame,
    }))
}

/// The field of the form, filled in.
fn search_field(frame: &Frame, search: &Search) -> SearchField {
    let wrong = search.wrong.iter().find(|wrong| wrong.filter == WORDS);
    let typed = wrong.map(|wrong| wrong.typed.as_str());
    SearchField {
        is_day: false,
        name: WORDS.name,
        label: frame.text("profile-search-label"),
        limits: None,
        is_suggested: false,
        longest: LONGEST_TEXT,
        value: typed
            .or_else(|| search.text(WORDS))
            .unwrap_or_default()
            .to_owned(),
        problem: wrong
            .map(|wrong| sentence(frame, wrong))
            .unwrap_or_default(),
    }
}
