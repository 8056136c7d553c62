//! Metrics for Prometheus: what the program counts, and values that are read for each scrape. Knows
//! names and values; nothing of who requests them.

mod plain;
mod process;
mod readings;

use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use http::{Method, StatusCode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

pub use self::readings::Readings;

/// The text formats of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpositionFormat {
    /// Version 0.0.4, which every Prometheus reads: the default for a client that names no format.
    Plain,
    /// For a client that names this format in `Accept`.
    OpenMetrics,
}

impl ExpositionFormat {
    /// The media type of the format.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Plain => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Upper bounds of the histograms' buckets, in seconds: from a page out of memory to the time-out
/// of a request.
const SECONDS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0,
];

/// The program's metrics.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Histogram, fn() -> Histogram>,
    /// The histograms of `requests` by route. A request that finds its own here need not allocate
    /// labels.
    routes: RwLock<HashMap<String, Route>>,
    statements: Family<StatementLabels, Histogram, fn() -> Histogram>,
    logins: Family<LoginLabels, Counter>,
}

/// The outcome of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginOutcome {
    /// The user was logged in.
    Succeeded,
    /// The name or password was wrong, or the user lacks the right to log in here.
    Refused,
    /// Too many attempts had failed before.
    Locked,
    /// Too many attempts were under way at the same time.
    Busy,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LoginLabels {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StatementLabels {
    outcome: &'static str,
}

/// A route's histograms, by method and status class. One is made when its first request is counted.
type Route = [Option<Histogram>; METHODS.len() * CLASSES.len()];

/// Other methods share the last name: they are the client's choice, and each would be a new series.
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other",
];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// The program that is measured.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct BuildInfo {
    /// Its version.
    pub version: &'static str,
    /// The commit it was built from.
    pub commit: &'static str,
}

impl Metrics {
    /// Metrics that start at zero, with the version and commit as labels of `build_info`.
    pub fn new(build: BuildInfo) -> Self {
        let mut registry = Registry::default();
        let requests = Family::new_with_constructor(histogram as fn() -> Histogram);
        let statements = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register(
            "http_request_duration_seconds",
            "Time from the end of a request's head to the beginning of its answer",
            requests.clone(),
        );
        registry.register(
            "database_statement_duration_seconds",
            "Time of statements, the wait for a connection included",
            statements.clone(),
        );
        let logins = Family::default();
        registry.register("logins", "Logins by what became of them", logins.clone());
        registry.register("build", "The program", Info::new(build));
        registry.register_collector(Box::new(process::Process));
        Self {
            registry,
            requests,
            routes: RwLock::default(),
            statements,
            logins,
        }
    }

    /// Counts a login.
    pub fn count_login(&self, login: LoginOutcome) {
        let outcome = match login {
            LoginOutcome::Succeeded => "in",
            LoginOutcome::Refused => "refused",
            LoginOutcome::Locked => "locked",
            LoginOutcome::Busy => "busy",
        };
        self.logins.get_or_create(&LoginLabels { outcome }).inc();
    }

    /// Counts an answer.
    pub fn count_response(&self, route: &str, method: &Method, status: StatusCode, took: Duration) {
        let method = METHODS
            .iter()
            .position(|name| *name == method.as_str())
            .unwrap_or(METHODS.len() - 1);
        let class = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let place = method * CLASSES.len() + class;
        let seconds = took.as_secs_f64();
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(Some(histogram)) = routes.get(route).map(|route| &route[place]) {
            histogram.observe(seconds);
            return;
        }
        // The write lock is for the first request of its kind. Two requests at once may both take
        // it, and store the same histogram.
        drop(routes);
        let histogram = self.requests.get_or_create_owned(&RequestLabels {
            route: route.to_owned(),
            method: METHODS[method],
            status: CLASSES[class],
        });
        histogram.observe(seconds);
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes
            .entry(route.to_owned())
            .or_insert_with(|| std::array::from_fn(|_| None))[place] = Some(histogram);
    }

    /// Counts a statement of the database.
    pub fn count_statement(&self, took: Duration, outcome: StatementOutcome) {
        let outcome = match outcome {
            StatementOutcome::Failed => "error",
            StatementOutcome::Succeeded => "ok",
        };
        self.statements
            .get_or_create(&StatementLabels { outcome })
            .observe(took.as_secs_f64());
    }

