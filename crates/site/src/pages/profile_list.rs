//! The list of profiles.

use askama::Template;
use axum::extract::State;
use web::extract::PageNumber;
use web::page::{CachePolicy, Page, View};

use super::pager::{PAGE_SIZE, Pager};
use super::profile_detail::path_of;
use crate::domain::profile;
use crate::frame::Frame;
use crate::state::AppState;

/// A page of the list.
#[derive(Debug, Template)]
#[template(path = "pages/profile_list.html")]
pub struct ProfileList {
    frame: Frame,
    profiles: Vec<ProfileLink>,
    pager: Pager,
}

#[derive(Debug)]
struct ProfileLink {
    username: String,
    path: String,
}

impl Page for ProfileList {
    const CACHE: CachePolicy = CachePolicy::Public;
}

/// `GET /profiles/?page=N`
pub async fn list_profiles(
    State(app): State<AppState>,
    page: PageNumber,
) -> web::Result<View<ProfileList>> {
    let offset = page.offset(PAGE_SIZE);
    let mut usernames = profile::list_usernames(&app.db, offset, PAGE_SIZE + 1).await?;
    let pager = Pager::new("/profiles/", page, &mut usernames)?;
    let profiles = usernames.into_iter().map(|username| ProfileLink {
        path: path_of(&username),
        username,
    });
    Ok(View(ProfileList {
        frame: app.frame,
        profiles: profiles.collect(),
        pager,
    }))
}
