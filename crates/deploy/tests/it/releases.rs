//! What becomes of a release, by what becomes of its deployment and of its verification.

use deploy::execute::Outcome;
use deploy::order::CommitOrder;

use crate::support::{Run, World};

/// How a run ended, without its words.
#[track_caller]
fn assert_ended(outcome: &Outcome, expected: &str, said: &str) {
    let ended = match outcome {
        Outcome::Verified { .. } => "verified",
        Outcome::NotLive { .. } => "not live",
        Outcome::RolledBack { .. } => "rolled back",
        Outcome::Overtaken { .. } => "overtaken",
        Outcome::NothingDone { .. } => "nothing done",
        Outcome::NeedsAttention { .. } => "open",
    };
    assert_eq!(ended, expected, "{said}");
}

/// Live: `a`, and before that `c`. The release is `b`.
fn past() -> World {
    World::new(&[('c', "deactivated"), ('a', "live")])
}

#[test]
fn every_status_leads_to_its_end() {
    let all: [(&'static [&'static str], &str); 11] = [
        (&["live"], "verified"),
        (
            &[
                "created",
                "queued",
                "build_in_progress",
                "pre_deploy_in_progress",
                "update_in_progress",
                "live",
            ],
            "verified",
        ),
        (&["queued", "frozen", "live"], "verified"),
        (&["created", "build_failed"], "not live"),
        (&["created", "pre_deploy_failed"], "not live"),
        (&["created", "update_failed"], "not live"),
        (&["created", "canceled"], "not live"),
        // Replaced by one that Render does not list.
        (&["created", "deactivated"], "not live"),
        // It never ends, and is cancelled.
        (&["update_in_progress"], "not live"),
        (&["frozen"], "not live"),
        (&["queued", "queued", "queued", "live"], "verified"),
    ];
    let mut transcript = String::new();
    for (statuses, expected) in all {
        let world = past();
        world.state().coming.push_back(statuses);
        let run = Run::new(&world);
        let outcome = run.deploy('b');
        assert_ended(&outcome, expected, &run.said());
        transcript += &format!("=== {}\n{}\n", statuses.join(", "), run.said());
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn a_bad_release_is_rolled_back_and_the_former_one_verified() {
    let world = past().bad('b');
    let run = Run::new(&world);
    let outcome = run.deploy('b');
    assert_ended(&outcome, "rolled back", &run.said());
    insta::assert_snapshot!(run.said());
}

#[test]
fn what_cannot_be_undone_is_said_loudly() {
    let all: [(&str, World, &str); 5] = [
        (
            "the former release is bad too",
            past().bad('a').bad('b'),
            "open",
        ),
        (
            "the former release does not come up",
            past().bad('b').coming(&["live"]).coming(&["update_failed"]),
            "open",
        ),
        (
            "the former release does not end",
            past()
                .bad('b')
                .coming(&["live"])
                .coming(&["update_in_progress"]),
            "open",
        ),
        ("nothing was live before", World::new(&[]).bad('b'), "open"),
        (
            "only what failed was before",
            World::new(&[('a', "update_failed")]).bad('b'),
            "open",
        ),
    ];
    let mut transcript = String::new();
    for (name, world, expected) in all {
        let run = Run::new(&world);
        let outcome = run.deploy('b');
        assert_ended(&outcome, expected, &run.said());
        transcript += &format!("=== {name}\n{}\n", run.said());
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn an_image_of_long_ago_may_come_back() {
    let mut past = vec![('f', "deactivated")];
    past.resize(249, ('a', "deactivated"));
    past.push(('a', "live"));
    let world = World::new(&past);
    let mut run = Run::new(&world);
    run.order = CommitOrder::Older;
    assert_ended(&run.deploy('f'), "verified", &run.said());
    let state = world.state();
    let pages = state
        .requests
        .iter()
        .filter(|one| one.path.contains("?limit=100"));
    assert_eq!(pages.count(), 3);
}

#[test]
fn a_first_release_needs_nothing_before_it() {
    let world = World::new(&[]).coming(&["created", "live"]);
    let run = Run::new(&world);
    assert_ended(&run.deploy('b'), "verified", &run.said());
    let world = World::new(&[]).coming(&["created", "update_failed"]);
    let run = Run::new(&world);
    assert_ended(&run.deploy('b'), "not live", &run.said());
    assert!(run.said().contains("nothing is live"), "{}", run.said());
}

#[test]
fn a_newer_deployment_is_left_alone() {
    // Of `b`, which is bad, and of `d`, which somebody else starts in the middle.
    let all: [(&str, &'static [&'static str], &str, &'static [&'static str]); 4] = [
        (
            "while this one is under way",
            &["created", "canceled"],
            LOOK,
            &["live"],
        ),
        (
            "after this one was live",
            &["created", "live"],
            LOOK,
            &["live"],
        ),
        (
            "while this one is verified",
            &["live"],
            "GET /books/7/",
            &["live"],
        ),
        (
            "before this one is rolled back",
            &["live"],
            "GET /admin",
            &["queued"],
        ),
    ];
    let mut transcript = String::new();
    for (name, statuses, moment, others) in all {
        let world = past().bad('b').bad('d').coming(statuses).coming(others);
        world.state().intruder = Some((moment, 'd'));
        if moment == "GET /books/7/" {
            world.state().bad.retain(|image| *image != 'b');
        }
        let run = Run::new(&world);
        let outcome = run.deploy('b');
        assert_ended(&outcome, "overtaken", &run.said());
        assert_eq!(world.started(), 1, "{}", run.said());
        transcript += &format!("=== {name}\n{}\n", run.said());
    }
    insta::assert_snapshot!(transcript);
}

/// A look at the deployment of the release.
const LOOK: &str = "GET /v1/services/srv-1/deploys/dep-3";

#[test]
fn a_run_may_be_repeated() {
    // Interrupted while the deployment was under way: it is taken up, and no other is started.
    let world = past().coming(&[
        "created",
        "update_in_progress",
        "update_in_progress",
        "live",
    ]);
    let first = Run::interrupted_after(&world, 4);
    assert_ended(&first.deploy('b'), "open", &first.said());
    let second = Run::new(&world);
    assert_ended(&second.deploy('b'), "verified", &second.said());
    // Once it is live there is nothing to start.
    let third = Run::new(&world);
    assert_ended(&third.deploy('b'), "verified", &third.said());
    assert_eq!(world.started(), 1);
    insta::assert_snapshot!(format!(
        "=== first\n{}=== second\n{}=== third\n{}",
        first.said(),
        second.said(),
        third.said()
    ));
}

#[test]
fn an_interruption_says_what_it_leaves() {
    let slow: &'static [&'static str] = &[
        "created",
        "update_in_progress",
        "update_in_progress",
        "live",
    ];
    let mut transcript = String::new();
    for (name, seconds, expected) in [
        ("before anything was started", 0, "nothing done"),
        ("while it is followed", 3, "open"),
        ("while the bad release is verified", 20, "open"),
        ("while the roll-back is followed", 42, "open"),
        ("while the roll-back is verified", 60, "open"),
    ] {
        let world = past().bad('b').bad('a').coming(slow).coming(slow);
        let run = Run::interrupted_after(&world, seconds);
        let outcome = run.deploy('b');
        assert_ended(&outcome, expected, &run.said());
        transcript += &format!("=== {name}\n{}\n", run.said());
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn somebody_elses_deployment_is_awaited_first() {
    let all: [(&str, &'static [&'static str], &str); 2] = [
        ("it ends", &["update_in_progress", "live"], "verified"),
        ("it does not end", &["update_in_progress"], "nothing done"),
    ];
    let mut transcript = String::new();
    for (name, statuses, expected) in all {
        let world = past().begin('d', statuses);
        let run = Run::new(&world);
        assert_ended(&run.deploy('b'), expected, &run.said());
        transcript += &format!("=== {name}\n{}\n", run.said());
    }
    insta::assert_snapshot!(transcript);
}
