//! The report and the trace of one request and its answer.

use std::borrow::Cow;
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, StatusCode, Uri};
use sentry::protocol::{Breadcrumb, Event, Level, Map, Request, SpanId, SpanStatus, User};
use sentry::{
    Hub, Scope, SentryFutureExt as _, Transaction, TransactionContext, TransactionOrSpan,
};
use uuid::Uuid;

use super::event::{
    LOGGER, MAX_HEADER_CHARACTERS, MAX_TEXT_CHARACTERS, Panic, bounded, mechanism, without_numbers,
};
use super::limiter::Kind;
use super::reporter::Reporter;
use crate::scrub::FILTERED;

/// The name of the route for a request without one.
pub const UNMATCHED: &str = "unmatched";

/// The most headers in a report.
const MAX_HEADERS: usize = 64;

/// Headers in which proxies put the client's address.
const ADDRESS_HEADERS: [&str; 6] = [
    "cf-connecting-ip",
    "client-ip",
    "forwarded",
    "true-client-ip",
    "x-forwarded-for",
    "x-real-ip",
];

/// The facts of a request when it arrives. They are cheap to make: headers and address share the
/// memory of the request's own.
#[derive(Debug, Clone)]
pub struct RequestFacts {
    /// Its id in the log.
    pub request_id: String,
    /// Its method.
    pub method: Method,
    /// Its target.
    pub uri: Uri,
    /// Its headers.
    pub headers: HeaderMap,
    /// The client's scheme: `http` or `https`.
    pub scheme: &'static str,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The pattern of its route, if it has one.
    pub route: Option<String>,
}

/// An answer that is to be reported.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// The report's id.
    pub id: Uuid,
    /// The answer's status.
    pub status: StatusCode,
    /// The error that caused it.
    pub cause: Option<&'a (dyn Error + 'static)>,
    /// The panic that caused it.
    pub panic: Option<&'a Panic>,
    /// The id of the user who sent the request.
    pub user_id: Option<&'a str>,
}

/// A request that is being answered, and may be traced and reported.
#[derive(Debug)]
pub struct TrackedRequest {
    reporter: Reporter,
    hub: Arc<Hub>,
    facts: RequestFacts,
    transaction: Option<Transaction>,
}

/// Whether a request may be traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TracePolicy {
    /// As often as configured, or as the sender of a trace has decided.
    Sampled,
    /// Never. Traces of health checks would outnumber all others.
    Never,
}

impl Reporter {
    /// Begins a request: breadcrumbs and spans of the work in [`TrackedRequest::bind`] belong to it.
    pub fn begin(&self, facts: RequestFacts, trace_policy: TracePolicy) -> TrackedRequest {
        let client = Arc::clone(&self.0.client);
        let hub = Arc::new(Hub::new(Some(client), Arc::new(Scope::default())));
        let mut tracked_request = TrackedRequest {
            reporter: self.clone(),
            hub,
            facts,
            transaction: None,
        };
        if self.0.traces && trace_policy == TracePolicy::Sampled {
            tracked_request.start_transaction();
        }
        tracked_request
    }
}

impl TrackedRequest {
    fn start_transaction(&mut self) {
        let headers = self.facts.headers.iter();
        let headers = headers
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .filter(|(name, _)| matches!(*name, "sentry-trace" | "baggage"));
        let name = self.facts.route.as_deref().unwrap_or(UNMATCHED);
        let context = TransactionContext::continue_from_headers(name, "http.server", headers);
        let transaction = self.hub.start_transaction(context);
        transaction.set_request(self.request());
        self.hub
            .configure_scope(|scope| scope.set_span(Some(transaction.clone().into())));
        self.transaction = Some(transaction);
    }

    /// Runs the work for the answer within the request's own scope and, if it is traced, within a
    /// span.
    pub async fn bind<T>(&self, work: impl Future<Output = T>) -> T {
        let span = self.transaction.as_ref().map(|transaction| {
            let span = transaction.start_child("http.handler", "");
            self.hub
                .configure_scope(|scope| scope.set_span(Some(span.clone().into())));
            span
        });
        let answer = work.bind_hub(Arc::clone(&self.hub)).await;
        if let Some(span) = span {
            span.finish();
        }
        answer
    }

    /// Ends the request's trace.
    pub fn finish(self, status: StatusCode) {
        if let Some(transaction) = self.transaction {
            transaction.set_status(span_status(status));
            transaction.set_tag("status", status.as_u16());
            transaction.finish();
        }
    }

    /// Reports the answer, unless the limits hold it back; returns whether it did.
    pub fn report(&self, failure: &Failure<'_>) -> bool {
        // The limits are checked first, so that no event is made for a report that is held back.
        let fingerprint = self.fingerprint(failure);
        let Some(held_back) = self.reporter.admits(&fingerprint, self.kind(failure)) else {
            return false;
        };
        let mut event = match (failure.panic, failure.cause) {
            (Some(panic), _) => panic.event(),
            (None, Some(cause)) => {
                let mut event = sentry::event_from_error(cause);
                for exception in &mut event.exception {
                    exception.mechanism = Some(mechanism("http"));
                }
                event
            }
            (None, None) => Event {
                message: Some(self.title(failure.status)),
                ..Event::default()
            },
        };
        event.event_id = failure.id;
        event.level = if failure.status.is_server_error() {
            Level::Error
        } else {
            Level::Warning
        };
        event.logger = Some(LOGGER.to_owned());
        event.fingerprint = fingerprint.into_iter().map(Cow::Owned).collect();
        event.transaction = Some(self.route().to_owned());
        event.request = Some(self.request());
        event.user = self.user(failure.user_id);
        let mut tag = |name: &str, value: String| event.tags.insert(name.to_owned(), value);
        tag("status", failure.status.as_u16().to_string());
        tag("request.id", self.facts.request_id.clone());
        if let Some(host) = self.host() {
            tag("host", host);
        }
        if held_back > 0 {
            event.extra.insert("held_back".to_owned(), held_back.into());
        }
        self.hub.capture_event(event);
        true
    }

