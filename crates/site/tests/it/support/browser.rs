//! What a browser does between two pages: it keeps cookies, and sends a form with its token.

use std::collections::BTreeMap;

use http::header::{HeaderName, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::app::Answer;
use super::program::Server;

/// The cookies of one host. As in every browser they do not tell its ports apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cookies(pub(crate) BTreeMap<String, String>);

impl Cookies {
    /// What is sent with a request; nothing where there are none.
    pub(crate) fn header(&self) -> Option<String> {
        let pairs = self.0.iter().map(|(name, value)| format!("{name}={value}"));
        let pairs: Vec<_> = pairs.collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps and forgets what an answer says.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        for line in answer.headers.get_all(SET_COOKIE) {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let attributes = attributes.to_ascii_lowercase();
            if attributes.split(';').any(|one| one.trim() == "max-age=0") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// Fields as a browser writes them.
pub(crate) fn form<'a>(fields: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> String {
    let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let fields = fields.into_iter();
    let fields = fields.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    fields.collect::<Vec<_>>().join("&")
}

/// A browser that visits servers of this machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    pub(crate) cookies: Cookies,
}

impl Browser {
    pub(crate) fn get(&mut self, server: &Server, path: &str) -> Answer {
        self.exchange(server, "GET", path, "")
    }

    /// Sends a form with the token that stands in a page, whoever that page is from.
    pub(crate) fn post(
        &mut self,
        server: &Server,
        path: &str,
        page: &Answer,
        fields: &[(&str, &str)],
    ) -> Answer {
        let tokens = page.attributes("input[name=csrfmiddlewaretoken]", "value");
        let token = tokens
            .first()
            .map(|token| ("csrfmiddlewaretoken", &**token));
        let body = form(token.iter().chain(fields));
        self.exchange(server, "POST", path, &body)
    }

    fn exchange(&mut self, server: &Server, method: &str, path: &str, body: &str) -> Answer {
        let host = &server.address;
        let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\n");
        if let Some(cookies) = self.cookies.header() {
            request += &format!("Cookie: {cookies}\r\n");
        }
        if method == "POST" {
            request += &format!(
                "Origin: http://{host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\n",
                body.len()
            );
        }
        let answer = parse(&server.exchange(&format!("{request}\r\n{body}")));
        self.cookies.keep(&answer);
        answer
    }
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value.trim()).unwrap());
    }
    Answer {
        status: status.parse().unwrap(),
        headers,
        body: body.to_owned(),
    }
}
