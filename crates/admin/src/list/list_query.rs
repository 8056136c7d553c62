//! The query in a list's address, under Django's names (`Django 5.2 contrib/admin/views/main.py`).

use web::form::Form;

use crate::data::record::parse_key;
use crate::data::span::DATE_PARTS;
use crate::description::model::{Field, FieldKind, LABEL, Model, Pages, TextPart};
use crate::description::registry::Registry;

/// Objects on a page of a list.
pub(crate) const PER_PAGE: u64 = 100;

/// The most objects that `all` shows on one page.
pub(crate) const MAX_SHOW_ALL: u64 = 200;

/// The query in a list's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) search: String,
    /// The columns to sort by, counted from 1, each with its direction.
    pub(crate) order: Vec<(usize, Direction)>,
    pub(crate) page: u64,
    pub(crate) all: bool,
    pub(crate) facets: bool,
    /// The parameter of a filter, or of a part of a date, and its value.
    pub(crate) filters: Vec<(String, String)>,
    /// The draft of the form for which an object is chosen.
    pub(crate) draft: Option<String>,
}

/// A model's list as its address asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) model: &'static Model,
    pub(crate) pages: &'static Pages,
    pub(crate) query: &'a ListQuery,
}

/// The direction of an order: whether it is descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// The parameter of a filter: Django's look-up, except for times.
pub(crate) fn filter_parameter(path: &str, field: Option<&Field>) -> String {
    let path = path.replace('.', "__");
    match field.map(|field| field.kind) {
        Some(FieldKind::Relation(_) | FieldKind::ManyToMany(_)) => format!("{path}__id__exact"),
        Some(FieldKind::DateTime { .. }) => format!("{path}__within"),
        _ => format!("{path}__exact"),
    }
}

/// The parameters of a date prefix at a path: Django's look-ups.
fn date_parameters(path: &str) -> [String; DATE_PARTS] {
    ["year", "month", "day"].map(|part| format!("{path}__{part}"))
}

/// The parameters that are no filters.
const OWN: [&str; 9] = [
    "q",
    "o",
    "p",
    "all",
    "e",
    "_facets",
    "_draft",
    "_export",
    "_changelist_filters",
];

impl ListQuery {
    /// Parses the query; `None` if a parameter is unknown or invalid.
    pub(crate) fn parse(registry: &Registry, model: &'static Model, query: &Form) -> Option<Self> {
        let pages = model.pages?;
        let mut found = Self {
            search: query.get("q").unwrap_or_default().trim().to_owned(),
            order: Vec::new(),
            page: 1,
            all: query.get("all").is_some(),
            facets: query.get("_facets").is_some(),
            filters: Vec::new(),
            draft: query.get("_draft").map(str::to_owned),
        };
        for part in query
            .get("o")
            .unwrap_or_default()
            .split('.')
            .filter(|part| !part.is_empty())
        {
            let (digits, direction) = match part.strip_prefix('-') {
                Some(digits) => (digits, Direction::Descending),
                None => (part, Direction::Ascending),
            };
            // As in Django, a column that does not exist is skipped.
            let Ok(column) = digits.parse::<usize>() else {
                continue;
            };
            if order_of(registry, model, column).is_some()
                && found.order.iter().all(|(other, _)| *other != column)
            {
                found.order.push((column, direction));
            }
        }
        if let Some(page) = query.get("p") {
            found.page = page.parse().ok().filter(|page| *page > 0)?;
        }
        let filters = pages.filters.iter().filter_map(|path| {
            let resolved = registry.resolve(model, path)?;
            Some(filter_parameter(path, resolved.field))
        });
        let dates = pages
            .date_hierarchy
            .iter()
            .flat_map(|path| date_parameters(path));
        let known: Vec<_> = filters.chain(dates).collect();
        for name in query.names() {
            if OWN.contains(&name) {
                continue;
            }
            if !known.iter().any(|known| known == name) {
                return None;
            }
            let value = query.get(name).unwrap_or_default();
            if !value.is_empty() {
                found.filters.push((name.to_owned(), value.to_owned()));
            }
        }
        Some(found)
    }

