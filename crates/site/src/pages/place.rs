//! The lettings of a place: a country, a state in it, a city in that.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::LOCATION;
use serde::Deserialize;
use web::extract::{PageNumber, Path};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::card::LettingCard;
use super::pager::Pager;
use super::place_names::{Crumb, crumbs, name_of};
use super::pricing::Pricing;
use super::search_form::SearchForm;
use super::search_result::{find, total};
use crate::domain::letting;
use crate::domain::search::filter::Search;
use crate::domain::search::place::{NamedPlace, cities_of, moved};
use crate::domain::search::{EXACT, Question};
use crate::frame::Frame;
use crate::head::{Head, breadcrumbs};
use crate::places::Place;
use crate::state::AppState;

/// The lettings of a page.
const PAGE_SIZE: u64 = 24;

/// The parts of the address: one to three.
#[derive(Debug, Clone, Deserialize)]
pub struct PlaceParts {
    country: String,
    state: Option<String>,
    city: Option<String>,
}

/// A place's page.
#[derive(Debug, Template)]
#[template(path = "pages/place.html")]
pub struct PlacePage {
    frame: Frame,
    head: Head,
    form: SearchForm,
    crumbs: Vec<Crumb>,
    /// How many lettings there are, in words.
    total: String,
    /// The cities in it, where it is none itself.
    cities: Vec<(Crumb, i64)>,
    lettings: Vec<LettingCard>,
    pager: Pager,
}

impl Page for PlacePage {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /lettings/in/{country}/`, with a state and a city where they are asked for. A place that has moved leads
/// to where it is.
pub async fn show_place(
    State(app): State<AppState>,
    Path(parts): Path<PlaceParts>,
    page: PageNumber,
    frame: Frame,
) -> web::Result<Response> {
    let PlaceParts {
        country,
        state,
        city,
    } = parts;
    let place = Place {
        country,
        state,
        city,
    };
    let search = Search::default();
    let question = Question {
        search: &search,
        place: Some(&place),
        until: page.offset(PAGE_SIZE).saturating_add(PAGE_SIZE),
        unit: app.currency.unit(),
    };
    let (found, rows) = find(&app, &question).await?;
    if found.hits.is_empty() {
        let moved = moved(&app.db, &place).await?;
        let moved = moved.ok_or(web::Error::NotFound)?;
        let address = frame.path(&moved.path());
        return Ok((StatusCode::MOVED_PERMANENTLY, [(LOCATION, address)]).into_response());
    }
    let path = place.path();
    let link = |page: u64| match page {
        1 => path.clone(),
        number => format!("{path}?page={number}"),
    };
    let pager = Pager::counted(&frame, link, page, PAGE_SIZE, rows)?;
    let mut known = found.clone();
    known.hits.truncate(EXACT);
    let cities = cities_of(&app.db, &known).await?;
    let first = cities.first().ok_or(web::Error::NotFound)?;
    let crumbs = crumbs(&frame, first, &place);
    let name = name_of(&frame, first, &place);
    let ids = found.ids(page.offset(PAGE_SIZE), PAGE_SIZE);
    let lettings = letting::of_ids(&app.db, &ids).await?;
    let pricing = Pricing::new(&app, &frame);
    let total = total(&frame, &question, &found);
    let is_city = place.city.is_some();
    let page = View(PlacePage {
        head: head(&frame, &pager, &name, &crumbs),
        form: SearchForm::new(&pricing, &search, None),
        cities: cities
            .iter()
            .filter(|_| !is_city && !found.is_cut)
            .map(|city| (city_link(city), city.count))
            .collect(),
        lettings: LettingCard::all(&pricing, lettings),
        crumbs,
        total,
        pager,
        frame,
    });
    Ok(page.into_response())
}

fn city_link(city: &NamedPlace) -> Crumb {
    Crumb {
        name: city.city.clone(),
        path: city.place.path(),
    }
}

fn head(frame: &Frame, pager: &Pager, name: &str, crumbs: &[Crumb]) -> Head {
    let title = frame.text_with("place-title", "place", name);
    let description = frame.text_with("place-description", "place", name);
    let (home, list) = (frame.text("nav-home"), frame.text("nav-lettings"));
    let mut steps = vec![(&*home, "/"), (&*list, "/lettings/")];
    steps.extend(crumbs.iter().map(|crumb| (&*crumb.name, &*crumb.path)));
    let data = breadcrumbs(frame, &steps);
    Head::public(frame, &pager.path, title, description).with_data(&data)
}
