//! The first page of the admin.

use askama::Template;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::{Desk, Staff};
use crate::frame::Frame;
use crate::head::Head;

/// The first page.
#[derive(Debug, Template)]
#[template(path = "pages/admin/index.html")]
pub struct Index {
    frame: Frame,
    head: Head,
    desk: Desk,
    /// The first name where there is one, as Django greets.
    name: String,
}

impl Page for Index {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /admin/`
pub async fn show_index(staff: Staff, frame: Frame) -> web::Result<View<Index>> {
    let desk = Desk::of(&staff).await?;
    let user = staff.user;
    let name = Some(user.first_name).filter(|name| !name.is_empty());
    Ok(View(Index {
        head: Head::private(frame.text("admin-title")),
        desk,
        name: name.unwrap_or(user.username),
        frame,
    }))
}
