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
use crate::request::admin_request::{AdminRequest, CurrentModel};
use crate::request::draft::{self, CHOSEN};
use crate::request::engine::Admin;
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;

/// The values that the form is opened with: of a draft that is resumed, or of the object as it is
/// stored. A new object has those in the address, and defaults for the others.
async fn opened_with(request: &AdminRequest, sheet: &Sheet<'_>) -> web::Result<Form> {
    if let Some(draft) = draft::resumed(request).await? {
        if sheet.is_read_only || has_lost(sheet, &draft.form) {
            let text = request.texts.get("admin-typed-lost");
            request.tell(level::WARNING, text).await?;
        }
        let name = draft.field.as_str();
        let chosen = request.query.get(CHOSEN).and_then(parse_key);
        let mut fields = draft.form.fields().to_vec();
        let field = sheet.model.field(name);
        let is_one_of_several = matches!(field.map(|field| field.kind), Some(Kind::Many(_)));
        if let Some(chosen) = chosen {
            // It replaces the key of a relation, and is added to the keys of several.
            fields.retain(|(other, _)| other != name || is_one_of_several);
            fields.push((name.to_owned(), chosen.to_string()));
        }
        let form = fields.into_iter().collect();
        let (form, marks) = taken_up(sheet, &form, chosen.map(|key| (name, key)));
        return Ok(noted(request.widgets(), sheet, &form, &marks).await?);
    }
    if sheet.object.is_some() {
        return Ok(opened(sheet));
    }
    let mut fields = Vec::new();
    for field in sheet.open_fields() {
        let given: Vec<_> = request.query.all(field.name).map(str::to_owned).collect();
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
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    request: AdminRequest,
) -> web::Result<Response> {
    allow(request.rights(model).add)?;
    let sheet = sheet_of_new(&request, model);
    let form = opened_with(&request, &sheet).await?;
    show_form(&request, &sheet, Mode::Add, &form, &Errors::new()).await
}

/// `POST …/add/`: 302 if the object is added, else the form with its errors.
pub(crate) async fn add(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    allow(request.rights(model).add)?;
    let sheet = sheet_of_new(&request, model);
    if let Some(answer) = leave(&request, &sheet, &form).await? {
        return Ok(answer);
    }
    save::save(&request, sheet, &form).await
}

/// `GET …/{key}/change/`
pub(crate) async fn show_change(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
) -> web::Result<Response> {
    allow(request.rights(model).view)?;
    let Some(sheet) = sheet_of(&request, model, &key).await? else {
        return match draft::resumed(&request).await? {
            Some(draft) => gone(&request, model, &key, &draft.form).await,
            None => draft::missing(&request, model, &key).await,
        };
    };
    let form = opened_with(&request, &sheet).await?;
    let mode = if sheet.is_read_only {
        Mode::View
    } else {
        Mode::Change
    };
    show_form(&request, &sheet, mode, &form, &Errors::new()).await
}

/// `POST …/{key}/change/`
pub(crate) async fn change(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    allow(request.rights(model).change)?;
    let Some(sheet) = sheet_of(&request, model, &key).await? else {
        return gone(&request, model, &key, &form).await;
    };
    allow(!sheet.is_read_only)?;
    if let Some(answer) = leave(&request, &sheet, &form).await? {
        return Ok(answer);
    }
    save::save(&request, sheet, &form).await
}

fn sheet_of_new<'a>(request: &'a AdminRequest, model: &'static Model) -> Sheet<'a> {
    Sheet::of_new(&request.admin.registry, &request.permissions, model)
}

async fn sheet_of<'a>(
    request: &'a AdminRequest,
    model: &'static Model,
    key: &str,
) -> Result<Option<Sheet<'a>>, DbErr> {
    let Some(key) = parse_key(key) else {
        return Ok(None);
    };
    let admin = &request.admin;
    Sheet::of_object(&admin.db, &admin.registry, &request.permissions, model, key).await
}

/// If the button that was pressed leads to a related object, keeps what was typed as a draft and
/// redirects there. `None` for another button.
async fn leave(
    request: &AdminRequest,
    sheet: &Sheet<'_>,
    form: &Form,
) -> web::Result<Option<Response>> {
    let Some((name, way)) = form.get("_go").and_then(|go| go.split_once(':')) else {
        return Ok(None);
    };
    let field = sheet.model.field(name);
    let target = field.and_then(|field| request.admin.registry.target(field));
    let Some(target) = target.filter(|target| target.pages.is_some()) else {
        return Err(web::Error::BadRequest("error-bad-request-text"));
    };
    let key = form.get(name).and_then(|key| parse_key(key.trim()));
    let base = target.address();
    let address = match (way, key) {
        ("add", _) => format!("{base}add/"),
        ("change" | "view", Some(key)) => format!("{base}{key}/change/"),
        // To choose another, or since none is chosen yet: the list.
        _ => base,
    };
    let back = draft::without_resume(&request.here());
    let Some(draft) = draft::keep(request, &back, name, form).await? else {
        let mode = match sheet.object {
            Some(_) => Mode::Change,
            None => Mode::Add,
        };
        let errors = Errors::from([(String::new(), vec![request.texts.get("admin-draft-long")])]);
        let (form, _) = taken_up(sheet, form, None);
        return show_form(request, sheet, mode, &form, &errors)
            .await
            .map(Some);
    };
    let address = format!("{address}?{}={}", draft::FOR, draft.id);
    Ok(Some(redirect(&address)))
}
