//! The program itself: its start, its end, and what it reports of both.

use crate::support::program::{Server, run};
use crate::support::sentry::{Behaviour, Sentry};

const DEBUG: (&str, &str) = ("DEBUG", "1");

#[test]
fn reports_that_wait_at_the_stop_signal_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let sentry = Sentry::start(Behaviour::Accepts);
    let server = Server::start(folder.path(), &[DEBUG, ("SENTRY_DSN", &sentry.dsn)]);
    for _ in 0..20 {
        server.exchange("GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }
    let (code, _) = server.stop("TERM");
    assert_eq!(code, Some(0));
    assert_eq!(sentry.events().len(), 20);
}

#[test]
fn a_start_that_fails_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let sentry = Sentry::start(Behaviour::Accepts);
    let database = ("DATABASE_URL", "sqlite:///no/such/folder/site.sqlite3");
    let run = run(
        folder.path(),
        &[DEBUG, database, ("SENTRY_DSN", &sentry.dsn), ("PORT", "1")],
        &["serve"],
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    let events = sentry.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(
        events[0]["release"],
        option_env!("COMMIT").unwrap_or("unknown")
    );
    let text = events[0]["exception"].to_string();
    assert!(text.contains("no/such/folder"), "{text}");
}

#[test]
fn a_test_report_tells_whether_it_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let sentry = Sentry::start(Behaviour::Accepts);
    let check = |dsn: &str| {
        let variables = [DEBUG, ("SENTRY_DSN", dsn)];
        run(folder.path(), &variables, &["check", "--sentry"])
    };
    let taken = check(&sentry.dsn);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let events = sentry.events();
    assert_eq!(events.len(), 1);
    assert!(
        taken.out.contains(events[0]["event_id"].as_str().unwrap()),
        "{taken:?}"
    );

    sentry.set_behaviour(Behaviour::Fails);
    let refused = check(&sentry.dsn);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("answered 500"), "{refused:?}");
    assert!(!refused.err.contains("sentry-public-key"), "{refused:?}");

    let none = check("");
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.err.contains("SENTRY_DSN is not set"), "{none:?}");
}

#[test]
fn a_log_that_nobody_reads_stops_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_unread(folder.path(), &[DEBUG]);
    // Each leaves a line of some 200 bytes; the pipe behind the log holds 64 KiB.
    let request = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(999)
        + "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answers = server.exchange(&request);
    assert_eq!(answers.matches("HTTP/1.1 404 ").count(), 1000);
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0));
    assert_eq!(log, "", "it was read");
}
