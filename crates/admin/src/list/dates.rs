//! The way down through the dates of a list, from years to days
//! (`Django 5.2 contrib/admin/templatetags/admin_list.py`, `date_hierarchy`).

use crate::data::query::Select;
use crate::data::span::{LETTERS, PARTS, iso, place_in, span_at};
use crate::description::model::{Model, Pages};
use crate::list::filters::narrow;
use crate::list::list_query::ListQuery;
use crate::request::ask::Ask;

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
    ask: &Ask,
    model: &'static Model,
    pages: &'static Pages,
    query: &ListQuery,
) -> web::Result<Option<Dates>> {
    let registry = &ask.admin.registry;
    let Some(path) = pages.date_hierarchy else {
        return Ok(None);
    };
    let route = registry.route(model, path);
    let field = route.and_then(|route| route.field);
    let (Some(field), Some(place)) = (field, query.date_place(path)) else {
        return Ok(None);
    };
    let mut select = Select::new(registry, model);
    narrow(ask, model, pages, query, &mut select)?;
    let mut below = Vec::new();
    // As in Django, what is no choice is passed over: one year, one month.
    for depth in place.len() + 1..=PARTS {
        let found = select.clone();
        below = found.dates(&ask.admin.db, path, LETTERS[depth - 1]).await?;
        // What is stored need not be a time.
        below.retain(|text| place_in(text).is_some_and(|place| span_at(&place).is_some()));
        if below.len() != 1 {
            break;
        }
    }
    let at = |place: &[u32]| query.at_date(path, place).link();
    let above = (0..=place.len()).map(|depth| DateLink {
        text: match depth {
            0 => ask.text("admin-dates-all"),
            _ => iso(&place[..depth]),
        },
        link: (depth < place.len()).then(|| at(&place[..depth])),
    });
    let below = below.into_iter().map(|text| {
        let link = place_in(&text).map(|place| at(&place));
        DateLink { text, link }
    });
    Ok(Some(Dates {
        label: ask.text(field.label),
        above: above.collect(),
        below: below.collect(),
    }))
}
