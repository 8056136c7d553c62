//! The address of a cached page: its route, the query parameters that the route declares, and the key.

use axum::extract::Request;
use form_urlencoded::{Serializer, parse};
use http::uri::{PathAndQuery, Uri};

/// Pages of longer addresses are not cached: nothing links to them, and keys take memory.
const MAX_ADDRESS_BYTES: usize = 512;

/// A route whose pages are cached, in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CachedRoute {
    /// The router's pattern, without the language: `/books/{id}/`.
    pub pattern: &'static str,
    /// The query parameters that the page depends on. The handler gets no others.
    pub query: &'static [&'static str],
    /// Those of them that may stand more than once.
    pub several: &'static [&'static str],
    /// Whether the page may be another one on each day.
    pub depends_on_day: bool,
}

/// Which kind of page belongs to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    /// A page of a cached route.
    Page(&'static CachedRoute),
    /// The 404 of an unknown address: the same for all of them, and of no row of the database.
    Unknown,
}

impl PageKind {
    /// The kind by the route that the router has found; `None` if its pages are not cached.
    pub(super) fn of_route(route: Option<&str>, kept: &'static [CachedRoute]) -> Option<Self> {
        let Some(route) = route else {
            return Some(Self::Unknown);
        };
        let known = kept.iter().find(|known| known.pattern == route);
        known.map(Self::Page)
    }
}

/// The route by the path, before the router has run. A wrong guess finds no page, since pages are stored
/// by the route that the router has found.
pub(super) fn route_of_path(
    path: &str,
    routes: &'static [CachedRoute],
) -> Option<&'static CachedRoute> {
    routes.iter().find(|route| fits(path, route.pattern))
}

/// Whether a path matches a pattern in which each `{…}` is one segment.
fn fits(path: &str, pattern: &str) -> bool {
    let mut segments = path.split('/');
    let mut patterns = pattern.split('/');
    loop {
        match (segments.next(), patterns.next()) {
            (None, None) => return true,
            (Some(segment), Some(pattern)) => {
                let is_value = pattern.starts_with('{') && !segment.is_empty();
                if segment != pattern && !is_value {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

/// Appends a path with the declared query parameters to a key; `None` if it is longer than
/// [`MAX_ADDRESS_BYTES`].
pub(super) fn push_address(key: &mut String, request: &Request, route: &CachedRoute) -> Option<()> {
    let start = key.len();
    key.push_str(request.uri().path());
    if !route.query.is_empty() {
        key.push('?');
        key.push_str(&declared(request.uri().query(), route));
    }
    (key.len() - start <= MAX_ADDRESS_BYTES).then_some(())
}

/// The declared parameters in the order of their declaration. Of a repeated one the last counts, as in
/// Django's `QueryDict`.
fn declared(query: Option<&str>, route: &CachedRoute) -> String {
    let Some(query) = query.filter(|_| !route.query.is_empty()) else {
        return String::new();
    };
    let mut cut = Serializer::new(String::new());
    for name in route.query {
        let values = parse(query.as_bytes()).filter(|(found, _)| found == name);
        if route.several.contains(name) {
            cut.extend_pairs(values);
        } else if let Some((_, value)) = values.last() {
            cut.append_pair(name, &value);
        }
    }
    cut.finish()
}

/// Whether an address is one of very many: with more than the number of a page, as lists write it.
pub(super) fn is_search(request: &Request, route: &CachedRoute) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let is_page = |value: &str| {
        value
            .parse::<u32>()
            .is_ok_and(|page| page.to_string() == value)
    };
    parse(query.as_bytes())
        .any(|(name, value)| route.query.contains(&&*name) && (name != "page" || !is_page(&value)))
}

/// Removes the parameters that the route does not declare, so that the handler cannot depend on them.
pub(super) fn cut_query(request: &mut Request, route: &CachedRoute) {
    let uri = request.uri();
    let Some(query) = uri.query() else { return };
    let cut = declared(Some(query), route);
    if query == cut {
        return;
    }
    let address = if cut.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{cut}", uri.path())
    };
    // Parts of a valid address form a valid one: this never returns.
    let Ok(address) = PathAndQuery::try_from(address) else {
        return;
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(address);
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use proptest::prelude::*;

    use super::*;

    static ROUTES: [CachedRoute; 3] = [
        CachedRoute {
            pattern: "/",
            query: &[],
            several: &[],
            depends_on_day: false,
        },
        CachedRoute {
            pattern: "/books/",
            query: &["page", "q", "tag"],
            several: &["tag"],
            depends_on_day: false,
        },
        CachedRoute {
            pattern: "/books/{id}/",
            query: &[],
            several: &[],
            depends_on_day: false,
        },
    ];

    #[test]
    fn a_variable_is_one_segment_that_is_not_empty() {
        for (path, expected) in [
            ("/", Some("/")),
            ("/books/", Some("/books/")),
            ("/books/1/", Some("/books/{id}/")),
            ("/books", None),
            ("/books/1", None),
            ("/books//", None),
            ("/books/1/2/", None),
            ("//", None),
            ("", None),
        ] {
            let found = route_of_path(path, &ROUTES).map(|route| route.pattern);
            assert_eq!(found, expected, "{path}");
        }
    }

    #[track_caller]
    fn check(uri: &str, expected: &str) {
        let mut request = Request::get(uri).body(Body::empty()).unwrap();
        cut_query(&mut request, &ROUTES[1]);
        assert_eq!(request.uri(), expected, "{uri}");
    }

    #[test]
    fn only_declared_parameters_are_left_in_one_order() {
        check("/books/", "/books/");
        check("/books/?", "/books/");
        check("/books/?utm=x", "/books/");
        check("/books/?page=2", "/books/?page=2");
        check("/books/?page=", "/books/?page=");
        check("/books/?page", "/books/?page=");
        check("/books/?q=a&utm=x&page=2", "/books/?page=2&q=a");
        check("/books/?page=1&page=2", "/books/?page=2");
        check("/books/?tag=b&q=1&tag=a", "/books/?q=1&tag=b&tag=a");
        check("/books/?%70age=2", "/books/?page=2");
        check("/books/?q=%26page%3D3", "/books/?q=%26page%3D3");
        check("http://site.example/books/?b", "http://site.example/books/");
    }

    proptest! {
        #[test]
        fn what_was_cut_stays_as_it_is(query in "[ -\"$-~]{0,40}") {
            let cut = declared(Some(&query), &ROUTES[1]);
            prop_assert_eq!(declared(Some(&cut), &ROUTES[1]), cut);
        }
    }
}