    /// Reports with the same fingerprint are one issue: by the route for a 404, by the place for a
    /// panic, by the route and the innermost cause, without its numbers, for another failure.
    fn fingerprint(&self, failure: &Failure<'_>) -> Vec<String> {
        let status = failure.status.as_u16().to_string();
        if let Some(panic) = failure.panic {
            return vec!["panic".to_owned(), panic.location.clone()];
        }
        let mut fingerprint = vec![status, self.route().to_owned()];
        if let Some(mut cause) = failure.cause {
            while let Some(source) = cause.source() {
                cause = source;
            }
            fingerprint.push(without_numbers(&cause.to_string()));
        }
        fingerprint
    }

    fn kind(&self, failure: &Failure<'_>) -> Kind {
        match &self.facts.route {
            _ if failure.panic.is_some() || failure.status != StatusCode::NOT_FOUND => {
                Kind::Failure
            }
            Some(_) => Kind::MissingPage,
            None => Kind::UnknownAddress,
        }
    }

    fn title(&self, status: StatusCode) -> String {
        let reason = status.canonical_reason().unwrap_or("Failure");
        match &self.facts.route {
            Some(route) => format!("{reason}: {route}"),
            None => format!("{reason}: an unknown address"),
        }
    }

    fn route(&self) -> &str {
        self.facts.route.as_deref().unwrap_or(UNMATCHED)
    }

    fn host(&self) -> Option<String> {
        let host = self.facts.headers.get(http::header::HOST)?.to_str().ok()?;
        Some(bounded(host, MAX_HEADER_CHARACTERS))
    }

    /// The request without its body. Values that are private by their name are not removed here but
    /// in the transport, which scrubs whole reports.
    fn request(&self) -> Request {
        let RequestFacts {
            method,
            uri,
            headers,
            scheme,
            ..
        } = &self.facts;
        let url = format!(
            "{scheme}://{}{}",
            self.host().unwrap_or_default(),
            uri.path()
        );
        let shows_addresses = self.reporter.0.send_default_pii;
        let headers: Map<String, String> = headers
            .iter()
            .take(MAX_HEADERS)
            .map(|(name, value)| {
                let text = if ADDRESS_HEADERS.contains(&name.as_str()) && !shows_addresses {
                    FILTERED.to_owned()
                } else {
                    bounded(
                        &String::from_utf8_lossy(value.as_bytes()),
                        MAX_HEADER_CHARACTERS,
                    )
                };
                (name.as_str().to_owned(), text)
            })
            .collect();
        let scrubber = self.reporter.scrubber();
        Request {
            url: bounded(&url, MAX_TEXT_CHARACTERS).parse().ok(),
            method: Some(bounded(method.as_str(), MAX_HEADER_CHARACTERS)),
            query_string: uri
                .query()
                .map(|query| scrubber.query(&bounded(query, MAX_TEXT_CHARACTERS))),
            headers,
            ..Request::default()
        }
    }

    fn user(&self, id: Option<&str>) -> Option<User> {
        let shows_address = self.reporter.0.send_default_pii;
        let address = self.facts.client.filter(|_| shows_address);
        if id.is_none() && address.is_none() {
            return None;
        }
        Some(User {
            id: id.map(str::to_owned),
            ip_address: address.map(sentry::protocol::IpAddress::Exact),
            ..User::default()
        })
    }
}

/// Adds a breadcrumb to the report of the current request, if there will be one.
pub fn breadcrumb(category: &'static str, message: &str) {
    Hub::with_active(|hub| {
        hub.add_breadcrumb(Breadcrumb {
            ty: category.to_owned(),
            category: Some(category.to_owned()),
            message: Some(bounded(message, MAX_TEXT_CHARACTERS)),
            ..Breadcrumb::default()
        });
    });
}

/// Times a piece of work as a span of the current request, if that is traced.
pub fn span<T>(operation: &str, description: &str, work: impl FnOnce() -> T) -> T {
    let span = current_span().map(|parent| parent.start_child(operation, description));
    let result = work();
    if let Some(span) = span {
        span.finish();
    }
    result
}

/// Adds a span for a database statement that took this long and has just ended.
pub fn statement_span(sql: &str, took: Duration) {
    if let Some(parent) = current_span() {
        let end = SystemTime::now();
        let start = end.checked_sub(took).unwrap_or(end);
        let sql = bounded(sql, MAX_TEXT_CHARACTERS);
        let span = parent.start_child_with_details("db", &sql, SpanId::default(), start);
        span.finish_with_timestamp(end);
    }
}

fn current_span() -> Option<TransactionOrSpan> {
    Hub::with_active(|hub| hub.configure_scope(|scope| scope.get_span()))
}

fn span_status(status: StatusCode) -> SpanStatus {
    match status.as_u16() {
        400 => SpanStatus::InvalidArgument,
        401 => SpanStatus::Unauthenticated,
        403 => SpanStatus::PermissionDenied,
        404 => SpanStatus::NotFound,
        429 => SpanStatus::ResourceExhausted,
        503 => SpanStatus::Unavailable,
        402..=499 => SpanStatus::FailedPrecondition,
        500..=599 => SpanStatus::InternalError,
        _ => SpanStatus::Ok,
    }
}
