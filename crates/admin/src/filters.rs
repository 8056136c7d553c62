//! The filters of a list, and what can be chosen in them.

use db::DbErr;
use sea_orm::ConnectionTrait as _;

use crate::ask::{Ask, parse_key};
use crate::labels::labels;
use crate::list_query::{ListQuery, filter_parameter};
use crate::model::{Field, Kind, Model, Pages};
use crate::query::Select;
use crate::value::Value;
use crate::widget::Choice;

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

/// Search and filters; `false` where a filter's value cannot be meant.
pub(crate) fn narrow(
    ask: &Ask,
    model: &'static Model,
    pages: &Pages,
    query: &ListQuery,
    select: &mut Select<'_>,
) -> Result<bool, DbErr> {
    let registry = &ask.admin.registry;
    for path in pages.filters {
        let field = registry.route(model, path).and_then(|route| route.field);
        let Some(value) = query.filter(&filter_parameter(path, field)) else {
            continue;
        };
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
            Some(Kind::Text { .. }) if !value.contains('\0') => {
                select.equals(path, &Value::Text(value.to_owned()))?;
            }
            Some(Kind::Relation(_) | Kind::Integer { .. }) | None => match value.parse() {
                Ok(number) => select.equals(path, &Value::Integer(number))?,
                Err(_) => return Ok(false),
            },
            _ => return Ok(false),
        }
    }
    let backend = ask.admin.db.get_database_backend();
    select.search(pages.search, &query.search, backend)?;
    Ok(true)
}

/// The filters as the page shows them; `total` is how many
/// objects there are.
pub(crate) async fn filters(
    ask: &Ask,
    model: &'static Model,
    pages: &'static Pages,
    query: &ListQuery,
    total: u64,
) -> web::Result<Vec<Filter>> {
    let registry = &ask.admin.registry;
    let mut filters = Vec::new();
    for path in pages.filters {
        let Some(route) = registry.route(model, path) else {
            continue;
        };
        let Some(field) = route.field else { continue };
        let name = filter_parameter(path, Some(field));
        let value = query.filter(&name).unwrap_or_default().to_owned();
        // What a value would leave, with the other filters.
        let mut others = query.clone();
        others.filters.retain(|(other, _)| *other != name);
        let mut counted = Select::new(registry, model);
        narrow(ask, model, pages, &others, &mut counted)?;
        let found: Option<Vec<(String, String, Option<u64>)>> = match field.kind {
            Kind::Boolean(_) => {
                let mut both = Vec::new();
                for (value, key, is_true) in [("1", "admin-yes", true), ("0", "admin-no", false)] {
                    let mut counted = counted.clone();
                    counted.equals(path, &Value::Boolean(is_true))?;
                    let count = facet(ask, query, &counted).await?;
                    both.push((value.to_owned(), ask.text(key), count));
                }
                Some(both)
            }
            Kind::Relation(_) | Kind::Many(_) => related(ask, path, field, query, &counted).await?,
            _ if total > MAX_COUNTED => None,
            _ => {
                let mut all = if query.facets {
                    counted
                } else {
                    Select::new(registry, model)
                };
                let values = all.values(&ask.admin.db, path, MAX_VALUES + 1).await?;
                let is_short = values.len() as u64 <= MAX_VALUES;
                let values = values
                    .into_iter()
                    .filter(|(value, _)| !value.text().is_empty());
                let values = values.map(|(value, count)| {
                    (value.text(), value.text(), query.facets.then_some(count))
                });
                is_short.then(|| values.collect())
            }
        };
        let choices = found.map(|found| {
            let choices = found.into_iter().map(|(choice, label, count)| Choice {
                is_chosen: choice == value,
                label: count.map_or_else(|| label.clone(), |count| format!("{label} ({count})")),
                value: choice,
            });
            choices.collect()
        });
        filters.push(Filter {
            label: ask.text(field.label),
            name,
            choices,
            value,
        });
    }
    Ok(filters)
}

/// How many a choice would leave, when that is asked for.
async fn facet(ask: &Ask, query: &ListQuery, counted: &Select<'_>) -> web::Result<Option<u64>> {
    if !query.facets {
        return Ok(None);
    }
    Ok(Some(counted.count(&ask.admin.db).await?))
}

type Found = Vec<(String, String, Option<u64>)>;

async fn related(
    ask: &Ask,
    path: &str,
    field: &Field,
    query: &ListQuery,
    counted: &Select<'_>,
) -> web::Result<Option<Found>> {
    let admin = &ask.admin;
    let Some(target) = admin.registry.target(field) else {
        return Ok(None);
    };
    let objects = labels(&admin.db, &admin.registry, target, Some(MAX_VALUES + 1)).await?;
    if objects.len() as u64 > MAX_VALUES {
        return Ok(None);
    }
    let mut found = Vec::new();
    for (key, label) in objects {
        let mut counted = counted.clone();
        if matches!(field.kind, Kind::Many(_)) {
            counted.has(path, key)?;
        } else {
            counted.equals(path, &Value::Integer(key))?;
        }
        let count = facet(ask, query, &counted).await?;
        found.push((key.to_string(), label, count));
    }
    Ok(Some(found))
}
