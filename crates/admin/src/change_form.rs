//! The form of an object: to add one, to change one, to look at one.

mod meanwhile;
mod page;
mod save;

use std::collections::BTreeMap;

use accounts::messages::level;
use axum::extract::{Extension, State};
use axum::response::Response;
use db::datetime::now;
use web::extract::Path;
use web::form::Form;

pub(crate) use self::meanwhile::VERSION;
use self::meanwhile::{Marks, has_lost, opened, taken_up, typed_into, version, with_values};
pub(crate) use self::page::NOTE;
use self::page::{Mode, noted, show_form, show_marked};
use crate::ask::{Admin, Ask, Of, allow, parse_key};
use crate::draft::{self, CHOSEN};
use crate::form::{Errors, Part, fields_of};
use crate::labels::label_of;
use crate::model::{Field, Fieldset, Kind, Model};
use crate::record::{Purpose, Record, find};
use crate::typed::ModelForm;
use crate::value::Value;

/// The form of one request.
pub(crate) struct Sheet {
    pub(crate) model: &'static Model,
    pub(crate) fieldsets: &'static [Fieldset],
    /// The object that is changed, with what is stored of it.
    pub(crate) object: Option<(i64, Record)>,
    /// Objects of relations whose form is here, too, by the relation's name.
    pub(crate) embedded: BTreeMap<&'static str, (i64, Record)>,
    /// Whether the whole of it can only be looked at.
    pub(crate) is_read_only: bool,
}

impl Sheet {
    /// For a new object.
    fn of_new(model: &'static Model) -> Self {
        let pages = model.pages;
        let fieldsets = pages.map_or(&[][..], |pages| {
            pages.add_fieldsets.unwrap_or(pages.fieldsets)
        });
        Self {
            model,
            fieldsets,
            object: None,
            embedded: BTreeMap::new(),
            is_read_only: false,
        }
    }

    /// For one that is there.
    pub(crate) async fn of_object(
        ask: &Ask,
        model: &'static Model,
        key: i64,
    ) -> web::Result<Option<Self>> {
        let admin = &ask.admin;
        let registry = &admin.registry;
        let Some(record) = find(&admin.db, registry, model, key, Purpose::Show).await? else {
            return Ok(None);
        };
        let fieldsets = model.pages.map_or(&[][..], |pages| pages.fieldsets);
        let mut embedded = BTreeMap::new();
        for name in fieldsets.iter().filter_map(|set| set.embedded) {
            let target = model.field(name).and_then(|field| registry.target(field));
            if let (Some(target), Some(key)) = (target, record.key(name)) {
                let found = find(&admin.db, registry, target, key, Purpose::Show).await?;
                if let Some(found) = found {
                    embedded.insert(name, (key, found));
                }
            }
        }
        Ok(Some(Self {
            model,
            fieldsets,
            is_read_only: !ask.rights(model).change || is_protected(ask, model, &record),
            object: Some((key, record)),
            embedded,
        }))
    }

    /// The fields that this user may fill in.
    pub(crate) fn open_fields(&self, ask: &Ask) -> Vec<&'static Field> {
        if self.is_read_only {
            return Vec::new();
        }
        let fields = self.fieldsets.iter().flat_map(|set| set.fields);
        let fields = fields.filter_map(|name| self.model.field(name));
        fields.filter(|field| self.is_open(ask, field)).collect()
    }

    pub(crate) fn is_open(&self, ask: &Ask, field: &Field) -> bool {
        let is_hash = field.kind == Kind::Password && self.object.is_some();
        !self.is_read_only && !is_hash && !is_reserved(ask, self.model, field.name)
    }

    /// The relations whose form is here, too, with the fields of that form; those that this user
    /// may not fill in are left out.
    pub(crate) fn embedded_forms(&self, ask: &Ask) -> Vec<Embedded> {
        let mut forms = Vec::new();
        for name in self.fieldsets.iter().filter_map(|set| set.embedded) {
            let Some(field) = self.model.field(name) else {
                continue;
            };
            let Some(target) = ask.admin.registry.target(field) else {
                continue;
            };
            let rights = ask.rights(target);
            let is_open = match self.embedded.get(name) {
                Some((_, record)) => rights.change && !is_protected(ask, target, record),
                None => rights.add,
            };
            if self.is_read_only || !self.is_open(ask, field) || !is_open {
                continue;
            }
            let fieldsets = target.pages.map_or(&[][..], |pages| pages.fieldsets);
            let names = fieldsets.iter().flat_map(|set| set.fields);
            let names = names.filter(|name| !is_reserved(ask, target, name));
            forms.push(Embedded {
                relation: field,
                target,
                fields: names.filter_map(|name| target.field(name)).collect(),
                prefix: format!("{name}-"),
                key: self.embedded.get(name).map(|(key, _)| *key),
            });
        }
        forms
    }

    /// What is stored, in the names of the form.
    pub(crate) fn stored(&self, ask: &Ask) -> Form {
        let mut fields = Vec::new();
        if let Some((key, record)) = &self.object {
            let open = self.open_fields(ask);
            fields.extend(fields_of(own_part(self.model, &open, Some(*key)), record));
        }
        for form in self.embedded_forms(ask) {
            if let Some((_, record)) = self.embedded.get(form.relation.name) {
                fields.extend(fields_of(form.part(), record));
            }
        }
        fields.into_iter().collect()
    }
}

