//! The receiver is slow, down or unwilling: no request waits, and losses are told once.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::json;
use telemetry::report::Counts;

use super::{LIMIT, ReportingApp};
use crate::support::app::{request, send};
use crate::support::sentry::{Behaviour, Sentry};

/// Far more than the queue holds, each of a fingerprint of its own.
async fn fail(reporting: &ReportingApp, count: usize) {
    for number in 0..count {
        let path = format!("/answers/{}/", if number % 2 == 0 { "404" } else { "503" });
        send(&reporting.router, request(Method::GET, &path)).await;
    }
}

#[tokio::test]
async fn at_most_a_hundred_of_a_kind_and_the_rest_is_counted() {
    let reporting = ReportingApp::start(&[]).await;
    for _ in 0..150 {
        send(&reporting.router, request(Method::GET, "/nothing")).await;
        // The queue is not what is tested here.
        assert!(reporting.reporter.flush(LIMIT));
    }
    assert_eq!(reporting.events().len(), 100);
    assert_eq!(reporting.reporter.counts().held_back, 50);
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_no_request() {
    let reporting = ReportingApp::with(Sentry::start(Behaviour::Hangs), &[]).await;
    let start = Instant::now();
    fail(&reporting, 190).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert!(!reporting.reporter.flush(Duration::from_millis(50)));
    let counts = reporting.reporter.counts();
    // A hundred wait, the one that is being sent among them.
    assert_eq!(counts.queue_full, 190 - 100, "{counts:?}");
    assert_eq!(counts.sent, 0);
    // The end of the program does not wait for it either.
    let start = Instant::now();
    reporting.reporter.close(Duration::from_millis(100));
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_receiver_that_wants_nothing_is_left_alone() {
    let reporting = ReportingApp::with(Sentry::start(Behaviour::RateLimits), &[]).await;
    fail(&reporting, 10).await;
    assert!(reporting.reporter.flush(LIMIT));
    let expected = Counts {
        undeliverable: 1,
        paused: 9,
        ..Counts::default()
    };
    assert_eq!(reporting.reporter.counts(), expected);
    assert_eq!(reporting.sentry.connections(), 1);
}

#[tokio::test]
async fn one_that_recovers_gets_the_reports_that_follow() {
    let reporting = ReportingApp::with(Sentry::start(Behaviour::Fails), &[]).await;
    fail(&reporting, 4).await;
    assert!(reporting.reporter.flush(LIMIT));
    reporting.sentry.set_behaviour(Behaviour::Accepts);
    fail(&reporting, 2).await;
    assert_eq!(reporting.events().len(), 2);
    let counts = reporting.reporter.counts();
    assert_eq!((counts.undeliverable, counts.sent), (4, 2));
    // It is told of those that it has missed.
    let told = &reporting.sentry.items("client_report")[0]["discarded_events"];
    let missed = json!([{"category": "error", "reason": "send_error", "quantity": 4}]);
    assert_eq!(*told, missed);
}

#[tokio::test]
async fn one_that_is_not_there_costs_nothing_but_the_reports() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut sentry = Sentry::start(Behaviour::Accepts);
    sentry.dsn = format!("http://key@{address}/42");
    let reporting = ReportingApp::with(sentry, &[]).await;
    fail(&reporting, 6).await;
    assert!(reporting.reporter.flush(LIMIT));
    assert_eq!(reporting.reporter.counts().undeliverable, 6);
}
