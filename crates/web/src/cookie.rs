//! Cookies: what a browser sent, and what it is asked to keep (RFC 6265).

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use crate::forwarded::Scheme;

/// The value of the first cookie of that name.
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    Some(value)
}

/// A cookie for the site or a part of it. Browsers do not send it with a form of another site:
/// `SameSite=Lax`.
#[derive(Debug, Clone, Copy)]
pub struct Cookie<'a> {
    /// Its name.
    pub name: &'static str,
    /// Its value, of characters that need no quotes.
    pub value: &'a str,
    /// Below which path it is sent: `/` for the whole site.
    pub path: &'static str,
    /// How long it is kept, in seconds; `None` for until the browser is closed.
    pub max_age_seconds: Option<i64>,
    /// Who may read it.
    pub readable_by: ReadableBy,
    /// The scheme of the request. A cookie that is set over https is sent over https only.
    pub scheme: Scheme,
}

/// Who may read a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadableBy {
    /// The server: `HttpOnly`.
    Server,
    /// Scripts as well.
    Scripts,
}

impl Cookie<'_> {
    /// Adds the cookie to an answer. If its value would need quotes, the cookie is left out.
    pub fn set(&self, headers: &mut HeaderMap) {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b";,\\\"".contains(&byte);
        if !self.value.bytes().all(is_plain) {
            return;
        }
        let mut text = format!(
            "{}={}; Path={}; SameSite=Lax",
            self.name, self.value, self.path
        );
        if let Some(seconds) = self.max_age_seconds {
            text += &format!("; Max-Age={seconds}");
        }
        if self.readable_by == ReadableBy::Server {
            text += "; HttpOnly";
        }
        if self.scheme == Scheme::Https {
            text += "; Secure";
        }
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.append(SET_COOKIE, value);
        }
    }
}

/// Makes the browser delete a cookie of the path `/`.
pub fn forget(headers: &mut HeaderMap, name: &'static str, scheme: Scheme) {
    let cookie = Cookie {
        name,
        value: "",
        path: "/",
        max_age_seconds: Some(0),
        readable_by: ReadableBy::Server,
        scheme,
    };
    cookie.set(headers);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_name_counts() {
        let lines = ["a=1; b=x=y", " b = 2;a=3;c"];
        let headers: HeaderMap = lines
            .iter()
            .map(|line| (COOKIE, line.parse().unwrap()))
            .collect();
        assert_eq!(find(&headers, "a"), Some("1"));
        assert_eq!(find(&headers, "b"), Some("x=y"));
        assert_eq!(find(&headers, "c"), None);
        assert_eq!(find(&headers, "A"), None);
    }

    #[test]
    fn a_cookie_carries_its_attributes() {
        let mut headers = HeaderMap::new();
        let cookie = Cookie {
            name: "book",
            value: "1",
            path: "/",
            max_age_seconds: Some(60),
            readable_by: ReadableBy::Server,
            scheme: Scheme::Https,
        };
        cookie.set(&mut headers);
        let expected = "book=1; Path=/; SameSite=Lax; Max-Age=60; HttpOnly; Secure";
        assert_eq!(headers[SET_COOKIE], expected);
        let mut headers = HeaderMap::new();
        let plain = Cookie {
            max_age_seconds: None,
            readable_by: ReadableBy::Scripts,
            scheme: Scheme::Http,
            ..cookie
        };
        plain.set(&mut headers);
        assert_eq!(headers[SET_COOKIE], "book=1; Path=/; SameSite=Lax");
        let mut headers = HeaderMap::new();
        Cookie {
            value: "1; Domain=x",
            ..plain
        }
        .set(&mut headers);
        assert!(headers.is_empty());
    }
}
