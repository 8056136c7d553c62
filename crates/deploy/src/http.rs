//! Requests over the one HTTP client, repeated if a failure may pass. No text made here holds an
//! address or a header, since both may be secret.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, RETRY_AFTER};
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Uri};
use ureq::{Agent, AsSendBody, SendBody};

use crate::clock::{Interrupted, seconds};
use crate::context::{Context, Event};

/// How much of an answer is read.
const MAX_BODY_BYTES: u64 = 4 * 1024 * 1024;
/// How much of an error's message is repeated.
const MAX_MESSAGE_CHARS: usize = 300;
/// From this value on, `ratelimit-reset` is a moment in seconds since 1970; below it is a number of
/// seconds to wait. Render's documentation has the number in its example and the moment in its
/// text.
const MIN_TIMESTAMP: u64 = 1_000_000_000;

/// Why a request has no result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The run was interrupted.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// No attempt succeeded before the limit.
    #[error("{host} {why}; given up after {}", seconds(*.elapsed))]
    Unavailable {
        /// The host that was asked.
        host: String,
        /// What went wrong the last time, to be read after the host.
        why: String,
        /// The time since the first attempt.
        elapsed: Duration,
        /// Whether an attempt may have had its effect.
        may_have_arrived: bool,
    },
    /// The request cannot be sent at all.
    #[error("{host} {why}")]
    Impossible {
        /// The host that was to be asked.
        host: String,
        /// Why not, to be read after the host.
        why: &'static str,
    },
    /// The answer has a status that is no success.
    #[error("{host} answered {status}{message}")]
    Refused {
        /// The host that was asked.
        host: String,
        /// The answer's status.
        status: u16,
        /// The message of the answer, after a colon; empty if there is none.
        message: String,
    },
    /// The answer cannot be understood.
    #[error("{host} gave an answer that cannot be read: {what}")]
    Unreadable {
        /// The host that was asked.
        host: String,
        /// What is wrong with it.
        what: String,
    },
}

impl Failure {
    /// Whether it is an error of usage: a wrong key, id or address.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Refused { status, .. } => (400..500).contains(status),
            Self::Impossible { .. } => true,
            Self::Interrupted(_) | Self::Unavailable { .. } | Self::Unreadable { .. } => false,
        }
    }
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct HttpRequest<'a> {
    pub(crate) method: Method,
    /// May be secret, as a deploy hook's is.
    pub(crate) url: SecretString,
    pub(crate) authorization: Option<SecretString>,
    pub(crate) headers: &'a [(&'static str, &'a str)],
    pub(crate) json: Option<String>,
}

impl HttpRequest<'_> {
    pub(crate) fn get(url: &str) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            authorization: None,
            headers: &[],
            json: None,
        }
    }

    /// The host that is asked.
    pub(crate) fn host(&self) -> String {
        host(self.url.expose_secret())
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// The HTTP client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    agent: Agent,
}

impl Client {
    /// Redirects are answers like others, and not followed.
    pub(crate) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self {
            agent: config.new_agent(),
        }
    }

    /// Sends a request once. The limit is for all of it, the answer's body included.
    pub(crate) fn send(
        &self,
        request: &HttpRequest<'_>,
        limit: Duration,
    ) -> Result<HttpResponse, NoResponse> {
        let mut builder = Request::builder()
            .method(request.method.clone())
            .uri(request.url.expose_secret());
        for (name, value) in request.headers {
            builder = builder.header(*name, *value);
        }
        if let Some(authorization) = &request.authorization {
            let value = HeaderValue::from_str(authorization.expose_secret());
            let mut value =
                value.map_err(|_| NoResponse::Impossible("cannot be sent this secret"))?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        let Some(json) = &request.json else {
            if request.method == Method::POST {
                // Otherwise a body's end is sent that no header announced (RFC 9110, section 8.6).
                builder = builder.header(CONTENT_LENGTH, 0);
            }
            let request = builder.body(SendBody::none());
            return self.run(request.map_err(|_| BAD_ADDRESS)?, limit);
        };
        builder = builder
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json");
        let request = builder.body(json.as_str());
        self.run(request.map_err(|_| BAD_ADDRESS)?, limit)
    }

    fn run(
        &self,
        request: Request<impl AsSendBody>,
        limit: Duration,
    ) -> Result<HttpResponse, NoResponse> {
        let request = self.agent.configure_request(request);
        let request = request.timeout_global(Some(limit)).build();
        let answered = self.agent.run(request);
        let mut response = answered.map_err(|error| describe_error(&error, limit))?;
        let body = response.body_mut().with_config();
        let body = body.limit(MAX_BODY_BYTES).lossy_utf8(true).read_to_string();
        Ok(HttpResponse {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: body.map_err(|error| describe_error(&error, limit))?,
        })
    }

    /// Repeats a request as long as the failure may pass. Only for requests that may have their
    /// effect twice.
    pub(crate) fn send_with_retries(
        &self,
        ctx: Context<'_>,
        request: &HttpRequest<'_>,
    ) -> Result<HttpResponse, Failure> {
        let mut backoff = Backoff::new(ctx, request.host());
        loop {
            // Does not wait, but fails if the run was interrupted.
            ctx.clock.wait(Duration::ZERO)?;
            let transient_failure = match self.send(request, ctx.limits.request) {
                Ok(response) => match TransientFailure::of(&response) {
                    None => return Ok(response),
                    Some(transient_failure) => transient_failure,
                },
                Err(no_response) => backoff.transient_failure(no_response)?,
            };
            backoff.pause(transient_failure)?;
        }
    }
}

