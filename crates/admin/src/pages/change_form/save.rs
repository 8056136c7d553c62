//! Saving a form: it is checked, written with its history in one transaction, and answered.

use accounts::hashers::{Hashing, unusable};
use accounts::messages::level;
use axum::response::Response;
use db::{ConnectionTrait, DbErr, Transaction, refusal};
use web::form::Form;
use web::i18n::Texts;

use super::page::{Mode, show_form, show_marked};
use super::restore::show_restore_form;
use super::write::{CleanedForm, RowChange, Writer};
use crate::data::access::{allow, is_protected};
use crate::data::labels::label_of;
use crate::data::record::{Purpose, find};
use crate::description::model::FieldKind;
use crate::description::value::Value;
use crate::form::clean::{Errors, clean, clean_password, fields_of, flaws};
use crate::form::conflict::merge_with_stored;
use crate::form::inline_form::{InlineForm, InlineRow};
use crate::form::object_form::{EmbeddedForm, ObjectForm, own_form_part};
use crate::form::version::differs;
use crate::request::admin_request::AdminRequest;
use crate::request::draft;
use crate::request::staff::redirect;
use crate::words;

pub(super) async fn save(
    request: &AdminRequest,
    mut object_form: ObjectForm<'_>,
    form: &Form,
) -> web::Result<Response> {
    let mode = if object_form.object.is_some() {
        Mode::Change
    } else {
        Mode::Add
    };
    let flaws = flaws(&request.texts, form);
    // Before the transaction: hashing takes a tenth of a second, or has to wait for a slot.
    let hash = if flaws.is_empty() {
        new_hash(&request.admin.hashing, &request.texts, &object_form, form).await
    } else {
        Ok(None)
    };
    let transaction = request.admin.db.begin().await?;
    if let Some((key, _)) = object_form.object
        && !lock(&transaction, &mut object_form, key).await?
    {
        transaction.rollback().await?;
        return show_restore_form(request, object_form.model, &key.to_string(), form).await;
    }
    // Before all else: a form that is shown again for its errors then has what is stored now.
    let (form, marks) = merge_with_stored(&object_form, form)?;
    let form = &form;
    if !marks.is_empty() {
        transaction.rollback().await?;
        return show_marked(request, &object_form, mode, form, &marks).await;
    }
    let forms = object_form.embedded_forms();
    let (mut cleaned, mut errors) =
        read(&request.texts, &transaction, &object_form, &forms, form).await?;
    match hash {
        Ok(hash) => cleaned.own.values.extend(hash),
        Err(password_errors) => errors.extend(password_errors),
    }
    // They replace other errors of such a field, whose value was cut before it was read.
    errors.extend(flaws);
    if !errors.is_empty() {
        transaction.rollback().await?;
        return show_form(request, &object_form, mode, form, &errors).await;
    }
    let writer = Writer {
        transaction: &transaction,
        registry: object_form.registry,
        user: request.staff.user.id,
    };
    match writer.write(&object_form, &forms, cleaned).await {
        Ok(key) => {
            let label =
                label_of(&transaction, object_form.registry, object_form.model, key).await?;
            match transaction.commit().await {
                Ok(()) => {
                    answer(
                        request,
                        &object_form,
                        form,
                        (key, label.unwrap_or_default()),
                    )
                    .await
                }
                Err(error) => show_refusal(request, &object_form, mode, form, error).await,
            }
        }
        Err(error) => {
            transaction.rollback().await?;
            show_refusal(request, &object_form, mode, form, error).await
        }
    }
}

/// Reads and locks the object with those that are embedded in its form, so that what is compared
/// now is what is overwritten. `false` if it is deleted.
async fn lock(
    transaction: &Transaction,
    object_form: &mut ObjectForm<'_>,
    key: i64,
) -> web::Result<bool> {
    // Embedded objects are locked first. Their deletion, which deletes this object, too, has the
    // same order; with another one, both could wait for each other.
    let forms = object_form.embedded_forms();
    for embedded_form in &forms {
        lock_embedded(transaction, object_form, embedded_form, embedded_form.key).await?;
    }
    let record = find(
        transaction,
        object_form.registry,
        object_form.model,
        key,
        Purpose::Change,
    )
    .await?;
    let Some(record) = record else {
        return Ok(false);
    };
    // Meanwhile somebody may have set one of its reserved fields.
    allow(!is_protected(
        object_form.permissions,
        object_form.model,
        &record,
    ))?;
    for embedded_form in &forms {
        // Meanwhile somebody may have chosen another object.
        let key = record.key(embedded_form.relation.name);
        if key != embedded_form.key {
            lock_embedded(transaction, object_form, embedded_form, key).await?;
        }
    }
    object_form.object = Some((key, record));
    object_form.read_rows(transaction, Purpose::Change).await?;
    Ok(true)
}

