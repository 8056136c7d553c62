//! Render's API in trouble: what passes is waited for, nothing is started twice, and what does not
//! pass is said.

use deploy::execute::Outcome;
use serde_json::json;

use crate::support::server::Reply;
use crate::support::stand_in::Fault;
use crate::support::{Run, World};

const START: &str = "POST /v1/services/srv-1/deploys";
const LOOK: &str = "GET /v1/services/srv-1/deploys/dep-2";
const CANCEL: &str = "POST /v1/services/srv-1/deploys/dep-2/cancel";
const LIST: &str = "GET /v1/services/srv-1/deploys?";

fn past() -> World {
    World::new(&[('a', "live")])
}

fn is_verified(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Verified { .. })
}

/// An answer that Render gave up.
fn gateway() -> Reply {
    Reply::status(502)
}

#[test]
fn what_passes_is_waited_for_and_nothing_is_started_twice() {
    let limited = Reply::status(429).with("retry-after", "7");
    let reset = Reply::status(429).with("ratelimit-reset", "9");
    let queued = Reply::status(202);
    let queued_with_body = Reply::json(
        202,
        &json!({"id": "dep-2", "status": "queued", "image": null}),
    );
    let all: [(&str, World); 15] = [
        ("429 at the start", past().faults(2, START, &limited)),
        (
            "429 with Render's own header",
            past().faults(1, START, &reset),
        ),
        (
            "500 at the start, nothing begun",
            past().faults(1, START, &Reply::status(500)),
        ),
        (
            "500 at the start, begun",
            past().fault(START, Fault::After(Reply::status(500))),
        ),
        (
            "no answer to the start, begun",
            past().fault(START, Fault::After(Reply::Close)),
        ),
        (
            "no answer in time to the start, begun",
            past().fault(START, Fault::After(Reply::Hang)),
        ),
        (
            "nonsense in answer to the start, begun",
            past().fault(START, Fault::After(Reply::Babble)),
        ),
        (
            "202 without a body",
            past().fault(START, Fault::After(queued)),
        ),
        (
            "202 with a body",
            past().fault(START, Fault::After(queued_with_body)),
        ),
        (
            "503 at every look for a while",
            past().faults(4, LOOK, &Reply::status(503)),
        ),
        ("closed connections", past().faults(2, LOOK, &Reply::Close)),
        (
            "an answer that does not come",
            past().faults(1, LOOK, &Reply::Hang),
        ),
        ("nonsense", past().faults(1, LOOK, &Reply::Babble)),
        // More than one request is patient for, less than a deployment is.
        (
            "a long outage while it is followed",
            past().faults(12, LOOK, &gateway()),
        ),
        ("502 at the history", past().faults(1, LIST, &gateway())),
    ];
    let mut transcript = String::new();
    for (name, world) in all {
        let run = Run::new(&world);
        let outcome = run.deploy('b');
        assert!(is_verified(&outcome), "{name}\n{}", run.said());
        assert_eq!(world.deployed(), 2, "{name}\n{}", run.said());
        let said = run.said();
        let (_, events) = said.split_once("and verify again\n").unwrap();
        let (events, _) = events.split_once("Verifying").unwrap();
        transcript += &format!("=== {name}\n{events}\n");
    }
    insta::assert_snapshot!(transcript);
}

/// The last line of each run, which has to end as expected.
#[track_caller]
fn last_lines(all: impl IntoIterator<Item = (&'static str, World, &'static str)>) -> String {
    let mut lines = String::new();
    for (name, world, expected) in all {
        let run = Run::new(&world);
        let outcome = run.deploy('b');
        let ended = match &outcome {
            Outcome::NothingDone { is_usage: true, .. } => "usage",
            Outcome::NothingDone { .. } => "moment",
            Outcome::NeedsAttention { .. } => "open",
            _ => "otherwise",
        };
        let said = run.said();
        assert_eq!(ended, expected, "{name}\n{said}");
        lines += &format!("=== {name}\n{}\n", said.lines().last().unwrap());
    }
    lines
}

fn refused(status: u16) -> Reply {
    let message = json!({"id": "x", "message": "a reason \u{7} of Render's"});
    Reply::json(status, &message)
}

#[test]
fn a_start_that_fails_says_whether_anything_was_done() {
    let at_start = |reply: Reply| past().faults(1, START, &reply);
    let outage = Reply::status(503);
    let forever = Reply::status(429).with("retry-after", "3600");
    let lost = past().fault(START, Fault::After(Reply::Close));
    let elsewhere = Reply::status(302).with("location", "/");
    insta::assert_snapshot!(last_lines([
        ("400", at_start(refused(400)), "usage"),
        ("401", at_start(refused(401)), "usage"),
        ("404", at_start(Reply::status(404)), "usage"),
        ("a redirect", at_start(elsewhere), "moment"),
        (
            "201 without a deployment",
            at_start(Reply::json(201, &json!([]))),
            "open"
        ),
        (
            "202, and never listed",
            at_start(Reply::status(202)),
            "open"
        ),
        ("429 for an hour", at_start(forever), "moment"),
        (
            "503 without an end",
            past().faults(20, START, &outage),
            "moment"
        ),
        (
            "no answer, no list",
            lost.faults_from_start(20, LIST, &outage),
            "open"
        ),
    ]));
}

#[test]
fn a_deployment_that_cannot_be_followed_is_told_of() {
    let at_look = |reply: Reply| past().faults(1, LOOK, &reply);
    let outage = Reply::status(503);
    let no_cancel = past()
        .coming(&["update_in_progress"])
        .faults(1, CANCEL, &refused(500))
        .faults(1, CANCEL, &refused(403));
    insta::assert_snapshot!(last_lines([
        ("the key is taken away", at_look(refused(401)), "open"),
        (
            "no deployment in the answer",
            at_look(Reply::json(200, &json!({}))),
            "open"
        ),
        ("it cannot be cancelled", no_cancel, "open"),
        (
            "an outage without an end",
            past()
                .faults(9999, LOOK, &outage)
                .faults(99, CANCEL, &outage),
            "open",
        ),
    ]));
}
