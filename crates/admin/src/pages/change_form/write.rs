//! What a form says, written with its history.

use db::{DbErr, Integer, Transaction};

use crate::data::history::{self, About, Action, NewLogEntries, Told};
use crate::data::labels::{label_of, whole_of};
use crate::data::record::{Purpose, Record, delete_where, find, insert, update};
use crate::description::model::Model;
use crate::description::registry::Registry;
use crate::description::value::Value;
use crate::form::inline_form::InlineForm;
use crate::form::object_form::{EmbeddedForm, ObjectForm};

/// The values of a form, read and checked.
pub(super) struct CleanedForm {
    pub(super) own: Record,
    /// One for each embedded form, in order; `None` if its object is neither added nor changed.
    pub(super) embedded: Vec<Option<Record>>,
    /// What becomes of the rows of each inline, in order; rows that stay as they are have no entry.
    pub(super) rows: Vec<Vec<RowChange>>,
}

/// What becomes of a row of an inline.
pub(super) enum RowChange {
    Add(Record),
    Change(i64, Record),
    Delete(i64),
}

/// Writes objects with their history, in one transaction.
pub(super) struct Writer<'a> {
    pub(super) transaction: &'a Transaction,
    pub(super) registry: &'a Registry,
    /// The user of the history's entries.
    pub(super) user: Integer,
}

impl Writer<'_> {
    /// Writes the embedded objects, then the object with their keys. Returns its key.
    pub(super) async fn write(
        &self,
        object_form: &ObjectForm<'_>,
        forms: &[EmbeddedForm],
        cleaned: CleanedForm,
    ) -> Result<i64, DbErr> {
        let CleanedForm {
            mut own,
            embedded,
            rows,
        } = cleaned;
        let inlines = object_form.inline_forms().into_iter().zip(rows);
        let (inlines, mut of_embedded): (Vec<_>, Vec<_>) =
            inlines.partition(|(rows, _)| rows.owner.is_none());
        of_embedded.retain(|(_, changes)| !changes.is_empty());
        for (embedded_form, record) in forms.iter().zip(embedded) {
            let name = embedded_form.relation.name;
            let (rows, others) = of_embedded
                .into_iter()
                .partition(|(rows, _)| rows.owner == Some(name));
            of_embedded = others;
            let rows: Vec<_> = rows;
            // An object that stays as it is may have rows that do not.
            let record = match record {
                None if rows.is_empty() => continue,
                record => record.unwrap_or_default(),
            };
            let stored = object_form.embedded.get(name);
            let stored = stored.map(|(key, stored)| (*key, stored));
            let key = self.write_object(embedded_form.target, stored, &record, rows);
            let key = Value::Integer(key.await?);
            own.values.insert(name, key);
        }
        let stored = object_form.object.as_ref();
        let stored = stored.map(|(key, stored)| (*key, stored));
        self.write_object(object_form.model, stored, &own, inlines)
            .await
    }

    /// Writes an object with its rows, and what the history says of it. The history gets an entry even
    /// if nothing was changed, as in Django.
    async fn write_object(
        &self,
        model: &'static Model,
        stored: Option<(i64, &Record)>,
        record: &Record,
        inlines: Vec<(InlineForm, Vec<RowChange>)>,
    ) -> Result<i64, DbErr> {
        let (key, action, fields) = if let Some((key, stored)) = stored {
            let changed = update(self.transaction, model, key, [stored, record]).await?;
            (key, Action::Change, history::names_of(&changed))
        } else {
            let key = insert(self.transaction, model, record).await?;
            (key, Action::Addition, Vec::new())
        };
        let mut told = vec![Told {
            action,
            about: None,
            fields,
        }];
        for (inline_form, changes) in inlines {
            for change in changes {
                told.push(self.write_row(&inline_form, key, change).await?);
            }
        }
        self.write_entry(model, key, action, told).await?;
        Ok(key)
    }

    /// Writes a row of an object. Returns what the history says of it.
    async fn write_row(
        &self,
        inline_form: &InlineForm,
        object: i64,
        change: RowChange,
    ) -> Result<Told, DbErr> {
        let model = inline_form.target;
        let (key, action, mut fields) = match change {
            RowChange::Add(mut record) => {
                let relation = inline_form.relation.name;
                record.values.insert(relation, Value::Integer(object));
                let key = insert(self.transaction, model, &record).await?;
                (key, Action::Addition, Vec::new())
            }
            RowChange::Change(key, record) => {
                let purpose = Purpose::Change;
                let stored = find(self.transaction, self.registry, model, key, purpose).await?;
                let stored = stored.unwrap_or_default();
                let changed = update(self.transaction, model, key, [&stored, &record]).await?;
                (key, Action::Change, changed)
            }
            RowChange::Delete(key) => (key, Action::Deletion, Vec::new()),
        };
        let label = label_of(self.transaction, self.registry, model, key).await?;
        if action == Action::Deletion {
            delete_where(self.transaction, model.table, "id", &[key]).await?;
        }
        // A row has no fieldsets: in the order of the model.
        fields.sort_by_key(|field| {
            model
                .fields
                .iter()
                .position(|known| known.name == field.name)
        });
        let about = About {
            name: model.name.to_owned(),
            object: label.unwrap_or_default(),
        };
        Ok(Told {
            action,
            about: Some(about),
            fields: history::names_of(&fields),
        })
    }

    /// Writes the entry of the history: of a part, one that the whole was changed.
    async fn write_entry(
        &self,
        model: &'static Model,
        key: i64,
        action: Action,
        mut told: Vec<Told>,
    ) -> Result<(), DbErr> {
        let label = label_of(self.transaction, self.registry, model, key).await?;
        let mut object = (key, label.unwrap_or_default());
        let mut entry_action = action;
        if let Some(whole) = whole_of(self.transaction, self.registry, model, key).await? {
            if let Some(first) = told.first_mut() {
                first.about = Some(About {
                    name: model.name.to_owned(),
                    object: object.1,
                });
            }
            object = whole;
            entry_action = Action::Change;
        }
        let entry = NewLogEntries {
            user: self.user,
            model,
            action: entry_action,
            message: &history::message(&told),
        };
        history::write(self.transaction, entry, &[object]).await
    }
}
