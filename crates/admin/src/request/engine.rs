//! The engine's configuration, and the frame that the site puts around its pages.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use accounts::hashers::Hashing;
use accounts::messages::Message;
use axum::response::Response;
use db::{Database, DbErr};
use http::request::Parts;
use web::i18n::{Languages, Texts};

use crate::description::registry::{DependentTable, Registry};

/// The configuration of the engine.
#[derive(Clone)]
pub struct Config {
    /// The models.
    pub registry: Registry,
    /// The database with their rows.
    pub db: Database,
    /// Hashes the passwords that are set.
    pub hashing: Hashing,
    /// The languages of the pages.
    pub languages: Languages,
    /// The frame around the pages.
    pub layout: Arc<dyn Layout>,
    /// Tables without a model whose rows are deleted with an object.
    pub dependent_tables: &'static [DependentTable],
    /// What the site does once a deletion is committed, such as removing what only the deleted objects
    /// needed. If it fails, the log says so, and the deletion stands.
    pub after_deletion: AfterDeletion,
}

/// Work on the database that the engine knows nothing of.
pub type AfterDeletion =
    for<'a> fn(&'a Database) -> Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'a>>;

/// The state of the engine; cheap to clone.
#[derive(Clone)]
pub struct Admin(Arc<Config>);

impl Admin {
    /// An engine with this configuration.
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
    /// The answer with the whole page.
    fn show(&self, page: FramedPage<'_>) -> Response;
}

/// What a page of the engine hands to the frame.
#[derive(Debug)]
pub struct FramedPage<'a> {
    /// The request.
    pub parts: &'a Parts,
    /// The texts of the reader's language.
    pub texts: &'a Texts,
    /// The page's title, as text.
    pub title: String,
    /// The page's content, as HTML.
    pub body: String,
    /// The name of the user who is logged in.
    pub username: String,
    /// Whether that is a superuser.
    pub is_superuser: bool,
    /// The token for forms of the frame.
    pub csrf_token: String,
    /// The messages that wait for the visitor.
    pub messages: Vec<Message>,
    /// Ways past the head of the page, for the keyboard.
    pub skips: Vec<Skip>,
}

/// A way to a part of the page's content.
#[derive(Debug)]
pub struct Skip {
    /// The `id` of the element it leads to.
    pub id: &'static str,
    /// What it is called.
    pub text: String,
}
