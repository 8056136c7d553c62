//! `/lettings/{id}/calendar/{token}.ics`: the calendar of a letting for other sites, at an address that is a
//! secret. Nothing in it is about guests, nor of what other sites say themselves.
//!
//! That of a draft is there as well: its owner ties the sites together before it is published.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use calendars::write::{Stay, Written};
use chrono::Days;
use db::Integer;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, StatusCode};
use sea_orm::EntityTrait as _;
use sha2::{Digest as _, Sha256};
use web::extract::Path;

use crate::domain::calendar_link;
use crate::domain::letting::{self, LettingId};
use crate::domain::stay::{self, clash};
use crate::state::AppState;

/// The route. What is called `{token}` stands in no log line and no report.
pub const CALENDAR_FILE: &str = "/lettings/{id}/calendar/{token}";

/// How long nights that have passed stay in it.
const PAST_DAYS: u64 = 31;

/// Who has made it, for whoever reads it.
const PROGRAM: &str = "-//OC Lettings//Calendar//EN";

/// Others may keep it, but have to ask each time: which costs little when nothing has changed.
const REVALIDATE: &str = "private, no-cache";

/// The path of a letting's calendar.
pub fn path(letting: i64, token: &str) -> String {
    format!("/lettings/{letting}/calendar/{token}.ics")
}

/// `GET /lettings/{id}/calendar/{token}.ics`
pub async fn show_calendar_file(
    State(app): State<AppState>,
    Path((LettingId(id), name)): Path<(LettingId, String)>,
    headers: HeaderMap,
) -> web::Result<Response> {
    let token = name.strip_suffix(".ics").ok_or(web::Error::NotFound)?;
    let letting = Integer(id);
    let known = calendar_link::token_of(&app.db, letting).await?;
    if known.as_deref() != Some(token) {
        return Err(web::Error::NotFound);
    }
    let found = letting::Entity::find_by_id(letting).one(&app.db).await?;
    let title = found.ok_or(web::Error::NotFound)?.title;
    let first = app.calendar.today() - Days::new(PAST_DAYS);
    let stays = clash::own_since(&app.db, letting, first).await?;
    let stays: Vec<_> = stays.iter().map(written).collect();
    let text = calendars::write(&Written {
        program: PROGRAM,
        name: &title,
        stays: &stays,
    });
    Ok(answer(&headers, text))
}

fn written(stay: &stay::Model) -> Stay<'_> {
    Stay {
        uid: &stay.uid,
        arrival: stay.arrival,
        departure: stay.departure,
        // What large sites write, and know again.
        summary: if stay.kind == stay::BOOKING {
            "Reserved"
        } else {
            "Not available"
        },
        changed: stay.changed_at,
    }
}

fn answer(headers: &HeaderMap, text: String) -> Response {
    let hash = Sha256::digest(text.as_bytes());
    let hash: String = hash
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    // Weak, since it is the same however the text is compressed.
    let etag = format!("W/\"{hash}\"");
    let common = [
        (CACHE_CONTROL, REVALIDATE.to_owned()),
        (ETAG, etag),
        (
            HeaderName::from_static("x-robots-tag"),
            "noindex".to_owned(),
        ),
    ];
    if is_known(headers, &hash) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let content_type = [(CONTENT_TYPE, "text/calendar; charset=utf-8")];
    (common, content_type, text).into_response()
}

/// Whether whoever asks has the text already (RFC 9110, 13.1.2).
fn is_known(headers: &HeaderMap, hash: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).into_iter();
    let mut tags = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    tags.any(|tag| {
        let tag = tag.trim();
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || tag.trim_matches('"') == hash
    })
}
