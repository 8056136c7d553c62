//! The form of one object, as one user has it: which fields are open, and what is stored of them.

use std::collections::BTreeMap;

use accounts::permission::Permissions;
use db::{Database, DbErr};
use sea_orm::ConnectionTrait;
use web::form::Form;

use super::clean::{FormPart, fields_of};
use super::inline_form::InlineForm;
use crate::data::access::{Rights, closed_fields, is_protected};
use crate::data::query::{Select, key_of};
use crate::data::record::{Purpose, Record, find};
use crate::description::model::{Field, FieldKind, Fieldset, Inline, Model};
use crate::description::registry::Registry;
use crate::description::value::Value;

/// The form of one request.
pub(crate) struct ObjectForm<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) permissions: &'a Permissions,
    pub(crate) model: &'static Model,
    pub(crate) fieldsets: &'static [Fieldset],
    /// The object that is changed, with its stored values; `None` for a new one.
    pub(crate) object: Option<(i64, Record)>,
    /// Related objects whose form is embedded, with their stored values, by the relation's name.
    pub(crate) embedded: BTreeMap<&'static str, (i64, Record)>,
    /// The stored rows of inlines, with their keys, by the names of the inlines' models.
    pub(crate) rows: BTreeMap<&'static str, Vec<(i64, Record)>>,
    /// Whether the user may only look at the object.
    pub(crate) is_read_only: bool,
}

impl<'a> ObjectForm<'a> {
    /// For a new object.
    pub(crate) fn for_new(
        registry: &'a Registry,
        permissions: &'a Permissions,
        model: &'static Model,
    ) -> Self {
        let pages = model.pages;
        let fieldsets = pages.map_or(&[][..], |pages| {
            pages.add_fieldsets.unwrap_or(pages.fieldsets)
        });
        Self {
            registry,
            permissions,
            model,
            fieldsets,
            object: None,
            embedded: BTreeMap::new(),
            rows: BTreeMap::new(),
            is_read_only: false,
        }
    }

    /// For an object that is stored; `None` if there is none.
    pub(crate) async fn for_object(
        db: &Database,
        registry: &'a Registry,
        permissions: &'a Permissions,
        model: &'static Model,
        key: i64,
    ) -> Result<Option<Self>, DbErr> {
        let Some(record) = find(db, registry, model, key, Purpose::Show).await? else {
            return Ok(None);
        };
        let fieldsets = model.pages.map_or(&[][..], |pages| pages.fieldsets);
        let mut embedded = BTreeMap::new();
        for name in fieldsets.iter().filter_map(|set| set.embedded) {
            let target = model.field(name).and_then(|field| registry.target(field));
            if let (Some(target), Some(key)) = (target, record.key(name)) {
                let found = find(db, registry, target, key, Purpose::Show).await?;
                if let Some(found) = found {
                    embedded.insert(name, (key, found));
                }
            }
        }
        let may_change = Rights::of(permissions, model).change;
        let mut object_form = Self {
            rows: BTreeMap::new(),
            registry,
            permissions,
            model,
            fieldsets,
            is_read_only: !may_change || is_protected(permissions, model, &record),
            object: Some((key, record)),
            embedded,
        };
        object_form.read_rows(db, Purpose::Show).await?;
        Ok(Some(object_form))
    }

    /// Reads the rows of the object and of those that are embedded.
    pub(crate) async fn read_rows(
        &mut self,
        db: &impl ConnectionTrait,
        purpose: Purpose,
    ) -> Result<(), DbErr> {
        for (owner, inline) in inlines_of(self.registry, self.model) {
            let object = match owner {
                None => self.object.as_ref(),
                Some(relation) => self.embedded.get(relation),
            };
            let rows = match object {
                Some((key, _)) => stored_rows(db, self.registry, inline, *key, purpose).await?,
                None => Vec::new(),
            };
            self.rows.insert(inline.model, rows);
        }
        Ok(())
    }

