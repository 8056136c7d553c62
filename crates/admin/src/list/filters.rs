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
use crate::data::span::{CHOICES, SPANS, span_at, span_of};
use crate::description::model::{Field, Kind};
use crate::description::registry::Registry;
use crate::description::value::Value;
use crate::form::widget::Choice;

/// A filter of more values than these, or of a list of more objects, is a field to type in.
const MAX_VALUES: u64 = 100;
const MAX_COUNTED: u64 = 20_000;

/// A filter of the list.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) name: String,
    pub(crate) label: String,
    /// What can be chosen; `None` where a value is typed.
    pub(crate) choices: Option<Vec<Choice>>,
    pub(crate) value: String,
}

/// Search, dates and filters; `false` where a value cannot be meant.
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
        let field = registry.route(model, path).and_then(|route| route.field);
        if let Some(value) = query.filter(&filter_parameter(path, field))
            && !narrow_by(select, path, field, value)?
        {
            return Ok(false);
        }
    }
    if let Some(path) = pages.date_hierarchy {
        let place = query.date_place(path);
        match place.as_deref().map(|place| (place, span_at(place))) {
            Some(([], _)) => {}
            Some((_, Some(span))) => select.within(path, span)?,
            Some((_, None)) | None => return Ok(false),
        }
    }
    select.search(pages.search, &query.search, backend)?;
    Ok(true)
}

/// One filter; `false` where its value cannot be meant.
fn narrow_by(
    select: &mut Select<'_>,
    path: &str,
    field: Option<&Field>,
    value: &str,
) -> Result<bool, DbErr> {
    match field.map(|field| field.kind) {
        Some(Kind::Many(_)) => match parse_key(value) {
            Some(key) => select.has(path, key)?,
            None => return Ok(false),
        },
        Some(Kind::Boolean(_)) => match value {
            "1" | "True" => select.equals(path, &Value::Boolean(true))?,
            "0" | "False" => select.equals(path, &Value::Boolean(false))?,
            _ => return Ok(false),
        },
        Some(Kind::DateTime { .. }) => match (value, span_of(value, Utc::now().date_naive())) {
            ("none", _) => select.equals(path, &Value::Null)?,
            ("any", _) => select.is_there(path)?,
            (_, Some(span)) => select.within(path, span)?,
            (_, None) => return Ok(false),
        },
        Some(Kind::Text { .. }) if !value.contains('\0') => {
            select.equals(path, &Value::Text(value.to_owned()))?;
        }
        Some(Kind::Relation(_) | Kind::Integer { .. }) | None => match value.parse() {
            Ok(number) => select.equals(path, &Value::Integer(number))?,
            Err(_) => return Ok(false),
        },
        _ => return Ok(false),
    }
    Ok(true)
}

/// The filters as the page shows them; `total` is how many
/// objects there are.
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
        let Some(route) = registry.route(model, path) else {
            continue;
        };
        let Some(field) = route.field else { continue };
        let name = filter_parameter(path, Some(field));
        let value = match (query.filter(&name).unwrap_or_default(), field.kind) {
            ("True", Kind::Boolean(_)) => "1",
            ("False", Kind::Boolean(_)) => "0",
            (value, _) => value,
        };
        let possible = match known(db, texts, registry, field).await? {
            None if registry.target(field).is_none() && total <= MAX_COUNTED => {
                held(db, list, path).await?
            }
            known => known,
        };
        let choices = match possible {
            None => None,
            Some(possible) => {
                let counts = if query.facets {
                    // What a value would leave, with the other filters.
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

/// The values that there are, where they are few.
async fn held(
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

/// What can be chosen, and what is chosen even if nothing has that value (any longer).
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
    if let Kind::DateTime { .. } = field.kind {
        // The spans lie within each other.
        for (choice, _) in CHOICES {
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

/// What can be chosen in any list, and what that is called: where it is few enough, and not what
/// the objects of the list happen to hold.
async fn known(
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
        (Kind::Boolean(_), _) => fixed(&[("1", "admin-yes"), ("0", "admin-no")]),
        (Kind::DateTime { null }, _) => {
            let choices = if null { CHOICES.len() } else { SPANS };
            fixed(&CHOICES[..choices])
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