/// Why there is no answer. Each text is to be read after the host.
#[derive(Debug)]
pub(crate) enum NoResponse {
    /// The request cannot be sent, however often it is tried.
    Impossible(&'static str),
    /// The host was not reached, so that the request had no effect.
    NotReached(String),
    /// The request may have arrived.
    Lost(String),
}

const BAD_ADDRESS: NoResponse = NoResponse::Impossible("is no address that can be asked");

impl fmt::Display for NoResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Impossible(why) => formatter.write_str(why),
            Self::NotReached(why) | Self::Lost(why) => formatter.write_str(why),
        }
    }
}

/// A failure that may pass.
#[derive(Debug)]
pub(crate) struct TransientFailure {
    /// What went wrong, to be read after the host.
    pub(crate) why: String,
    /// The pause that the answer asks for.
    pub(crate) pause: Option<Duration>,
    /// Whether the request may have had its effect all the same.
    pub(crate) may_have_arrived: bool,
}

impl TransientFailure {
    /// The failure that an answer tells of: too many requests, or an error of the server.
    pub(crate) fn of(response: &HttpResponse) -> Option<Self> {
        (response.status == 429 || response.status >= 500).then(|| Self {
            why: format!("answered {}", response.status),
            pause: requested_pause(&response.headers),
            may_have_arrived: response.status != 429,
        })
    }
}

/// Pauses between attempts, each twice as long as the one before, until the limit.
#[derive(Debug)]
pub(crate) struct Backoff<'a> {
    ctx: Context<'a>,
    host: String,
    start: Duration,
    next: Duration,
    may_have_arrived: bool,
}

impl<'a> Backoff<'a> {
    pub(crate) fn new(ctx: Context<'a>, host: String) -> Self {
        Self {
            ctx,
            host,
            start: ctx.clock.now(),
            next: ctx.limits.first_pause,
            may_have_arrived: false,
        }
    }

    /// The failure of a request without an answer, if it may pass.
    pub(crate) fn transient_failure(
        &self,
        no_response: NoResponse,
    ) -> Result<TransientFailure, Failure> {
        let (why, may_have_arrived) = match no_response {
            NoResponse::Impossible(why) => {
                let host = self.host.clone();
                return Err(Failure::Impossible { host, why });
            }
            NoResponse::NotReached(why) => (why, false),
            NoResponse::Lost(why) => (why, true),
        };
        Ok(TransientFailure {
            why,
            pause: None,
            may_have_arrived,
        })
    }

    /// Waits before the next attempt, as long as the answer asks for. Fails if that would exceed
    /// the limit.
    pub(crate) fn pause(&mut self, transient_failure: TransientFailure) -> Result<(), Failure> {
        self.may_have_arrived |= transient_failure.may_have_arrived;
        let pause = transient_failure.pause.unwrap_or(self.next);
        self.next = (self.next * 2).min(self.ctx.limits.longest_pause);
        let elapsed = self.ctx.clock.now().saturating_sub(self.start);
        if elapsed + pause > self.ctx.limits.retry {
            let why = match transient_failure.pause {
                Some(pause) => format!(
                    "{} and asks to wait {}",
                    transient_failure.why,
                    seconds(pause)
                ),
                None => transient_failure.why,
            };
            return Err(Failure::Unavailable {
                host: self.host.clone(),
                why,
                elapsed,
                may_have_arrived: self.may_have_arrived,
            });
        }
        (self.ctx.observe)(&Event::Repeating {
            host: &self.host,
            why: &transient_failure.why,
            pause,
        });
        Ok(self.ctx.clock.wait(pause)?)
    }
}

/// The host of an address, with its port if one is given: the part that may be shown.
pub(crate) fn host(url: &str) -> String {
    let uri = url.parse::<Uri>().ok();
    let uri = uri.filter(|uri| uri.scheme().is_some());
    let host = uri.as_ref().and_then(|uri| {
        let host = uri.host()?;
        Some(match uri.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        })
    });
    host.unwrap_or_else(|| "the address".to_owned())
}

