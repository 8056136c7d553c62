//! What every page of the engine starts from.

use std::fmt;
use std::sync::Arc;

use accounts::hashers::Hashing;
use accounts::messages::Message;
use accounts::permission::{Permissions, permissions_of};
use askama::Template;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use db::Database;
use fluent_templates::fluent_bundle::FluentValue;
use http::request::Parts;
use web::form::Form;
use web::i18n::{Languages, Texts};
use web::visit::Visit;
use web::{Error, extract};

use crate::description::model::Model;
use crate::description::registry::Registry;
use crate::request::staff::{Rights, Staff};

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
    /// Tables outside of the models whose rows go with an object: table, column with its key, and
    /// the model, `app.name`. One that is not there is passed over.
    pub followers: &'static [(&'static str, &'static str, &'static str)],
}

/// The state of the engine; cheap to clone.
#[derive(Clone)]
pub struct Admin(pub(crate) Arc<Config>);

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
    fn show(&self, sheet: Sheet<'_>) -> Response;
}

/// What a page of the engine hands to the frame.
#[derive(Debug)]
pub struct Sheet<'a> {
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

/// One request of staff: who asks, in which language, for which model.
pub(crate) struct Ask {
    pub(crate) admin: Admin,
    pub(crate) staff: Staff,
    pub(crate) parts: Parts,
    pub(crate) texts: Texts,
    pub(crate) permissions: Permissions,
    pub(crate) query: Form,
    /// For the forms of the page.
    pub(crate) csrf_token: String,
}

impl FromRequestParts<Admin> for Ask {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, admin: &Admin) -> Result<Self, Response> {
        let staff = Staff::from_request_parts(parts, admin).await?;
        let permissions = permissions_of(&admin.db, &staff.user).await;
        let permissions = permissions.map_err(|error| Error::from(error).into_response())?;
        let query = Form::from_query(parts.uri.query()).map_err(Error::into_response)?;
        Ok(Self {
            texts: admin.languages.choose(&parts.headers),
            admin: admin.clone(),
            csrf_token: staff.visit.csrf_token().await,
            permissions,
            query,
            staff,
            parts: parts.clone(),
        })
    }
}

impl Ask {
    pub(crate) fn text(&self, key: &str) -> String {
        self.texts.get(key)
    }

    /// A text that begins with a capital, for a title.
    pub(crate) fn title(&self, key: &str) -> String {
        let text = self.text(key);
        let mut characters = text.chars();
        characters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(characters).collect()
        })
    }

    pub(crate) fn with<const N: usize>(
        &self,
        key: &str,
        variables: [(&'static str, FluentValue<'_>); N],
    ) -> String {
        self.texts.with(key, variables)
    }

    /// A text with a number of objects.
    pub(crate) fn count(&self, key: &str, model: &Model, count: u64) -> String {
        let number = self.with("admin-number", [("count", count.into())]);
        let name = if number == "one" {
            model.one
        } else {
            model.many
        };
        // As text, so that no language puts separators into it.
        let count = count.to_string();
        self.with(
            key,
            [("count", count.into()), ("model", self.text(name).into())],
        )
    }

    pub(crate) fn rights(&self, model: &Model) -> Rights {
        Rights::of(&self.permissions, model)
    }

    pub(crate) fn visit(&self) -> &Visit {
        &self.staff.visit
    }

    /// The address that was asked for, with its query.
    pub(crate) fn here(&self) -> String {
        let here = self.parts.uri.path_and_query();
        here.map_or_else(String::new, ToString::to_string)
    }

    /// The page, within the frame of the site.
    pub(crate) async fn show(&self, title: String, page: &impl Template) -> web::Result<Response> {
        let body = page.render()?;
        let messages = self.visit().take_messages().await?;
        Ok(self.admin.layout.show(Sheet {
            parts: &self.parts,
            texts: &self.texts,
            title,
            body,
            username: self.staff.user.username.clone(),
            csrf_token: self.csrf_token.clone(),
            messages,
        }))
    }

    pub(crate) async fn tell(&self, level: i64, text: String) -> web::Result<()> {
        self.visit().add_message(level, text).await?;
        Ok(())
    }
}

/// The model whose page it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of(pub(crate) &'static Model);

/// Refuses who lacks a right.
#[expect(
    clippy::fn_params_excessive_bools,
    reason = "the one thing it is asked"
)]
pub(crate) fn allow(is_allowed: bool) -> web::Result<()> {
    if is_allowed {
        Ok(())
    } else {
        Err(Error::Forbidden("the permission is missing"))
    }
}

/// The key of an object as an address has it; what is no key names no object.
pub(crate) fn parse_key(text: &str) -> Option<i64> {
    extract::parse_digits(text)
}
