//! What fails where no request waits for it.

use telemetry::report::WantsStack;

use super::ReportingApp;
use crate::support::CapturedLog;

#[tokio::test]
async fn what_is_logged_as_an_error_is_reported() {
    let reporting = ReportingApp::start(&[]).await;
    reporting.reporter.watch_background();
    let log = CapturedLog::start();
    tracing::info!(target: "site", "before it: token=hunter2");
    tracing::error!(target: "site", error = "no room", "the demo data could not be put in");
    assert_eq!(log.lines().len(), 2);
    drop(log);
    let events = reporting.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["message"], "the demo data could not be put in");
    let breadcrumb = &events[0]["breadcrumbs"]["values"][0];
    assert_eq!(breadcrumb["message"], "before it: token=[Filtered]");
    assert!(events[0]["contexts"].to_string().contains("no room"));
}

#[tokio::test]
async fn a_panic_in_the_background_is_one_line_and_one_report_with_its_stack() {
    let reporting = ReportingApp::start(&[]).await;
    reporting.reporter.watch_background();
    web::panic::install_hook(WantsStack::Yes);
    let log = CapturedLog::start();
    let task = tokio::spawn(async { panic!("the cookie=hunter2 broke") });
    task.await.unwrap_err();
    let lines = log.lines();
    drop(log);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["level"], "ERROR");
    let events = reporting.events();
    assert_eq!(events.len(), 1, "{events:?}");
    let panic = &events[0]["exception"]["values"][0];
    assert_eq!(panic["value"], "the cookie=[Filtered] broke");
    assert!(
        panic["stacktrace"].to_string().contains("background"),
        "{panic}"
    );
}

#[tokio::test]
async fn a_flood_of_background_failures_is_bounded_too() {
    let reporting = ReportingApp::start(&[]).await;
    reporting.reporter.watch_background();
    let log = CapturedLog::start();
    for number in 0..150 {
        tracing::error!(target: "site", "row {number} could not be read");
        assert!(reporting.reporter.flush(super::LIMIT));
    }
    drop(log);
    assert_eq!(reporting.events().len(), 100);
}
