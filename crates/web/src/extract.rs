//! The house extractors: values are parsed at the edge, and one that does not parse is a 404.

use axum::extract::{FromRequestParts, rejection::PathRejection};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// The values of a route's `{…}` parts, or 404.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Error;

    #[expect(clippy::disallowed_types, reason = "the house extractor wraps it")]
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let path: Result<_, PathRejection> =
            axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Error::NotFound)
    }
}

/// The page of a list that `?page=` names, from 1; without it the first. Anything but digits,
/// and 0, is a 404. Of several the last counts, as in Django's `QueryDict`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageNumber(u64);

impl PageNumber {
    /// Reads the query string of a request.
    pub fn from_query(query: Option<&str>) -> Result<Self, Error> {
        let pairs = form_urlencoded::parse(query.unwrap_or("").as_bytes());
        let page = pairs.filter(|(key, _)| key == "page").last();
        Self::parse(page.as_ref().map(|(_, page)| page.as_ref()))
    }

    /// The page that a text names; the first where there is none.
    pub fn parse(text: Option<&str>) -> Result<Self, Error> {
        let Some(text) = text else {
            return Ok(Self(1));
        };
        let number = parse_digits(text).and_then(|number| u64::try_from(number).ok());
        match number {
            Some(number) if number > 0 => Ok(Self(number)),
            _ => Err(Error::NotFound),
        }
    }

    /// The number, from 1.
    pub fn get(self) -> u64 {
        self.0
    }

    /// The page before; none before the first.
    pub fn previous(self) -> Option<Self> {
        (self.0 > 1).then(|| Self(self.0 - 1))
    }

    /// The page after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// How many rows come before this page; at most what a database can be asked to skip.
    pub fn offset(self, page_size: u64) -> u64 {
        let offset = (self.0 - 1).saturating_mul(page_size);
        offset.min(i64::MAX.unsigned_abs())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageNumber {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        Self::from_query(parts.uri.query())
    }
}

/// The values of a query string by their names. Of several the last counts, as in Django's `QueryDict`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryValues(Vec<(String, String)>);

impl QueryValues {
    /// Reads a query string; nothing in it is wrong.
    pub fn from_query(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or("").as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// The value of a name, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter().rev();
        let found = pairs.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a name, in their order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let pairs = self.0.iter().filter(move |(known, _)| known == name);
        pairs.map(|(_, value)| value.as_str())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for QueryValues {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        Ok(Self::from_query(parts.uri.query()))
    }
}

/// Reads a number of ASCII digits, as `<int:…>` of Django's routes does: `01` is 1. `None` for a
/// sign, a letter, a digit of another script, and a number that no database column holds.
pub fn parse_digits(text: &str) -> Option<i64> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_read_as_django_reads_them() {
        for (text, expected) in [
            ("1", Some(1)),
            ("01", Some(1)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("", None),
            ("-1", None),
            ("+1", None),
            (" 1", None),
            ("1.0", None),
            ("\u{0661}", None),
        ] {
            assert_eq!(parse_digits(text), expected, "{text}");
        }
    }

    #[test]
    fn the_page_is_the_last_one_named() {
        let page = |query| PageNumber::from_query(query).map(PageNumber::get).ok();
        for (query, expected) in [
            (None, Some(1)),
            (Some(""), Some(1)),
            (Some("utm=x"), Some(1)),
            (Some("page=2"), Some(2)),
            (Some("page=x&page=3"), Some(3)),
            (Some("page="), None),
            (Some("page=0"), None),
            (Some("page=-1"), None),
            (Some("page=99999999999999999999"), None),
        ] {
            assert_eq!(page(query), expected, "{query:?}");
        }
    }

    proptest! {
        #[test]
        fn every_id_reads_back(id in 0..i64::MAX, zeros in 0usize..5) {
            let text = format!("{}{id}", "0".repeat(zeros));
            prop_assert_eq!(parse_digits(&text), Some(id));
        }

        #[test]
        fn no_query_panics(query in ".*") {
            let page = PageNumber::from_query(Some(&query));
            prop_assert!(page.is_err() || page.is_ok_and(|page| page.get() > 0));
        }
    }
}
