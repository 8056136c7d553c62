//! Addresses that more than one file has to know.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use web::page_cache::CachedRoute;

use crate::domain::search::filter::PARAMETERS;

/// The health checks. Platforms ask them all the time, so that the request log is quiet about them.
pub(crate) const HEALTH_PATHS: &[&str] = &["/healthz", "/readyz"];

/// Everything below [`crate::static_files::STATIC_URL`].
pub(crate) const STATIC_ROUTE: &str = "/static/{*name}";

/// The routes whose pages are cached in memory, with the query parameters that they depend on: their
/// handlers get no others. They are those of every language. A page must also be [`web::page::CachePolicy::Public`].
pub(crate) const CACHED_ROUTES: &[CachedRoute] = &[
    of_day("/", &[]),
    CachedRoute {
        several: &["amenity"],
        ..of_day("/lettings/", PARAMETERS)
    },
    of_day("/lettings/feed.atom", &[]),
    cached("/lettings/suggest/", &["q"]),
    // A page with dates is never kept: the cache only has to let them through.
    of_day("/lettings/{id}/", &["from", "to", "adults", "children"]),
    of_day("/lettings/in/{country}/", &["page"]),
    of_day("/lettings/in/{country}/{state}/", &["page"]),
    of_day("/lettings/in/{country}/{state}/{city}/", &["page"]),
    cached("/profiles/", &["q", "page"]),
    of_day("/profiles/{username}/", &[]),
    cached("/privacy/", &[]),
    cached("/legal/", &[]),
    cached("/terms/", &[]),
];

const fn cached(pattern: &'static str, query: &'static [&'static str]) -> CachedRoute {
    CachedRoute {
        pattern,
        query,
        several: &[],
        depends_on_day: false,
    }
}

/// A page with prices, which depend on the day: "from" is the lowest of the next 365.
const fn of_day(pattern: &'static str, query: &'static [&'static str]) -> CachedRoute {
    CachedRoute {
        depends_on_day: true,
        ..cached(pattern, query)
    }
}

/// What is percent-encoded in a username: all but letters, digits and those of its signs that a
/// path segment may hold unencoded (RFC 3986, 3.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'@')
    .remove(b'.')
    .remove(b'+')
    .remove(b'-')
    .remove(b'_');

/// The address of a user's profile.
pub(crate) fn profile_path(username: &str) -> String {
    format!("/profiles/{}/", utf8_percent_encode(username, SEGMENT))
}
