//! What the rehearsal runs of each job of `.gitlab-ci.yml`. The guide has it as a table, which is
//! made of that file and of the overrides. A test compares them, so that neither can change
//! unnoticed.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};
use xtask::process;

const PIPELINE: &str = ".gitlab-ci.yml";
const OVERRIDES: &str = "rehearsal/gitlab-ci-local.yml";
/// Keys at the top of a pipeline that are no jobs.
const NO_JOBS: [&str; 4] = ["stages", "workflow", "variables", "default"];

/// The table without the reasons, with the time that each job took when it first ran.
pub(super) fn with_times(times: &BTreeMap<String, String>) -> anyhow::Result<String> {
    let mut text = "each job, what the rehearsal runs of it, how long:\n".to_owned();
    for row in table()?.lines().skip(2) {
        let cells: Vec<_> = row
            .split(" | ")
            .map(|cell| cell.trim_matches('|').trim())
            .collect();
        let [job, what, ..] = cells[..] else { continue };
        let job = job.trim_matches('`');
        if job.starts_with('.') {
            // A template of jobs has no time of its own.
            continue;
        }
        let time = times.get(job).map_or("not played", String::as_str);
        text.push_str(&format!("{job:<11} {time:>11}  {what}\n"));
    }
    Ok(text)
}

/// The table as the two files have it now.
fn table() -> anyhow::Result<String> {
    let (pipeline, overrides) = (read(PIPELINE)?, read(OVERRIDES)?);
    table_of(&pipeline, &overrides)
}

fn table_of(pipeline: &str, overrides: &str) -> anyhow::Result<String> {
    let reasons = reasons(overrides);
    let (jobs, overrides) = (parse(pipeline)?, parse(overrides)?);
    let mut table = "| job | in the rehearsal | because |\n|---|---|---|\n".to_owned();
    for name in names(pipeline, &overrides) {
        let image = value(&jobs, &name, "image").map(|image| image_name(&jobs, image));
        let change = overrides.get(&name);
        let place = place(image.as_deref(), change);
        // A template of jobs does not run.
        let mut cell: Vec<_> = (!name.starts_with('.'))
            .then_some(place)
            .into_iter()
            .collect();
        if let Some(change) = change.and_then(Value::as_object) {
            cell.extend(differences(&jobs, &name, change)?);
        }
        let reason = reasons.iter().find(|(job, _)| *job == name);
        let reason = reason.map_or("", |(_, reason)| reason);
        if change.is_some() && reason.is_empty() {
            bail!("{OVERRIDES} does not say why `{name}` does otherwise");
        }
        let row = format!("| `{name}` | {} | {reason} |", cell.join("; "));
        table.push_str(&row.replace("|  |", "| |"));
        table.push('\n');
    }
    if let Some(stranger) = overrides.keys().find(|name| !jobs.contains_key(*name)) {
        bail!("{OVERRIDES} changes `{stranger}`, which is no job");
    }
    Ok(table)
}

/// Where a job runs, and whether its script is its own.
fn place(image: Option<&str>, change: Option<&Value>) -> String {
    let changes = |key| change.is_some_and(|change| change.get(key).is_some());
    let leaves_image = changes("image");
    match image {
        _ if changes("rules") => "not played".to_owned(),
        Some(image) if !leaves_image => format!("in a stand-in of `{image}`"),
        _ => "on this machine".to_owned(),
    }
}

/// Everything else that differs from the pipeline. Fails for a key that the table cannot describe.
fn differences(
    jobs: &Map<String, Value>,
    name: &str,
    change: &Map<String, Value>,
) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for (key, value) in change {
        match (key.as_str(), value) {
            ("image", Value::Null) => {}
            ("rules", rules) if *rules == json!([{ "when": "never" }]) => {}
            ("cache" | "services" | "before_script", Value::Array(none)) if none.is_empty() => {
                found.push(format!("without `{key}`"));
            }
            ("variables", Value::Object(variables)) => {
                for (name, value) in variables {
                    found.push(format!("`{name}={}`", value.as_str().unwrap_or_default()));
                }
            }
            ("script", script) => found.push(format!(
                "`{}` instead of `{}`",
                commands(script),
                commands(self::value(jobs, name, "script").unwrap_or(&Value::Null))
            )),
            _ => bail!("{OVERRIDES} changes `{key}` of `{name}`, which the table cannot tell"),
        }
    }
    Ok(found)
}

fn commands(script: &Value) -> String {
    let commands = script.as_array().into_iter().flatten();
    let commands: Vec<_> = commands.filter_map(Value::as_str).collect();
    commands.join("; ")
}

