//! What only a running site and the sources tell: its routes, its metrics, the fields of its log.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use http::{HeaderValue, Method};

use crate::support::app::request;
use crate::support::visitor::Visitor;
use crate::support::{Backend, CapturedLog, TestApp, TestDatabase};

/// What was found.
pub(super) struct Found {
    /// The pattern of each route, with the methods that it takes; `None` where it takes any, or asks
    /// first who is there.
    pub(super) routes: BTreeMap<String, Option<String>>,
    /// The metrics in the order in which they are given out.
    pub(super) metrics: Vec<Metric>,
    /// The fields of the log's lines.
    pub(super) log_fields: BTreeSet<String>,
}

/// A metric, as Prometheus reads it.
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) help: String,
    pub(super) labels: BTreeSet<String>,
}

const TOKEN: &str = "the-token-of-this-test";

impl Found {
    pub(super) async fn read() -> Self {
        let database = TestDatabase::empty(Backend::Sqlite).await;
        // Nothing is sent: there is nobody at that port.
        let app = TestApp::on(
            database,
            &[
                ("METRICS_TOKEN", TOKEN),
                ("PAGE_CACHE_SIZE", "1MB"),
                ("SENTRY_DSN", "http://key@127.0.0.1:9/1"),
            ],
        )
        .await;
        let log = CapturedLog::start();
        app.get("/lettings/").await.expect(200);
        // Logins are counted from the first on.
        Visitor::new(&app)
            .log_in("nobody", "wrong")
            .await
            .expect(200);
        let mut log_fields = fields_of_sources();
        for line in log.lines() {
            log_fields.extend(line.as_object().unwrap().keys().cloned());
        }
        Self {
            routes: routes(&app).await,
            metrics: metrics(&app).await,
            log_fields,
        }
    }
}

/// The router tells its routes to nobody but `Debug`.
async fn routes(app: &TestApp) -> BTreeMap<String, Option<String>> {
    let debug = format!("{:?}", app.router);
    let patterns: BTreeSet<_> = debug
        .split("RouteId(")
        .filter_map(|text| text.split_once("): \"")?.1.split_once('"'))
        .map(|(pattern, _)| pattern.to_owned())
        // The last is axum's own name for every other address.
        .filter(|pattern| pattern.starts_with('/') && !pattern.contains("__private__"))
        // The public pages in each language are there once more.
        .filter(|pattern| !["en", "fr"].contains(&pattern.split('/').nth(1).unwrap_or_default()))
        .collect();
    // A page's address without its last slash leads to the page.
    let pages = patterns
        .iter()
        .filter(|pattern| !patterns.contains(&format!("{pattern}/")));
    let mut routes = BTreeMap::new();
    for pattern in pages {
        let answer = app.send(request(Method::OPTIONS, &example(pattern))).await;
        let allowed = answer.header("allow");
        let methods = (!allowed.is_empty()).then(|| allowed.replace(',', ", "));
        routes.insert(without_models(pattern, &patterns), methods);
    }
    routes
}

/// An address of the admin's pages of models, for any of them: models have the same pages. An
/// application is known by a model to which something can be added.
fn without_models(pattern: &str, patterns: &BTreeSet<String>) -> String {
    let Some((app, rest)) = pattern
        .strip_prefix("/admin/")
        .and_then(|of| of.split_once('/'))
    else {
        return pattern.to_owned();
    };
    let of_app = format!("/admin/{app}/");
    let is_app = patterns
        .iter()
        .any(|other| other.starts_with(&of_app) && other.ends_with("/add/"));
    match rest.split_once('/') {
        _ if !is_app => pattern.to_owned(),
        Some((_, rest)) => format!("/admin/{{app}}/{{model}}/{rest}"),
        None => "/admin/{app}/".to_owned(),
    }
}

/// An address of that pattern.
fn example(pattern: &str) -> String {
    let parts = pattern.split('/').map(|part| match part {
        part if part.starts_with('{') => "1",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn metrics(app: &TestApp) -> Vec<Metric> {
    let mut asked = request(Method::GET, "/metrics");
    let token = HeaderValue::from_str(&format!("Bearer {TOKEN}")).unwrap();
    asked.headers_mut().insert("authorization", token);
    let text = app.send(asked).await.expect(200).body;
    let mut metrics = Vec::<Metric>::new();
    for line in text.lines() {
        let words: Vec<_> = line.splitn(4, ' ').collect();
        if let ["#", "HELP", name, help] = words[..] {
            metrics.push(Metric {
                name: name.to_owned(),
                kind: String::new(),
                help: help.trim_end_matches('.').to_owned(),
                labels: BTreeSet::new(),
            });
        } else if let ["#", "TYPE", _, kind] = words[..] {
            kind.clone_into(&mut metrics.last_mut().unwrap().kind);
        } else if let Some((_, rest)) = line.split_once('{') {
            let (labels, _) = rest.rsplit_once('}').unwrap();
            let labels = labels
                .split("\",")
                .filter_map(|label| label.split_once('='));
            // The limits of a histogram's buckets.
            let names = labels.map(|(name, _)| name).filter(|name| *name != "le");
            let last = metrics.last_mut().unwrap();
            last.labels.extend(names.map(str::to_owned));
        }
    }
    metrics
}

/// The names of the fields in the sources' calls of `tracing`.
fn fields_of_sources() -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    for krate in fs::read_dir(crates).unwrap() {
        visit(&krate.unwrap().path().join("src"), &mut fields);
    }
    fields
}

fn visit(folder: &Path, fields: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, fields);
        } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for name in ["event", "error", "warn", "info", "debug"] {
                let start = format!("tracing::{name}!(");
                let calls = code.split(&start).skip(1);
                fields.extend(calls.flat_map(fields_of_call));
            }
        }
    }
}

/// The fields of a call: what stands before its text, but for the target and the level.
fn fields_of_call(call: &str) -> Vec<String> {
    let call = match call.trim_start().strip_prefix("target:") {
        Some(rest) => rest.split_once(',').map_or("", |(_, rest)| rest),
        None => call,
    };
    let mut depth = 0;
    let mut fields = vec![String::new()];
    for character in call.chars() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '"' if depth == 0 => break,
            ',' if depth == 0 => fields.push(String::new()),
            other => fields.last_mut().unwrap().push(other),
        }
        if depth < 0 {
            break;
        }
    }
    let names = fields.iter().filter_map(|field| {
        let name = field
            .split('=')
            .next()?
            .trim()
            .trim_start_matches(['%', '?']);
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
        is_name.then(|| name.to_owned())
    });
    names.collect()
}

#[test]
fn fields_are_found_in_a_call() {
    let fields = |call| fields_of_call(call).join(" ");
    assert_eq!(fields(" \"said: {a}, {b}\", a = 1)"), "");
    assert_eq!(
        fields(
            "\n target: \"http\",\n $level,\n http.path = path(a, b),\n duration_ms,\n \"{}\", x)"
        ),
        "http.path duration_ms"
    );
}
