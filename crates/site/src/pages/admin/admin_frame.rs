//! What the pages of the admin have in common: the user, messages, and the fields of forms.

use accounts::messages::{Message, level};
use admin::Staff;
use axum::extract::Request;
use db::rules::Flaw;
use web::visit::Visit;

use crate::frame::Frame;
use crate::state::AppState;

/// What every page of the admin has within the site's frame.
#[derive(Debug)]
pub struct AdminFrame {
    /// The name of the user; `None` on the pages of login and logout.
    pub username: Option<String>,
    /// Whether the user may look at the letters of the site.
    pub leads_to_outbox: bool,
    /// Which of several sites this is.
    pub environment: String,
    /// For the forms of the page.
    pub csrf_token: String,
    /// Messages of the request before, each with its kind. HTML in them is shown as it is, since
    /// Django has signed it with our key.
    pub messages: Vec<(&'static str, Message)>,
}

impl AdminFrame {
    pub(super) async fn of(staff: &Staff, app: &AppState) -> web::Result<Self> {
        Ok(Self {
            username: Some(staff.user.username.clone()),
            leads_to_outbox: staff.user.is_superuser,
            ..Self::without_user(&staff.visit, app).await?
        })
    }

    pub(super) async fn without_user(visit: &Visit, app: &AppState) -> web::Result<Self> {
        Ok(Self {
            username: None,
            leads_to_outbox: false,
            environment: app.environment.clone(),
            csrf_token: visit.csrf_token().await,
            messages: Self::with_kinds(visit.take_messages().await?),
        })
    }

    /// Messages with the name of their kind.
    pub(crate) fn with_kinds(messages: Vec<Message>) -> Vec<(&'static str, Message)> {
        let messages = messages.into_iter().map(|message| {
            let kind = match message.level {
                level::SUCCESS => "success",
                level::WARNING => "warning",
                level::ERROR.. => "error",
                _ => "info",
            };
            (kind, message)
        });
        messages.collect()
    }
}

/// The host that a request names: it has passed the check of hosts.
pub(super) fn host_of(request: &Request) -> web::Result<String> {
    web::host::find_host(request).map(str::to_owned)
}

/// A form's field with what was wrong in it.
#[derive(Debug, Default)]
pub struct FormField {
    /// What was typed, to be shown again; never a password.
    pub value: String,
    /// In the visitor's language.
    pub errors: Vec<String>,
}

impl FormField {
    /// A field of one line that may be left empty, as it was sent.
    pub(super) fn optional(frame: &Frame, value: &str, flaw: Option<Flaw>) -> Self {
        if value.is_empty() && flaw.is_none() {
            return Self::default();
        }
        Self::required(frame, value, flaw)
    }

    /// A field of one line that has to be filled in, as it was sent.
    pub(super) fn required(frame: &Frame, value: &str, flaw: Option<Flaw>) -> Self {
        let error = match flaw {
            Some(Flaw::TooLong(most)) => {
                Some(frame.text_with("admin-error-long", "number", most.to_string()))
            }
            Some(Flaw::Control) => Some(frame.text("admin-error-nul")),
            None if value.is_empty() => Some(frame.text("form-required")),
            None => None,
        };
        Self {
            value: value.to_owned(),
            errors: error.into_iter().collect(),
        }
    }
}
