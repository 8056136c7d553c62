//! A page is a struct: it derives its template and names its cache policy.

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::error::Error;
use crate::i18n::Texts;

/// What a page adds to its template.
pub trait Page: askama::Template {
    /// Who may cache the page, and for how long.
    const CACHE: CachePolicy;

    /// What the template makes.
    const CONTENT_TYPE: &str = "text/html; charset=utf-8";

    /// The policy of this very page; another one than [`Self::CACHE`] where that depends on what was asked.
    fn cache(&self) -> CachePolicy {
        Self::CACHE
    }

    /// The texts of the page, which know the language of the answer.
    fn texts(&self) -> &Texts;
}

/// Every policy a page can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    /// The page is the same for every visitor. Caches may keep it, but must revalidate it before
    /// each use, so that a change shows at once.
    Public,
    /// The page is for one visitor, and is never cached.
    Never,
}

impl CachePolicy {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Public => "public, no-cache",
            Self::Never => "no-store",
        })
    }
}

/// An answer that is the same for all who ask for the same address in the same language and have no
/// session: [`crate::page_cache`] may keep it. The 404 of an unknown address must be the same for all
/// unknown addresses, and depend on no row of the database.
#[derive(Debug, Clone, Copy)]
pub struct Cacheable;

/// A page as a handler's answer.
#[derive(Debug)]
pub struct View<P>(pub P);

impl<P: Page> IntoResponse for View<P> {
    fn into_response(self) -> Response {
        let name = std::any::type_name::<P>();
        let text = match telemetry::report::span("template.render", name, || self.0.render()) {
            Ok(text) => text,
            Err(error) => return Error::from(error).into_response(),
        };
        let mut response = Response::new(text.into());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(P::CONTENT_TYPE));
        headers.insert(CACHE_CONTROL, self.0.cache().header());
        self.0.texts().add_language_headers(headers);
        if self.0.cache() == CachePolicy::Public {
            response.extensions_mut().insert(Cacheable);
        }
        response
    }
}