    /// The value that a filter was set to.
    pub(crate) fn filter(&self, parameter: &str) -> Option<&str> {
        let mut found = self.filters.iter().filter(|(name, _)| name == parameter);
        found.next().map(|(_, value)| value.as_str())
    }

    /// The date prefix to which the list is narrowed, as far as it is given; `None` if a
    /// part is no number, or stands without the part that it belongs to.
    pub(crate) fn date_prefix(&self, path: &str) -> Option<Vec<u32>> {
        let parts = date_parameters(path).map(|name| self.filter(&name));
        // A day is one of a month, and a month one of a year.
        let date_prefix = parts.iter().map_while(|part| *part);
        let date_prefix = date_prefix.map(|part| u32::try_from(parse_key(part)?).ok());
        let date_prefix: Vec<_> = date_prefix.collect::<Option<_>>()?;
        (parts.iter().flatten().count() == date_prefix.len()).then_some(date_prefix)
    }

    /// Whether the list is narrowed down.
    pub(crate) fn is_narrow(&self) -> bool {
        !self.search.is_empty() || !self.filters.is_empty()
    }

    /// The parameters, for a link.
    pub(crate) fn encoded(&self) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        if !self.search.is_empty() {
            pairs.append_pair("q", &self.search);
        }
        for (name, value) in &self.filters {
            pairs.append_pair(name, value);
        }
        if !self.order.is_empty() {
            pairs.append_pair("o", &order_text(&self.order));
        }
        if self.page > 1 {
            pairs.append_pair("p", &self.page.to_string());
        }
        if self.all {
            pairs.append_pair("all", "");
        }
        if self.facets {
            pairs.append_pair("_facets", "True");
        }
        if let Some(draft) = &self.draft {
            pairs.append_pair("_draft", draft);
        }
        pairs.finish()
    }

    /// The same at another date prefix of the path.
    pub(crate) fn at_date(&self, path: &str, date_prefix: &[u32]) -> Self {
        let names = date_parameters(path);
        let mut other = Self {
            page: 1,
            ..self.clone()
        };
        other.filters.retain(|(name, _)| !names.contains(name));
        let date_prefix = names.into_iter().zip(date_prefix);
        let date_prefix = date_prefix.map(|(name, part)| (name, part.to_string()));
        other.filters.extend(date_prefix);
        other
    }

    /// The list with these parameters.
    pub(crate) fn link(&self) -> String {
        format!("?{}", self.encoded())
    }

    /// The paths of the order, the key last, so that no page repeats what another has shown.
    pub(crate) fn order_paths(&self, registry: &Registry, model: &'static Model) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for (column, direction) in &self.order {
            let sign = if *direction == Direction::Descending {
                "-"
            } else {
                ""
            };
            let columns = order_of(registry, model, *column).unwrap_or_default();
            paths.extend(columns.iter().map(|path| format!("{sign}{path}")));
        }
        if paths.is_empty() {
            let ordering = model.pages.map_or(&[][..], |pages| pages.ordering);
            paths.extend(ordering.iter().map(|path| (*path).to_owned()));
        }
        if !paths
            .iter()
            .any(|path| path.trim_start_matches('-') == "id")
        {
            paths.push("-id".to_owned());
        }
        paths
    }
}

/// An order as addresses have it: `1.-2`.
pub(crate) fn order_text(order: &[(usize, Direction)]) -> String {
    let parts = order.iter().map(|(column, direction)| match direction {
        Direction::Descending => format!("-{column}"),
        Direction::Ascending => column.to_string(),
    });
    parts.collect::<Vec<_>>().join(".")
}

