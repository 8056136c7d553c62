//! How many 404s a day are reported: a scanner must not use up what a plan gives for a month.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use serde_json::Value;
use site::router::router;
use site::state::AppState;
use telemetry::report::Reporter;

use super::{LIMIT, ReportingApp, settings};
use crate::support::app::{SECRET_KEY, request, send};

/// The second of this test's clock, which runs as its only user says.
static NOW: AtomicU64 = AtomicU64::new(20_000 * 86_400);

fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW.load(Relaxed))
}

#[tokio::test]
async fn unknown_addresses_have_a_bound_a_day_and_the_next_report_tells_of_the_rest() {
    // Its receiver and its database; the sender is another, with a clock of its own.
    let reporting = ReportingApp::start(&[("METRICS_TOKEN", "token")]).await;
    let read = settings(&[
        ("SECRET_KEY", SECRET_KEY),
        ("ALLOWED_HOSTS", "site.example"),
        ("DATABASE_URL", &reporting.app.database.url),
        ("SENTRY_DSN", &reporting.sentry.dsn),
        ("SENTRY_DAILY_404", "3"),
        ("METRICS_TOKEN", "token"),
    ]);
    let config = site::observability::report_config(&read).unwrap();
    let sender = Reporter::start(&telemetry::report::Config { clock, ..config }).unwrap();
    let app_state = AppState::new(&read, Some(sender.clone())).unwrap();
    let site = router(&read, app_state).unwrap();
    let reports_of = async |paths: &[&str]| {
        let before = reporting.sentry.events().len();
        for path in paths {
            send(&site, request(Method::GET, path)).await.expect(404);
        }
        assert!(sender.flush(LIMIT));
        reporting.sentry.events().split_off(before)
    };
    let scan = ["/wp-login.php", "/.env", "/a", "/b", "/c", "/d", "/e", "/f"];
    assert_eq!(reports_of(&scan).await.len(), 3);
    // Another five, on the last second of the day: held back as well, and told to the metrics.
    NOW.fetch_add(86_399, Relaxed);
    assert_eq!(reports_of(&scan[..5]).await, Vec::<Value>::new());
    let mut metrics = request(Method::GET, "/metrics");
    metrics
        .headers_mut()
        .insert("authorization", "Bearer token".parse().unwrap());
    let metrics = send(&site, metrics).await.expect(200).body;
    assert!(
        metrics.contains("sentry_reports_total{outcome=\"held_back\"} 10\n"),
        "{metrics}"
    );
    // A link to a page that is gone is no scan.
    let missing = reports_of(&["/lettings/404/", "/profiles/nobody/"]).await;
    assert_eq!(missing.len(), 2);
    assert!(
        missing
            .iter()
            .all(|event| event["extra"]["held_back"].is_null())
    );
    // Nor can a walk through all numbers use up more than that.
    assert_eq!(
        reports_of(&["/lettings/405/", "/lettings/406/"])
            .await
            .len(),
        1
    );

    NOW.fetch_add(1, Relaxed);
    let next = reports_of(&scan).await;
    assert_eq!(next.len(), 3);
    assert_eq!(next[0]["extra"]["held_back"], 10);
    assert!(next[1]["extra"]["held_back"].is_null());
}
