//! How the program is observed: its metrics, its reports to Sentry, its log, and its statements.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use db::Database;
use db::observe::{Observer, Outcome, StatementReport};
use mail::{Destination, Mailing};
use secrecy::{ExposeSecret as _, SecretString};
use server::{Cut, RequestMemory, Stats};
use telemetry::metrics::{BuildInfo, ExpositionFormat, Metrics, Readings, StatementOutcome};
use telemetry::report::{self, REPORTED, Reporter, breadcrumb, statement_span};
use telemetry::scrub::Scrubber;
use web::forwarded::Forwarded;
use web::page_cache::PageCache;
use web::request_log::RequestLog;

use crate::addresses::HEALTH_PATHS;
use crate::enquiry_counts::EnquiryCounts;
use crate::feeds::{Counts, Feeds};
use crate::release::VERSION;
use crate::settings::{Log, Settings};

/// Names the crates of this workspace once, for the log and for the stacks of reports.
macro_rules! own_crates {
    ($($name:literal),*) => {
        /// The crates, and the targets of lines about requests and reported failures.
        const LOG_TARGETS: &[&str] = &[$($name,)* "http", REPORTED];

        /// What the paths of the crates' functions begin with.
        const OWN_MODULES: &[&str] = &[$(concat!($name, "::")),*];
    };
}

own_crates!(
    "accounts",
    "admin",
    "calendars",
    "db",
    "deploy",
    "fixtures",
    "hashers",
    "mail",
    "pictures",
    "server",
    "site",
    "staticfiles",
    "telemetry",
    "web"
);

/// Whoever has used a connection that broke reports it. The pool finds it broken when it comes
/// back, and would log it once more.
const QUIET_TARGETS: &[&str] = &["sqlx_core::pool::connection"];

/// The metrics, the reports and the log of requests; cheap to clone.
#[derive(Debug, Clone)]
pub struct Telemetry {
    /// The commit that runs.
    pub commit: &'static str,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Where failures are reported.
    pub reporter: Option<Reporter>,
    /// Finds who asks. All requests share it, since it warns only once of a proxy that was not
    /// counted.
    pub forwarded: Arc<Forwarded>,
    scrubber: Scrubber,
}

/// The sources of the numbers that are read when metrics are asked for.
#[derive(Debug, Clone)]
pub struct MetricSources {
    /// The database.
    pub db: Database,
    /// The server.
    pub server: Arc<Stats>,
    /// The pages that are kept.
    pub page_cache: PageCache,
    /// The calendars of other sites.
    pub feeds: Feeds,
    /// The enquiries.
    pub enquiries: Arc<EnquiryCounts>,
    /// What its requests keep.
    pub request_memory: Arc<RequestMemory>,
    /// The letters.
    pub mailing: Mailing,
}

impl Telemetry {
    /// With the reporter that the program started, if any.
    pub fn new(settings: &Settings, reporter: Option<Reporter>) -> Self {
        Self {
            commit: settings.commit,
            metrics: Arc::new(Metrics::new(BuildInfo {
                version: VERSION,
                commit: settings.commit,
            })),
            reporter,
            forwarded: Arc::new(Forwarded::new(settings.forwarded.clone())),
            scrubber: scrubber(settings),
        }
    }

    /// The log of requests.
    pub fn request_log(&self) -> RequestLog {
        RequestLog {
            forwarded: Arc::clone(&self.forwarded),
            metrics: Arc::clone(&self.metrics),
            reporter: self.reporter.clone(),
            scrubber: self.scrubber.clone(),
            quiet_paths: HEALTH_PATHS,
            hidden_paths: &["/metrics"],
        }
    }

    /// A database whose statements are counted and, within a request, added to the reports about
    /// it.
    pub fn database(&self, settings: &Settings) -> Database {
        let observer = StatementObserver {
            metrics: Arc::clone(&self.metrics),
        };
        Database::observed(settings.database.clone(), Arc::new(observer))
    }

