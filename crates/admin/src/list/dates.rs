//! Links that narrow a list to a year, a month or a day
//! (`Django 5.2 contrib/admin/templatetags/admin_list.py`, `date_hierarchy`).

use db::{Database, DbErr};
use sea_orm::ConnectionTrait as _;
use web::i18n::Texts;

use super::filters::narrow;
use super::list_query::List;
use crate::data::query::Select;
use crate::data::span::{LETTERS, PARTS, iso, place_in, span_at};

/// A place in the dates, with the link to the list of its objects.
#[derive(Debug)]
pub(crate) struct DateLink {
    pub(crate) text: String,
    /// `None` for the place that is shown.
    pub(crate) link: Option<String>,
}

/// The links above and below the place that is shown.
#[derive(Debug)]
pub(crate) struct Dates {
    /// The label of the field that has the dates.
    pub(crate) label: String,
    /// From all dates down to the place that is shown.
    pub(crate) above: Vec<DateLink>,
    /// The years, months or days that can be chosen next.
    pub(crate) below: Vec<DateLink>,
}

/// The links for the list as it is; `None` if the model has no `date_hierarchy`.
pub(crate) async fn dates(
    db: &Database,
    texts: &Texts,
    list: List<'_>,
) -> Result<Option<Dates>, DbErr> {
    let List {
        registry,
        model,
        pages,
        query,
    } = list;
    let Some(path) = pages.date_hierarchy else {
        return Ok(None);
    };
    let route = registry.route(model, path);
    let field = route.and_then(|route| route.field);
    let (Some(field), Some(place)) = (field, query.date_place(path)) else {
        return Ok(None);
    };
    let mut select = Select::new(registry, model);
    narrow(list, db.get_database_backend(), &mut select)?;
    let mut below = Vec::new();
    // As in Django, a level with one choice is skipped: a single year, or a single month.
    for depth in place.len() + 1..=PARTS {
        let found = select.clone();
        below = found.dates(db, path, LETTERS[depth - 1]).await?;
        // SQLite may hold something that is no time.
        below.retain(|text| place_in(text).is_some_and(|place| span_at(&place).is_some()));
        if below.len() != 1 {
            break;
        }
    }
    let at = |place: &[u32]| query.at_date(path, place).link();
    let above = (0..=place.len()).map(|depth| DateLink {
        text: match depth {
            0 => texts.get("admin-dates-all"),
            _ => iso(&place[..depth]),
        },
        link: (depth < place.len()).then(|| at(&place[..depth])),
    });
    let below = below.into_iter().map(|text| {
        let link = place_in(&text).map(|place| at(&place));
        DateLink { text, link }
    });
    Ok(Some(Dates {
        label: texts.get(field.label),
        above: above.collect(),
        below: below.collect(),
    }))
}
