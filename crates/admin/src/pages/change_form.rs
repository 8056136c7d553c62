//! The form of an object: to add one, to change one, to look at one.

mod page;
mod restore;
mod save;
mod write;

use accounts::messages::level;
use axum::extract::{Extension, State};
use axum::response::Response;
use db::DbErr;
use db::datetime::now;
use web::extract::Path;
use web::form::Form;

use self::page::{MORE_ROWS, Mode, PREVIEW, show_form, with_notes};
use self::restore::show_restore_form;
use crate::data::access::allow;
use crate::data::query::{Select, key_of};
use crate::data::record::{Record, first_of, parse_key};
use crate::description::model::{FieldKind, Model};
use crate::description::value::Value;
use crate::form::clean::{Errors, fields_of};
use crate::form::conflict::{has_lost_field, opened_form, resumed_form};
use crate::form::object_form::{ObjectForm, own_form_part};
use crate::request::admin_request::{AdminRequest, CurrentModel};
use crate::request::draft::{self, CHOSEN};
use crate::request::engine::Admin;
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;

/// The values that the form is opened with: of a draft that is resumed, or of the object as it is
/// stored. A new object has those in the address, and defaults for the others.
async fn initial_form(request: &AdminRequest, object_form: &ObjectForm<'_>) -> web::Result<Form> {
    if let Some(draft) = draft::find_resumed(request).await? {
        if object_form.is_read_only || has_lost_field(object_form, &draft.form) {
            let text = request.texts.get("admin-typed-lost");
            request.add_message(level::WARNING, text).await?;
        }
        let name = draft.field.as_str();
        let chosen = request.query.get(CHOSEN).and_then(parse_key);
        let mut fields = draft.form.fields().to_vec();
        let field = object_form.model.field(name);
        let is_many_to_many = matches!(
            field.map(|field| field.kind),
            Some(FieldKind::ManyToMany(_))
        );
        if let Some(chosen) = chosen {
            // It replaces the key of a relation, and is added to the keys of a many-to-many field.
            fields.retain(|(other, _)| other != name || is_many_to_many);
            fields.push((name.to_owned(), chosen.to_string()));
        }
        let form = fields.into_iter().collect();
        let (form, marks) = resumed_form(object_form, &form, chosen.map(|key| (name, key)));
        return Ok(with_notes(request.widget_builder(), object_form, &form, &marks).await?);
    }
    if object_form.object.is_some() {
        return Ok(opened_form(object_form));
    }
    let mut fields = Vec::new();
    for field in object_form.open_fields() {
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
            FieldKind::Boolean(value) => Value::Boolean(value),
            FieldKind::Choice(choices) => first_of(choices),
            FieldKind::DateTime { null: false } => Value::Time(now()),
            FieldKind::Integer { .. } => match field.default_number {
                Some(number) => Value::Integer(number),
                None => continue,
            },
            _ => continue,
        };
        record.values.insert(field.name, default);
        fields.extend(fields_of(
            object_form.registry,
            own_form_part(object_form.model, &[field], None),
            &record,
        ));
    }
    Ok(fields.into_iter().collect())
}

/// `GET …/add/`
pub(crate) async fn show_add_form(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    request: AdminRequest,
) -> web::Result<Response> {
    allow(request.rights(model).add)?;
    if let Some(key) = object_with_unique_relation(&request, model).await? {
        let carried_query = draft::carried_query(&request.query);
        let address = format!("{}{key}/change/{carried_query}", model.address());
        return Ok(redirect(&address));
    }
    let object_form = object_form_of_new(&request, model);
    let form = initial_form(&request, &object_form).await?;
    show_form(&request, &object_form, Mode::Add, &form, &Errors::new()).await
}

/// The object that has the unique relation which the address asks for already.
async fn object_with_unique_relation(
    request: &AdminRequest,
    model: &'static Model,
) -> Result<Option<i64>, DbErr> {
    let fields = model.fields.iter().filter(|field| field.is_unique);
    let relations = fields.filter(|field| matches!(field.kind, FieldKind::Relation(_)));
    for field in relations {
        let Some(key) = request.query.get(field.name).and_then(parse_key) else {
            continue;
        };
        let mut select = Select::new(&request.admin.registry, model);
        let index = select.column("id")?;
        select.equals(field.name, &Value::Integer(key))?;
        if let Some(row) = select.rows(&request.admin.db, 0, Some(1)).await?.pop() {
            return Ok(Some(key_of(&row, index)));
        }
    }
    Ok(None)
}

