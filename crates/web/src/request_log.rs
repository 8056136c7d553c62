//! The layer that records every request once: a line in the log (a warning for 4xx, an error with
//! its cause for 5xx), a count in the metrics, and a report to Sentry of each 404, 5xx and panic.
//!
//! A line reads alone and carries dotted fields. It never holds cookies, bodies, query strings
//! or header values but the user agent.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::USER_AGENT;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use http_body::Body as _;
use telemetry::metrics::Metrics;
use telemetry::report::{Failure, Reporter, RequestFacts, TracePolicy, TrackedRequest, UNMATCHED};
use telemetry::scrub::{FILTERED, Scrubber};
use tracing::Level;
use tracing::level_filters::LevelFilter;
use uuid::Uuid;

use crate::error::{Cause, describe};
use crate::error_page::Reference;
use crate::forwarded::{ClientAddress, Forwarded, Peer, Scheme};
use crate::panic::CaughtPanic;

/// The header that tells the client the request's number in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is accepted from a proxy.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// Where requests are recorded, and which are left out.
#[derive(Debug)]
pub struct RequestLog {
    /// Finds the client's address. It is called here, since each layer of its own costs
    /// microseconds.
    pub forwarded: Arc<Forwarded>,
    /// Counts every request.
    pub metrics: Arc<Metrics>,
    /// Reports failures.
    pub reporter: Option<Reporter>,
    /// Removes what must stay private.
    pub scrubber: Scrubber,
    /// Paths that a platform polls: logged at `debug`, whatever the answer, neither reported nor
    /// traced.
    pub quiet_paths: &'static [&'static str],
    /// Paths whose 404 only means that the visitor is not let in: not reported.
    pub hidden_paths: &'static [&'static str],
}

/// The id of the user who sent the request. Code that knows it puts it into the answer's
/// extensions.
#[derive(Debug, Clone)]
pub struct UserId(pub String);

/// A response extension: whether an answer came from the page cache ([`crate::page_cache`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheUse {
    /// The page was stored.
    Hit,
    /// The page was rendered and, unless something was committed meanwhile, stored.
    Made,
    /// The page was rendered for this request alone.
    Passed,
}

impl CacheUse {
    /// The value of `http.cache` in the log.
    fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Made => "made",
            Self::Passed => "passed",
        }
    }
}

/// The layer: [`axum::middleware::from_fn_with_state`] with a [`RequestLog`].
pub async fn log_requests(
    State(log): State<Arc<RequestLog>>,
    mut request: Request,
    next: Next,
) -> Response {
    log.forwarded.read_request(&mut request);
    let mut record = RequestRecord::new(&log, &request, Instant::now());
    record.track(&request);
    let mut response = match &record.tracked_request {
        Some(tracked_request) => tracked_request.bind(next.run(request)).await,
        None => next.run(request).await,
    };
    record.finish(&mut response);
    response
}

impl RequestLog {
    /// Records an answer that was made outside the layer. It must not be a failure, since nothing
    /// is reported. `route` names it in the metrics, and `start` is when the request arrived.
    pub fn record_answer(
        &self,
        request: &Request,
        response: &mut Response,
        route: &str,
        start: Instant,
    ) {
        self.metrics
            .count_response(route, request.method(), response.status(), start.elapsed());
        let line = LogLine::new(request, &self.scrubber);
        line.write(response, Level::INFO, start);
        line.send_id(response);
    }

    /// Logs an answer from in front of the router, whatever its status, with all that the layer logs.
    /// The route is the request's `MatchedPath`, and `start` is when the request arrived.
    pub fn record_any_answer(&self, request: &Request, response: &mut Response, start: Instant) {
        let mut record = RequestRecord::new(self, request, start);
        // No work is bound to the request any more: it is tracked only if something is sent of it.
        if record.wants_report(response.status()) || self.is_tracing() {
            record.track(request);
        }
        record.finish(response);
    }

    fn is_tracing(&self) -> bool {
        self.reporter.as_ref().is_some_and(Reporter::is_tracing)
    }
}

/// A request that is being answered.
struct RequestRecord<'a> {
    log: &'a RequestLog,
    start: Instant,
    line: LogLine,
    route: Option<MatchedPath>,
    is_quiet: bool,
    tracked_request: Option<TrackedRequest>,
}

impl<'a> RequestRecord<'a> {
    fn new(log: &'a RequestLog, request: &Request, start: Instant) -> Self {
        let line = LogLine::new(request, &log.scrubber);
        let route = request.extensions().get::<MatchedPath>().cloned();
        let is_quiet = log.quiet_paths.contains(&request.uri().path());
        Self {
            log,
            start,
            line,
            route,
            is_quiet,
            tracked_request: None,
        }
    }

    /// Begins the request's report and trace, if reports are made.
    fn track(&mut self, request: &Request) {
        let Some(reporter) = &self.log.reporter else {
            return;
        };
        let scheme = request.extensions().get().copied();
        let facts = RequestFacts {
            request_id: self.line.id.clone(),
            method: self.line.method.clone(),
            uri: self.line.uri.clone(),
            headers: request.headers().clone(),
            scheme: scheme.unwrap_or(Scheme::Http).as_str(),
            client: self.line.client,
            route: self.route.as_ref().map(|route| route.as_str().to_owned()),
        };
        let trace_policy = if self.is_quiet {
            TracePolicy::Never
        } else {
            TracePolicy::Sampled
        };
        self.tracked_request = Some(reporter.begin(facts, trace_policy));
    }

