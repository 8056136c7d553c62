//! One user's profile.

use askama::Template;
use axum::extract::{Extension, State};
use web::extract::Path;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};
use web::visit::Visit;

use super::card::{Avatar, LettingCard};
use super::pricing::Pricing;
use crate::addresses::profile_path;
use crate::domain::letting;
use crate::domain::profile::{self, Username};
use crate::emails::PublicEmails;
use crate::frame::Frame;
use crate::head::{Head, breadcrumbs};
use crate::state::AppState;

/// The lettings of the favourite city that the page shows.
const MAX_LETTINGS_IN_CITY: u64 = 6;

/// A profile's page.
#[derive(Debug, Template)]
#[template(path = "pages/profile_detail.html")]
pub struct ProfileDetail {
    frame: Frame,
    head: Head,
    profile: profile::Detail,
    avatar: Avatar,
    shows_email: bool,
    /// Those of the favourite city.
    lettings: Vec<LettingCard>,
}

impl ProfileDetail {
    fn lettings_heading(&self) -> String {
        let variables = [
            ("count", self.lettings.len().into()),
            ("city", self.profile.favorite_city.as_str().into()),
        ];
        self.frame.texts().with("profile-lettings", variables)
    }
}

impl Page for ProfileDetail {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /profiles/{username}/`
pub async fn show_profile(
    State(app): State<AppState>,
    Path(username): Path<Username>,
    public_emails: Option<Extension<PublicEmails>>,
    visit: Option<Extension<Visit>>,
    frame: Frame,
) -> web::Result<View<ProfileDetail>> {
    let found = profile::find(&app.db, &username).await?;
    let profile = found.ok_or(web::Error::NotFound)?;
    let lettings = if profile.favorite_city.is_empty() {
        Vec::new()
    } else {
        letting::in_city(&app.db, &profile.favorite_city, MAX_LETTINGS_IN_CITY).await?
    };
    let shows_email = match (public_emails, visit) {
        (Some(_), _) => true,
        (None, Some(Extension(visit))) => visit.user().await?.is_some_and(|user| user.is_staff),
        (None, None) => false,
    };
    Ok(View(ProfileDetail {
        head: if public_emails.is_none() || profile.is_unlisted {
            Head::private(profile.username.clone())
        } else {
            head(&frame, &profile.username)
        },
        avatar: Avatar::of(&profile.username, &profile.first_name, &profile.last_name),
        shows_email,
        lettings: LettingCard::all(&Pricing::new(&app, &frame), lettings),
        profile,
        frame,
    }))
}

fn head(frame: &Frame, username: &str) -> Head {
    let path = profile_path(username);
    let description = frame.text_with("profile-description", "username", username);
    let steps = [
        (&*frame.text("nav-home"), "/"),
        (&*frame.text("nav-profiles"), "/profiles/"),
        (username, &*path),
    ];
    let data = breadcrumbs(frame, &steps);
    Head::public(frame, &path, username.to_owned(), description).with_data(&data)
}
