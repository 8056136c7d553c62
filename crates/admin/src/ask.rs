//! What every page of the engine starts from, and where the pages are.

use std::fmt;
use std::sync::Arc;

use accounts::hashers::Hashing;
use accounts::messages::{Message, level};
use accounts::permission::{Permissions, permissions_of};
use askama::Template;
use axum::Router;
use axum::extract::{Extension, FromRequestParts};
use axum::middleware::{from_extractor, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};
use db::Database;
use fluent_templates::fluent_bundle::FluentValue;
use http::request::Parts;
use web::csrf::{TrustedOrigins, check_sender, check_token};
use web::form::Form;
use web::i18n::{Languages, Texts};
use web::slash::RouterExt as _;
use web::visit::{Visit, Visits, keep_visits};
use web::{Error, extract};

use crate::model::Model;
use crate::registry::Registry;
use crate::staff::{Rights, Staff, redirect};
use crate::{change_form, change_list, delete, draft, history_page, index, links, password};

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

    /// There is no such object (any longer): to the first page, which says so, as in Django, or back
    /// to the form that waits for it.
    pub(crate) async fn missing(&self, model: &Model, key: &str) -> web::Result<Response> {
        let names = [("model", self.text(model.one).into()), ("key", key.into())];
        self.tell(level::WARNING, self.with("admin-missing", names))
            .await?;
        let draft = draft::named(self, draft::FOR).await?;
        let back = draft.map(|draft| draft.way_back(None));
        Ok(redirect(back.as_deref().unwrap_or(crate::staff::INDEX)))
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

/// The pages of every model, at Django's addresses. `keep` and `trusted` are the layers of visits
/// and of forms.
pub fn router<S>(admin: Admin, visits: Visits, trusted: &TrustedOrigins) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let form = |methods: MethodRouter<Admin>| {
        // The layer that is added last is the first to be asked: nothing of a form is read before
        // it is known that staff sends it.
        methods
            .route_layer(from_fn(check_token))
            .route_layer(from_extractor::<Staff>())
            .route_layer(from_fn_with_state(trusted.clone(), check_sender))
    };
    let mut router = Router::new()
        .page::<()>(crate::staff::INDEX, get(index::show_index))
        .page::<(i64, i64)>("/admin/r/{content_type}/{key}/", get(links::show_on_site))
        .page::<()>(links::AUTOCOMPLETE, get(links::autocomplete));
    for app in admin.registry.apps() {
        let address = format!("/admin/{}/", app.label);
        router = router.page::<()>(&address, get(index::show_app).layer(Extension(*app)));
    }
    for model in admin.registry.models() {
        let Some(pages) = model.pages else { continue };
        let base = model.address();
        let at = |end: &str| format!("{base}{end}");
        let mut of_model = Router::new()
            .page::<()>(
                &base,
                get(change_list::show).merge(form(post(change_list::act))),
            )
            .page::<()>(
                &at("add/"),
                get(change_form::show_add).merge(form(post(change_form::add))),
            )
            .page::<String>(&at("{key}/"), get(links::show_object))
            .page::<String>(
                &at("{key}/change/"),
                get(change_form::show_change).merge(form(post(change_form::change))),
            )
            .page::<String>(
                &at("{key}/delete/"),
                get(delete::show).merge(form(post(delete::delete))),
            )
            .page::<String>(&at("{key}/history/"), get(history_page::show));
        if password::field_of(model).is_some() && pages.add_fieldsets.is_some() {
            of_model = of_model.page::<String>(
                &at("{key}/password/"),
                get(password::show).merge(form(post(password::change))),
            );
        }
        router = router.merge(of_model.layer(Extension(Of(model))));
    }
    router
        .layer(from_fn_with_state(visits, keep_visits))
        .with_state(admin)
}