/// The paths by which a column is sorted. Columns are counted from 1. A label is sorted by the
/// values that it is made of.
pub(crate) fn order_of(
    registry: &Registry,
    model: &'static Model,
    column: usize,
) -> Option<Vec<String>> {
    let columns = model.pages?.columns;
    let path = *columns.get(column.checked_sub(1)?)?;
    let of_label = |model: &Model, prefix: &str| {
        let parts = model.label.iter().filter_map(|part| match part {
            TextPart::Value(path) => Some(format!("{prefix}{path}")),
            TextPart::Text(_) => None,
        });
        parts.collect()
    };
    if path == LABEL {
        return Some(of_label(model, ""));
    }
    let field = registry
        .resolve(model, path)
        .and_then(|resolved| resolved.field);
    let target = field.and_then(|field| registry.target(field));
    Some(match target {
        Some(target) => of_label(target, &format!("{path}.")),
        None => vec![path.to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::description::model::ManyToMany;
    use crate::description::registry::App;

    const BOOK: Model = Model {
        app: "library",
        name: "book",
        table: "library_book",
        singular: "book",
        plural: "books",
        fields: &[
            Field::text("title", "title", 0..=20),
            Field::relation("sequel", "sequel", "library.book"),
            Field::many_to_many(
                "similar",
                "similar",
                ManyToMany {
                    to: "library.book",
                    table: "library_book_similar",
                    own_column: "from_book_id",
                    other_column: "to_book_id",
                },
            ),
        ],
        label: &[
            TextPart::Value("title"),
            TextPart::Text(" "),
            TextPart::Value("id"),
        ],
        pages: Some(&PAGES),
        ..Model::BASE
    };

    const PAGES: Pages = Pages {
        columns: &[LABEL, "title", "sequel.title"],
        search: &["title"],
        filters: &["title", "sequel", "similar", "sequel.title"],
        ordering: &["-title"],
        fieldsets: &[],
        ..Pages::BASE
    };

    fn registry() -> Registry {
        const APPS: &[App] = &[App {
            label: "library",
            name: "library",
            own_pages: &[],
        }];
        Registry::new(APPS, &[&BOOK]).unwrap()
    }

    fn parse(query: &str) -> Option<ListQuery> {
        ListQuery::parse(&registry(), &BOOK, &Form::from_query(Some(query)).unwrap())
    }

    fn direction() -> impl Strategy<Value = Direction> {
        prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)]
    }

    // No control characters, and none of Unicode's own line ends: a link has neither.
    prop_compose! {
        fn queries()(
            search in "[\\PC--[\u{2028}\u{2029}]]{0,8}",
            directions in prop::collection::vec(direction(), 3),
            columns in Just(vec![1_usize, 2, 3]).prop_shuffle(),
            sorted in 0..=3_usize,
            page in 1..=u64::MAX,
            flags in any::<[bool; 2]>(),
            values in prop::collection::vec("[\\PC--[\u{2028}\u{2029}]]{0,4}", 4),
            draft in prop::option::of("[0-9]{0,3}"),
        ) -> ListQuery {
            let names = [
                "title__exact",
                "sequel__id__exact",
                "similar__id__exact",
                "sequel__title__exact",
            ];
            let filters = names.map(str::to_owned).into_iter().zip(values);
            ListQuery {
                search: search.trim().to_owned(),
                order: columns.into_iter().zip(directions).take(sorted).collect(),
                page,
                all: flags[0],
                facets: flags[1],
                filters: filters.filter(|(_, value)| !value.is_empty()).collect(),
                draft,
            }
        }
    }

    proptest! {
        #[test]
        fn a_link_is_read_as_it_was_meant(query in queries()) {
            prop_assert_eq!(parse(&query.encoded()), Some(query));
        }

        #[test]
        fn no_address_panics(query in "\\PC*") {
            parse(&query);
        }
    }

    #[test]
    fn what_is_unknown_is_not_understood() {
        for query in ["title=a", "title__exact__in=a", "p=0", "p=-1", "p=", "x"] {
            assert_eq!(parse(query), None, "{query}");
        }
        let encoded = |query| parse(query).unwrap().encoded();
        assert_eq!(encoded("o=-2.2.0.4.x..1&p=1&e=1&q=+a+"), "q=a&o=-2.1");
        assert_eq!(encoded("_changelist_filters=p%3D2&_export=csv"), "");
    }

    #[test]
    fn the_key_decides_at_last() {
        for (query, expected) in [
            ("", &["-title", "-id"][..]),
            ("o=3", &["sequel.title", "-id"]),
            ("o=-2.3", &["-title", "sequel.title", "-id"]),
            // The label contains the key.
            ("o=-1", &["-title", "-id"]),
            ("o=1.2", &["title", "id", "title"]),
        ] {
            let paths = parse(query).unwrap().order_paths(&registry(), &BOOK);
            assert_eq!(paths, expected, "{query}");
        }
    }
}