/// Reads and locks an embedded object; one that is deleted is taken out of the form.
async fn lock_embedded(
    transaction: &Transaction,
    object_form: &mut ObjectForm<'_>,
    embedded_form: &EmbeddedForm,
    key: Option<i64>,
) -> Result<(), DbErr> {
    let Some(key) = key else { return Ok(()) };
    let found = find(
        transaction,
        object_form.registry,
        embedded_form.target,
        key,
        Purpose::Change,
    )
    .await?;
    let name = embedded_form.relation.name;
    match found {
        Some(found) => object_form.embedded.insert(name, (key, found)),
        None => object_form.embedded.remove(name),
    };
    Ok(())
}

/// Shows the form again if the database refuses the row. Any other error is returned.
async fn show_refusal(
    request: &AdminRequest,
    object_form: &ObjectForm<'_>,
    mode: Mode,
    form: &Form,
    error: DbErr,
) -> web::Result<Response> {
    let Some(reason) = refusal(&error) else {
        return Err(error.into());
    };
    // In the same moment somebody else may have taken a unique value, or deleted a related object:
    // then checking again finds errors. Otherwise the database has a rule that no model describes,
    // and only its own words tell what it is.
    let forms = object_form.embedded_forms();
    let (_, errors) = read(&request.texts, &request.admin.db, object_form, &forms, form).await?;
    let text = if errors.is_empty() {
        words::refusal_text(&request.texts, reason)
    } else {
        request.texts.get("admin-error-meanwhile")
    };
    let errors = Errors::from([(String::new(), vec![text])]);
    show_form(request, object_form, mode, form, &errors).await
}

async fn read(
    texts: &Texts,
    db: &impl ConnectionTrait,
    object_form: &ObjectForm<'_>,
    forms: &[EmbeddedForm],
    form: &Form,
) -> Result<(CleanedForm, Errors), DbErr> {
    let registry = object_form.registry;
    let key = object_form.object.as_ref().map(|(key, _)| *key);
    let open = object_form.open_fields();
    let part = own_form_part(object_form.model, &open, key);
    let (own, mut errors) = clean(db, registry, texts, part, form).await?;
    let mut embedded = Vec::new();
    for embedded_form in forms {
        let name = embedded_form.relation.name;
        let chosen = form.get(name).unwrap_or_default().trim();
        let is_same = embedded_form
            .key
            .is_some_and(|key| chosen == key.to_string());
        // If the object of an empty form is still chosen, the user has emptied the fields.
        let is_filled_in = is_same || embedded_form.is_filled_in(form);
        if !is_filled_in || is_as_stored(object_form, embedded_form, form) {
            // Another object is chosen, or the one there is stays as it is.
            if chosen.is_empty() && !is_filled_in {
                errors.insert(name.to_owned(), vec![texts.get("admin-error-embedded")]);
            }
            embedded.push(None);
            continue;
        }
        if !chosen.is_empty() && !is_same {
            errors.insert(name.to_owned(), vec![texts.get("admin-error-either")]);
        }
        let part = embedded_form.part();
        let (record, embedded_errors) = clean(db, registry, texts, part, form).await?;
        if chosen.is_empty() && embedded_form.key.is_none() {
            // The relation leads to the new object, so that it is no error that none is chosen.
            errors.remove(name);
        }
        errors.extend(embedded_errors);
        embedded.push(Some(record));
    }
    let mut rows = Vec::new();
    for inline_form in object_form.inline_forms() {
        if let Some(relation) = inline_form
            .owner
            .filter(|name| is_another_chosen(forms, name, form))
        {
            // What is typed in the rows would be about an object that the form no longer leads to.
            if has_changed_rows(object_form, &inline_form, form) {
                errors.insert(relation.to_owned(), vec![texts.get("admin-error-either")]);
            }
            rows.push(Vec::new());
            continue;
        }
        let (changes, row_errors) = read_rows(texts, db, object_form, &inline_form, form).await?;
        rows.push(changes);
        errors.extend(row_errors);
    }
    let cleaned = CleanedForm {
        own,
        embedded,
        rows,
    };
    Ok((cleaned, errors))
}

/// Whether the form leads to another object than the one that is embedded, or that could be added.
fn is_another_chosen(forms: &[EmbeddedForm], relation: &str, form: &Form) -> bool {
    let chosen = form.get(relation).unwrap_or_default().trim();
    let embedded_form = forms.iter().find(|form| form.relation.name == relation);
    let key = embedded_form.and_then(|embedded_form| embedded_form.key);
    key.map_or(!chosen.is_empty(), |key| chosen != key.to_string())
}

/// Whether anything is typed in rows that is not stored.
fn has_changed_rows(object_form: &ObjectForm<'_>, inline_form: &InlineForm, form: &Form) -> bool {
    inline_form.rows(form).iter().any(|row| {
        InlineForm::is_deleted(form, row)
            || inline_form.is_filled_in(form, row)
                && is_changed(object_form, inline_form, row, form)
    })
}

