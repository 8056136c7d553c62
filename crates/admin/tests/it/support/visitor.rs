//! A browser: it keeps cookies, sends forms, and finds things on pages.

use std::collections::BTreeMap;

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::BodyExt as _;
use scraper::{ElementRef, Html, Selector};
use tower::ServiceExt as _;

use super::Library;

/// Django takes the secret itself for a token of it.
const SECRET: &str = "abcdefghijklmnopqrstuvwxyz012345";

pub(crate) struct Visitor<'a> {
    library: &'a Library,
    cookies: BTreeMap<String, String>,
}

impl<'a> Visitor<'a> {
    pub(crate) fn new(library: &'a Library) -> Self {
        let cookies = BTreeMap::from([("csrftoken".to_owned(), SECRET.to_owned())]);
        Self { library, cookies }
    }

    pub(crate) fn keep(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, String::new()).await
    }

    /// A form with a token.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrfmiddlewaretoken", SECRET);
        form.extend_pairs(fields);
        self.send(Method::POST, path, form.finish()).await
    }

    /// What the form of a page holds as it is opened, with these fields instead.
    pub(crate) async fn fill_in(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let opened = self.get(path).await.expect(200).form();
        let kept = opened.iter();
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = kept.filter(|(name, _)| fields.iter().all(|(other, _)| other != name));
        let fields: Vec<_> = kept.chain(fields.iter().copied()).collect();
        self.post(path, &fields).await
    }

    /// The messages that wait for the next page.
    pub(crate) async fn messages(&mut self) -> Vec<String> {
        self.get("/admin/").await.expect(200).texts("header p")
    }

    /// The body of a page, to be read as slowly as one likes.
    pub(crate) async fn open(&mut self, path: &str) -> Body {
        let response = self.ask(Method::GET, path, String::new()).await;
        response.into_body()
    }

    async fn send(&mut self, method: Method, path: &str, body: String) -> Answer {
        let (head, body) = self.ask(method, path, body).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn ask(&mut self, method: Method, path: &str, body: String) -> Response<Body> {
        let cookies = self.cookies.iter();
        let cookies = cookies.map(|(name, value)| format!("{name}={value}"));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "library.example")
            .header(COOKIE, cookies.collect::<Vec<_>>().join("; "))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let response = self.library.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.keep(name, value);
        }
        response
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Where a 302 leads.
    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, 302, "{}", self.body);
        self.headers[LOCATION].to_str().unwrap()
    }

    fn find<T>(&self, selector: &str, what: impl Fn(ElementRef<'_>) -> Option<T>) -> Vec<T> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector).filter_map(what).collect()
    }

    /// The texts of elements, with single spaces.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        self.find(selector, |element| {
            let text = element.text().collect::<String>();
            Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
        })
    }

    /// An attribute of elements.
    pub(crate) fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        self.find(selector, |element| element.attr(name).map(str::to_owned))
    }

    /// What a browser would send of the form as it is opened, but for its buttons.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let option = Selector::parse("option[selected]").unwrap();
        let found = self.find("form.record :is(input, select, textarea)", |element| {
            let name = element.attr("name")?;
            let values: Vec<_> = match (element.value().name(), element.attr("type")) {
                ("select", _) => {
                    let options = element.select(&option);
                    options.filter_map(|option| option.attr("value")).collect()
                }
                ("textarea", _) => element.text().collect(),
                (_, Some("checkbox")) => {
                    element.attr("checked").map(|_| "on").into_iter().collect()
                }
                _ => vec![element.attr("value").unwrap_or_default()],
            };
            let pairs = values
                .into_iter()
                .map(|value| (name.to_owned(), value.to_owned()));
            Some(pairs.collect::<Vec<_>>())
        });
        let fields = found.into_iter().flatten();
        fields
            .filter(|(name, _)| name != "csrfmiddlewaretoken")
            .collect()
    }

    /// What is wrong with a field of a form.
    pub(crate) fn errors(&self) -> Vec<String> {
        let mut errors = Vec::new();
        for id in self.attributes("ul.errors", "id") {
            for text in self.texts(&format!("ul[id='{id}'] li")) {
                errors.push(format!("{}: {text}", id.trim_end_matches("-errors")));
            }
        }
        errors
    }
}
