//! The form of a model's page as an extractor: each value is checked by the rule that the model's
//! description gives its field, before a handler sees it.

use accounts::user::TYPED_PASSWORD;
use axum::extract::{FromRequest, Request};
use db::rules::TextRule;
use web::Error;
use web::form::Form;

use crate::description::model::{Field, Model};
use crate::description::registry::Registry;
use crate::form::clean::{NOTE_PREFIX, VERSION};
use crate::form::object_form::inlines_of;
use crate::request::admin_request::CurrentModel;
use crate::request::engine::Admin;

/// The rule of fields without a text of their own: keys, choices, buttons, dates, digests.
const CHOICE_RULE: TextRule = TextRule::line(200);

/// The rule of the fingerprints of a form's fields, with their names some sixty characters each.
const VERSION_RULE: TextRule = TextRule::line(16 * 1024);

/// The rule of a note about a field, which quotes the value that somebody else has stored.
const NOTE_RULE: TextRule = TextRule::lines(4 * 1024);

/// The form of the page of the model in the request's extensions. A value that breaks its field's
/// rule is cut and cleaned, so that it can be shown again; [`flaws`](crate::form::clean::flaws) has
/// its error.
pub(crate) struct ModelForm(pub(crate) Form);

impl FromRequest<Admin> for ModelForm {
    type Rejection = Error;

    async fn from_request(request: Request, admin: &Admin) -> Result<Self, Error> {
        let Some(CurrentModel(model)) = request.extensions().get().copied() else {
            return Err(Error::Internal(anyhow::anyhow!("the address has no model")));
        };
        let rule_of = |name: &str| Some(rule_of(&admin.registry, model, name));
        Form::read(request, rule_of).await.map(Self)
    }
}

fn rule_of(registry: &Registry, model: &Model, name: &str) -> TextRule {
    if name == VERSION {
        return VERSION_RULE;
    }
    if name.starts_with(NOTE_PREFIX) {
        return NOTE_RULE;
    }
    if matches!(name, "password1" | "password2") {
        return TYPED_PASSWORD;
    }
    let field = match name.split_once('-') {
        Some((prefix, name)) => {
            // The name of a row's field begins with the row's mark.
            if let Some((_, name)) = name.rsplit_once('-') {
                let inlines = inlines_of(registry, model).into_iter();
                let mut rows = inlines.filter_map(|(_, inline)| registry.model(inline.model));
                let target = rows.find(|target| target.name == prefix);
                target.and_then(|target| target.field(name))
            } else {
                let relation = model.field(prefix);
                let target = relation.and_then(|field| registry.target(field));
                target.and_then(|target| target.field(name))
            }
        }
        None => model.field(name),
    };
    field.and_then(Field::text_rule).unwrap_or(CHOICE_RULE)
}
