//! Sites that are asleep: silence is no answer.

use std::net::TcpListener;
use std::time::Duration;

use deploy::clock::{Clock as _, Interrupted};
use deploy::order::CommitOrder;
use deploy::plan::{Refusal, plan};
use deploy::verify::{Expectations, WakeResult, wake};

use crate::support::run::release_request;
use crate::support::server::Reply;
use crate::support::{Run, World, commit};

fn woken(world: &World) -> (WakeResult, Duration) {
    let run = Run::new(world);
    let wake_result = run.with_context(|ctx| wake(ctx, &world.expectations()).unwrap());
    (wake_result, run.clock.now())
}

#[test]
fn a_site_that_wakes_up_is_waited_for() {
    for (count, reply) in [
        (0, Reply::status(502)),
        (1, Reply::status(502)),
        (6, Reply::status(503)),
        (3, Reply::status(522)),
        (2, Reply::Close),
        // The visitor who wakes it waits.
        (2, Reply::Hang),
    ] {
        let world = World::new(&[('a', "live")]).faults(count, "GET /healthz", &reply);
        let (wake_result, took) = woken(&world);
        assert_eq!(
            wake_result,
            WakeResult::Commit(commit('a')),
            "{count} {reply:?}"
        );
        assert!(
            took <= Duration::from_mins(2),
            "{count} {reply:?}: {took:?}"
        );
    }
}

#[test]
fn what_does_not_wake_up_in_time_is_silent() {
    let world = World::new(&[('a', "live")]).faults(99, "GET /healthz", &Reply::status(502));
    let (wake_result, took) = woken(&world);
    let WakeResult::Silent(why) = wake_result else {
        panic!("{wake_result:?}");
    };
    assert!(why.starts_with("answered 502, even after "), "{why}");
    assert!(
        took > Duration::from_mins(1) && took <= Duration::from_mins(2),
        "{took:?}"
    );
}

#[test]
fn an_answer_without_a_commit_is_one() {
    for reply in [Reply::status(404), Reply::status(500), Reply::status(200)] {
        let world = World::new(&[('a', "live")]).faults(1, "GET /healthz", &reply);
        assert_eq!(
            woken(&world),
            (WakeResult::NoCommit, Duration::ZERO),
            "{reply:?}"
        );
    }
}

/// Where nobody listens, nobody is woken.
#[test]
fn nobody_is_waited_for_where_nobody_is() {
    let world = World::new(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let expectations = Expectations {
        url: format!("http://{address}"),
        ..world.expectations()
    };
    let run = Run::new(&world);
    let wake_result = run.with_context(|ctx| wake(ctx, &expectations).unwrap());
    assert!(
        matches!(wake_result, WakeResult::Silent(_)),
        "{wake_result:?}"
    );
    assert_eq!(run.clock.now(), Duration::ZERO);
}

#[test]
fn nobody_has_to_wait_for_a_sleeper() {
    let world = World::new(&[('a', "live")]).faults(99, "GET /healthz", &Reply::status(502));
    let run = Run::new(&world);
    run.clock.interrupt_in(Duration::from_secs(5));
    let wake_result = run.with_context(|ctx| wake(ctx, &world.expectations()));
    assert_eq!(wake_result, Err(Interrupted));
}

/// What is live is not known, so that nothing may be put in its place.
#[test]
fn a_silent_site_is_not_overwritten() {
    let mut current = crate::plans::current();
    current.running = None;
    current.order = CommitOrder::SiteSilent;
    let refusal = plan(&release_request('b'), &current).unwrap_err();
    assert!(matches!(refusal, Refusal::SiteSilent { .. }), "{refusal}");
    assert!(!refusal.is_usage());
    assert!(
        refusal
            .to_string()
            .ends_with("go without --commit, unchecked"),
        "{refusal}"
    );
    // Nothing was live yet.
    let first = deploy::plan::CurrentState {
        render: Some(deploy::plan::RenderState {
            history: deploy::history::History::default(),
            ..current.render.clone().unwrap()
        }),
        ..current.clone()
    };
    assert!(plan(&release_request('b'), &first).is_ok());
    let by_hook = deploy::plan::CurrentState {
        render: None,
        ..current
    };
    let refusal = plan(&release_request('b'), &by_hook).unwrap_err();
    assert!(
        refusal
            .to_string()
            .contains("`deploy rollback --to NAME@sha256:"),
        "{refusal}"
    );
}
