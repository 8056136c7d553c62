//! The list of profiles.

use askama::Template;
use axum::extract::State;
use web::extract::PageNumber;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::card::ProfileCard;
use super::pager::Pager;
use crate::domain::profile;
use crate::emails;
use crate::frame::Frame;
use crate::head::{Head, breadcrumbs};
use crate::state::AppState;

/// The profiles of a page.
const PAGE_SIZE: u64 = 100;

/// A page of the list.
#[derive(Debug, Template)]
#[template(path = "pages/profile_list.html")]
pub struct ProfileList {
    frame: Frame,
    head: Head,
    profiles: Vec<ProfileCard>,
    pager: Pager,
}

impl Page for ProfileList {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /profiles/?page=N`
pub async fn list_profiles(
    State(app): State<AppState>,
    page: PageNumber,
    frame: Frame,
) -> web::Result<View<ProfileList>> {
    let mut profiles = profile::list(&app.db, page.offset(PAGE_SIZE), PAGE_SIZE + 1).await?;
    let pager = Pager::new(&frame, "/profiles/", page, PAGE_SIZE, &mut profiles)?;
    let title = frame.text("profile-list-title");
    let steps = [(&*frame.text("nav-home"), "/"), (&*title, "/profiles/")];
    let head = if emails::are_public(&app).await? {
        let description = frame.text("profile-list-description");
        let data = breadcrumbs(&frame, &steps);
        Head::public(&frame, &pager.path, title.clone(), description).with_data(&data)
    } else {
        Head::private(title.clone())
    };
    Ok(View(ProfileList {
        head,
        profiles: ProfileCard::all(&frame, profiles),
        pager,
        frame,
    }))
}
