//! A browser without a window: it keeps cookies, and sends forms with the token of their page.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Method, Request};

use super::TestApp;
use super::app::{Answer, request};

pub(crate) struct Visitor<'a> {
    app: &'a TestApp,
    /// What the browser keeps.
    pub(crate) cookies: BTreeMap<String, String>,
    /// Headers of every request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// From a proxy on this machine that tells of a client with this address.
    pub(crate) fn from(app: &'a TestApp, address: &str) -> Self {
        let mut visitor = Self::new(app);
        visitor
            .headers
            .push(("x-forwarded-for", address.to_owned()));
        visitor
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(request(Method::GET, path)).await
    }

    /// Opens a page, and sends its form with these fields; without them it sends the token alone.
    pub(crate) async fn fill_in(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get(path).await.expect(200);
        let token = page.attributes("main input[name=csrfmiddlewaretoken]", "value");
        let token = ("csrfmiddlewaretoken", token[0].as_str());
        self.post(path, &[&[token], fields].concat()).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = form(fields);
        if body.is_empty() {
            body.push_str("nothing=");
        }
        let mut request = request(Method::POST, path);
        let content_type = "application/x-www-form-urlencoded".parse().unwrap();
        request.headers_mut().insert("content-type", content_type);
        *request.body_mut() = Body::from(body);
        self.send(request).await
    }

    pub(crate) async fn log_in(&mut self, username: &str, password: &str) -> Answer {
        let fields = [("username", username), ("password", password)];
        self.fill_in("/admin/login/", &fields).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        let headers = request.headers_mut();
        if !cookies.is_empty() {
            headers.insert("cookie", cookies.join("; ").parse().unwrap());
        }
        for (name, value) in &self.headers {
            headers.insert(*name, value.parse().unwrap());
        }
        let answer = self.app.send(request).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// The key of the session.
    pub(crate) fn session(&self) -> Option<&str> {
        self.cookies.get("sessionid").map(String::as_str)
    }
}

/// Fields as a browser writes them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |all, byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => all + &char::from(byte).to_string(),
            _ => format!("{all}%{byte:02X}"),
        })
    };
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    fields.collect::<Vec<_>>().join("&")
}
