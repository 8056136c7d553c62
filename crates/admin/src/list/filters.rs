//! The filters of a list, and what can be chosen in them.

use std::collections::HashMap;

use chrono::Utc;
use db::{Database, DbErr};
use sea_orm::{ConnectionTrait as _, DbBackend};
use web::i18n::Texts;

use super::list_query::{List, filter_parameter};
use crate::data::labels::labels;
use crate::data::query::Select;
use crate::data::record::parse_key;
use crate::data::span::{DATE_CHOICES, SPAN_CHOICES, span_of_choice, span_of_date};
use crate::description::model::{Field, FieldKind};
use crate::description::registry::Registry;
use crate::description::value::Value;
use crate::form::widget::Choice;

/// A filter of more values than these is a field to type in.
const MAX_VALUES: u64 = 100;
/// So is a filter of a list of more objects than these: finding its values reads them all.
const MAX_COUNTED: u64 = 20_000;

/// A filter of the list.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) name: String,
    pub(crate) label: String,
    /// The choices; `None` if a value is typed.
    pub(crate) choices: Option<Vec<Choice>>,
    pub(crate) value: String,
}

/// Adds the conditions of filters, dates and search. `false` if a value is invalid.
pub(crate) fn narrow(
    list: List<'_>,
    backend: DbBackend,
    select: &mut Select<'_>,
) -> Result<bool, DbErr> {
    let List {
        registry,
        model,
        pages,
        query,
    } = list;
    for path in pages.filters {
        let field = registry
            .resolve(model, path)
            .and_then(|resolved| resolved.field);
        if let Some(value) = query.filter(&filter_parameter(path, field))
            && !narrow_by(select, path, field, value)?
        {
            return Ok(false);
        }
    }
    if let Some(path) = pages.date_hierarchy {
        let date_prefix = query.date_prefix(path);
        match date_prefix
            .as_deref()
            .map(|date_prefix| (date_prefix, span_of_date(date_prefix)))
        {
            Some(([], _)) => {}
            Some((_, Some(span))) => select.within(path, span)?,
            Some((_, None)) | None => return Ok(false),
        }
    }
    select.search(pages.search, &query.search, backend)?;
    Ok(true)
}

/// Adds the condition of one filter. `false` if its value is invalid.
fn narrow_by(
    select: &mut Select<'_>,
    path: &str,
    field: Option<&Field>,
    value: &str,
) -> Result<bool, DbErr> {
    match field.map(|field| field.kind) {
        Some(FieldKind::ManyToMany(_)) => match parse_key(value) {
            Some(key) => select.has_related(path, key)?,
            None => return Ok(false),
        },
        Some(FieldKind::Boolean(_)) => match value {
            "1" | "True" => select.equals(path, &Value::Boolean(true))?,
            "0" | "False" => select.equals(path, &Value::Boolean(false))?,
            _ => return Ok(false),
        },
        Some(FieldKind::DateTime { .. }) => {
            match (value, span_of_choice(value, Utc::now().date_naive())) {
                ("none", _) => select.equals(path, &Value::Null)?,
                ("any", _) => select.is_not_null(path)?,
                (_, Some(span)) => select.within(path, span)?,
                (_, None) => return Ok(false),
            }
        }
        Some(FieldKind::Text { .. } | FieldKind::Choice(_)) if !value.contains('\0') => {
            select.equals(path, &Value::Text(value.to_owned()))?;
        }
        Some(FieldKind::Relation(_) | FieldKind::Integer { .. }) | None => match value.parse() {
            Ok(number) => select.equals(path, &Value::Integer(number))?,
            Err(_) => return Ok(false),
        },
        _ => return Ok(false),
    }
    Ok(true)
}

