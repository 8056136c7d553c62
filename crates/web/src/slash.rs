//! Routes that end in a slash, and the way there from the same address without it.
//!
//! After `Django 5.2 middleware/common.py` (`APPEND_SLASH`): GET and HEAD are redirected to the
//! address that exists; another method gets the 404 of an unknown address.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode, Uri};
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::extract::Path;

/// Adds [`RouterExt::page`] to axum's router.
pub trait RouterExt<S> {
    /// A route whose path ends in `/`, and the 301 from the path without it. `T` is the type
    /// of the path's variables, `()` when it has none: an address whose variables do not parse
    /// is no address of this form.
    #[must_use]
    fn page<T: DeserializeOwned + Send + 'static>(
        self,
        path: &str,
        methods: MethodRouter<S>,
    ) -> Self;
}

impl<S: Clone + Send + Sync + 'static> RouterExt<S> for Router<S> {
    fn page<T: DeserializeOwned + Send + 'static>(
        self,
        path: &str,
        methods: MethodRouter<S>,
    ) -> Self {
        self.route(path, methods)
            .route(path.trim_end_matches('/'), any(append_slash::<T>))
    }
}

async fn append_slash<T>(method: Method, uri: Uri, _: Path<T>) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return Error::NotFound.into_response();
    }
    match HeaderValue::from_str(&with_slash(&uri)) {
        Ok(location) => (StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)]).into_response(),
        Err(_) => Error::NotFound.into_response(),
    }
}

fn with_slash(uri: &Uri) -> String {
    match uri.query() {
        Some(query) => format!("{}/?{query}", uri.path()),
        None => format!("{}/", uri.path()),
    }
}
