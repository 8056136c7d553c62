//! Texts about models, their values and their history, in the reader's language.

use web::i18n::Texts;

use crate::data::history::{About, LogEntry, MessagePart};
use crate::description::model::{Field, FieldKind, Model};
use crate::description::registry::Registry;
use crate::description::value::Value;

/// The text of a key with its first letter in upper case, for a title.
pub(crate) fn title(texts: &Texts, key: &str) -> String {
    let text = texts.get(key);
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// The text of a key with a number of objects and the model's name in the singular or the plural.
pub(crate) fn count(texts: &Texts, key: &str, model: &Model, count: u64) -> String {
    // The catalogue decides which number takes the singular, as languages differ in that.
    let number = texts.with("admin-number", [("count", count.into())]);
    let name = if number == "one" {
        model.singular
    } else {
        model.plural
    };
    // As text, so that no language puts separators into it.
    let count = count.to_string();
    texts.with(
        key,
        [("count", count.into()), ("model", texts.get(name).into())],
    )
}

/// A value as a page shows it: a truth value as yes or no, a time to the minute.
pub(crate) fn value(texts: &Texts, value: &Value) -> String {
    match value {
        Value::Boolean(true) => texts.get("admin-yes"),
        Value::Boolean(false) => texts.get("admin-no"),
        Value::Time(time) => time.format("%Y-%m-%d %H:%M").to_string(),
        value => value.text(),
    }
}

/// A field's value as a page shows it: a choice by its name. What is none of the choices stands as it is
/// stored.
pub(crate) fn field_value(
    texts: &Texts,
    registry: &Registry,
    field: &Field,
    shown: &Value,
) -> String {
    if let (FieldKind::Choice(choices), Value::Text(stored)) = (field.kind, shown)
        && let Some((_, key)) = choices.iter().find(|(choice, _)| choice == stored)
    {
        return texts.get(key);
    }
    match (field.kind, shown) {
        (FieldKind::Integer { .. }, Value::Integer(number)) => {
            registry.scale_of(field).text(*number)
        }
        _ => value(texts, shown),
    }
}

/// What an entry of the history says. A field that the model has is named by its label, and so is an
/// object that is a part of the entry's, or stood in its form.
pub(crate) fn entry_text(
    texts: &Texts,
    registry: &Registry,
    model: Option<&Model>,
    entry: &LogEntry,
) -> String {
    let of = |[key, key_of]: [&str; 2], about: Option<About>| match about {
        None => texts.get(key),
        Some(about) => {
            let model = model_named(registry, &about.name);
            let name = model.map_or(about.name, |model| texts.get(model.singular));
            let names = [("model", name.into()), ("object", about.object.into())];
            texts.with(key_of, names)
        }
    };
    let parts = entry.message_parts().into_iter().map(|part| match part {
        MessagePart::Added(about) => of(["admin-told-added", "admin-told-added-of"], about),
        MessagePart::Deleted(about) => of(["admin-told-deleted", "admin-told-deleted-of"], about),
        MessagePart::Unchanged => texts.get("admin-told-nothing"),
        MessagePart::Text(text) => text,
        MessagePart::Changed(about, names) => {
            let other = about
                .as_ref()
                .map(|about| model_named(registry, &about.name));
            let model = other.unwrap_or(model);
            let names = names
                .into_iter()
                .map(|name| label_of_name(texts, model, name));
            let names = names.collect::<Vec<_>>().join(", ");
            let object = about.map(|about| about.object);
            match object {
                None => texts.with("admin-told-changed", [("fields", names.into())]),
                Some(object) => {
                    let names = [("fields", names.into()), ("object", object.into())];
                    texts.with("admin-told-changed-of", names)
                }
            }
        }
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// The model that the history calls so.
fn model_named<'a>(registry: &'a Registry, name: &str) -> Option<&'a Model> {
    let mut models = registry.models().iter().copied();
    models.find(|model| model.name == name)
}

/// The text that the database refused a change, with the reason in the database's words.
pub(crate) fn refusal_text(texts: &Texts, reason: &str) -> String {
    texts.with("admin-refused", [("reason", reason.into())])
}

/// The label of a field that the history names in English; that name if the model has no such
/// field.
fn label_of_name(texts: &Texts, model: Option<&Model>, name: String) -> String {
    let fields = model.map_or(&[][..], |model| model.fields);
    let mut known = fields
        .iter()
        .filter(|field| field.history_name() == name || field.name == name);
    known.next().map_or(name, |field| texts.get(field.label))
}