/// The failure that an answer tells of, with its message but without the secret.
pub(crate) fn refusal(
    host: String,
    response: &HttpResponse,
    secret: Option<&SecretString>,
) -> Failure {
    let json: Option<serde_json::Value> = serde_json::from_str(&response.body).ok();
    let text = json.as_ref().and_then(|json| {
        // Render has one message, a registry a list of errors.
        let text = json
            .get("message")
            .or_else(|| json.pointer("/errors/0/message"));
        text.and_then(serde_json::Value::as_str)
    });
    let message = match text {
        Some(text) => format!(": {}", redacted(text, secret)),
        None => String::new(),
    };
    Failure::Refused {
        host,
        status: response.status,
        message,
    }
}

fn redacted(text: &str, secret: Option<&SecretString>) -> String {
    let text = match secret {
        Some(secret) if !secret.expose_secret().is_empty() => {
            text.replace(secret.expose_secret(), "[redacted]")
        }
        _ => text.to_owned(),
    };
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    printable.take(MAX_MESSAGE_CHARS).collect()
}

/// How long an answer asks to wait: RFC 9110 10.2.3, or what Render says of its limits.
fn requested_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    // The pause until a moment is measured from the answer's own date.
    let said_at = text(DATE.as_str()).and_then(|date| httpdate::parse_http_date(date).ok());
    let since = |moment: std::time::SystemTime| {
        Some(moment.duration_since(said_at?).unwrap_or(Duration::ZERO))
    };
    if let Some(value) = text(RETRY_AFTER.as_str()) {
        return match value.trim().parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => since(httpdate::parse_http_date(value).ok()?),
        };
    }
    let reset: u64 = text("ratelimit-reset")?.trim().parse().ok()?;
    if reset < MIN_TIMESTAMP {
        Some(Duration::from_secs(reset))
    } else {
        since(std::time::UNIX_EPOCH.checked_add(Duration::from_secs(reset))?)
    }
}

/// Describes an error by words that hold nothing of the request.
fn describe_error(error: &ureq::Error, limit: Duration) -> NoResponse {
    use std::io::ErrorKind::ConnectionRefused;
    use ureq::{Error, Timeout};
    match error {
        Error::BadUri(_) | Error::Http(_) => BAD_ADDRESS,
        Error::HostNotFound => NoResponse::NotReached("is a name that is not known".to_owned()),
        Error::ConnectionFailed => NoResponse::NotReached("cannot be connected to".to_owned()),
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            NoResponse::NotReached(format!("cannot be reached within {}", seconds(limit)))
        }
        Error::Tls(what) => NoResponse::NotReached(format!("has TLS that does not work: {what}")),
        Error::Rustls(error) => {
            NoResponse::NotReached(format!("has TLS that does not work: {error}"))
        }
        Error::Io(error) if error.kind() == ConnectionRefused => {
            NoResponse::NotReached("refuses the connection".to_owned())
        }
        Error::Io(error) => NoResponse::Lost(format!("did not answer: {}", error.kind())),
        Error::Timeout(_) => NoResponse::Lost(format!("did not answer within {}", seconds(limit))),
        Error::BodyExceedsLimit(_) => NoResponse::Lost("answered more than is read".to_owned()),
        _ => NoResponse::Lost("did not speak HTTP as expected".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_static(value));
        }
        requested_pause(&map)
    }

    #[test]
    fn a_pause_is_read_in_every_form() {
        const SAID: (&str, &str) = ("date", "Tue, 24 Nov 2026 14:00:00 GMT");
        let secs = |seconds| Some(Duration::from_secs(seconds));
        for (headers, expected) in [
            (&[("retry-after", "7")][..], secs(7)),
            (&[("retry-after", " 0 ")], secs(0)),
            (
                &[SAID, ("retry-after", "Tue, 24 Nov 2026 14:00:09 GMT")],
                secs(9),
            ),
            (
                &[SAID, ("retry-after", "Tue, 24 Nov 2026 13:00:00 GMT")],
                secs(0),
            ),
            (&[("retry-after", "Tue, 24 Nov 2026 14:00:09 GMT")], None),
            (&[("retry-after", "soon"), ("ratelimit-reset", "4")], None),
            (&[("ratelimit-reset", "45")], secs(45)),
            (&[SAID, ("ratelimit-reset", "1795528812")], secs(12)),
            (&[("ratelimit-reset", "1795528812")], None),
            (&[("ratelimit-reset", "-1")], None),
            (&[], None),
        ] {
            assert_eq!(pause(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn only_the_host_of_an_address_is_shown() {
        assert_eq!(
            host("https://user:word@api.example/v1?key=x"),
            "api.example"
        );
        assert_eq!(host("http://127.0.0.1:81/deploy?key=x"), "127.0.0.1:81");
        assert_eq!(host("key=x"), "the address");
        assert_eq!(host("api.example/v1"), "the address");
    }
}