    /// All numbers, as Prometheus reads them.
    pub fn metrics_text(
        &self,
        format: ExpositionFormat,
        sources: MetricSources,
    ) -> Result<String, fmt::Error> {
        let reporter = self.reporter.clone();
        self.metrics.text(format, move |readings| {
            read_server(&sources.server, readings)?;
            read_memory(&sources.request_memory, readings)?;
            read_page_cache(&sources.page_cache, readings)?;
            read_feeds(sources.feeds.counts(), readings)?;
            read_enquiries(&sources.enquiries, readings)?;
            read_pool(&sources.db, readings)?;
            read_mail(&sources.mailing, readings)?;
            read_reports(reporter.as_ref(), readings)
        })
    }
}

/// The configuration of the log. It scrubs secrets only if the settings could be read, since nobody
/// knows the secrets otherwise.
pub fn log_config(log: Log, settings: Option<&Settings>) -> telemetry::log::Config {
    telemetry::log::Config {
        level: log.level,
        format: log.format,
        colours: log.colours,
        own_targets: LOG_TARGETS,
        quiet_targets: QUIET_TARGETS,
        scrubber: settings.map(scrubber).unwrap_or_default(),
    }
}

/// Starts the reporter, if `SENTRY_DSN` is set.
pub fn reporter(settings: &Settings) -> Option<Reporter> {
    // It fails only for a bad DSN, which the settings refuse.
    Reporter::start(&report_config(settings)?).ok()
}

/// The configuration of reports; `None` without `SENTRY_DSN`.
pub fn report_config(settings: &Settings) -> Option<report::Config> {
    let sentry = &settings.sentry;
    Some(report::Config {
        dsn: sentry.dsn.clone()?,
        release: sentry
            .release
            .clone()
            .unwrap_or_else(|| settings.commit.to_owned()),
        environment: sentry.environment.clone(),
        traces_sample_rate: sentry.traces_sample_rate,
        send_default_pii: sentry.send_default_pii,
        daily_404: sentry.daily_404.into(),
        own_modules: OWN_MODULES,
        clock: SystemTime::now,
        scrubber: scrubber(settings),
    })
}

fn read_server(server: &Stats, readings: &mut Readings<'_>) -> fmt::Result {
    let (name, help) = ("http_connections_accepted", "Connections taken on");
    readings.counter(name, help, server.connections_accepted())?;
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).into();
    let (name, help) = ("http_connections_open", "Connections that are open");
    readings.gauge(name, help, count(server.connections_open()))?;
    let (name, help) = ("http_requests_in_flight", "Requests that are worked on");
    readings.gauge(name, help, count(server.requests_in_flight()))?;
    readings.counters(
        "http_cuts",
        "Connections and requests that the server ended, by the limit that was met",
        "reason",
        &Cut::ALL.map(|cut| (cut.name(), server.cuts(cut))),
    )
}

fn read_memory(memory: &RequestMemory, readings: &mut Readings<'_>) -> fmt::Result {
    // A gauge takes no more than 32 bits without loss: beyond 4 GiB it shows the largest such
    // number.
    let bytes = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).into();
    let (name, help) = ("request_memory_bytes", "What requests keep in memory");
    readings.gauge(name, help, bytes(memory.used_bytes()))?;
    let (name, help) = ("request_memory_limit_bytes", "The most there may be");
    readings.gauge(name, help, bytes(memory.limit_bytes()))?;
    let (name, help) = ("request_memory_refusals", "Requests refused for want of it");
    readings.counter(name, help, memory.refusals())
}

fn read_page_cache(cache: &PageCache, readings: &mut Readings<'_>) -> fmt::Result {
    let Some(counts) = cache.counts() else {
        return Ok(());
    };
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).into();
    let (name, help) = ("page_cache_entries", "Pages that are kept in memory");
    readings.gauge(name, help, count(counts.entries as u64))?;
    let (name, help) = ("page_cache_bytes", "About how much memory they take");
    readings.gauge(name, help, count(counts.bytes))?;
    let (name, help) = (
        "page_cache_hits",
        "Requests answered with a page that was kept",
    );
    readings.counter(name, help, counts.hits)?;
    let (name, help) = ("page_cache_evictions", "Pages that had to go for others");
    readings.counter(name, help, counts.evictions)
}

fn read_feeds(counts: &Counts, readings: &mut Readings<'_>) -> fmt::Result {
    readings.counters(
        "feed_reads",
        "Calendars of other sites that were asked for, by what became of it",
        "outcome",
        &counts.attempts(),
    )?;
    let (name, help) = (
        "feeds_alarmed",
        "Calendars of other sites that could not be read for a day",
    );
    let alarmed = u32::try_from(counts.alarmed()).unwrap_or(u32::MAX);
    readings.gauge(name, help, alarmed.into())
}

