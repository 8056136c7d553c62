//! What the engine works with, and the frame that the site puts around its pages.

use std::fmt;
use std::sync::Arc;

use accounts::hashers::Hashing;
use accounts::messages::Message;
use axum::response::Response;
use db::Database;
use http::request::Parts;
use web::i18n::{Languages, Texts};

use crate::description::registry::{Follower, Registry};

/// What the engine works with.
#[derive(Clone)]
pub struct Config {
    /// The models.
    pub registry: Registry,
    /// Where their rows are.
    pub db: Database,
    /// Hashes the passwords that are set.
    pub hashing: Hashing,
    /// The languages of the pages.
    pub languages: Languages,
    /// What stands around them.
    pub layout: Arc<dyn Layout>,
    /// Tables outside of the models whose rows go with an object.
    pub followers: &'static [Follower],
}

/// The state of the engine; cheap to clone.
#[derive(Clone)]
pub struct Admin(Arc<Config>);

impl Admin {
    /// With this configuration.
    pub fn new(config: Config) -> Self {
        Self(Arc::new(config))
    }
}

impl fmt::Debug for Admin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Admin").finish_non_exhaustive()
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Config").finish_non_exhaustive()
    }
}

impl std::ops::Deref for Admin {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.0
    }
}

/// Puts a page into the frame that all pages of the site have.
pub trait Layout: Send + Sync {
    /// The whole page.
    fn show(&self, page: FramedPage<'_>) -> Response;
}

/// What a page of the engine hands to the frame.
#[derive(Debug)]
pub struct FramedPage<'a> {
    /// The request.
    pub parts: &'a Parts,
    /// The language.
    pub texts: &'a Texts,
    /// The title.
    pub title: String,
    /// HTML.
    pub body: String,
    /// Who is at work.
    pub username: String,
    /// For forms of the frame.
    pub csrf_token: String,
    /// What the request before has to say.
    pub messages: Vec<Message>,
}
