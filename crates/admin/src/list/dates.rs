//! The way down through the dates of a list, from years to days
//! (`Django 5.2 contrib/admin/templatetags/admin_list.py`, `date_hierarchy`).

use db::{Database, DbErr};
use sea_orm::ConnectionTrait as _;
use web::i18n::Texts;

use super::filters::narrow;
use super::list_query::List;
use crate::data::query::Select;
use crate::data::span::{LETTERS, PARTS, iso, place_in, span_at};

/// A date, and the list of what is of that date.
#[derive(Debug)]
pub(crate) struct DateLink {
    pub(crate) text: String,
    /// None for the one that is shown.
    pub(crate) link: Option<String>,
}

/// The way down through the dates.
#[derive(Debug)]
pub(crate) struct Dates {
    /// What the dates are.
    pub(crate) label: String,
    /// Up to all of them, and where the list is.
    pub(crate) above: Vec<DateLink>,
    /// What can be chosen next.
    pub(crate) below: Vec<DateLink>,
}

/// The way down for the list as it is; none where the model has no such dates.
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
    // As in Django, what is no choice is passed over: one year, one month.
    for depth in place.len() + 1..=PARTS {
        let found = select.clone();
        below = found.dates(db, path, LETTERS[depth - 1]).await?;
        // What is stored need not be a time.
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
