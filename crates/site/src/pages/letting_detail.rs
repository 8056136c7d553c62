//! One letting and its address.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use web::extract::Path;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use super::card::LettingCard;
use super::picture::picture_of;
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
        letting,
        is_draft,
        previous,
        next,
    } = found.ok_or(web::Error::NotFound)?;
    if is_draft && !drafts::are_shown_to(visit).await? {
        return Err(web::Error::NotFound);
    }
    let path = format!("/lettings/{}/", id.0);
    let picture = picture_of(&letting.title);
    Ok(View(LettingDetail {
        head: if is_draft {
            Head::private(letting.title.clone())
        } else {
            head(&frame, &path, &letting)
        },
        is_draft,
        query: utf8_percent_encode(&one_line(&letting), NON_ALPHANUMERIC).to_string(),
        previous: previous.map(LettingCard::from),
        next: next.map(LettingCard::from),
        picture,
        letting,
        frame,
    }))
}

fn one_line(letting: &letting::Detail) -> String {
    format!(
        "{} {}, {}, {} {}, {}",
        letting.number,
        letting.street,
        letting.city,
        letting.state,
        letting.zip_code_text(),
        letting.country_iso_code
    )
}

fn head(frame: &Frame, path: &str, letting: &letting::Detail) -> Head {
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
    Head::public(frame, path, letting.title.clone(), description)
        .with_data(&accommodation(frame, path, letting))
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
            "streetAddress": format!("{} {}", letting.number, letting.street),
            "addressLocality": letting.city,
            "addressRegion": letting.state,
            "postalCode": letting.zip_code_text(),
            "addressCountry": letting.country_iso_code,
        },
    })
}
