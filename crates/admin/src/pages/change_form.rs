//! The form of an object: to add one, to change one, to look at one.

mod gone;
mod page;
mod save;

use accounts::messages::level;
use axum::extract::{Extension, State};
use axum::response::Response;
use db::DbErr;
use db::datetime::now;
use web::extract::Path;
use web::form::Form;

use self::gone::gone;
use self::page::{Mode, noted, show_form};
use crate::data::access::allow;
use crate::data::record::{Record, parse_key};
use crate::description::model::{Kind, Model};
use crate::description::value::Value;
use crate::form::clean::{Errors, fields_of};
use crate::form::meanwhile::{has_lost, opened, taken_up};
use crate::form::sheet::{Sheet, own_part};
use crate::request::ask::{Ask, Of};
use crate::request::draft::{self, CHOSEN};
use crate::request::engine::Admin;
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;

/// What the form is opened with: a draft that is taken up again, or what is stored, or what the
/// address says and a new object has anyway.
async fn opened_with(ask: &Ask, sheet: &Sheet<'_>) -> web::Result<Form> {
    if let Some(draft) = draft::resumed(ask).await? {
        if sheet.is_read_only || has_lost(sheet, &draft.form) {
            let text = ask.texts.get("admin-typed-lost");
            ask.tell(level::WARNING, text).await?;
        }
        let name = draft.field.as_str();
        let chosen = ask.query.get(CHOSEN).and_then(parse_key);
        let mut fields = draft.form.fields().to_vec();
        let field = sheet.model.field(name);
        let is_one_of_several = matches!(field.map(|field| field.kind), Some(Kind::Many(_)));
        if let Some(chosen) = chosen {
            fields.retain(|(other, _)| other != name || is_one_of_several);
            fields.push((name.to_owned(), chosen.to_string()));
        }
        let form = fields.into_iter().collect();
        let (form, marks) = taken_up(sheet, &form, chosen.map(|key| (name, key)));
        return Ok(noted(ask.widgets(), sheet, &form, &marks).await?);
    }
    if sheet.object.is_some() {
        return Ok(opened(sheet));
    }
    let mut fields = Vec::new();
    for field in sheet.open_fields() {
        let given: Vec<_> = ask.query.all(field.name).map(str::to_owned).collect();
        if !given.is_empty() {
            fields.extend(
                given
                    .into_iter()
                    .map(|value| (field.name.to_owned(), value)),
            );
            continue;
        }
        let mut record = Record::default();
        let default = match field.kind {
            Kind::Boolean(value) => Value::Boolean(value),
            Kind::DateTime { null: false } => Value::Time(now()),
            _ => continue,
        };
        record.values.insert(field.name, default);
        fields.extend(fields_of(own_part(sheet.model, &[field], None), &record));
    }
    Ok(fields.into_iter().collect())
}

/// `GET …/add/`
pub(crate) async fn show_add(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    ask: Ask,
) -> web::Result<Response> {
    allow(ask.rights(model).add)?;
    let sheet = sheet_of_new(&ask, model);
    let form = opened_with(&ask, &sheet).await?;
    show_form(&ask, &sheet, Mode::Add, &form, &Errors::new()).await
}

/// `POST …/add/`: 302 when it is added, else the form with what was wrong.
pub(crate) async fn add(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    ask: Ask,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    allow(ask.rights(model).add)?;
    let sheet = sheet_of_new(&ask, model);
    if let Some(answer) = leave(&ask, &sheet, &form).await? {
        return Ok(answer);
    }
    save::save(&ask, sheet, &form).await
}

/// `GET …/{key}/change/`
pub(crate) async fn show_change(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    Path(key): Path<String>,
    ask: Ask,
) -> web::Result<Response> {
    allow(ask.rights(model).view)?;
    let Some(sheet) = sheet_of(&ask, model, &key).await? else {
        return match draft::resumed(&ask).await? {
            Some(draft) => gone(&ask, model, &key, &draft.form).await,
            None => draft::missing(&ask, model, &key).await,
        };
    };
    let form = opened_with(&ask, &sheet).await?;
    let mode = if sheet.is_read_only {
        Mode::View
    } else {
        Mode::Change
    };
    show_form(&ask, &sheet, mode, &form, &Errors::new()).await
}

/// `POST …/{key}/change/`
pub(crate) async fn change(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    Path(key): Path<String>,
    ask: Ask,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    allow(ask.rights(model).change)?;
    let Some(sheet) = sheet_of(&ask, model, &key).await? else {
        return gone(&ask, model, &key, &form).await;
    };
    allow(!sheet.is_read_only)?;
    if let Some(answer) = leave(&ask, &sheet, &form).await? {
        return Ok(answer);
    }
    save::save(&ask, sheet, &form).await
}

fn sheet_of_new<'a>(ask: &'a Ask, model: &'static Model) -> Sheet<'a> {
    Sheet::of_new(&ask.admin.registry, &ask.permissions, model)
}

async fn sheet_of<'a>(
    ask: &'a Ask,
    model: &'static Model,
    key: &str,
) -> Result<Option<Sheet<'a>>, DbErr> {
    let Some(key) = parse_key(key) else {
        return Ok(None);
    };
    let admin = &ask.admin;
    Sheet::of_object(&admin.db, &admin.registry, &ask.permissions, model, key).await
}

/// Where a button leads to a related object, what was typed is kept for the way back.
async fn leave(ask: &Ask, sheet: &Sheet<'_>, form: &Form) -> web::Result<Option<Response>> {
    let Some((name, way)) = form.get("_go").and_then(|go| go.split_once(':')) else {
        return Ok(None);
    };
    let field = sheet.model.field(name);
    let target = field.and_then(|field| ask.admin.registry.target(field));
    let Some(target) = target.filter(|target| target.pages.is_some()) else {
        return Err(web::Error::BadRequest("error-bad-request-text"));
    };
    let key = form.get(name).and_then(|key| parse_key(key.trim()));
    let base = target.address();
    let address = match (way, key) {
        ("add", _) => format!("{base}add/"),
        ("change" | "view", Some(key)) => format!("{base}{key}/change/"),
        // Nothing is chosen yet: the list is where it can be.
        _ => base,
    };
    let back = draft::without_resume(&ask.here());
    let Some(draft) = draft::keep(ask, &back, name, form).await? else {
        let mode = match sheet.object {
            Some(_) => Mode::Change,
            None => Mode::Add,
        };
        let errors = Errors::from([(String::new(), vec![ask.texts.get("admin-draft-long")])]);
        let (form, _) = taken_up(sheet, form, None);
        return show_form(ask, sheet, mode, &form, &errors).await.map(Some);
    };
    let address = format!("{address}?{}={}", draft::FOR, draft.id);
    Ok(Some(redirect(&address)))
}