    /// All metrics as text. `read` adds the values that are kept elsewhere.
    pub fn text(
        &self,
        form: ExpositionFormat,
        read: impl Fn(&mut Readings<'_>) -> fmt::Result + Send + Sync + 'static,
    ) -> Result<String, fmt::Error> {
        let mut readings = Registry::default();
        readings.register_collector(Box::new(Reader(read)));
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        encode_registry(&mut text, &readings)?;
        match form {
            ExpositionFormat::Plain => Ok(plain::from_open_metrics(&text)),
            ExpositionFormat::OpenMetrics => {
                encode_eof(&mut text)?;
                Ok(text)
            }
        }
    }
}

/// The outcome of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementOutcome {
    /// It did what it was to do.
    Succeeded,
    /// It failed, or was given up.
    Failed,
}

struct Reader<F>(F);

impl<F> Collector for Reader<F>
where
    F: Fn(&mut Readings<'_>) -> fmt::Result + Send + Sync + 'static,
{
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        (self.0)(&mut Readings(encoder))
    }
}

impl<F> fmt::Debug for Reader<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        Metrics::new(BuildInfo {
            version: "1.2.3",
            commit: "abc",
        })
    }

    #[track_caller]
    fn assert_has(metrics: &Metrics, line: &str) {
        let text = metrics
            .text(ExpositionFormat::OpenMetrics, |_| Ok(()))
            .unwrap();
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }

    #[test]
    fn answers_are_counted_by_route_method_and_class() {
        let metrics = metrics();
        let odd = Method::from_bytes(b"BREW").unwrap();
        let took = Duration::from_millis(3);
        metrics.count_response("/a/{id}/", &Method::GET, StatusCode::OK, took);
        metrics.count_response("/a/{id}/", &Method::GET, StatusCode::CREATED, took);
        metrics.count_response("\"\n", &odd, StatusCode::NOT_FOUND, took);
        let name = "http_request_duration_seconds";
        assert_has(
            &metrics,
            &format!(r#"{name}_count{{route="/a/{{id}}/",method="GET",status="2xx"}} 2"#),
        );
        assert_has(
            &metrics,
            &format!(
                r#"{name}_bucket{{le="0.0025",route="/a/{{id}}/",method="GET",status="2xx"}} 0"#
            ),
        );
        assert_has(
            &metrics,
            &format!(
                r#"{name}_bucket{{le="0.005",route="/a/{{id}}/",method="GET",status="2xx"}} 2"#
            ),
        );
        assert_has(
            &metrics,
            &format!(r#"{name}_count{{route="\"\n",method="other",status="4xx"}} 1"#),
        );
    }

    #[test]
    fn values_are_read_when_asked() {
        let text = metrics().text(ExpositionFormat::OpenMetrics, |readings| {
            readings.counter("things", "Things", 7_u64)?;
            readings.counters("kinds", "By kind", "kind", &[("a", 1), ("b", 7)])?;
            readings.gauge("level", "Level", 0.5)
        });
        let text = text.unwrap();
        for line in ["things_total 7", r#"kinds_total{kind="b"} 7"#, "level 0.5"] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }

    #[test]
    fn the_program_and_its_process_are_told() {
        let metrics = metrics();
        assert_has(&metrics, r#"build_info{version="1.2.3",commit="abc"} 1"#);
        let text = metrics
            .text(ExpositionFormat::OpenMetrics, |_| Ok(()))
            .unwrap();
        let memory = text
            .lines()
            .find_map(|line| line.strip_prefix("process_resident_memory_bytes "))
            .unwrap();
        assert!(memory.parse::<f64>().unwrap() > 100_000.0, "{memory}");
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn statements_are_counted_by_outcome() {
        let metrics = metrics();
        metrics.count_statement(Duration::from_micros(10), StatementOutcome::Succeeded);
        metrics.count_statement(Duration::from_secs(2), StatementOutcome::Failed);
        let name = "database_statement_duration_seconds";
        assert_has(&metrics, &format!(r#"{name}_count{{outcome="ok"}} 1"#));
        assert_has(&metrics, &format!(r#"{name}_count{{outcome="error"}} 1"#));
    }
}
