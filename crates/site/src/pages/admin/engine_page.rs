//! The site's frame around the pages of the engine, [`admin`].

use accounts::messages::Message;
use admin::{FramedPage, Layout, Skip};
use askama::Template;
use axum::response::{IntoResponse as _, Response};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::admin_frame::AdminFrame;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// A page of the engine.
#[derive(Debug, Template)]
#[template(path = "pages/admin/engine_page.html")]
pub struct EnginePage {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    body: String,
    skips: Vec<Skip>,
}

impl Page for EnginePage {
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
        View(EnginePage {
            head: Head::private(page.title),
            admin_frame: AdminFrame {
                username: Some(page.username),
                leads_to_outbox: page.is_superuser,
                environment: self.0.environment.clone(),
                csrf_token: page.csrf_token,
                messages: AdminFrame::with_kinds(messages),
            },
            body: page.body,
            skips: page.skips,
            frame,
        })
        .into_response()
    }
}
