//! A browser that visits an application without a server between: it keeps cookies, and sends forms
//! with the token of their page.

use axum::body::Body;
use http::{Method, Request};

use super::TestApp;
use super::app::{Answer, request};
use super::browser::{Cookies, form};

pub(crate) struct Visitor<'a> {
    app: &'a TestApp,
    /// What the browser keeps.
    pub(crate) cookies: Cookies,
    /// Headers of every request.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            cookies: Cookies::default(),
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
        let headers = request.headers_mut();
        if let Some(cookies) = self.cookies.header() {
            headers.insert("cookie", cookies.parse().unwrap());
        }
        for (name, value) in &self.headers {
            headers.insert(*name, value.parse().unwrap());
        }
        let answer = self.app.send(request).await;
        self.cookies.keep(&answer);
        answer
    }

    /// The key of the session.
    pub(crate) fn session(&self) -> Option<&str> {
        self.cookies.0.get("sessionid").map(String::as_str)
    }
}
