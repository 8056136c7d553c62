//! Links that narrow a list to a year, a month or a day
//! (`Django 5.2 contrib/admin/templatetags/admin_list.py`, `date_hierarchy`).

use db::{Database, DbErr};
use sea_orm::ConnectionTrait as _;
use web::i18n::Texts;

use super::filters::narrow;
use super::list_query::List;
use crate::data::query::Select;
use crate::data::span::{DATE_PARTS, ISO_LENGTHS, iso_date, parse_date_prefix, span_of_date};

/// A year, a month or a day, with the link to the list of its objects.
#[derive(Debug)]
pub(crate) struct DateLink {
    pub(crate) text: String,
    /// `None` for the date that is shown.
    pub(crate) link: Option<String>,
}

/// The links above and below the date that is shown.
#[derive(Debug)]
pub(crate) struct DateHierarchy {
    /// The label of the field that has the dates.
    pub(crate) label: String,
    /// From all dates down to the date that is shown.
    pub(crate) above: Vec<DateLink>,
    /// The years, months or days that can be chosen next.
    pub(crate) below: Vec<DateLink>,
}

/// The links for the list as it is; `None` if the model has no `date_hierarchy`.
pub(crate) async fn date_hierarchy(
    db: &Database,
    texts: &Texts,
    list: List<'_>,
) -> Result<Option<DateHierarchy>, DbErr> {
    let List {
        registry,
        model,
        pages,
        query,
    } = list;
    let Some(path) = pages.date_hierarchy else {
        return Ok(None);
    };
    let resolved = registry.resolve(model, path);
    let field = resolved.and_then(|resolved| resolved.field);
    let (Some(field), Some(date_prefix)) = (field, query.date_prefix(path)) else {
        return Ok(None);
    };
    let mut select = Select::new(registry, model);
    narrow(list, db.get_database_backend(), &mut select)?;
    let mut below = Vec::new();
    // As in Django, a level with one choice is skipped: a single year, or a single month.
    for depth in date_prefix.len() + 1..=DATE_PARTS {
        let found = select.clone();
        below = found
            .date_prefixes(db, path, ISO_LENGTHS[depth - 1])
            .await?;
        // SQLite may hold something that is no time.
        below.retain(|text| {
            parse_date_prefix(text).is_some_and(|date_prefix| span_of_date(&date_prefix).is_some())
        });
        if below.len() != 1 {
            break;
        }
    }
    let at = |date_prefix: &[u32]| query.at_date(path, date_prefix).link();
    let above = (0..=date_prefix.len()).map(|depth| DateLink {
        text: match depth {
            0 => texts.get("admin-dates-all"),
            _ => iso_date(&date_prefix[..depth]),
        },
        link: (depth < date_prefix.len()).then(|| at(&date_prefix[..depth])),
    });
    let below = below.into_iter().map(|text| {
        let link = parse_date_prefix(&text).map(|date_prefix| at(&date_prefix));
        DateLink { text, link }
    });
    Ok(Some(DateHierarchy {
        label: texts.get(field.label),
        above: above.collect(),
        below: below.collect(),
    }))
}