    /// The fields that this user may fill in.
    pub(crate) fn open_fields(&self) -> Vec<&'static Field> {
        if self.is_read_only {
            return Vec::new();
        }
        let fields = self.fieldsets.iter().flat_map(|set| set.fields);
        let fields = fields.filter_map(|name| self.model.field(name));
        fields.filter(|field| self.is_open(field)).collect()
    }

    pub(crate) fn is_open(&self, field: &Field) -> bool {
        // A password that is set already is changed on a page of its own.
        let is_hash = field.kind == FieldKind::Password && self.object.is_some();
        let closed = closed_fields(self.permissions, self.model);
        !self.is_read_only && !is_hash && !closed.contains(&field.name)
    }

    /// The embedded forms, without those that this user may not fill in.
    pub(crate) fn embedded_forms(&self) -> Vec<EmbeddedForm> {
        let mut forms = Vec::new();
        for name in self.fieldsets.iter().filter_map(|set| set.embedded) {
            let Some(field) = self.model.field(name) else {
                continue;
            };
            let Some(target) = self.registry.target(field) else {
                continue;
            };
            let rights = Rights::of(self.permissions, target);
            let is_open = match self.embedded.get(name) {
                Some((_, record)) => {
                    rights.change && !is_protected(self.permissions, target, record)
                }
                None => rights.add,
            };
            if self.is_read_only || !self.is_open(field) || !is_open {
                continue;
            }
            let fieldsets = target.pages.map_or(&[][..], |pages| pages.fieldsets);
            let names = fieldsets.iter().flat_map(|set| set.fields);
            let closed = closed_fields(self.permissions, target);
            let names = names.filter(|name| !closed.contains(name));
            forms.push(EmbeddedForm {
                relation: field,
                target,
                fields: names.filter_map(|name| target.field(name)).collect(),
                prefix: format!("{name}-"),
                key: self.embedded.get(name).map(|(key, _)| *key),
            });
        }
        forms
    }

    /// The inlines whose rows this user may change.
    pub(crate) fn inline_forms(&self) -> Vec<InlineForm> {
        let embedded = self.embedded_forms();
        let is_open = |owner: Option<&str>| match owner {
            None => !self.is_read_only,
            Some(name) => embedded.iter().any(|form| form.relation.name == name),
        };
        let inlines = inlines_of(self.registry, self.model).into_iter();
        let open = inlines.filter(|(owner, _)| is_open(*owner));
        let forms = open.filter_map(|(owner, inline)| {
            let (target, relation) = self.registry.inline_parts(inline)?;
            let rights = Rights::of(self.permissions, target);
            let rows = self.rows.get(inline.model).into_iter().flatten();
            let fields = target
                .fields
                .iter()
                .filter(|field| field.name != relation.name);
            (rights.add && rights.change && rights.delete).then(|| InlineForm {
                inline,
                target,
                relation,
                owner,
                fields: fields.collect(),
                keys: rows.map(|(key, _)| *key).collect(),
            })
        });
        forms.collect()
    }

    /// The stored values of a row.
    pub(crate) fn stored_row(&self, inline: &Inline, key: i64) -> Option<&Record> {
        let mut rows = self.rows.get(inline.model)?.iter();
        rows.find(|(known, _)| *known == key)
            .map(|(_, record)| record)
    }

    /// The stored values of the open fields, as the form would send them.
    pub(crate) fn stored(&self) -> Form {
        let mut fields = Vec::new();
        if let Some((key, record)) = &self.object {
            let open = self.open_fields();
            fields.extend(fields_of(
                self.registry,
                own_form_part(self.model, &open, Some(*key)),
                record,
            ));
        }
        for form in self.embedded_forms() {
            if let Some((_, record)) = self.embedded.get(form.relation.name) {
                fields.extend(fields_of(self.registry, form.part(), record));
            }
        }
        for form in self.inline_forms() {
            for key in &form.keys {
                if let Some(record) = self.stored_row(form.inline, *key) {
                    let row = form.stored_row(*key);
                    fields.extend(fields_of(self.registry, form.part(&row), record));
                }
            }
        }
        fields.into_iter().collect()
    }
}

/// The inlines of a model's form: its own, and those of embedded objects with the relation to these.
pub(crate) fn inlines_of(
    registry: &Registry,
    model: &Model,
) -> Vec<(Option<&'static str>, &'static Inline)> {
    let inlines = |model: &Model| model.pages.map_or(&[][..], |pages| pages.inlines).iter();
    let mut found: Vec<_> = inlines(model).map(|inline| (None, inline)).collect();
    let fieldsets = model.pages.map_or(&[][..], |pages| pages.fieldsets);
    for name in fieldsets.iter().filter_map(|set| set.embedded) {
        let target = model.field(name).and_then(|field| registry.target(field));
        let of_target = target.into_iter().flat_map(inlines);
        found.extend(of_target.map(|inline| (Some(name), inline)));
    }
    found
}

/// Reads the rows of an inline that an object has.
async fn stored_rows(
    db: &impl ConnectionTrait,
    registry: &Registry,
    inline: &Inline,
    key: i64,
    purpose: Purpose,
) -> Result<Vec<(i64, Record)>, DbErr> {
    let mut found = Vec::new();
    let Some((target, relation)) = registry.inline_parts(inline) else {
        return Ok(found);
    };
    let mut select = Select::new(registry, target);
    let index = select.column("id")?;
    // More than there may be can have come from elsewhere: those are left as they are.
    let most = u64::try_from(inline.most).ok();
    select.equals(relation.name, &Value::Integer(key))?;
    select.order(inline.ordering)?;
    select.order("id")?;
    for row in select.rows(db, 0, most).await? {
        let key = key_of(&row, index);
        if let Some(record) = find(db, registry, target, key, purpose).await? {
            found.push((key, record));
        }
    }
    Ok(found)
}

/// The form of a related object within the form of another.
pub(crate) struct EmbeddedForm {
    pub(crate) relation: &'static Field,
    pub(crate) target: &'static Model,
    pub(crate) fields: Vec<&'static Field>,
    pub(crate) prefix: String,
    /// The object that is changed; `None` if the form can only add one.
    pub(crate) key: Option<i64>,
}

impl EmbeddedForm {
    pub(crate) fn part(&self) -> FormPart<'_> {
        FormPart {
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
        // Names of rows may begin alike, and go on with the row's mark.
        let is_ours = |name: &str| {
            let rest = name.strip_prefix(&self.prefix);
            rest.is_some_and(|rest| !rest.contains('-'))
        };
        let mut ours = form.fields().iter().filter(|(name, _)| is_ours(name));
        ours.any(|(_, value)| !value.trim().is_empty())
    }
}

pub(crate) fn own_form_part<'a>(
    model: &'static Model,
    fields: &'a [&'static Field],
    key: Option<i64>,
) -> FormPart<'a> {
    FormPart {
        model,
        fields,
        prefix: "",
        key,
    }
}
