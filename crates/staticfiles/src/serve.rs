//! Serves static files. All headers and contents are prepared at the start, so that a request is a
//! look-up. Knows HTTP, and of the collection only its result.
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
//! [`StaticFiles`] is a service for any tower application. With axum, mount it by
//! `Router::new().route_service("/static/{*name}", files)`, not by `nest_service`, which removes
//! the prefix from the address. If files need not pass the layers of an application, it can ask
//! [`StaticFiles::owns`] in front of them and call [`StaticFiles::respond`].
//!
//! # What differs from WhiteNoise
//!
//! The rows are those of the list of WhiteNoise's behaviour in `xtask/tests/it/rows.rs`, which
//! names the tests of each; those with an S are its settings.
//!
//! | row | here | why |
//! |---|---|---|
//! | WN-S1 | another `StaticFiles` with the prefix `/`, asked by [`StaticFiles::contains`] | one type serves both |
//! | WN-S5 | no index files | static files are no pages |
//! | WN-S8, WN-H9 | `Access-Control-Allow-Origin` on 304 and 416, too, and `Cross-Origin-Resource-Policy` beside it | WhiteNoise #711 |
//! | WN-S11 | immutable only by the manifest | a pattern cannot know it |
//! | WN-H4 | weights count; of equal weights the smallest form; `identity;q=0` without another acceptable form is 406 | RFC 9110, 12.5.3 and 15.5.7 |
//! | WN-H6 | the tag comes from the bytes of each form | times change with each image that is built |
//! | WN-H7 | a file without a time still has a tag | likewise |
//! | WN-H8 | lists, weak tags and `*` match; `If-Match` and `If-Unmodified-Since` give 412 | RFC 9110, 13 |
//! | WN-H11 | `bytes=0-0` and `bytes=-1` are 206 | RFC 9110, 14.1.2 |
//! | WN-H12 | `If-Range` counts; ranges are of the identity form | RFC 9110, 13.1.5 |
//! | WN-H14 | the application decides what is checked before, such as the host | a 405 is an answer to a host, too |
//! | WN-H15 | a bare 404 that caches must not keep; the application gives it a page | a cache would hide a hashed name of the next release |
//! | WN-H16 | [`Config::headers`]: those that the application sends with its pages | one rule for all answers |
//! | WN-H17 | a year rather than ten | RFC 9111, 1.2.2 |
//! | WN-H18 | the manifest is not served | it lists all names |
//! | WN-H20 | as there; pages are the application's to compress | a page has its own rules for it |
//! | WN-H21 | the body knows its length, for the log | WhiteNoise's answers are logged with a length of 0 |

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
mod file;
mod header_policy;
mod index;
mod lasting;
mod path;
mod problem;
mod range;
mod walk;

pub use self::body::{Body, DiskStream};
pub use self::config::{Config, CrossOrigin, FileHeader, MEMORY_LIMIT_BYTES, PLAIN_MAX_AGE};
use self::file::PreparedFile;
use self::header_policy::HeaderPolicy;
use self::index::Index;
pub use self::lasting::Lasting;
use self::path::Mount;
pub use self::problem::{LoadError, Problem};

/// There is no static file of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no static file {0:?}")]
pub struct UnknownName(pub String);

/// The static files of an application. Clones share them.
#[derive(Debug, Clone)]
pub struct StaticFiles(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    mount: Mount,
    header_policy: HeaderPolicy,
    mode: Mode,
    problems: Vec<Problem>,
}

#[derive(Debug)]
enum Mode {
    Production(Index),
    Debug(Vec<Source>),
}

impl StaticFiles {
    /// Reads the collected files and prepares every answer.
    pub fn load(config: &Config) -> Result<Self, LoadError> {
        Self::new(config, |header_policy, problems| {
            Mode::Production(Index::load(config, header_policy, problems))
        })
    }

    /// Serves the sources as they are at each request, under plain names. The root and the manifest
    /// are not read.
    pub fn debug(config: &Config) -> Result<Self, LoadError> {
        Self::new(config, |_, _| Mode::Debug(config.sources.clone()))
    }

    fn new(
        config: &Config,
        mode: impl FnOnce(&HeaderPolicy, &mut Vec<Problem>) -> Mode,
    ) -> Result<Self, LoadError> {
        let mount = Mount::new(&config.url).ok_or_else(|| LoadError::Url {
            url: config.url.clone(),
        })?;
        let header_policy = HeaderPolicy::new(config)?;
        let mut problems = Vec::new();
        let mode = mode(&header_policy, &mut problems);
        Ok(Self(Arc::new(Inner {
            mount,
            header_policy,
            mode,
            problems,
        })))
    }

    /// Problems of single files, for a warning to the operator.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// Whether a path is below the prefix. Its answer is then ours, even if it is a 404.
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
            Mode::Debug(sources) => debug::find(sources, encoded, &self.0.header_policy).is_some(),
        }
    }

    /// The address of a file for a page. In production it has the hash, if the file has one. A
    /// query or a fragment after the name is kept, and a folder's address stays as it is, as in
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

    /// Answers a request. The path is that of the request line, percent-encoded and without the
    /// query.
    pub fn respond(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
        let Inner {
            mount,
            header_policy,
            ..
        } = &*self.0;
        let Some(encoded) = path.strip_prefix(mount.prefix()) else {
            return header_policy.not_found();
        };
        let answer = |file: &PreparedFile| {
            if method == Method::GET || method == Method::HEAD {
                file.answer(method, headers, header_policy)
            } else {
                header_policy.method_not_allowed()
            }
        };
        match &self.0.mode {
            Mode::Production(index) => match index.find(encoded) {
                Some(index::Hit::Exact(file)) => answer(file),
                Some(index::Hit::Replacement(file)) => with_no_store(answer(file)),
                None => header_policy.not_found(),
            },
            Mode::Debug(sources) => match debug::find(sources, encoded, header_policy) {
                Some(debug::SourceHit::Exact(file)) => answer(&file),
                Some(debug::SourceHit::Replacement(file)) => with_no_store(answer(&file)),
                None => header_policy.not_found(),
            },
        }
    }
}

/// Forbids caches to keep an answer that is a file under another release's name: a cache would give
/// it to that release's visitors, too (row 1.7, WhiteNoise #245).
fn with_no_store(mut response: Response<Body>) -> Response<Body> {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, header_policy::NO_STORE);
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
