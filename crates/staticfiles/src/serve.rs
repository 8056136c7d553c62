//! Static files, served: everything about a file is made ready at the start, a request is a
//! look-up. Knows HTTP, and nothing of how files were collected but the shape of the result.
//!
//! ```
//! use http::{Request, StatusCode};
//! use staticfiles::serve::{Body, Config, StaticFiles};
//! use staticfiles::source::{EmbeddedFile, Source};
//! use tower::ServiceExt as _;
//!
//! const OWN: &[EmbeddedFile] = &[EmbeddedFile { name: "book.css", content: b"p {}" }];
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config {
//!     sources: vec![Source::Embedded(OWN)],
//!     ..Config::new("/srv/books/staticfiles")
//! };
//! let files = StaticFiles::load(&config)?;
//! for problem in files.problems() {
//!     eprintln!("{problem}");
//! }
//! assert_eq!(files.url_of("book.css")?, "/static/book.css");
//!
//! let request = Request::get("/static/book.css").body(())?;
//! let response = files.oneshot(request).await?;
//! assert_eq!(response.status(), StatusCode::OK);
//! assert!(matches!(response.into_body(), Body::Memory(bytes) if bytes == "p {}"));
//! # Ok(())
//! # }
//! ```
//!
//! It is a service for any tower application; with axum, `Router::new().route_service(
//! "/static/{*name}", files)` puts it in its place (not `nest_service`, which takes the prefix off
//! the address). An application with middle layers that a file does not need asks
//! [`StaticFiles::owns`] in front of them and calls [`StaticFiles::respond`].
//!
//! # Where it is not as WhiteNoise
//!
//! The rows are those of the list of WhiteNoise's behaviour in `xtask/tests/it/rows.rs`, which
//! names the tests of each; those with an S are its settings.
//!
//! | row | here | why |
//! |---|---|---|
//! | WN-S1 | another `StaticFiles` with the prefix `/`, asked by [`StaticFiles::contains`] | one thing does both |
//! | WN-S5 | no index files | static files are no pages |
//! | WN-S8, WN-H9 | `Access-Control-Allow-Origin` on 304 and 416, too, and `Cross-Origin-Resource-Policy` beside it | WhiteNoise #711 |
//! | WN-S11 | immutable only by the manifest | no pattern can know it |
//! | WN-H4 | weights count; the smallest of what is liked best; `identity;q=0` without anything else that is taken is 406 | RFC 9110, 12.5.3 and 15.5.7 |
//! | WN-H6 | the tag comes from the bytes of each form | times change with each image that is built |
//! | WN-H7 | a file without a time still has a tag | likewise |
//! | WN-H8 | lists, weak tags and `*` match; `If-Match` and `If-Unmodified-Since` give 412 | RFC 9110, 13 |
//! | WN-H11 | `bytes=0-0` and `bytes=-1` are 206 | RFC 9110, 14.1.2 |
//! | WN-H12 | `If-Range` counts; ranges are of the identity form | RFC 9110, 13.1.5 |
//! | WN-H14 | the application decides what is looked at before, such as the host | an answer is for a host, too |
//! | WN-H15 | a bare 404, never to be kept; the application dresses it | a hashed name of the next release must not be missing for long |
//! | WN-H16 | [`Config::headers`]: whatever the application sends with its pages | one rule for all answers |
//! | WN-H17 | a year rather than ten | RFC 9111, 1.2.2 |
//! | WN-H18 | the manifest is not served | it lists all names |
//! | WN-H20 | as there; pages are the application's to compress | a page has its own rules for it |
//! | WN-H21 | the body tells its length, for a log to write | nobody can count zeros |

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::CACHE_CONTROL;
use http::{HeaderMap, Method, Request, Response};
use tower_service::Service;

use crate::source::Source;

mod accept;
mod body;
mod conditional;
mod config;
mod content;
mod debug;
mod dress;
mod file;
mod index;
mod path;
mod problem;
mod range;
mod walk;

pub use self::body::{Body, DiskStream};
pub use self::config::{Config, CrossOrigin, FileHeader, MEMORY_LIMIT_BYTES, PLAIN_MAX_AGE};
use self::dress::Dress;
use self::file::ReadyFile;
use self::index::Index;
use self::path::Mount;
pub use self::problem::{LoadError, Problem};

/// A name for which there is no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no static file {0:?}")]
pub struct UnknownName(pub String);

/// The static files of an application. A clone is the same files.
#[derive(Debug, Clone)]
pub struct StaticFiles(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mount: Mount,
    dress: Dress,
    mode: Mode,
    problems: Vec<Problem>,
}

#[derive(Debug)]
enum Mode {
    Production(Index),
    Debug(Vec<Source>),
}

impl StaticFiles {
    /// Reads the collected files and makes every answer ready.
    pub fn load(config: &Config) -> Result<Self, LoadError> {
        Self::new(config, |dress, problems| {
            Mode::Production(Index::load(config, dress, problems))
        })
    }

    /// Serves from the sources as they are at each request, under plain names; the root and the
    /// manifest are not looked at.
    pub fn debug(config: &Config) -> Result<Self, LoadError> {
        Self::new(config, |_, _| Mode::Debug(config.sources.clone()))
    }

    fn new(
        config: &Config,
        mode: impl FnOnce(&Dress, &mut Vec<Problem>) -> Mode,
    ) -> Result<Self, LoadError> {
        let mount = Mount::new(&config.url).ok_or_else(|| LoadError::Url {
            url: config.url.clone(),
        })?;
        let dress = Dress::new(config)?;
        let mut problems = Vec::new();
        let mode = mode(&dress, &mut problems);
        Ok(Self(Arc::new(Inner {
            mount,
            dress,
            mode,
            problems,
        })))
    }

    /// What an operator should be warned of.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// Whether a path is below the prefix, hence to be answered here, if only by 404.
    pub fn owns(&self, path: &str) -> bool {
        path.starts_with(self.0.mount.prefix())
    }

    /// Whether there is a file for a path.
    pub fn contains(&self, path: &str) -> bool {
        let Some(encoded) = path.strip_prefix(self.0.mount.prefix()) else {
            return false;
        };
        match &self.0.mode {
            Mode::Production(index) => index.find(encoded).is_some(),
            Mode::Debug(sources) => debug::find(sources, encoded, &self.0.dress).is_some(),
        }
    }

    /// The address of a file for a page: with the hash in production, where it has one. A query
    /// or a fragment after the name is kept, and the address of a folder is as it stands, as in
    /// `Django 5.2 contrib/staticfiles/storage.py`.
    pub fn url_of(&self, name: &str) -> Result<String, UnknownName> {
        let mount = &self.0.mount;
        if let Some(current) = self.current_name(name) {
            return Ok(mount.address(current));
        }
        let (plain, rest) = name.split_at(name.find(['?', '#']).unwrap_or(name.len()));
        if plain.ends_with('/') {
            return Ok(format!("{}{rest}", mount.address(plain)));
        }
        match self.current_name(plain) {
            Some(current) => Ok(format!("{}{rest}", mount.address(current))),
            None => Err(UnknownName(name.to_owned())),
        }
    }

    fn current_name<'a>(&'a self, plain: &'a str) -> Option<&'a str> {
        match &self.0.mode {
            Mode::Production(index) => index.current_name(plain),
            Mode::Debug(sources) => debug::contains(sources, plain).then_some(plain),
        }
    }

    /// Answers a request. The path is that of the request line, still encoded and without the
    /// query.
    pub fn respond(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
        let Inner { mount, dress, .. } = &*self.0;
        let Some(encoded) = path.strip_prefix(mount.prefix()) else {
            return dress.not_found();
        };
        let answer = |file: &ReadyFile| {
            if method == Method::GET || method == Method::HEAD {
                file.answer(method, headers, dress)
            } else {
                dress.method_not_allowed()
            }
        };
        match &self.0.mode {
            Mode::Production(index) => match index.find(encoded) {
                Some(index::Hit::Exact(file)) => answer(file),
                Some(index::Hit::Replacement(file)) => never_kept(answer(file)),
                None => dress.not_found(),
            },
            Mode::Debug(sources) => match debug::find(sources, encoded, dress) {
                Some(debug::Hit::Exact(file)) => answer(&file),
                Some(debug::Hit::Replacement(file)) => never_kept(answer(&file)),
                None => dress.not_found(),
            },
        }
    }
}

/// A file under another release's name: a cache that kept it would give it to that release's
/// visitors, too (row 1.7, WhiteNoise #245).
fn never_kept(mut response: Response<Body>) -> Response<Body> {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, dress::NO_STORE);
    response
}

impl<RequestBody> Service<Request<RequestBody>> for StaticFiles {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        ready(Ok(self.respond(
            request.method(),
            request.uri().path(),
            request.headers(),
        )))
    }
}
