//! Another password for an account, set by staff.

use accounts::hashers::{is_usable, unusable};
use accounts::messages::level;
use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use db::{DbErr, Transaction, refusal};
use web::extract::Path;
use web::i18n::Texts;

use crate::data::access::{allow, is_protected};
use crate::data::history::{self, Action, NewLogEntries};
use crate::data::labels::label_of;
use crate::data::record::{Purpose, Record, find, parse_key, update};
use crate::description::model::{Field, FieldKind, Model};
use crate::description::value::Value;
use crate::form::clean::{
    Errors, PasswordField, clean_password, flaws, length_rule, password_fields,
};
use crate::request::admin_request::{AdminRequest, CurrentModel};
use crate::request::crumbs::{Crumb, crumbs_below};
use crate::request::draft;
use crate::request::engine::Admin;
use crate::request::model_form::ModelForm;
use crate::request::staff::redirect;
use crate::words;

/// The field with the hash; `None` if the model has no passwords.
pub(crate) fn field_of(model: &Model) -> Option<&'static Field> {
    model
        .fields
        .iter()
        .find(|field| field.kind == FieldKind::Password)
}

#[derive(Debug, Template)]
#[template(path = "password.html")]
struct PasswordPage {
    texts: Texts,
    csrf_token: String,
    crumbs: Vec<Crumb>,
    title: String,
    label: String,
    fields: [PasswordField; 2],
    length_rule: String,
    /// Whether the account has a usable password, which can be taken away.
    has_password: bool,
}

async fn show_page(
    request: &AdminRequest,
    model: &'static Model,
    (key, record, label): (i64, Record, String),
    errors: &Errors,
) -> web::Result<Response> {
    let hash = field_of(model).map(|field| record.text(field.name));
    let title = request
        .texts
        .with("admin-password-title", [("object", label.as_str().into())]);
    let page = PasswordPage {
        texts: request.texts.clone(),
        csrf_token: request.csrf_token.clone(),
        crumbs: crumbs_below(request, model, (key, label.clone()), "admin-password"),
        fields: password_fields(errors),
        length_rule: length_rule(&request.texts),
        has_password: hash.is_some_and(|hash| is_usable(&hash)),
        title: title.clone(),
        label,
    };
    request.show(title, &page).await
}

/// The account and its label; `None` if it does not exist. Fails with 403 if this user may not
/// change it.
async fn account(
    request: &AdminRequest,
    model: &'static Model,
    key: &str,
) -> web::Result<Option<(i64, Record, String)>> {
    allow(request.rights(model).change)?;
    let Some(key) = parse_key(key) else {
        return Ok(None);
    };
    let admin = &request.admin;
    let record = find(&admin.db, &admin.registry, model, key, Purpose::Show).await?;
    let Some(record) = record else {
        return Ok(None);
    };
    allow(!is_protected(&request.permissions, model, &record))?;
    let label = label_of(&admin.db, &admin.registry, model, key).await?;
    Ok(Some((key, record, label.unwrap_or_default())))
}

/// `GET …/{key}/password/`
pub(crate) async fn show_password_form(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
) -> web::Result<Response> {
    match account(&request, model, &key).await? {
        Some(account) => show_page(&request, model, account, &Errors::new()).await,
        None => draft::answer_missing_object(&request, model, &key).await,
    }
}

/// `POST …/{key}/password/`: ends the sessions of the account, but for this one.
pub(crate) async fn change_password(
    State(_): State<Admin>,
    Extension(CurrentModel(model)): Extension<CurrentModel>,
    Path(key): Path<String>,
    request: AdminRequest,
    ModelForm(form): ModelForm,
) -> web::Result<Response> {
    let Some((key, record, label)) = account(&request, model, &key).await? else {
        return draft::answer_missing_object(&request, model, &key).await;
    };
    let Some(field) = field_of(model) else {
        return Err(web::Error::NotFound);
    };
    // The button of Django 5.1 and later that takes the password away.
    let is_unset = form.get("unset-password").is_some();
    let flaws = flaws(&request.texts, &form);
    if !flaws.is_empty() {
        return show_page(&request, model, (key, record, label), &flaws).await;
    }
    let password = match clean_password(&request.texts, &form, |name| record.text(name)) {
        _ if is_unset => None,
        Ok(password) => password,
        Err(errors) => return show_page(&request, model, (key, record, label), &errors).await,
    };
    let is_set = password.is_some();
    let hash = match password {
        Some(password) => request.admin.hashing.encode(password.into()).await,
        None => unusable(),
    };
    let mut new = Record::default();
    new.values.insert(field.name, Value::Text(hash.clone()));
    let transaction = request.admin.db.begin().await?;
    // Hashing takes a tenth of a second: read and lock the row again, as the account may have been
    // deleted or become a superuser's meanwhile.
    let registry = &request.admin.registry;
    let record = find(&transaction, registry, model, key, Purpose::Change).await?;
    let Some(record) = record else {
        transaction.rollback().await?;
        return draft::answer_missing_object(&request, model, &key.to_string()).await;
    };
    allow(!is_protected(&request.permissions, model, &record))?;
    // As in Django, the entry names no field if the password was taken away: Django's form counts
    // only what was typed.
    let changed = is_set.then(|| field.name.to_owned());
    let entry = NewLogEntries {
        user: request.staff.user.id,
        model,
        action: Action::Change,
        message: &history::change_message_of(changed.as_slice()),
    };
    let object = (key, label.as_str());
    let written = write(transaction, model, object, [&record, &new], entry).await;
    if let Err(error) = written {
        let Some(reason) = refusal(&error) else {
            return Err(error.into());
        };
        let text = words::refusal_text(&request.texts, reason);
        let errors = Errors::from([("password1".to_owned(), vec![text])]);
        return show_page(&request, model, (key, record, label), &errors).await;
    }
    // A new hash ends all sessions of the account. The user's own session is bound to it anew.
    if key == request.staff.user.id.0 && model.is_account() {
        let mut user = request.staff.user.clone();
        user.password = hash;
        request.visit().keep_logged_in(user).await?;
    }
    let text = if is_set {
        "admin-password-set"
    } else {
        "admin-password-unset"
    };
    let text = request.texts.with(text, [("object", label.into())]);
    request.add_message(level::SUCCESS, text).await?;
    Ok(redirect(&format!(
        "{}{key}/change/{}",
        model.address(),
        draft::carried_query(&request.query)
    )))
}

/// Writes the new hash with its history, and commits.
async fn write(
    transaction: Transaction,
    model: &'static Model,
    (key, label): (i64, &str),
    records: [&Record; 2],
    entry: NewLogEntries<'_>,
) -> Result<(), DbErr> {
    let written = async {
        update(&transaction, model, key, records).await?;
        history::write(&transaction, entry, &[(key, label.to_owned())]).await
    };
    match written.await {
        Ok(()) => transaction.commit().await,
        Err(error) => {
            transaction.rollback().await?;
            Err(error)
        }
    }
}
