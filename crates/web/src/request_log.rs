//! The layer that logs every request once: 4xx as warnings, 5xx as errors with their cause.
//!
//! A line reads alone and carries dotted fields. It never holds cookies, bodies, query strings
//! or header values but the user agent.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::USER_AGENT;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use http_body::Body as _;
use uuid::Uuid;

use crate::error::{Cause, describe};
use crate::error_page::Reference;
use crate::forwarded::ClientAddress;

/// The header that tells the client the request's number in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the log needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// Addresses that a platform asks all the time: logged at `debug`, whatever the answer.
    pub quiet_paths: &'static [&'static str],
}

/// The layer: [`axum::middleware::from_fn_with_state`] with a [`Config`].
pub async fn log_requests(State(config): State<Config>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let line = Line::new(&request, config);
    let mut response = next.run(request).await;
    line.end(&mut response, start);
    response
}

/// What the layer does, for an answer that passes no layer.
pub fn log_response(request: &Request, response: &mut Response, start: Instant) {
    let config = Config { quiet_paths: &[] };
    Line::new(request, config).end(response, start);
}

/// What is known of a request when its answer comes.
struct Line {
    id: String,
    method: Method,
    path: String,
    client: Option<ClientAddress>,
    user_agent: Option<String>,
    is_quiet: bool,
}

impl Line {
    fn new(request: &Request, config: Config) -> Self {
        let user_agent = request.headers().get(USER_AGENT);
        Self {
            id: Uuid::new_v4().simple().to_string(),
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            client: request.extensions().get().copied(),
            user_agent: user_agent
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            is_quiet: config.quiet_paths.contains(&request.uri().path()),
        }
    }

    /// Writes the line, and tells the client its number.
    fn end(self, response: &mut Response, start: Instant) {
        self.write(response, start);
        if let Ok(id) = HeaderValue::from_maybe_shared(Bytes::from(self.id)) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
    }

    fn write(&self, response: &Response, start: Instant) {
        let status = response.status();
        let level = self.level(status);
        if level > tracing::level_filters::LevelFilter::current() {
            return;
        }
        let duration_ms = start.elapsed().as_secs_f64() * 1000.0;
        let client = self.client.map(|client| client.0.to_string());
        let extensions = response.extensions();
        let cause = extensions
            .get()
            .map(|Cause(cause)| describe(cause.as_ref().as_ref()));
        let reference = extensions.get::<Reference>().map(Reference::to_string);
        macro_rules! write_line {
            ($level:expr) => {
                tracing::event!(
                    target: "http",
                    $level,
                    request.id = self.id,
                    http.method = %self.method,
                    http.path = self.path,
                    http.status = status.as_u16(),
                    http.bytes = response.body().size_hint().exact(),
                    duration_ms = (duration_ms * 1000.0).round() / 1000.0,
                    client.address = client,
                    user_agent = self.user_agent,
                    error.cause = cause,
                    sentry.event_id = reference,
                    "{} {} {}",
                    self.method,
                    self.path,
                    status.as_u16(),
                )
            };
        }
        match level {
            tracing::Level::ERROR => write_line!(tracing::Level::ERROR),
            tracing::Level::WARN => write_line!(tracing::Level::WARN),
            tracing::Level::INFO => write_line!(tracing::Level::INFO),
            _ => write_line!(tracing::Level::DEBUG),
        }
    }

    fn level(&self, status: StatusCode) -> tracing::Level {
        if self.is_quiet {
            tracing::Level::DEBUG
        } else if status.is_server_error() {
            tracing::Level::ERROR
        } else if status.is_client_error() {
            tracing::Level::WARN
        } else {
            tracing::Level::INFO
        }
    }
}
