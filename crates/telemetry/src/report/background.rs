//! Reports of failures outside of requests: errors that are logged, and panics.

use std::borrow::Cow;
use std::time::SystemTime;

use sentry::Hub;
use sentry::integrations::tracing::{BreadcrumbLayer, ErrorLayer};
use sentry::protocol::Event;
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use super::event::{LOGGER, Panic, without_numbers};
use super::limiter::{Kind, Limiter, Timestamp, Verdict};

/// The target of log lines about failures that their caller reports too, with more details than a
/// line has.
pub const REPORTED: &str = "reported";

/// The part of the log's subscriber that makes reports of errors, and breadcrumbs of lines at
/// `warn` and `info`. It does nothing until [`super::Reporter::watch_background`] is called.
#[derive(Debug, Clone, Copy)]
pub struct Background;

impl Background {
    /// The layer. Lines of the request log are left out, since that makes its own reports.
    pub fn layer<S>() -> impl Layer<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let breadcrumbs = BreadcrumbLayer::new().with_filter(filter_fn(|metadata| {
            metadata.is_event()
                && matches!(*metadata.level(), Level::WARN | Level::INFO)
                && metadata.target() != LOGGER
        }));
        let errors = ErrorLayer::new().with_filter(filter_fn(|metadata| {
            metadata.is_event()
                && *metadata.level() == Level::ERROR
                && ![LOGGER, REPORTED].contains(&metadata.target())
        }));
        breadcrumbs.and_then(errors)
    }
}

/// Logs a panic outside of requests, and reports it.
pub fn panic_outside_of_requests(panic: &Panic) {
    tracing::error!(
        target: REPORTED,
        "panic at {}: {}",
        panic.location,
        panic.message
    );
    Hub::with_active(|hub| {
        hub.capture_event(Event {
            logger: Some("panic".to_owned()),
            ..panic.event()
        });
    });
}

/// Applies the limits to reports that did not pass them when they were made. `None` drops the
/// report.
pub(super) fn admit(limiter: &Limiter, mut event: Event<'static>) -> Option<Event<'static>> {
    if event.logger.as_deref() == Some(LOGGER) {
        return Some(event);
    }
    if event.fingerprint.iter().any(|part| part == "{{ default }}") {
        let message = event.message.as_deref().unwrap_or_default();
        let logger = event.logger.clone().unwrap_or_default();
        event.fingerprint = Cow::Owned(vec![
            Cow::Owned(logger),
            Cow::Owned(without_numbers(message)),
        ]);
    }
    let fingerprint: Vec<String> = event.fingerprint.iter().map(ToString::to_string).collect();
    // Only 404s have a daily limit, so that the configured clock is not needed.
    let now = Timestamp::on_day_of(SystemTime::now());
    match limiter.check(&fingerprint, Kind::Failure, now) {
        Verdict::Admitted { held_back: 0 } => Some(event),
        Verdict::Admitted { held_back } => {
            event.extra.insert("held_back".to_owned(), held_back.into());
            Some(event)
        }
        Verdict::HeldBack => None,
    }
}
