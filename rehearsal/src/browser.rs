//! What a browser does between two pages: it keeps cookies, and sends a form with its token.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};

use crate::http::{self, Response};

/// The cookies of one host. As in every browser they do not tell its ports apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

/// A file that is chosen in a form.
#[derive(Debug)]
pub(crate) struct Upload<'a> {
    pub(crate) field: &'a str,
    pub(crate) name: &'a str,
    pub(crate) content: &'a [u8],
}

impl Browser {
    /// Requests a page from a server on loopback.
    pub(crate) fn get(&mut self, port: u16, path: &str) -> anyhow::Result<Response> {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{}\r\n",
            self.cookie_line()
        );
        self.keep(http::send(port, &head)?)
    }

    /// Sends a form with the token of a page, whichever server that page is from.
    pub(crate) fn post(
        &mut self,
        port: u16,
        path: &str,
        page: &Response,
        fields: &[(&str, &str)],
    ) -> anyhow::Result<Response> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrfmiddlewaretoken", token_of(page)?);
        let form = form.extend_pairs(fields).finish();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n\
             Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n{}\r\n{form}",
            form.len(),
            self.cookie_line()
        );
        self.keep(http::send(port, &request)?)
    }

    /// Sends a file with the token of a page.
    pub(crate) fn upload(
        &mut self,
        port: u16,
        path: &str,
        page: &Response,
        file: &Upload<'_>,
    ) -> anyhow::Result<Response> {
        let Upload {
            field,
            name,
            content,
        } = file;
        let before = format!(
            "--limit\r\nContent-Disposition: form-data; name=\"csrfmiddlewaretoken\"\r\n\r\n{}\r\n\
             --limit\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            token_of(page)?
        );
        let body = [before.as_bytes(), content, b"\r\n--limit--\r\n"].concat();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n\
             Connection: close\r\nContent-Type: multipart/form-data; boundary=limit\r\n\
             Content-Length: {}\r\n{}\r\n",
            body.len(),
            self.cookie_line()
        );
        self.keep(http::send(port, [head.as_bytes(), &body].concat())?)
    }

    fn cookie_line(&self) -> String {
        if self.cookies.is_empty() {
            return String::new();
        }
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        format!("Cookie: {}\r\n", pairs.collect::<Vec<_>>().join("; "))
    }

    /// Keeps and forgets the cookies that an answer sets.
    fn keep(&mut self, answer: Response) -> anyhow::Result<Response> {
        for line in answer.headers("Set-Cookie") {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').context("a cookie has no value")?;
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(answer)
    }
}

/// Fails unless an answer has this status.
pub(crate) fn expect(answer: Response, status: u16) -> anyhow::Result<Response> {
    ensure!(
        answer.status == status,
        "the answer is {}, not {status}:\n{}",
        answer.status,
        answer.body
    );
    Ok(answer)
}

fn token_of(page: &Response) -> anyhow::Result<&str> {
    let (_, rest) = page
        .body
        .split_once("name=\"csrfmiddlewaretoken\" value=\"")
        .context("the page has no form")?;
    let (token, _) = rest.split_once('"').context("the token has no end")?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Reply, Server};

    #[test]
    fn a_form_is_sent_with_the_token_of_its_page() {
        let server = Server::start(|request| Reply {
            status: 200,
            body: format!(
                "<input name=\"csrfmiddlewaretoken\" value=\"t0\"> {}",
                String::from_utf8_lossy(&request.body)
            ),
        })
        .unwrap();
        let mut browser = Browser::default();
        let page = browser.get(server.port(), "/").unwrap();
        let answer = browser
            .post(server.port(), "/", &page, &[("a", "b c")])
            .unwrap();
        assert!(
            answer.body.ends_with("csrfmiddlewaretoken=t0&a=b+c"),
            "{}",
            answer.body
        );
    }
}
