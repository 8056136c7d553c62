//! One letting and its address.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use db::Integer;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use web::extract::Path;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use super::card::LettingCard;
use super::offer::{self, Offer};
use super::picture::picture_of;
use super::pricing::Pricing;
use crate::domain::home::{self, Home};
use crate::domain::letting::{self, LettingId, WithNeighbours};
use crate::drafts;
use crate::frame::Frame;
use crate::head::{Head, breadcrumbs};
use crate::state::AppState;

/// A letting's page.
#[derive(Debug, Template)]
#[template(path = "pages/letting_detail.html")]
pub struct LettingDetail {
    frame: Frame,
    head: Head,
    letting: letting::Detail,
    /// Whether staff alone see it.
    is_draft: bool,
    /// The address of its form, for staff.
    edit: Option<String>,
    /// What it offers, where somebody has said.
    offer: Option<Offer>,
    picture: String,
    /// The address in one line, as a map's search takes it, percent-encoded.
    query: String,
    previous: Option<LettingCard>,
    next: Option<LettingCard>,
}

impl Page for LettingDetail {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /lettings/{id}/`
pub async fn show_letting(
    State(app): State<AppState>,
    Path(id): Path<LettingId>,
    visit: Option<Extension<Visit>>,
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
    // Most lettings have none: the statement above says so.
    let home = if letting.has_home {
        home::find(&app.db, Integer(id.0)).await?
    } else {
        None
    };
    if home.as_ref().is_some_and(|home| !home.facts.shows_street) {
        letting.hide_street();
    }
    let pricing = Pricing::new(&app, &frame);
    let country = &letting.country_iso_code;
    let offer = home.as_ref().map(|home| Offer::new(&frame, home, country));
    let path = format!("/lettings/{}/", id.0);
    let picture = picture_of(&letting.title);
    Ok(View(LettingDetail {
        head: if is_draft {
            Head::private(letting.title.clone())
        } else {
            head(&frame, &path, &letting, home.as_ref())
        },
        is_draft,
        edit: is_staff.then(|| format!("/admin/lettings/letting/{}/change/", id.0)),
        offer,
        query: utf8_percent_encode(&one_line(&letting), NON_ALPHANUMERIC).to_string(),
        previous: previous.map(|card| LettingCard::new(&pricing, card)),
        next: next.map(|card| LettingCard::new(&pricing, card)),
        picture,
        letting,
        frame,
    }))
}

fn one_line(letting: &letting::Detail) -> String {
    let street = letting.street_line();
    let street = if street.is_empty() {
        street
    } else {
        format!("{street}, ")
    };
    format!(
        "{street}{}, {} {}, {}",
        letting.city,
        letting.state,
        letting.zip_code_text(),
        letting.country_iso_code
    )
}

fn head(frame: &Frame, path: &str, letting: &letting::Detail, home: Option<&Home>) -> Head {
    let place = format!("{}, {}", letting.city, letting.state);
    let description = frame.texts().with(
        "letting-description",
        [
            ("title", letting.title.as_str().into()),
            ("place", place.into()),
        ],
    );
    let steps = [
        (&*frame.text("nav-home"), "/"),
        (&*frame.text("nav-lettings"), "/lettings/"),
        (&*letting.title, path),
    ];
    let mut data = accommodation(frame, path, letting);
    if let (Some(data), Some(home)) = (data.as_object_mut(), home) {
        data.extend(offer::structured_data(home));
    }
    Head::public(frame, path, letting.title.clone(), description)
        .with_data(&data)
        .with_data(&breadcrumbs(frame, &steps))
}

/// <https://schema.org/Accommodation>: what is known of it, and no more.
fn accommodation(frame: &Frame, path: &str, letting: &letting::Detail) -> Value {
    json!({
        "@context": "https://schema.org",
        "@type": "Accommodation",
        "name": letting.title,
        "url": frame.address(path),
        "address": {
            "@type": "PostalAddress",
            // Null is as good as absent (JSON-LD 1.1, 4.1).
            "streetAddress": Some(letting.street_line()).filter(|street| !street.is_empty()),
            "addressLocality": letting.city,
            "addressRegion": letting.state,
            "postalCode": letting.zip_code_text(),
            "addressCountry": letting.country_iso_code,
        },
    })
}