/// Whether a row holds something else than what is stored.
fn is_changed(
    object_form: &ObjectForm<'_>,
    inline_form: &InlineForm,
    row: &InlineRow,
    form: &Form,
) -> bool {
    let record = row
        .key
        .and_then(|key| object_form.stored_row(inline_form.inline, key));
    let Some(record) = record else {
        return true;
    };
    let stored = fields_of(object_form.registry, inline_form.part(row), record);
    let stored: Form = stored.into_iter().collect();
    let mut names = inline_form.names(row).into_iter();
    names.any(|name| differs(form, &stored, &name))
}

async fn read_rows(
    texts: &Texts,
    db: &impl ConnectionTrait,
    object_form: &ObjectForm<'_>,
    inline_form: &InlineForm,
    form: &Form,
) -> Result<(Vec<RowChange>, Errors), DbErr> {
    let mut changes = Vec::new();
    let mut errors = Errors::new();
    let rows = inline_form.rows(form);
    let stays = |row: &&InlineRow| {
        let is_there = row.key.is_some() || inline_form.is_filled_in(form, row);
        is_there && !InlineForm::is_deleted(form, row)
    };
    if rows.iter().filter(stays).count() > inline_form.inline.most {
        let most = inline_form.inline.most.to_string();
        let text = texts.with("admin-error-rows", [("number", most.into())]);
        errors.insert(String::new(), vec![text]);
    }
    for row in rows {
        let is_deleted = InlineForm::is_deleted(form, &row);
        let part = inline_form.part(&row);
        match row.key {
            Some(key) if is_deleted => changes.push(RowChange::Delete(key)),
            None if is_deleted || !inline_form.is_filled_in(form, &row) => {}
            // The history of an embedded object tells of it only if it is changed.
            Some(_)
                if inline_form.owner.is_some()
                    && !is_changed(object_form, inline_form, &row, form) => {}
            key => {
                let (record, row_errors) =
                    clean(db, object_form.registry, texts, part, form).await?;
                errors.extend(row_errors);
                changes.push(match key {
                    Some(key) => RowChange::Change(key, record),
                    None => RowChange::Add(record),
                });
            }
        }
    }
    Ok((changes, errors))
}

/// Whether an embedded form holds exactly what is stored.
fn is_as_stored(object_form: &ObjectForm<'_>, embedded_form: &EmbeddedForm, form: &Form) -> bool {
    let Some((_, record)) = object_form.embedded.get(embedded_form.relation.name) else {
        return false;
    };
    let part = embedded_form.part();
    let stored: Form = fields_of(object_form.registry, part, record)
        .into_iter()
        .collect();
    let mut names = embedded_form.fields.iter().map(|field| part.name(field));
    !names.any(|name| differs(form, &stored, &name))
}

/// The hash of the password that a new object gets, with the name of its field; `None` if the form
/// has no such field.
async fn new_hash(
    hashing: &Hashing,
    texts: &Texts,
    object_form: &ObjectForm<'_>,
    form: &Form,
) -> Result<Option<(&'static str, Value)>, Errors> {
    let open = object_form.open_fields();
    let Some(field) = open.iter().find(|field| field.kind == FieldKind::Password) else {
        return Ok(None);
    };
    let known = |name| form.get(name).unwrap_or_default().trim().to_owned();
    let hash = match clean_password(texts, form, known)? {
        Some(password) => hashing.encode(password.into()).await,
        None => unusable(),
    };
    Ok(Some((field.name, Value::Text(hash))))
}

/// Answers after the commit: a message, and a redirect by the button that was pressed
/// (`Django 5.2 contrib/admin/options.py`, `response_add`, `response_change`).
async fn answer(
    request: &AdminRequest,
    object_form: &ObjectForm<'_>,
    form: &Form,
    (key, label): (i64, String),
) -> web::Result<Response> {
    let model = object_form.model;
    let is_new = object_form.object.is_none();
    let pressed = |name| form.get(name).is_some();
    let base = model.address();
    let draft = draft::find_named(request, draft::FOR_DRAFT).await?;
    let carried_query = draft::carried_query(&request.query);
    let goes_on = is_new
        && model
            .pages
            .is_some_and(|pages| pages.add_fieldsets.is_some());
    let (text, address) = if pressed("_addanother") {
        let text = if is_new {
            "admin-added-another"
        } else {
            "admin-changed-another"
        };
        (text, format!("{base}add/{carried_query}"))
    } else if pressed("_continue") || (goes_on && draft.is_none()) {
        let text = if is_new {
            "admin-added-continue"
        } else {
            "admin-changed-continue"
        };
        (text, format!("{base}{key}/change/{carried_query}"))
    } else {
        let text = if is_new {
            "admin-added"
        } else {
            "admin-changed"
        };
        let address = match &draft {
            Some(draft) => draft.resume_address(Some(key)),
            None => draft::list_address(request, model),
        };
        (text, address)
    };
    let names = [
        ("model", request.texts.get(model.singular).into()),
        ("object", label.into()),
    ];
    draft::forget(request).await?;
    request
        .add_message(level::SUCCESS, request.texts.with(text, names))
        .await?;
    Ok(redirect(&address))
}
