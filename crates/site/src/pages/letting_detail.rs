//! One letting and its address.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use chrono::NaiveDate;
use db::Integer;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::extract::{Path, QueryValues};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use super::accommodation::{self, Described};
use super::availability::{self, Availability, DayState};
use super::card::LettingCard;
use super::offer::Offer;
use super::picture::picture_of;
use super::place_names::{Crumb, crumbs};
use super::postal;
use super::price_table::PriceTable;
use super::pricing::Pricing;
use super::shot::Shot;
use super::stay::{self, Guests, StayForm};
use crate::domain::home::{self, Home, photo};
use crate::domain::letting::{self, LettingId, WithNeighbours};
use crate::domain::prices;
use crate::domain::quote::Season;
use crate::domain::search::place::NamedPlace;
use crate::domain::stay::{self as stays, Period};
use crate::drafts;
use crate::frame::Frame;
use crate::head::{Head, Image, breadcrumbs};
use crate::places::Place;
use crate::state::AppState;

/// A letting's page.
#[derive(Debug, Template)]
#[template(path = "pages/letting_detail.html")]
pub struct LettingDetail {
    frame: Frame,
    head: Head,
    letting: letting::Detail,
    /// The way to it by its place.
    crumbs: Vec<Crumb>,
    /// Whether staff alone see it.
    is_draft: bool,
    /// The address of its form, for staff.
    edit: Option<String>,
    /// What it offers, where somebody has said.
    offer: Option<Offer>,
    /// What it costs, and what a stay would, where it is for sale.
    prices: Option<(PriceTable, StayForm)>,
    /// Which nights are free, of a home.
    availability: Option<Availability>,
    /// Whether somebody can be asked about it.
    can_ask: bool,
    /// Its path.
    path: String,
    /// Whether a stay was asked for, so that this is one of many pages of the letting.
    is_asked: bool,
    /// Drawn where there is no photo.
    picture: String,
    photos: Vec<Shot>,
    /// The lines of its address.
    address: Vec<String>,
    /// The address in one line, as a map's search takes it, percent-encoded.
    query: String,
    previous: Option<LettingCard>,
    next: Option<LettingCard>,
}

