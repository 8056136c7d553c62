//! One user's profile.

use askama::Template;
use axum::extract::State;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use web::extract::Path;
use web::page::{CachePolicy, Page, View};

use crate::domain::profile::{self, Username};
use crate::frame::Frame;
use crate::state::AppState;

/// A profile's page.
#[derive(Debug, Template)]
#[template(path = "pages/profile_detail.html")]
pub struct ProfileDetail {
    frame: Frame,
    profile: profile::Detail,
    shows_email: bool,
}

impl Page for ProfileDetail {
    const CACHE: CachePolicy = CachePolicy::Public;
}

/// `GET /profiles/{username}/`
pub async fn show_profile(
    State(app): State<AppState>,
    Path(username): Path<Username>,
) -> web::Result<View<ProfileDetail>> {
    let found = profile::find(&app.db, &username).await?;
    let profile = found.ok_or(web::Error::NotFound)?;
    Ok(View(ProfileDetail {
        frame: app.frame,
        profile,
        shows_email: app.profile_email_public,
    }))
}

/// What a path segment may hold unencoded (RFC 3986, 3.3), of what usernames may hold.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'@')
    .remove(b'.')
    .remove(b'+')
    .remove(b'-')
    .remove(b'_');

/// The address of a user's profile.
pub fn path_of(username: &str) -> String {
    format!("/profiles/{}/", utf8_percent_encode(username, SEGMENT))
}