/// A value of a job, or of the jobs that it extends; of those, the last one with the value counts.
fn value<'a>(jobs: &'a Map<String, Value>, name: &str, key: &str) -> Option<&'a Value> {
    let job = jobs.get(name)?;
    if let Some(value) = job.get(key) {
        return Some(value);
    }
    let parents: Vec<&str> = match job.get("extends") {
        Some(Value::String(parent)) => vec![parent],
        Some(Value::Array(parents)) => parents.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut values = parents.iter().rev().map(|parent| value(jobs, parent, key));
    values.find_map(|value| value)
}

/// The name of an image, with a variable of the pipeline resolved.
fn image_name(jobs: &Map<String, Value>, image: &Value) -> String {
    let name = image.get("name").unwrap_or(image);
    let name = name.as_str().unwrap_or_default();
    let variable = name
        .strip_prefix('$')
        .and_then(|name| jobs.get("variables")?.get(name));
    variable.and_then(Value::as_str).unwrap_or(name).to_owned()
}

/// The jobs in their order, and those templates of jobs that are overridden.
fn names(pipeline: &str, overrides: &Map<String, Value>) -> Vec<String> {
    let keys = pipeline.lines().filter_map(|line| line.strip_suffix(':'));
    let is_job = |key: &&str| {
        let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
        let is_job = key.chars().all(is_name) && !NO_JOBS.contains(key);
        is_job || (key.starts_with('.') && overrides.contains_key(*key))
    };
    keys.filter(is_job).map(str::to_owned).collect()
}

/// The comment above each override, in one line.
fn reasons(overrides: &str) -> Vec<(String, String)> {
    let mut reasons = Vec::new();
    let mut comment = Vec::new();
    for line in overrides.lines() {
        if let Some(text) = line.strip_prefix("# ") {
            comment.push(text);
        } else if line.is_empty() {
            comment.clear();
        } else if let Some(name) = line.strip_suffix(':').filter(|name| !name.starts_with(' ')) {
            // The comment is kept: a job that follows without a blank line shares it.
            reasons.push((name.to_owned(), comment.join(" ")));
        }
    }
    reasons
}

fn parse(text: &str) -> anyhow::Result<Map<String, Value>> {
    serde_saphyr::from_str(text).context("read a pipeline")
}

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(process::repository().join(path)).with_context(|| format!("read {path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = "docs/en/running/render.md";

    /// Around the table in the guide.
    const BEGIN: &str = "<!-- what the rehearsal runs: cargo xtask bless writes it -->\n";
    const END: &str = "<!-- end -->\n";

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the variable is the automation's"
    )]
    fn the_guide_says_what_the_rehearsal_replaces() {
        let guide = read(GUIDE).unwrap();
        let (before, rest) = guide.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let expected = format!("{before}{BEGIN}{}{END}{after}", table().unwrap());
        if std::env::var_os("BLESS").is_some() {
            fs::write(process::repository().join(GUIDE), &expected).unwrap();
        }
        let written = read(GUIDE).unwrap();
        assert_eq!(written, expected, "cargo xtask bless writes it");
    }

    const PIPELINE: &str = "variables:\n  IMAGE: rust:1\n.rust:\n  image: $IMAGE\n\
        lint:\n  extends: [.rust, .x]\n  script: [make lint]\n.x:\n  stage: test\n\
        test:\n  extends: .rust\n  script: [a, b]\nfree:\n  script: [c]\n";

    #[track_caller]
    fn check(overrides: &str, expected: &[&str]) {
        let table = table_of(PIPELINE, overrides).unwrap();
        let rows: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_row_tells_where_a_job_runs_and_what_is_changed() {
        let rust = "| `lint` | in a stand-in of `rust:1` | |";
        let free = "| `free` | on this machine | |";
        check(
            "# Above all.\n\n# For a\n# reason.\ntest:\n  script: [echo]\n",
            &[
                rust,
                "| `test` | in a stand-in of `rust:1`; `echo` instead of `a; b` | For a reason. |",
                free,
            ],
        );
        check(
            "# Why.\ntest:\n  image: null\n  variables:\n    F: x\n  before_script: []\n",
            &[
                rust,
                "| `test` | on this machine; without `before_script`; `F=x` | Why. |",
                free,
            ],
        );
    }

    #[test]
    fn a_job_that_is_never_started_is_said_to_be_none_of_the_plays() {
        let table = table_of(PIPELINE, "# Why.\ntest:\n  rules:\n    - when: never\n").unwrap();
        assert!(
            table.contains("| `test` | not played | Why. |\n"),
            "{table}"
        );
    }

    #[test]
    fn what_is_changed_without_a_reason_or_without_a_job_is_refused() {
        for overrides in [
            "test:\n  script: [echo]\n",
            "# Why.\nnobody:\n  script: [echo]\n",
            "# Why.\ntest:\n  cache: null\n",
            "# Why.\ntest:\n  stage: build\n",
        ] {
            assert!(table_of(PIPELINE, overrides).is_err(), "{overrides}");
        }
    }
}