/// The filters as the page shows them. `total` is how many objects the model has.
pub(crate) async fn filters(
    db: &Database,
    texts: &Texts,
    list: List<'_>,
    total: u64,
) -> Result<Vec<Filter>, DbErr> {
    let List {
        registry,
        model,
        pages,
        query,
    } = list;
    let mut filters = Vec::new();
    for path in pages.filters {
        let Some(resolved) = registry.resolve(model, path) else {
            continue;
        };
        let Some(field) = resolved.field else {
            continue;
        };
        let name = filter_parameter(path, Some(field));
        let value = match (query.filter(&name).unwrap_or_default(), field.kind) {
            ("True", FieldKind::Boolean(_)) => "1",
            ("False", FieldKind::Boolean(_)) => "0",
            (value, _) => value,
        };
        let possible = match fixed_choices(db, texts, registry, field).await? {
            None if registry.target(field).is_none() && total <= MAX_COUNTED => {
                existing_values(db, list, path).await?
            }
            known => known,
        };
        let choices = match possible {
            None => None,
            Some(possible) => {
                let counts = if query.facets {
                    // Each value is counted with the other filters, and without what this one is
                    // set to.
                    let mut others = query.clone();
                    others.filters.retain(|(other, _)| *other != name);
                    let mut counted = Select::new(registry, model);
                    let others = List {
                        query: &others,
                        ..list
                    };
                    narrow(others, db.get_database_backend(), &mut counted)?;
                    Some(counts(db, counted, path, field).await?)
                } else {
                    None
                };
                Some(choices(possible, value, counts.as_ref()))
            }
        };
        filters.push(Filter {
            label: texts.get(field.label),
            name,
            choices,
            value: value.to_owned(),
        });
    }
    Ok(filters)
}

/// The values that the objects have; `None` if there are more than [`MAX_VALUES`].
async fn existing_values(
    db: &Database,
    list: List<'_>,
    path: &str,
) -> Result<Option<Vec<(String, String)>>, DbErr> {
    let mut all = Select::new(list.registry, list.model);
    let values = all.values(db, path, MAX_VALUES + 1).await?;
    let is_short = values.len() as u64 <= MAX_VALUES;
    let values = values.into_iter().map(|(value, _)| value.text());
    let values = values.filter(|value| !value.is_empty());
    Ok(is_short.then(|| values.map(|value| (value.clone(), value)).collect()))
}

/// The choices of a filter. The value that it is set to is one of them even if no object has it
/// (any longer).
fn choices(
    mut possible: Vec<(String, String)>,
    value: &str,
    counts: Option<&HashMap<String, u64>>,
) -> Vec<Choice> {
    if !value.is_empty() && possible.iter().all(|(choice, _)| choice != value) {
        possible.push((value.to_owned(), value.to_owned()));
    }
    let choices = possible.into_iter().map(|(choice, label)| Choice {
        is_chosen: choice == value,
        label: match counts {
            Some(counts) => format!("{label} ({})", counts.get(&choice).copied().unwrap_or(0)),
            None => label,
        },
        value: choice,
    });
    choices.collect()
}

/// How many objects each choice would leave.
async fn counts(
    db: &Database,
    mut counted: Select<'_>,
    path: &str,
    field: &Field,
) -> Result<HashMap<String, u64>, DbErr> {
    let mut counts = HashMap::new();
    if let FieldKind::DateTime { .. } = field.kind {
        // The spans overlap: an object counts for several, so that each needs a count of its own.
        for (choice, _) in DATE_CHOICES {
            let mut counted = counted.clone();
            narrow_by(&mut counted, path, Some(field), choice)?;
            counts.insert(choice.to_owned(), counted.count(db).await?);
        }
        return Ok(counts);
    }
    for (value, count) in counted.values(db, path, MAX_VALUES + 1).await? {
        let choice = match value {
            Value::Boolean(is_true) => u8::from(is_true).to_string(),
            value => value.text(),
        };
        counts.insert(choice, count);
    }
    Ok(counts)
}

/// The choices that do not depend on the objects of the list, with their names. `None` if there are
/// too many, or if the choices are the values that the objects have.
async fn fixed_choices(
    db: &Database,
    texts: &Texts,
    registry: &Registry,
    field: &Field,
) -> Result<Option<Vec<(String, String)>>, DbErr> {
    let fixed = |choices: &[(&str, &str)]| {
        let choices = choices.iter();
        let choices = choices.map(|(value, key)| ((*value).to_owned(), texts.get(key)));
        Some(choices.collect())
    };
    Ok(match (field.kind, registry.target(field)) {
        (FieldKind::Choice(choices), _) => fixed(choices),
        (FieldKind::Boolean(_), _) => fixed(&[("1", "admin-yes"), ("0", "admin-no")]),
        (FieldKind::DateTime { null }, _) => {
            let choices = if null {
                DATE_CHOICES.len()
            } else {
                SPAN_CHOICES
            };
            fixed(&DATE_CHOICES[..choices])
        }
        (_, Some(target)) => {
            let all = labels(db, registry, target, Some(MAX_VALUES + 1)).await?;
            let is_short = all.len() as u64 <= MAX_VALUES;
            let all = all.into_iter().map(|(key, label)| (key.to_string(), label));
            is_short.then(|| all.collect())
        }
        _ => None,
    })
}
