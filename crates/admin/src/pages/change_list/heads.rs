//! The heads of a list's columns, which sort it.

use web::i18n::Texts;

use crate::description::model::LABEL;
use crate::list::list_query::{Direction, List, ListQuery, order_of};
use crate::words;

/// The head of a column.
#[derive(Debug)]
pub(super) struct ColumnHead {
    pub(super) text: String,
    /// The list sorted by this column before all others; descending if it is ascending now. `None` for a
    /// column that the site adds.
    pub(super) link: Option<String>,
    /// For `aria-sort`.
    pub(super) sorted: Option<&'static str>,
    /// Its rank in the order, from 1, if the list is sorted by several columns.
    pub(super) sort_priority: Option<usize>,
    /// The list without this column in its order.
    pub(super) unsort_link: Option<String>,
}

/// Those of the model's columns, and then those of what the site adds.
pub(super) fn heads(texts: &Texts, list: List<'_>) -> Vec<ColumnHead> {
    let List {
        registry,
        model,
        pages,
        query,
    } = list;
    let heads = (1..).zip(pages.columns).map(|(column, path)| {
        let resolved = registry.resolve(model, path);
        let field = resolved.and_then(|resolved| resolved.field);
        let text = match field {
            _ if *path == LABEL => words::title(texts, model.singular),
            Some(field) => texts.get(field.label),
            None => texts.get("admin-key"),
        };
        let sort_priority = query.order.iter().position(|(other, _)| *other == column);
        let direction = sort_priority.map(|sort_priority| query.order[sort_priority].1);
        let next = if direction == Some(Direction::Ascending) {
            Direction::Descending
        } else {
            Direction::Ascending
        };
        let others = query
            .order
            .iter()
            .copied()
            .filter(|(other, _)| *other != column);
        let others: Vec<_> = others.collect();
        let order = [&[(column, next)], &others[..]].concat();
        let unsort_link = ListQuery {
            order: others,
            page: 1,
            ..query.clone()
        };
        ColumnHead {
            text,
            link: Some(
                ListQuery {
                    order,
                    page: 1,
                    ..query.clone()
                }
                .link(),
            ),
            sorted: direction.map(|direction| match direction {
                Direction::Ascending => "ascending",
                Direction::Descending => "descending",
            }),
            sort_priority: sort_priority
                .map(|sort_priority| sort_priority + 1)
                .filter(|_| query.order.len() > 1),
            unsort_link: direction.map(|_| unsort_link.link()),
        }
    });
    debug_assert!((1..=pages.columns.len()).all(|n| order_of(registry, model, n).is_some()));
    let extras = pages.extras.map_or(&[][..], |extras| extras.columns);
    let further = extras.iter().map(|key| ColumnHead {
        text: texts.get(key),
        link: None,
        sorted: None,
        sort_priority: None,
        unsort_link: None,
    });
    heads.chain(further).collect()
}