    fn finish(self, response: &mut Response) {
        let status = response.status();
        let route = self.route.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
        let took = self.start.elapsed();
        self.log
            .metrics
            .count_response(route, &self.line.method, status, took);
        if self.wants_report(status) {
            self.report(response);
        }
        if let Some(tracked_request) = self.tracked_request {
            tracked_request.finish(status);
        }
        let level = if self.is_quiet {
            Level::DEBUG
        } else if status.is_server_error() {
            Level::ERROR
        } else if status.is_client_error() {
            Level::WARN
        } else {
            Level::INFO
        };
        self.line.write(response, level, self.start);
        self.line.send_id(response);
    }

    fn wants_report(&self, status: StatusCode) -> bool {
        let is_hidden = || self.log.hidden_paths.contains(&self.line.uri.path());
        !self.is_quiet
            && (status.is_server_error() || (status == StatusCode::NOT_FOUND && !is_hidden()))
    }

    /// Reports the answer under the reference that its page shows. An answer without one gets a new
    /// reference for the log, if there is a report to find by it.
    fn report(&self, response: &mut Response) {
        let Some(tracked_request) = &self.tracked_request else {
            return;
        };
        let extensions = response.extensions();
        let shown = extensions.get::<Reference>().copied();
        let id = shown.unwrap_or_else(|| Reference(Uuid::new_v4()));
        let caught_panic = extensions.get::<CaughtPanic>();
        let cause = extensions.get::<Cause>();
        let user = extensions.get::<UserId>();
        let is_reported = tracked_request.report(&Failure {
            id: id.0,
            status: response.status(),
            cause: cause.map(|Cause(cause)| cause.as_ref().as_ref() as _),
            panic: caught_panic.map(|CaughtPanic(panic)| panic.as_ref()),
            user_id: user.map(|UserId(id)| id.as_str()),
        });
        if is_reported {
            response.extensions_mut().insert(id);
        }
    }
}

/// The request's part of a log line.
struct LogLine {
    id: String,
    method: Method,
    uri: Uri,
    client: Option<IpAddr>,
    user_agent: Option<HeaderValue>,
}

impl LogLine {
    fn new(request: &Request, scrubber: &Scrubber) -> Self {
        let extensions = request.extensions();
        let client = extensions.get().map(|ClientAddress(address)| *address);
        // A visitor could write any id into the header, so only a trusted proxy's counts.
        let given = (extensions.get() == Some(&Peer::Trusted))
            .then(|| given_id(request, scrubber))
            .flatten();
        Self {
            id: given.unwrap_or_else(|| Uuid::new_v4().simple().to_string()),
            method: request.method().clone(),
            uri: uri_without_token(request),
            client,
            user_agent: request.headers().get(USER_AGENT).cloned(),
        }
    }

    fn write(&self, response: &Response, level: Level, start: Instant) {
        if level > LevelFilter::current() {
            return;
        }
        let took = start.elapsed().as_micros();
        let duration_ms = f64::from(u32::try_from(took).unwrap_or(u32::MAX)) / 1000.0;
        let status = response.status().as_u16();
        let extensions = response.extensions();
        let path = self.uri.path();
        let user_agent = self.user_agent.as_ref();
        let cause = extensions
            .get()
            .map(|Cause(cause)| describe(cause.as_ref().as_ref()));
        let cache = extensions.get().map(|cache: &CacheUse| cache.name());
        // `event!` needs its level at compile time, hence one call for each level.
        macro_rules! write_line {
            ($level:expr) => {
                tracing::event!(
                    target: "http",
                    $level,
                    request.id = self.id,
                    http.method = self.method.as_str(),
                    http.path = path,
                    http.status = status,
                    http.cache = cache,
                    http.bytes = response.body().size_hint().exact(),
                    duration_ms,
                    client.address = self.client.map(display),
                    user.id = extensions.get().map(|UserId(id)| id.as_str()),
                    user_agent = user_agent.and_then(|value| value.to_str().ok()),
                    error.cause = cause,
                    sentry.event_id = extensions.get::<Reference>().map(display),
                    "{} {} {}",
                    self.method,
                    path,
                    status,
                )
            };
        }
        match level {
            Level::ERROR => write_line!(Level::ERROR),
            Level::WARN => write_line!(Level::WARN),
            Level::INFO => write_line!(Level::INFO),
            _ => write_line!(Level::DEBUG),
        }
    }

    /// Sends the request's id to the client.
    fn send_id(&self, response: &mut Response) {
        if let Ok(id) = HeaderValue::from_str(&self.id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
    }
}

/// The address of a request, in which what a route calls `{token}` is taken out: whoever has it is let
/// in.
fn uri_without_token(request: &Request) -> Uri {
    let uri = request.uri();
    let route = request.extensions().get().map(MatchedPath::as_str);
    let Some(route) = route.filter(|route| route.contains(TOKEN)) else {
        return uri.clone();
    };
    let segments = uri.path().split('/').zip(route.split('/'));
    let path = segments.map(|(segment, of_route)| {
        if of_route.contains(TOKEN) {
            FILTERED
        } else {
            segment
        }
    });
    let path = path.collect::<Vec<_>>().join("/");
    path.parse().unwrap_or_default()
}

/// The parameter of a route that is a secret.
const TOKEN: &str = "{token}";

/// The request id that the proxy has set, if it is safe to log.
fn given_id(request: &Request, scrubber: &Scrubber) -> Option<String> {
    let id = request.headers().get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/".contains(&byte);
    let is_short = !id.is_empty() && id.len() <= MAX_REQUEST_ID_BYTES;
    let is_safe = is_short && id.bytes().all(is_plain) && scrubber.text(id) == id;
    is_safe.then(|| id.to_owned())
}