impl Page for LettingDetail {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn cache(&self) -> CachePolicy {
        if self.is_asked {
            // Whoever makes up days must not fill the memory with them.
            CachePolicy::Never
        } else {
            Self::CACHE
        }
    }

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /lettings/{id}/`
pub async fn show_letting(
    State(app): State<AppState>,
    Path(id): Path<LettingId>,
    visit: Option<Extension<Visit>>,
    values: QueryValues,
    frame: Frame,
) -> web::Result<View<LettingDetail>> {
    let found = letting::find(&app.db, id).await?;
    let WithNeighbours {
        mut letting,
        is_draft,
        previous,
        next,
    } = found.ok_or(web::Error::NotFound)?;
    let is_staff = drafts::are_shown_to(visit).await?;
    if is_draft && !is_staff {
        return Err(web::Error::NotFound);
    }
    let pricing = Pricing::new(&app, &frame);
    // Most lettings have none: the statement above says so.
    let (home, taken) = if letting.has_home {
        home_and_nights(&app, Integer(id.0), pricing.today).await?
    } else {
        (None, Vec::new())
    };
    let photos = shots(&app, &frame, home.as_ref()).await?;
    if home.as_ref().is_some_and(|home| !home.facts.shows_street) {
        letting.hide_street();
    }
    let country = &letting.country_iso_code;
    let offer = home.as_ref().map(|home| Offer::new(&frame, home, country));
    let facts = home.as_ref().map(|home| &home.facts);
    let prices = facts.and_then(|facts| {
        let asked = (&values, &*taken);
        price_section(&pricing, facts, &letting.seasons, asked)
    });
    let is_asked = stay::is_asked(&values);
    let path = format!("/lettings/{}/", id.0);
    let address = postal::lines(&frame, &letting);
    let url = frame.page_address(&path);
    let photo_addresses = addresses_of(&frame, &photos);
    let described = Described {
        id: id.0,
        url: &url,
        letting: &letting,
        home: home.as_ref(),
        summary: offer.as_ref().map_or("", |offer| &offer.summary),
        photos: &photo_addresses,
    };
    let picture = picture_of(&letting.title);
    let title = document_title(&frame, &letting, facts);
    let crumbs = way_to(&frame, &letting);
    Ok(View(LettingDetail {
        head: if is_draft || is_asked {
            Head::private(title)
        } else {
            head(&frame, &path, title, described, (&photos, &crumbs))
        },
        // The page of a place has no drafts.
        crumbs: if is_draft { Vec::new() } else { crumbs },
        is_draft,
        edit: is_staff.then(|| format!("/admin/lettings/letting/{}/change/", id.0)),
        availability: facts.map(|_| Availability::new(&frame, pricing.today, &taken)),
        can_ask: offer.is_some() && !is_draft,
        offer,
        prices,
        is_asked,
        query: utf8_percent_encode(&address.join(", "), NON_ALPHANUMERIC).to_string(),
        previous: previous.map(|card| LettingCard::new(&pricing, card)),
        next: next.map(|card| LettingCard::new(&pricing, card)),
        address,
        picture,
        photos,
        path,
        letting,
        frame,
    }))
}

/// The home of a letting, and which of its nights are taken.
async fn home_and_nights(
    app: &AppState,
    letting: Integer,
    today: NaiveDate,
) -> web::Result<(Option<Home>, Vec<Period>)> {
    let home = home::find(&app.db, letting).await?;
    let taken = stays::taken(&app.db, letting, availability::known(today)).await?;
    Ok((home, taken))
}

/// The photos of a home.
async fn shots(app: &AppState, frame: &Frame, home: Option<&Home>) -> web::Result<Vec<Shot>> {
    let Some(home) = home else {
        return Ok(Vec::new());
    };
    let photos = photo::shown(&app.db, home.facts.id).await?;
    let language = frame.language();
    let shots = photos.iter().map(|photo| Shot::new(photo, &language));
    Ok(shots.collect())
}

/// The whole addresses of photos, at their largest.
fn addresses_of(frame: &Frame, photos: &[Shot]) -> Vec<String> {
    let addresses = photos.iter().map(|shot| frame.address(&shot.largest));
    addresses.collect()
}

/// What a home costs, and a stay in it; `None` if it is not for sale.
fn price_section(
    pricing: &Pricing<'_>,
    facts: &home::Model,
    seasons: &[Season],
    (values, taken): (&QueryValues, &[Period]),
) -> Option<(PriceTable, StayForm)> {
    let prices = prices::of_home(facts, seasons, pricing.currency.digits())?;
    let guests = if facts.allows_children {
        Guests::All
    } else {
        Guests::Adults
    };
    let stay = StayForm::new(pricing, &prices, guests, (values, taken));
    Some((PriceTable::new(pricing, &prices), stay))
}

/// What people search for: the name, the place, for how many. Without a home it is the letting's title
/// alone, as it always was.
fn document_title(frame: &Frame, letting: &letting::Detail, facts: Option<&home::Model>) -> String {
    let Some(facts) = facts else {
        return letting.title.clone();
    };
    let variables = [
        ("title", letting.title.as_str().into()),
        ("city", letting.city.as_str().into()),
        ("count", facts.sleeps.0.into()),
    ];
    frame.texts().with("letting-document-title", variables)
}

/// The places that a letting is in, the largest first.
fn way_to(frame: &Frame, letting: &letting::Detail) -> Vec<Crumb> {
    let place = Place::of(&letting.country_iso_code, &letting.state, &letting.city);
    let named = NamedPlace {
        place: place.clone(),
        city: letting.city.clone(),
        state: letting.state.clone(),
        country: letting.country_iso_code.clone(),
        count: 1,
    };
    crumbs(frame, &named, &place)
}

fn head(
    frame: &Frame,
    path: &str,
    title: String,
    described: Described<'_>,
    (photos, crumbs): (&[Shot], &[Crumb]),
) -> Head {
    let letting = described.letting;
    let description = sentence(frame, described);
    let (home, list) = (frame.text("nav-home"), frame.text("nav-lettings"));
    let mut steps = vec![(&*home, "/"), (&*list, "/lettings/")];
    steps.extend(crumbs.iter().map(|crumb| (&*crumb.name, &*crumb.path)));
    steps.push((&letting.title, path));
    let data = accommodation::structured_data(described);
    Head::public(frame, path, title, description)
        .with_image(photos.first().map(|shot| Image::of(frame, shot)))
        .with_data(&data)
        .with_data(&breadcrumbs(frame, &steps))
}

/// What search engines and previews of links say below the title: what the owner says of the home, else
/// what the page has.
fn sentence(frame: &Frame, described: Described<'_>) -> String {
    if !described.summary.trim().is_empty() {
        return described.summary.to_owned();
    }
    let letting = described.letting;
    let place = format!("{}, {}", letting.city, letting.state);
    frame.texts().with(
        "letting-description",
        [
            ("title", letting.title.as_str().into()),
            ("place", place.into()),
        ],
    )
}
