//! The reporter: a client of the vendor's SDK, with the limits and the transport for its reports.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};
use sentry::integrations::backtrace::ProcessStacktraceIntegration;
use sentry::integrations::contexts::ContextIntegration;
use sentry::protocol::{Event, Level};
use sentry::types::Dsn;
use sentry::{Client, ClientOptions, Hub};
use uuid::Uuid;

use super::background;
use super::event::LOGGER;
use super::limiter::{Kind, Limiter, Timestamp, Verdict};
use super::transport::{Counts, Delivery, Factory};
use crate::scrub::Scrubber;

/// How long the end of the program waits for reports to be sent.
pub const FLUSH_LIMIT: Duration = Duration::from_secs(2);

/// The most breadcrumbs of a report. Their length is limited as well.
const MAX_BREADCRUMBS: usize = 50;

/// The settings of reports.
#[derive(Debug, Clone)]
pub struct Config {
    /// The DSN: the address of the Sentry project, with its key.
    pub dsn: SecretString,
    /// The release named in reports.
    pub release: String,
    /// The environment named in reports.
    pub environment: String,
    /// The share of requests that are traced, 0 to 1.
    pub traces_sample_rate: f32,
    /// Whether reports name the client's address.
    pub send_default_pii: bool,
    /// The most reports in a day in UTC of addresses without a route, and as many of routes that
    /// find nothing.
    pub daily_404: u32,
    /// The clock that decides when a day ends: [`SystemTime::now`], except in tests.
    pub clock: fn() -> SystemTime,
    /// The prefixes of the program's own modules. Other functions in a stack are shown as library
    /// code.
    pub own_modules: &'static [&'static str],
    /// Removes private values.
    pub scrubber: Scrubber,
}

/// The text is no DSN.
#[derive(Debug, thiserror::Error)]
#[error("must be the address of a Sentry project, `https://key@host/project`")]
pub struct BadDsn;

/// Checks that a text is a DSN.
pub fn check_dsn(text: &str) -> Result<(), BadDsn> {
    text.parse::<Dsn>().map(drop).map_err(|_| BadDsn)
}

/// Sends reports to Sentry. Clones share the client.
#[derive(Clone, Debug)]
pub struct Reporter(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) client: Arc<Client>,
    limiter: Arc<Limiter>,
    delivery: Arc<Delivery>,
    scrubber: Scrubber,
    pub(super) traces: bool,
    pub(super) send_default_pii: bool,
    clock: fn() -> SystemTime,
}

impl Reporter {
    /// Starts the thread that sends. It connects when there is a first report.
    pub fn start(config: &Config) -> Result<Self, BadDsn> {
        let dsn: Dsn = config.dsn.expose_secret().parse().map_err(|_| BadDsn)?;
        let limiter = Arc::new(Limiter::new(config.daily_404));
        let delivery = Arc::new(Delivery::default());
        let factory = Factory {
            delivery: Arc::clone(&delivery),
            scrubber: config.scrubber.clone(),
        };
        let mut options = ClientOptions::new()
            .release(config.release.clone())
            .environment(config.environment.clone())
            .send_default_pii(config.send_default_pii)
            .max_breadcrumbs(MAX_BREADCRUMBS)
            .shutdown_timeout(FLUSH_LIMIT)
            .default_integrations(false)
            .add_integration(ContextIntegration::new())
            .add_integration(ProcessStacktraceIntegration::new())
            .transport(factory);
        // The builder's own setter takes a text, and panics if that is no DSN.
        options.dsn = Some(dsn);
        options.in_app_include = config.own_modules.to_vec();
        let traces = config.traces_sample_rate > 0.0;
        if traces {
            options = options.traces_sample_rate(config.traces_sample_rate);
        }
        let held = Arc::clone(&limiter);
        options.before_send = Some(Arc::new(move |event| background::admit(&held, event)));
        Ok(Self(Arc::new(Inner {
            client: Arc::new(Client::from(options)),
            limiter,
            delivery,
            scrubber: config.scrubber.clone(),
            traces,
            send_default_pii: config.send_default_pii,
            clock: config.clock,
        })))
    }

    /// Also reports failures outside of requests: events that are logged as errors, and panics.
    /// Call it once, when the program starts.
    pub fn watch_background(&self) {
        Hub::main().bind_client(Some(Arc::clone(&self.0.client)));
    }

    /// Whether any request is traced.
    pub fn is_tracing(&self) -> bool {
        self.0.traces
    }

    /// Sends a message, and waits at most `limit` until the receiver has taken it. Returns the
    /// report's id, or why it was not taken.
    pub fn test(&self, message: &str, limit: Duration) -> Result<Uuid, String> {
        let event = Event {
            message: Some(message.to_owned()),
            level: Level::Info,
            logger: Some(LOGGER.to_owned()),
            ..Event::default()
        };
        let id = self.0.client.capture_event(event, None);
        if !self.flush(limit) {
            return Err(format!("no answer within {} s", limit.as_secs()));
        }
        match self.0.delivery.last_failure() {
            Some(failure) => Err(failure),
            None => Ok(id),
        }
    }

    /// Reports an error outside of requests, such as the one that ends the program.
    pub fn report(&self, error: &(dyn std::error::Error + 'static)) {
        self.0
            .client
            .capture_event(sentry::event_from_error(error), None);
    }

    /// How many reports there were so far, by what became of them.
    pub fn counts(&self) -> Counts {
        let counts = self.0.delivery.counts();
        Counts {
            held_back: self.0.limiter.held_back(),
            ..counts
        }
    }

    /// Waits at most `limit` until all reports are sent, and returns whether they are.
    pub fn flush(&self, limit: Duration) -> bool {
        self.0.client.flush(Some(limit))
    }

    /// Flushes as [`Self::flush`] does, and sends no more reports afterwards.
    pub fn close(&self, limit: Duration) {
        self.0.client.close(Some(limit));
    }

    pub(super) fn scrubber(&self) -> &Scrubber {
        &self.0.scrubber
    }

    pub(super) fn admits(&self, fingerprint: &[String], kind: Kind) -> Option<u64> {
        let now = Timestamp::on_day_of((self.0.clock)());
        let verdict = self.0.limiter.check(fingerprint, kind, now);
        let unlogged = self.0.limiter.held_back_unlogged(now);
        if unlogged > 0 {
            tracing::warn!(
                reports = unlogged,
                "reports to Sentry were held back: too many in a minute, or 404s in a day"
            );
        }
        match verdict {
            Verdict::Admitted { held_back } => Some(held_back),
            Verdict::HeldBack => None,
        }
    }
}
