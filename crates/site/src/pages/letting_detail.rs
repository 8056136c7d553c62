//! One letting and its address.

use askama::Template;
use axum::extract::State;
use web::extract::Path;
use web::page::{CachePolicy, Page, View};

use crate::domain::letting::{self, LettingId};
use crate::frame::Frame;
use crate::state::AppState;

/// A letting's page.
#[derive(Debug, Template)]
#[template(path = "pages/letting_detail.html")]
pub struct LettingDetail {
    frame: Frame,
    letting: letting::Detail,
}

impl Page for LettingDetail {
    const CACHE: CachePolicy = CachePolicy::Public;
}

/// `GET /lettings/{id}/`
pub async fn show_letting(
    State(app): State<AppState>,
    Path(id): Path<LettingId>,
) -> web::Result<View<LettingDetail>> {
    let found = letting::find(&app.db, id).await?;
    let letting = found.ok_or(web::Error::NotFound)?;
    Ok(View(LettingDetail {
        frame: app.frame,
        letting,
    }))
}
