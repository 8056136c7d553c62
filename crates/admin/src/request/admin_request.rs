//! What every page starts from: the user and their permissions, the language, the query, the model.

use accounts::permission::{Permissions, permissions_of};
use askama::Template;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use web::Error;
use web::form::Form;
use web::i18n::Texts;
use web::visit::Visit;

use super::engine::{Admin, FramedPage, Skip};
use super::staff::Staff;
use crate::data::access::Rights;
use crate::description::model::Model;
use crate::form::widget::WidgetBuilder;

/// One request of staff: the user and their permissions, the language, and the query.
pub(crate) struct AdminRequest {
    pub(crate) admin: Admin,
    pub(crate) staff: Staff,
    pub(crate) parts: Parts,
    pub(crate) texts: Texts,
    pub(crate) permissions: Permissions,
    pub(crate) query: Form,
    /// For the forms of the page.
    pub(crate) csrf_token: String,
}

impl FromRequestParts<Admin> for AdminRequest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, admin: &Admin) -> Result<Self, Response> {
        let staff = Staff::from_request_parts(parts, admin).await?;
        let permissions = permissions_of(&admin.db, &staff.user).await;
        let permissions = permissions.map_err(|error| Error::from(error).into_response())?;
        let query = Form::from_query(parts.uri.query()).map_err(Error::into_response)?;
        Ok(Self {
            texts: admin.languages.choose(parts.uri.path(), &parts.headers),
            admin: admin.clone(),
            csrf_token: staff.visit.csrf_token().await,
            permissions,
            query,
            staff,
            parts: parts.clone(),
        })
    }
}

impl AdminRequest {
    pub(crate) fn rights(&self, model: &Model) -> Rights {
        Rights::of(&self.permissions, model)
    }

    /// What makes the widgets of a form for this user.
    pub(crate) fn widget_builder(&self) -> WidgetBuilder<'_> {
        WidgetBuilder {
            db: &self.admin.db,
            registry: &self.admin.registry,
            texts: &self.texts,
            permissions: &self.permissions,
        }
    }

    pub(crate) fn visit(&self) -> &Visit {
        &self.staff.visit
    }

    /// The address that was asked for, with its query.
    pub(crate) fn full_path(&self) -> String {
        let here = self.parts.uri.path_and_query();
        here.map_or_else(String::new, ToString::to_string)
    }

    /// Renders a page within the frame of the site, with the messages that wait for the visitor.
    pub(crate) async fn show(&self, title: String, page: &impl Template) -> web::Result<Response> {
        self.show_with_skips(title, page, Vec::new()).await
    }

    /// The same with ways past the head of the page.
    pub(crate) async fn show_with_skips(
        &self,
        title: String,
        page: &impl Template,
        skips: Vec<Skip>,
    ) -> web::Result<Response> {
        let body = page.render()?;
        let messages = self.visit().take_messages().await?;
        Ok(self.admin.layout.show(FramedPage {
            parts: &self.parts,
            texts: &self.texts,
            title,
            body,
            username: self.staff.user.username.clone(),
            is_superuser: self.staff.user.is_superuser,
            csrf_token: self.csrf_token.clone(),
            messages,
            skips,
        }))
    }

    pub(crate) async fn add_message(&self, level: i64, text: String) -> web::Result<()> {
        self.visit().add_message(level, text).await?;
        Ok(())
    }
}

/// The model of the page, which the router adds to the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CurrentModel(pub(crate) &'static Model);
