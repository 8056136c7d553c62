//! A deploy hook alone: verification decides, and nothing can be put back.

use deploy::execute::Outcome;

use crate::support::server::Reply;
use crate::support::stand_in::Fault;
use crate::support::{Run, World};

const CALL: &str = "POST /deploy/srv-1";

fn past() -> World {
    World::new(&[('a', "live")])
}

#[test]
fn verification_decides() {
    let idle = past();
    idle.state().is_hook_idle = true;
    let all: [(&str, World, &str); 11] = [
        (
            "live after a while",
            past().coming(&["queued", "update_in_progress", "live"]),
            "verified",
        ),
        (
            "live already",
            World::new(&[('a', "deactivated"), ('b', "live")]),
            "verified",
        ),
        (
            "429 at first",
            past().faults(1, CALL, &Reply::status(429).with("retry-after", "3")),
            "verified",
        ),
        (
            "no answer, begun",
            past().fault(CALL, Fault::After(Reply::Close)),
            "verified",
        ),
        (
            "a wrong address",
            past().faults(1, CALL, &Reply::status(404)),
            "usage",
        ),
        (
            "a redirect",
            past().faults(1, CALL, &Reply::status(303)),
            "moment",
        ),
        (
            "an outage",
            past().faults(99, CALL, &Reply::status(500)),
            "open",
        ),
        (
            "it does not become live",
            past().coming(&["update_in_progress"]),
            "not live",
        ),
        ("nothing happens", idle, "not live"),
        ("live and bad", past().bad('b'), "open"),
        (
            "the site goes down",
            past().faults(9999, "GET /healthz", &Reply::status(503)),
            "open",
        ),
    ];
    let mut transcript = String::new();
    for (name, world, expected) in all {
        let run = Run::new(&world);
        let outcome = run.deploy_by_hook('b');
        let ended = match &outcome {
            Outcome::Verified { .. } => "verified",
            Outcome::NotLive { .. } => "not live",
            Outcome::NeedsAttention { .. } => "open",
            Outcome::NothingDone { is_usage: true, .. } => "usage",
            Outcome::NothingDone { .. } => "moment",
            Outcome::RolledBack { .. } | Outcome::Overtaken { .. } => "otherwise",
        };
        assert_eq!(ended, expected, "{name}\n{}", run.said());
        transcript += &format!("=== {name}\n{}\n", run.said());
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn an_interruption_says_what_it_leaves() {
    let mut transcript = String::new();
    for (name, seconds) in [("before the call", 0), ("after it", 7)] {
        let world = past().coming(&["queued", "queued", "queued", "queued", "live"]);
        let run = Run::interrupted_after(&world, seconds);
        let outcome = run.deploy_by_hook('b');
        transcript += &format!("=== {name}\n{outcome}\n");
    }
    insta::assert_snapshot!(transcript);
}
