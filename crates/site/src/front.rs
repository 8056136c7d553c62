//! The place where static files, and pages that are kept, are answered, in front of the router and its
//! layers.
//!
//! Either is answered from memory within microseconds; a stack of layers made for pages, each a
//! boxed future, would cost more than the answer. What these layers do for it is done here by
//! plain calls. A file's error is not answered here: it passes the layers together with its request,
//! since they add its page, and `show_file_error` returns it from within them.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use axum::{Extension, Router};
use futures_util::future::Either;
use server::SharedBody;
use staticfiles::serve::StaticFiles;
use tower::Service;
use web::headers::add_transport_security;
use web::host::{AllowedHosts, find_host};
use web::page_cache::PageCache;
use web::request_log::RequestLog;

use crate::addresses::STATIC_ROUTE;

/// The whole application as a service: files first, then pages that are kept, then the router.
#[derive(Debug, Clone)]
pub struct Front {
    pub(crate) files: StaticFiles,
    pub(crate) pages: PageCache,
    pub(crate) hosts: Arc<AllowedHosts>,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) router: Router,
}

/// A request extension: the error that answers a request for a static file.
#[derive(Debug, Clone)]
pub(crate) struct FileError(Response<()>);

/// The handler of [`STATIC_ROUTE`]: returns the error that [`Front`] has found. Without a [`Front`]
/// no file is served, and the answer is a 404.
pub(crate) async fn show_file_error(
    found: Option<Extension<FileError>>,
) -> Result<Response, web::Error> {
    let Extension(FileError(response)) = found.ok_or(web::Error::NotFound)?;
    Ok(response.map(|()| Body::empty()))
}

impl Front {
    /// A page's answer, if the page is kept.
    fn page(&self, request: &mut Request) -> Option<Response> {
        if !self.pages.may_answer(request) {
            return None;
        }
        let start = Instant::now();
        self.log.forwarded.read_request(request);
        let mut response = self.pages.answer(request)?;
        self.log.record_any_answer(request, &mut response, start);
        Some(response)
    }

    /// The answer to a request for a static file. `None` if the router has to answer: for another
    /// path, a host that is not allowed, or an error, which is left in the request's extensions.
    /// The file has the security headers already: see [`crate::static_files::load`].
    fn file(&self, request: &mut Request) -> Option<Response> {
        if !self.files.owns(request.uri().path()) {
            return None;
        }
        let start = Instant::now();
        if !find_host(request).is_ok_and(|host| self.hosts.allows(host)) {
            return None;
        }
        let (uri, headers) = (request.uri(), request.headers());
        let response = self.files.respond(request.method(), uri.path(), headers);
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            let error = FileError(response.map(drop));
            request.extensions_mut().insert(error);
            return None;
        }
        self.log.forwarded.read_request(request);
        let is_shared = matches!(response.body(), staticfiles::serve::Body::Memory(_));
        let mut response = response.map(Body::new);
        if is_shared {
            response.extensions_mut().insert(SharedBody);
        }
        add_transport_security(request, &mut response);
        self.log
            .record_answer(request, &mut response, STATIC_ROUTE, start);
        Some(response)
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<std::future::Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let answer = self.file(&mut request);
        match answer.or_else(|| self.page(&mut request)) {
            Some(response) => Either::Left(std::future::ready(Ok(response))),
            None => Either::Right(self.router.call(request)),
        }
    }
}
