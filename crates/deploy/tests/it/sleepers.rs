//! Sites that are asleep: silence is no answer.

use std::net::TcpListener;
use std::time::Duration;

use deploy::clock::{Clock as _, Interrupted};
use deploy::order::Order;
use deploy::plan::{Refusal, plan};
use deploy::verify::{Awake, Expectations, wake};

use crate::support::run::asked;
use crate::support::server::Reply;
use crate::support::{Run, World, commit};

fn woken(world: &World) -> (Awake, Duration) {
    let run = Run::new(world);
    let awake = run.with_context(|ctx| wake(ctx, &world.expectations()).unwrap());
    (awake, run.clock.now())
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
        let (awake, took) = woken(&world);
        assert_eq!(awake, Awake::Commit(commit('a')), "{count} {reply:?}");
        assert!(
            took <= Duration::from_mins(2),
            "{count} {reply:?}: {took:?}"
        );
    }
}

#[test]
fn what_does_not_wake_up_in_time_is_silent() {
    let world = World::new(&[('a', "live")]).faults(99, "GET /healthz", &Reply::status(502));
    let (awake, took) = woken(&world);
    let Awake::Silent(why) = awake else {
        panic!("{awake:?}");
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
        assert_eq!(woken(&world), (Awake::Untold, Duration::ZERO), "{reply:?}");
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
    let awake = run.with_context(|ctx| wake(ctx, &expectations).unwrap());
    assert!(matches!(awake, Awake::Silent(_)), "{awake:?}");
    assert_eq!(run.clock.now(), Duration::ZERO);
}

#[test]
fn nobody_has_to_wait_for_a_sleeper() {
    let world = World::new(&[('a', "live")]).faults(99, "GET /healthz", &Reply::status(502));
    let run = Run::new(&world);
    run.clock.interrupt_in(Duration::from_secs(5));
    let awake = run.with_context(|ctx| wake(ctx, &world.expectations()));
    assert_eq!(awake, Err(Interrupted));
}

/// What is live is not known, so that nothing may be put in its place.
#[test]
fn a_silent_site_is_not_overwritten() {
    let mut found = crate::plans::found();
    found.running = None;
    found.order = Order::LiveSilent;
    let refusal = plan(&asked('b'), &found).unwrap_err();
    assert!(matches!(refusal, Refusal::Silent { .. }), "{refusal}");
    assert!(!refusal.is_usage());
    assert!(
        refusal
            .to_string()
            .ends_with("go without --commit, unchecked"),
        "{refusal}"
    );
    // Nothing was live yet.
    let first = deploy::plan::Found {
        render: Some(deploy::plan::FoundAtRender {
            history: deploy::history::History::default(),
            ..found.render.clone().unwrap()
        }),
        ..found.clone()
    };
    assert!(plan(&asked('b'), &first).is_ok());
    let by_hook = deploy::plan::Found {
        render: None,
        ..found
    };
    let refusal = plan(&asked('b'), &by_hook).unwrap_err();
    assert!(
        refusal
            .to_string()
            .contains("`deploy rollback --to NAME@sha256:"),
        "{refusal}"
    );
}
