//! The site's frame around the pages of the engine, [`admin`].

use accounts::messages::Message;
use admin::{FramedPage, Layout};
use askama::Template;
use axum::response::{IntoResponse as _, Response};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::desk::Desk;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// A page of the engine.
#[derive(Debug, Template)]
#[template(path = "pages/admin/work.html")]
pub struct Work {
    frame: Frame,
    head: Head,
    desk: Desk,
    body: String,
}

impl Page for Work {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// Puts the engine's pages into the site's frame.
#[derive(Debug)]
pub struct SiteLayout(pub AppState);

impl Layout for SiteLayout {
    fn show(&self, page: FramedPage<'_>) -> Response {
        let frame = match Frame::of_request(page.parts, &self.0) {
            Ok(frame) => frame,
            Err(error) => return error.into_response(),
        };
        let messages: Vec<Message> = page.messages;
        View(Work {
            head: Head::private(page.title),
            desk: Desk {
                username: Some(page.username),
                environment: self.0.environment.clone(),
                csrf_token: page.csrf_token,
                messages: Desk::by_kind(messages),
            },
            body: page.body,
            frame,
        })
        .into_response()
    }
}
