//! Checks what the Makefile says if something is missing: one line that tells what to do.

use std::collections::BTreeMap;
use std::fs;

use anyhow::ensure;

use crate::stage::Stage;

/// Targets, with what is missing when they run, and a word of the advice.
const CASES: [(&str, Missing, &str); 7] = [
    ("run-latest", Missing::Engine, "Docker does not answer"),
    ("image", Missing::Engine, "Docker does not answer"),
    ("run-latest", Missing::Image, "DOCKERHUB_USERNAME"),
    ("run-latest", Missing::Env, "make env"),
    ("push", Missing::Commit, "committed"),
    ("deploy", Missing::Push, "make push"),
    ("logs", Missing::Container, "make run-latest"),
];

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Engine,
    Image,
    Env,
    Commit,
    Container,
    Push,
}

/// Runs each target without the thing that it needs.
pub(super) fn play(stage: &Stage) -> anyhow::Result<String> {
    for (target, missing, word) in CASES {
        let mut environment = stage.make_environment();
        take_away(stage, missing, &mut environment)?;
        let (is_done, said) = stage.clone.make(&[target], &environment)?;
        stage.clone.git(&["reset", "--quiet", "--hard"])?;
        ensure!(
            !is_done,
            "make {target} without {missing:?} went well:\n{said}"
        );
        // Lines of make itself do not count.
        let advice: Vec<_> = said
            .lines()
            .filter(|line| !line.starts_with("make"))
            .collect();
        ensure!(
            advice.len() == 1 && advice[0].contains(word),
            "make {target} without {missing:?} said:\n{said}"
        );
    }
    Ok(format!("{} cases, one line each", CASES.len()))
}

fn take_away(
    stage: &Stage,
    missing: Missing,
    environment: &mut BTreeMap<String, String>,
) -> anyhow::Result<()> {
    match missing {
        Missing::Engine => {
            environment.insert("DOCKER_HOST".to_owned(), "unix:///nowhere".to_owned());
        }
        Missing::Image => {
            // An empty name counts as missing.
            environment.insert("IMAGE".to_owned(), String::new());
        }
        Missing::Commit => {
            let path = stage.clone.folder.join("README.md");
            fs::write(path, "Changed.\n")?;
        }
        // A fresh clone lacks them already.
        Missing::Env | Missing::Container | Missing::Push => {}
    }
    Ok(())
}