/// `POST …/add/`: 302 if the object is added, else the form with its errors.
pub(crate) async fn add_object(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    allow(request.rights(model).add)?;
    let object_form = object_form_of_new(&request, model);
    if let Some(answer) = leave_for_related(&request, &object_form, &form).await? {
        return Ok(answer);
    }
    if let Some(answer) = show_again(&request, &object_form, &form).await? {
        return Ok(answer);
    }
    save::save(&request, object_form, &form).await
}

/// `GET …/{key}/change/`
pub(crate) async fn show_change_form(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
) -> web::Result<Response> {
    allow(request.rights(model).view)?;
    let Some(object_form) = find_object_form(&request, model, &key).await? else {
        return match draft::find_resumed(&request).await? {
            Some(draft) => show_restore_form(&request, model, &key, &draft.form).await,
            None => draft::answer_missing_object(&request, model, &key).await,
        };
    };
    let form = initial_form(&request, &object_form).await?;
    let mode = if object_form.is_read_only {
        Mode::View
    } else {
        Mode::Change
    };
    show_form(&request, &object_form, mode, &form, &Errors::new()).await
}

/// `POST …/{key}/change/`
pub(crate) async fn change_object(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    allow(request.rights(model).change)?;
    let Some(object_form) = find_object_form(&request, model, &key).await? else {
        return show_restore_form(&request, model, &key, &form).await;
    };
    allow(!object_form.is_read_only)?;
    if let Some(answer) = leave_for_related(&request, &object_form, &form).await? {
        return Ok(answer);
    }
    if let Some(answer) = show_again(&request, &object_form, &form).await? {
        return Ok(answer);
    }
    save::save(&request, object_form, &form).await
}

/// If the button for a further row or a preview was pressed, the form with it, nothing of it saved.
async fn show_again(
    request: &AdminRequest,
    object_form: &ObjectForm<'_>,
    form: &Form,
) -> web::Result<Option<Response>> {
    if form.get(MORE_ROWS).or(form.get(PREVIEW)).is_none() {
        return Ok(None);
    }
    let mode = match object_form.object {
        Some(_) => Mode::Change,
        None => Mode::Add,
    };
    let (form, _) = resumed_form(object_form, form, None);
    let errors = Errors::new();
    let page = show_form(request, object_form, mode, &form, &errors).await;
    page.map(Some)
}

fn object_form_of_new<'a>(request: &'a AdminRequest, model: &'static Model) -> ObjectForm<'a> {
    ObjectForm::for_new(&request.admin.registry, &request.permissions, model)
}

async fn find_object_form<'a>(
    request: &'a AdminRequest,
    model: &'static Model,
    key: &str,
) -> Result<Option<ObjectForm<'a>>, DbErr> {
    let Some(key) = parse_key(key) else {
        return Ok(None);
    };
    let admin = &request.admin;
    ObjectForm::for_object(&admin.db, &admin.registry, &request.permissions, model, key).await
}

/// If the button that was pressed leads to a related object, keeps what was typed as a draft and
/// redirects there. `None` for another button.
async fn leave_for_related(
    request: &AdminRequest,
    object_form: &ObjectForm<'_>,
    form: &Form,
) -> web::Result<Option<Response>> {
    let Some((name, action)) = form.get("_go").and_then(|go| go.split_once(':')) else {
        return Ok(None);
    };
    let field = object_form.model.field(name);
    let target = field.and_then(|field| request.admin.registry.target(field));
    let Some(target) = target.filter(|target| target.pages.is_some()) else {
        return Err(web::Error::BadRequest("error-bad-request-text"));
    };
    let key = form.get(name).and_then(|key| parse_key(key.trim()));
    let base = target.address();
    let address = match (action, key) {
        ("add", _) => format!("{base}add/"),
        ("change" | "view", Some(key)) => format!("{base}{key}/change/"),
        // To choose another, or since none is chosen yet: the list.
        _ => base,
    };
    let back = draft::without_resume_parameters(&request.full_path());
    let Some(draft) = draft::keep(request, &back, name, form).await? else {
        let mode = match object_form.object {
            Some(_) => Mode::Change,
            None => Mode::Add,
        };
        let errors = Errors::from([(String::new(), vec![request.texts.get("admin-draft-long")])]);
        let (form, _) = resumed_form(object_form, form, None);
        return show_form(request, object_form, mode, &form, &errors)
            .await
            .map(Some);
    };
    let address = format!("{address}?{}={}", draft::FOR_DRAFT, draft.id);
    Ok(Some(redirect(&address)))
}