fn read_enquiries(counts: &EnquiryCounts, readings: &mut Readings<'_>) -> fmt::Result {
    readings.counters(
        "enquiries",
        "Enquiries that were sent, by what became of them",
        "outcome",
        &counts.read(),
    )
}

fn read_pool(db: &Database, readings: &mut Readings<'_>) -> fmt::Result {
    let Some(status) = db.pool_status() else {
        return Ok(());
    };
    let (name, help) = ("database_connections", "Connections to the database");
    readings.gauges(
        name,
        help,
        "state",
        &[("idle", status.idle), ("in_use", status.in_use)],
    )?;
    let (name, help) = ("database_connections_max", "The most there may be");
    readings.gauge(name, help, status.max.into())
}

fn read_mail(mailing: &Mailing, readings: &mut Readings<'_>) -> fmt::Result {
    let stats = mailing.stats();
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).into();
    let (name, help) = ("mail_letters_waiting", "Letters that wait in the outbox");
    readings.gauge(name, help, count(stats.waiting()))?;
    let (name, help) = (
        "mail_oldest_waiting_seconds",
        "For how long the oldest of them has waited",
    );
    readings.gauge(name, help, count(stats.oldest_seconds()))?;
    readings.counters(
        "mail_letters",
        "Attempts to send a letter, by their outcome",
        "outcome",
        &[
            ("sent", stats.sent()),
            ("deferred", stats.deferred()),
            ("given_up", stats.given_up()),
        ],
    )
}

fn read_reports(reporter: Option<&Reporter>, readings: &mut Readings<'_>) -> fmt::Result {
    let Some(reporter) = reporter else {
        return Ok(());
    };
    let counts = reporter.counts();
    readings.counters(
        "sentry_reports",
        "Reports to Sentry, by what became of them",
        "outcome",
        &[
            ("sent", counts.sent),
            ("held_back", counts.held_back),
            ("queue_full", counts.queue_full),
            ("paused", counts.paused),
            ("undeliverable", counts.undeliverable),
        ],
    )
}

/// A scrubber that knows every secret of the settings.
fn scrubber(settings: &Settings) -> Scrubber {
    let database = match &settings.database.address {
        db::Address::Postgres(server) => server.password(),
        db::Address::Sqlite(_) => None,
    };
    let secrets = [
        database,
        settings.secret_key.as_ref(),
        settings.sentry.dsn.as_ref(),
        settings.metrics_token.as_ref(),
        mail_password(settings),
        settings.deploy.api_key.as_ref(),
        settings.deploy.hook_url.as_ref(),
        settings.deploy.registry_token.as_ref(),
    ];
    let secrets = secrets
        .into_iter()
        .flatten()
        .chain(&settings.secret_key_fallbacks)
        .map(SecretString::expose_secret);
    Scrubber::new(secrets.map(str::to_owned))
}

/// The password of `EMAIL_URL`.
fn mail_password(settings: &Settings) -> Option<&SecretString> {
    match settings.mail.destination.as_ref()? {
        Destination::Smtp(server) => server.login.as_ref().map(|(_, password)| password),
        Destination::Console | Destination::Folder(_) => None,
    }
}

/// Counts each statement, and adds it to the breadcrumbs and the trace of its request.
#[derive(Debug)]
struct StatementObserver {
    metrics: Arc<Metrics>,
}

impl Observer for StatementObserver {
    fn statement(&self, report: &StatementReport<'_>) {
        let outcome = match report.outcome {
            Outcome::Done { .. } => StatementOutcome::Succeeded,
            Outcome::Failed(_) | Outcome::Abandoned => StatementOutcome::Failed,
        };
        self.metrics.count_statement(report.duration, outcome);
        breadcrumb("query", report.sql);
        statement_span(report.sql, report.duration);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_crate_are_logged() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        for krate in std::fs::read_dir(folder).unwrap() {
            let name = krate.unwrap().file_name();
            assert!(LOG_TARGETS.contains(&name.to_str().unwrap()), "{name:?}");
        }
    }
}
