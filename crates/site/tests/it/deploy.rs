//! `deploy` as a command: exit codes, what it prints, what it needs, how it is interrupted. The
//! site that it verifies is the real one, behind a stand-in for Render.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::program::{Run, Server, command, run};
use crate::support::render::{FakeDeployment, KEY, MARKER, StandIn, commit, digest};

/// What was live, the oldest first.
const PAST: &[FakeDeployment] = &[('c', "deactivated"), ('a', "live")];

/// A site as it is on Render: collected, with letting and all.
fn site(folder: &Path) -> Server {
    let variables = [
        (
            "SECRET_KEY",
            "0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-abcdef",
        ),
        ("ALLOWED_HOSTS", "localhost"),
        ("DEMO_DATA", "1"),
    ];
    let collected = run(folder, &variables, &["collectstatic", "--noinput"]);
    assert_eq!(collected.code, Some(0), "{collected:?}");
    Server::start(folder, &variables)
}

/// Runs `deploy` against the stand-in. Whatever it says, it says no secret.
fn deploy(folder: &Path, stand_in: &StandIn, args: &[&str]) -> Run {
    let api = format!("http://{}/v1", stand_in.address);
    let variables = [
        ("RENDER_API_KEY", KEY),
        ("RENDER_SERVICE_ID", "srv-1"),
        ("RENDER_API_URL", &*api),
        ("DOCKERHUB_USERNAME", "ann"),
        ("DOCKERHUB_TOKEN", "MARKER-token"),
    ];
    deploy_with(folder, stand_in, &variables, args)
}

fn deploy_with(
    folder: &Path,
    stand_in: &StandIn,
    variables: &[(&str, &str)],
    args: &[&str],
) -> Run {
    let args: Vec<_> = std::iter::once("deploy")
        .chain(args.iter().copied())
        .collect();
    let run = run(folder, variables, &args);
    assert!(!format!("{run:?}").contains(MARKER), "{run:?}");
    Run {
        out: normalized(&run.out, stand_in),
        err: normalized(&run.err, stand_in),
        ..run
    }
}

/// Without what is different every time: the port, the times and the width of their columns.
fn normalized(text: &str, stand_in: &StandIn) -> String {
    let text = text.replace(&stand_in.address, "HOST");
    let lines = text.lines().map(|line| {
        let mut shown: Vec<&str> = Vec::new();
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            let is_unit = ["ms", "s", "ms)", "s)"].contains(&word);
            let number = shown.last().map(|before| before.trim_start_matches('('));
            if is_unit && number.is_some_and(|number| number.parse::<u64>().is_ok()) {
                shown.pop();
                shown.push("TIME");
            } else if word.starts_with("/static/site.") {
                shown.push("/static/site.HASH.css");
            } else {
                shown.push(word);
            }
        }
        shown.join(" ") + "\n"
    });
    lines.collect()
}

#[test]
fn a_release_is_live_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path());
    let stand_in = StandIn::start(PAST, "live", Some(&site.address));
    let (image, new) = (stand_in.image('b'), commit('b'));
    let release = ["run", "--image", &image, "--commit", &new];
    let dry = deploy(
        folder.path(),
        &stand_in,
        &[&release[..], &["--dry-run"]].concat(),
    );
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert_eq!(stand_in.requests("POST"), 0);
    let run = deploy(folder.path(), &stand_in, &release);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{run:?}");
    assert!(run.out.starts_with(&dry.out), "{run:?}");
    insta::assert_snapshot!("deploy_run", run.out);
    // Once more: nothing is started.
    let again = deploy(folder.path(), &stand_in, &release);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(stand_in.requests("POST"), 1);

    let status = deploy(folder.path(), &stand_in, &["status"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    insta::assert_snapshot!("deploy_status", status.out);

    let back = deploy(folder.path(), &stand_in, &["rollback"]);
    assert_eq!(back.code, Some(0), "{back:?}");
    assert!(back.out.ends_with(&format!(
        "live and verified: HOST/ann/site@{}\n",
        digest('a')
    )));
    let long_ago = ["rollback", "--to", &digest('c'), "--commit", &commit('c')];
    let long_ago = deploy(folder.path(), &stand_in, &long_ago);
    assert_eq!(long_ago.code, Some(0), "{long_ago:?}");
    let never = deploy(
        folder.path(),
        &stand_in,
        &["rollback", "--to", &digest('d')],
    );
    assert_eq!(never.code, Some(1), "{never:?}");
    assert!(never.err.contains("was never live"), "{never:?}");
}

#[test]
fn a_deploy_hook_does_where_there_is_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path());
    let stand_in = StandIn::start(PAST, "live", Some(&site.address));
    let hook = format!("http://{}/hook?key=MARKER-hook", stand_in.address);
    let variables = [("RENDER_DEPLOY_HOOK_URL", &*hook)];
    let run = |args: &[&str]| deploy_with(folder.path(), &stand_in, &variables, args);
    let url = format!("http://{}", stand_in.address);
    let (image, new) = (stand_in.image('b'), commit('b'));
    let release = run(&["run", "--image", &image, "--commit", &new, "--url", &url]);
    assert_eq!(release.code, Some(0), "{release:?}");
    let (image, old) = (stand_in.image('a'), commit('a'));
    let back = run(&["rollback", "--to", &image, "--commit", &old, "--url", &url]);
    assert_eq!(back.code, Some(0), "{back:?}");
    for args in [
        &["status"][..],
        &["rollback", "--url", &url],
        &["run", "--image", &image, "--commit", &new],
        &["run", "--image", &image, "--url", &url],
    ] {
        let wrong = run(args);
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
    }
}

