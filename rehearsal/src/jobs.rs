//! The jobs that each event starts, by the rules of `.gitlab-ci.yml`.

use std::fs;

use anyhow::bail;

use crate::pipeline::{Checkout, Event, Runner};

/// gitlab-ci-local does not support `workflow`. Its rules are therefore given to a job, in a file
/// of its own: if that job would not run, GitLab starts no pipeline.
const FILE: &str = ".gitlab-ci-rules.yml";
const WORKFLOW_JOB: &str = "pipeline";

const TEST: &[&str] = &["advisories", "audit", "browser", "lint", "secrets", "test"];

/// The jobs on a default branch that is not `master`, with a warning among them.
const NOT_LIVE: &[&str] = &[
    "advisories",
    "audit",
    "browser",
    "lint",
    "not-live",
    "secrets",
    "test",
];

const ALL: &[&str] = &[
    "advisories",
    "audit",
    "browser",
    "build",
    "deploy",
    "lint",
    "pages",
    "rollback",
    "scan",
    "secrets",
    "test",
];

/// An event, the variables that GitLab sets and does not set for it, and the jobs that it must
/// start.
struct Case {
    name: &'static str,
    set: &'static [(&'static str, &'static str)],
    unset: &'static [&'static str],
    jobs: &'static [&'static str],
}

const CASES: [Case; 9] = [
    Case {
        name: "push to master",
        set: &[("CI_COMMIT_BRANCH", "master")],
        unset: &[],
        jobs: ALL,
    },
    Case {
        name: "push to master, with a merge request from it",
        set: &[
            ("CI_COMMIT_BRANCH", "master"),
            ("CI_OPEN_MERGE_REQUESTS", "rehearsal/oc-lettings!1"),
        ],
        unset: &[],
        jobs: ALL,
    },
    Case {
        name: "push to another branch",
        set: &[("CI_COMMIT_BRANCH", "feature")],
        unset: &[],
        jobs: TEST,
    },
    Case {
        name: "push to a branch with a merge request",
        set: &[
            ("CI_COMMIT_BRANCH", "feature"),
            ("CI_OPEN_MERGE_REQUESTS", "rehearsal/oc-lettings!2"),
        ],
        unset: &[],
        jobs: &[],
    },
    Case {
        name: "push to main, the default branch",
        set: &[("CI_COMMIT_BRANCH", "main"), ("CI_DEFAULT_BRANCH", "main")],
        unset: &[],
        jobs: NOT_LIVE,
    },
    Case {
        name: "push to main, which is not the default branch",
        set: &[
            ("CI_COMMIT_BRANCH", "main"),
            ("CI_DEFAULT_BRANCH", "master"),
        ],
        unset: &[],
        jobs: TEST,
    },
    Case {
        name: "merge request",
        set: &[("CI_PIPELINE_SOURCE", "merge_request_event")],
        unset: &["CI_COMMIT_BRANCH"],
        jobs: TEST,
    },
    Case {
        name: "tag",
        set: &[("CI_COMMIT_TAG", "v1.0.0")],
        unset: &["CI_COMMIT_BRANCH"],
        jobs: TEST,
    },
    Case {
        name: "schedule on master",
        set: &[
            ("CI_COMMIT_BRANCH", "master"),
            ("CI_PIPELINE_SOURCE", "schedule"),
        ],
        unset: &[],
        jobs: &["advisories", "rebuild"],
    },
];

/// Compares the cases with the jobs that the rules start.
pub(super) fn compare(runner: &Runner, clone: &Checkout) -> anyhow::Result<String> {
    let pipeline = clone.read(".gitlab-ci.yml")?;
    fs::write(clone.folder.join(FILE), with_workflow_job(&pipeline)?)?;
    for case in &CASES {
        let mut jobs = runner.jobs(
            clone,
            &Event {
                file: FILE,
                set: case.set,
                unset: case.unset,
            },
        )?;
        let has_pipeline = jobs.iter().any(|job| job == WORKFLOW_JOB);
        jobs.retain(|job| has_pipeline && job != WORKFLOW_JOB);
        if jobs != case.jobs {
            bail!("{}: the jobs are {jobs:?}, not {:?}", case.name, case.jobs);
        }
    }
    fs::remove_file(clone.folder.join(FILE))?;
    Ok(format!("{} events start what they should", CASES.len()))
}

fn with_workflow_job(pipeline: &str) -> anyhow::Result<String> {
    let Some((before, after)) = pipeline.split_once(
        "
workflow:
",
    ) else {
        bail!(".gitlab-ci.yml has no workflow");
    };
    Ok(format!(
        "{before}\n{WORKFLOW_JOB}:\n  script: [\"true\"]\n{after}"
    ))
}
