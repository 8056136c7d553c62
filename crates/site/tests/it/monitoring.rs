//! The rules for Prometheus and the page that explains them: of metrics that the program has, each alarm
//! tested by `promtool` and explained in both languages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use server::Limits;

use crate::support::visitor::Visitor;
use crate::support::{Backend, TestApp, TestDatabase, needed};

const TOKEN: &str = "the-token-of-this-test";

/// The same page in both languages.
const PAGES: [&str; 2] = ["en/running/monitoring.md", "fr/running/monitoring.md"];

#[derive(Debug, Deserialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    alert: String,
    expr: String,
    annotations: Annotations,
}

#[derive(Debug, Deserialize)]
struct Annotations {
    runbook: String,
}

#[derive(Debug, Deserialize)]
struct TestFile {
    tests: Vec<UnitTest>,
}

#[derive(Debug, Deserialize)]
struct UnitTest {
    alert_rule_test: Vec<Expectation>,
}

#[derive(Debug, Deserialize)]
struct Expectation {
    alertname: String,
    exp_alerts: Vec<serde_json::Value>,
}

#[test]
fn promtool_understands_the_example_and_each_alarm_fires_when_it_should() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "prometheus.yml",
        "oc-lettings.rules.yml",
        "oc-lettings.rules.test.yml",
    ] {
        let copy = folder.path().join(name);
        fs::copy(path(&format!("prometheus/{name}")), copy).unwrap();
    }
    fs::write(folder.path().join("oc-lettings.token"), TOKEN).unwrap();
    for arguments in [
        ["check", "config", "prometheus.yml"],
        ["check", "rules", "oc-lettings.rules.yml"],
        ["test", "rules", "oc-lettings.rules.test.yml"],
    ] {
        let promtool = needed("TEST_PROMTOOL");
        let output = Command::new(promtool)
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
    }
}

#[test]
fn each_alarm_is_tested_and_explained() {
    let tests: TestFile =
        serde_saphyr::from_str(&read("prometheus/oc-lettings.rules.test.yml")).unwrap();
    let tests: Vec<_> = tests
        .tests
        .iter()
        .flat_map(|test| &test.alert_rule_test)
        .collect();
    let rules = rules();
    for Rule {
        alert, annotations, ..
    } in &rules
    {
        for is_firing in [true, false] {
            let is_tested = tests
                .iter()
                .any(|test| test.alertname == *alert && test.exp_alerts.is_empty() != is_firing);
            assert!(is_tested, "no test of {alert} that fires: {is_firing}");
        }
        let section = format!("docs/{}#{}", PAGES[0], alert.to_lowercase());
        assert_eq!(annotations.runbook, section);
    }
    let alarms: Vec<_> = rules.iter().map(|rule| rule.alert.clone()).collect();
    for page in PAGES {
        let text = read(page);
        let sections = text.lines().filter_map(|line| line.strip_prefix("### "));
        let sections: Vec<_> = sections.filter(|name| name.starts_with("Oc")).collect();
        assert_eq!(sections, alarms, "{page}");
    }
}

/// The alarm about places speaks of nine tenths of them.
#[test]
fn the_number_of_connections_is_that_of_the_limit() {
    let bound = Limits::production().max_connections * 9 / 10;
    let expr = format!("http_connections_open{{job=\"oc-lettings\"}} > {bound}");
    assert!(rules().iter().any(|rule| rule.expr == expr), "{expr}");
}

#[tokio::test]
async fn rules_and_pages_name_metrics_that_the_program_has_and_no_others() {
    let text = metrics().await;
    let families: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    for Rule { alert, expr, .. } in rules() {
        for name in metric_names(&expr) {
            let endings = ["", "_bucket", "_sum", "_count"];
            let mut families = endings
                .iter()
                .filter_map(|ending| name.strip_suffix(ending));
            // Prometheus itself says whether it reached the program.
            let is_known = name == "up" || families.any(|family| is_in(&text, family));
            assert!(is_known, "{alert}: {name}");
        }
        for (label, value) in label_values(&expr) {
            let found = text.contains(&format!("{label}=\"{value}\""));
            assert!(found, "{alert}: {label}=\"{value}\"");
        }
    }
    for page in PAGES {
        let text = read(page);
        let table = text
            .lines()
            .skip_while(|line| !line.starts_with("| metric") && !line.starts_with("| métrique"))
            .take_while(|line| line.starts_with('|'));
        let rows = table.filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let rows: Vec<_> = rows.collect();
        let named: BTreeSet<_> = rows.iter().copied().collect();
        assert_eq!(named.len(), rows.len(), "{page}: one row each");
        assert_eq!(named, families, "{page}");
    }
}

/// What the program says of itself where everything is in use that has metrics, after a login and a
/// failure.
async fn metrics() -> String {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let variables = [
        ("METRICS_TOKEN", TOKEN),
        ("PAGE_CACHE_SIZE", "1MB"),
        ("SENTRY_DSN", "http://key@127.0.0.1:9/1"),
    ];
    let app = TestApp::on(database, &variables).await;
    let mut visitor = Visitor::new(&app);
    visitor.get("/").await.expect(200);
    visitor.log_in("nobody", "wrong").await.expect(200);
    app.sql("ALTER TABLE profiles_profile RENAME TO gone").await;
    visitor.get("/profiles/").await.expect(500);
    let token = ("authorization", format!("Bearer {TOKEN}"));
    visitor.headers.push(token);
    visitor.get("/metrics").await.expect(200).body
}

fn is_in(text: &str, family: &str) -> bool {
    text.lines()
        .any(|line| line.starts_with(&format!("# TYPE {family} ")))
}

/// The metrics of an expression: its words that are no functions, operators, labels or durations.
fn metric_names(expr: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = expr;
    let is_in_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    while let Some(start) = rest.find(|c: char| is_in_word(c) || c == '{') {
        rest = &rest[start..];
        if rest.starts_with('{') {
            rest = rest.split_once('}').expect("the labels end").1;
            continue;
        }
        let end = rest.find(|c| !is_in_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        match word {
            "by" | "on" | "ignoring" => rest = after.split_once(')').expect("the labels end").1,
            "or" | "and" => {}
            _ if word.starts_with(|c: char| c.is_ascii_digit()) => {}
            _ if after.trim_start().starts_with('(') => {}
            // An aggregation by labels, which stand before its parentheses.
            "sum" | "count" | "max" => {}
            _ => names.push(word),
        }
    }
    names
}

#[test]
fn metrics_are_told_from_functions_and_labels() {
    let expr =
        "sum by (a_b) (rate(one_total{c=\"d_e\"}[5m])) > 0.5 and two or f(three) ignoring (x) 7";
    assert_eq!(metric_names(expr), ["one_total", "two", "three"]);
}

/// What an expression expects of the labels whose values are names of the program's own.
fn label_values(expr: &str) -> Vec<(&'static str, &str)> {
    let mut values = Vec::new();
    for label in ["reason", "outcome", "state", "status", "method"] {
        for sign in ["=\"", "=~\""] {
            for (start, found) in expr.match_indices(&format!("{label}{sign}")) {
                let (alternatives, _) = expr[start + found.len()..].split_once('"').unwrap();
                values.extend(alternatives.split('|').map(|value| (label, value)));
            }
        }
    }
    values
}

fn rules() -> Vec<Rule> {
    let file: RuleFile = serde_saphyr::from_str(&read("prometheus/oc-lettings.rules.yml")).unwrap();
    file.groups
        .into_iter()
        .flat_map(|group| group.rules)
        .collect()
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name)
}