#[test]
fn what_fails_says_what_is_live() {
    let folder = tempfile::tempdir().unwrap();
    let stand_in = StandIn::start(PAST, "update_failed", None);
    let image = stand_in.image('b');
    let failed = deploy(folder.path(), &stand_in, &["run", "--image", &image]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    insta::assert_snapshot!(failed.err);
}

#[test]
fn what_is_wrong_or_dangerous_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        let git = git.current_dir(folder.path()).args(args);
        let git = git
            .env("GIT_AUTHOR_NAME", "Ann")
            .env("GIT_AUTHOR_EMAIL", "a@b.example");
        let git = git
            .env("GIT_COMMITTER_NAME", "Ann")
            .env("GIT_COMMITTER_EMAIL", "a@b.example");
        assert!(git.status().unwrap().success());
    };
    git(&["init", "--quiet"]);
    git(&["commit", "--quiet", "--allow-empty", "--message", "Begin"]);
    let stand_in = StandIn::start(PAST, "live", None);
    let image = stand_in.image('b');
    let release = |commit: &str| {
        let args = ["run", "--image", &image, "--commit", commit];
        deploy(folder.path(), &stand_in, &args)
    };
    let elsewhere = release(&commit('b'));
    assert_eq!(elsewhere.code, Some(1), "{elsewhere:?}");
    insta::assert_snapshot!("refused_commit", elsewhere.err);
    // The order is looked at once the site is awake.
    stand_in.fall_asleep(1);
    let woken = release(&commit('b'));
    assert_eq!((woken.code, &woken.err), (Some(1), &elsewhere.err));
    stand_in.lose_image();
    let missing = release(&commit('b'));
    assert_eq!(missing.code, Some(1), "{missing:?}");
    insta::assert_snapshot!("refused_image", missing.err);
    for image in ["ann/site:latest", "ann/site", "ann/site@sha256:12"] {
        let tag = deploy(folder.path(), &stand_in, &["run", "--image", image]);
        assert_eq!(tag.code, Some(2), "{tag:?}");
    }
    assert_eq!(stand_in.requests("POST"), 0);
}

#[test]
fn what_has_to_be_set_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let stand_in = StandIn::start(PAST, "live", None);
    let nothing = deploy_with(folder.path(), &stand_in, &[], &["status"]);
    let halves = [
        ("RENDER_API_KEY", KEY),
        ("DOCKERHUB_TOKEN", "MARKER-token"),
        ("RENDER_API_URL", "ftp://MARKER"),
    ];
    let halves = deploy_with(folder.path(), &stand_in, &halves, &["rollback"]);
    assert_eq!((nothing.code, halves.code), (Some(2), Some(2)));
    insta::assert_snapshot!("required_for_deploy", nothing.err + &halves.err);
    let api = format!("http://{}/v1", stand_in.address);
    let wrong = [
        ("RENDER_API_KEY", "MARKER-of-another-key"),
        ("RENDER_SERVICE_ID", "srv-1"),
        ("RENDER_API_URL", &*api),
    ];
    let wrong = deploy_with(folder.path(), &stand_in, &wrong, &["status"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    insta::assert_snapshot!("wrong_api_key", wrong.err);
}

#[test]
fn a_site_is_verified_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path());
    let stand_in = StandIn::start(PAST, "live", Some(&site.address));
    let verify = |url: &str, commit: &str| {
        deploy_with(
            folder.path(),
            &stand_in,
            &[],
            &["verify", url, "--commit", commit],
        )
    };
    let url = format!("http://{}", stand_in.address);
    let good = verify(&url, &commit('a')[..8]);
    assert_eq!(good.code, Some(0), "{good:?}");
    stand_in.fall_asleep(1);
    let woken = verify(&url, &commit('a'));
    assert_eq!(woken.code, Some(0), "{woken:?}");
    assert!(woken.out.contains("answered 502; again in"), "{woken:?}");
    let other = verify(&url, &commit('b'));
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.out.contains("FAILED"), "{other:?}");
    drop(site);
    // Nobody behind the proxy.
    let alone = StandIn::start(PAST, "live", None);
    let url = format!("http://{}", alone.address);
    let down = verify(&url, &commit('a'));
    assert_eq!(down.code, Some(1), "{down:?}");
    insta::assert_snapshot!("verify_nothing", normalized(&down.out, &alone));
    for (url, commit) in [("site.example", commit('a')), (&*url, "unknown".to_owned())] {
        assert_eq!(verify(url, &commit).code, Some(2));
    }
}

#[test]
fn a_signal_ends_a_run_that_says_what_it_leaves() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let stand_in = StandIn::start(PAST, "update_in_progress", None);
        let api = format!("http://{}/v1", stand_in.address);
        let variables = [
            ("RENDER_API_KEY", KEY),
            ("RENDER_SERVICE_ID", "srv-1"),
            ("RENDER_API_URL", &*api),
        ];
        let mut child = command(folder.path(), &variables)
            .args(["deploy", "run", "--image", &stand_in.image('b')])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("dep-3: update_in_progress") {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0);
        }
        let id = child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(3), "{err}");
        insta::assert_snapshot!("deploy_interrupted", err);
    }
}

#[test]
fn the_end_is_one_line_of_json_where_the_log_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".env"), "LOG_FORMAT=json\n").unwrap();
    let stand_in = StandIn::start(PAST, "update_failed", None);
    let image = stand_in.image('b');
    let failed = deploy(folder.path(), &stand_in, &["run", "--image", &image]);
    assert_eq!(failed.code, Some(1));
    let line: serde_json::Value = serde_json::from_str(&failed.err).unwrap();
    let message = line["message"].as_str().unwrap();
    assert!(message.starts_with("failed: dep-3"), "{line}");
}