/// The form of a related object within the form of another.
pub(crate) struct Embedded {
    pub(crate) relation: &'static Field,
    pub(crate) target: &'static Model,
    pub(crate) fields: Vec<&'static Field>,
    pub(crate) prefix: String,
    /// The object that it is about, where there is one.
    pub(crate) key: Option<i64>,
}

impl Embedded {
    pub(crate) fn part(&self) -> Part<'_> {
        Part {
            model: self.target,
            fields: &self.fields,
            prefix: &self.prefix,
            key: self.key,
        }
    }

    /// The names of its fields in the form.
    pub(crate) fn names(&self) -> Vec<String> {
        let part = self.part();
        self.fields.iter().map(|field| part.name(field)).collect()
    }

    /// Whether anything was filled in.
    pub(crate) fn is_filled_in(&self, form: &Form) -> bool {
        let names = form.fields().iter();
        let mut ours = names.filter(|(name, _)| name.starts_with(&self.prefix));
        ours.any(|(_, value)| !value.trim().is_empty())
    }
}

pub(crate) fn own_part<'a>(
    model: &'static Model,
    fields: &'a [&'static Field],
    key: Option<i64>,
) -> Part<'a> {
    Part {
        model,
        fields,
        prefix: "",
        key,
    }
}

/// Whether a field is for superusers alone to change, and this user is none.
fn is_reserved(ask: &Ask, model: &Model, name: &str) -> bool {
    let reserved = model.pages.map_or(&[][..], |pages| pages.reserved);
    !ask.staff.user.is_superuser && reserved.contains(&name)
}

/// Whether an object is for superusers alone to change: one of the reserved fields says yes.
pub(crate) fn is_protected(ask: &Ask, model: &Model, record: &Record) -> bool {
    let reserved = model.pages.map_or(&[][..], |pages| pages.reserved);
    !ask.staff.user.is_superuser && reserved.iter().any(|name| record.is(name))
}

/// What the form is opened with: a draft that is taken up again, or what is stored, or what the
/// address says and a new object has anyway.
async fn opened_with(ask: &Ask, sheet: &Sheet) -> web::Result<Form> {
    if let Some(draft) = draft::resumed(ask).await? {
        if sheet.is_read_only || has_lost(ask, sheet, &draft.form) {
            let text = ask.text("admin-typed-lost");
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
        let (form, marks) = taken_up(ask, sheet, &form, chosen.map(|key| (name, key)));
        return noted(ask, sheet, &form, &marks).await;
    }
    if sheet.object.is_some() {
        return Ok(opened(ask, sheet));
    }
    let mut fields = Vec::new();
    for field in sheet.open_fields(ask) {
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

/// Somebody else has deleted the object meanwhile: what was typed, in the form of a new one.
async fn gone(ask: &Ask, model: &'static Model, key: &str, form: &Form) -> web::Result<Response> {
    let is_in_two_steps = model
        .pages
        .is_some_and(|pages| pages.add_fieldsets.is_some());
    if version(form).is_empty() {
        return ask.missing(model, key).await;
    }
    if is_in_two_steps || !ask.rights(model).add {
        let text = ask.text("admin-typed-lost");
        ask.tell(level::WARNING, text).await?;
        return ask.missing(model, key).await;
    }
    let sheet = Sheet::of_new(model);
    let nothing = Form::default();
    let mut form = form.clone();
    let mut marks = Marks::new();
    for one in sheet.embedded_forms(ask) {
        let name = one.relation.name;
        let key = form.get(name).and_then(|key| parse_key(key.trim()));
        let is_there = match key {
            Some(key) => {
                let admin = &ask.admin;
                let label = label_of(&admin.db, &admin.registry, one.target, key).await?;
                label.is_some()
            }
            None => false,
        };
        let left_out = if is_there {
            marks.extend(typed_into(&form, &one, &nothing));
            one.names()
        } else {
            vec![name.to_owned()]
        };
        form = with_values(&form, &left_out, &nothing);
    }
    show_marked(ask, &sheet, Mode::Gone, &form, &marks).await
}

/// `GET …/add/`
pub(crate) async fn show_add(
    State(_): State<Admin>,
    Extension(Of(model)): Extension<Of>,
    ask: Ask,
) -> web::Result<Response> {
    allow(ask.rights(model).add)?;
    let sheet = Sheet::of_new(model);
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
    let sheet = Sheet::of_new(model);
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
            None => ask.missing(model, &key).await,
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

async fn sheet_of(ask: &Ask, model: &'static Model, key: &str) -> web::Result<Option<Sheet>> {
    match parse_key(key) {
        Some(key) => Sheet::of_object(ask, model, key).await,
        None => Ok(None),
    }
}

/// Where a button leads to a related object, what was typed is kept for the way back.
async fn leave(ask: &Ask, sheet: &Sheet, form: &Form) -> web::Result<Option<Response>> {
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
        let errors = Errors::from([(String::new(), vec![ask.text("admin-draft-long")])]);
        let (form, _) = taken_up(ask, sheet, form, None);
        return show_form(ask, sheet, mode, &form, &errors).await.map(Some);
    };
    let address = format!("{address}?{}={}", draft::FOR, draft.id);
    Ok(Some(crate::staff::redirect(&address)))
}
