//! `/metrics`: numbers for whoever has the token.

mod grammar;

use http::{HeaderValue, Method};

use crate::support::app::request;
use crate::support::{Backend, TestApp, TestDatabase, on_both_databases};

const TOKEN: &str = "the-token-of-this-test";

fn asked(authorization: &str) -> http::Request<axum::body::Body> {
    let mut request = request(Method::GET, "/metrics");
    let value = HeaderValue::from_str(authorization).unwrap();
    request.headers_mut().insert("authorization", value);
    request
}

const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What Prometheus 3 accepts.
const OF_PROMETHEUS: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
    application/openmetrics-text;version=0.0.1;q=0.5,\
    text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

on_both_databases! {
    async fn the_numbers_are_those_of_what_happened(app: TestApp) {
        let app = app.with(&[("METRICS_TOKEN", TOKEN)]);
        app.get("/lettings/").await.expect(200);
        app.get("/lettings/").await.expect(200);
        app.get("/lettings/7/").await.expect(404);
        app.get("/static/site.css").await.expect(200);
        app.get("/nobody/knows").await.expect(404);
        app.sql("ALTER TABLE profiles_profile RENAME TO gone").await;
        app.get("/profiles/").await.expect(500);
        let mut request = asked(&format!("bearer {TOKEN}"));
        let accept = HeaderValue::from_static(OF_PROMETHEUS);
        request.headers_mut().insert("accept", accept);
        let answer = app.send(request).await.expect(200);
        assert_eq!(answer.header("content-type"), OPEN);
        assert_eq!(answer.header("cache-control"), "no-store");
        let count = |labels: &str| {
            let start = format!("http_request_duration_seconds_count{{{labels}}} ");
            let line = answer.body.lines().find_map(|line| line.strip_prefix(&start));
            line.map_or(0, |count| count.parse::<u64>().unwrap())
        };
        let labels = |route: &str, status: &str| {
            format!(r#"route="{route}",method="GET",status="{status}""#)
        };
        assert_eq!(count(&labels("/lettings/", "2xx")), 2);
        assert_eq!(count(&labels("/lettings/{id}/", "4xx")), 1);
        assert_eq!(count(&labels("/static/{*name}", "2xx")), 1);
        assert_eq!(count(&labels("unmatched", "4xx")), 1);
        assert_eq!(count(&labels("/profiles/", "5xx")), 1);
        let statements = |outcome: &str| {
            let start = format!(r#"database_statement_duration_seconds_count{{outcome="{outcome}"}} "#);
            let line = answer.body.lines().find_map(|line| line.strip_prefix(&start));
            line.unwrap().parse::<u64>().unwrap()
        };
        assert!(statements("ok") >= 4, "{}", answer.body);
        assert_eq!(statements("error"), 1);
        assert!(answer.body.contains("http_requests_in_flight 1"), "{}", answer.body);
        assert!(answer.body.contains("\nrequest_memory_bytes "), "{}", answer.body);
        assert!(answer.body.contains("\nrequest_memory_limit_bytes 16777216"), "{}", answer.body);
        assert!(answer.body.contains("\nrequest_memory_refusals_total 0\n"), "{}", answer.body);
        assert!(answer.body.contains(r#"http_cuts_total{reason="slow_body"} 0"#), "{}", answer.body);
        assert!(answer.body.contains(r#"database_connections{state="idle"}"#), "{}", answer.body);
        assert!(answer.body.ends_with("# EOF\n"));
    }
}

#[tokio::test]
async fn open_metrics_are_for_who_names_them() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let app = TestApp::on(database, &[("METRICS_TOKEN", TOKEN)]).await;
    app.get("/nobody/knows").await.expect(404);
    for (accept, expected) in [
        (None, PLAIN),
        (Some("*/*"), PLAIN),
        (Some("text/plain"), PLAIN),
        (Some("text/html,application/xhtml+xml,*/*;q=0.8"), PLAIN),
        (Some("application/openmetrics-text;q=0"), PLAIN),
        (
            Some("text/plain, application/openmetrics-text;q=0.9"),
            PLAIN,
        ),
        (Some("Application/OpenMetrics-Text; version=1.0.0"), OPEN),
        (Some(OF_PROMETHEUS), OPEN),
    ] {
        let mut request = asked(&format!("Bearer {TOKEN}"));
        if let Some(accept) = accept {
            let accept = HeaderValue::from_static(accept);
            request.headers_mut().insert("accept", accept);
        }
        let answer = app.send(request).await.expect(200);
        assert_eq!(answer.header("content-type"), expected, "{accept:?}");
        assert!(answer.header("vary").contains("Accept"), "{accept:?}");
        match expected {
            PLAIN => grammar::assert_plain(&answer.body),
            _ => assert!(answer.body.contains("# TYPE build info\n")),
        }
    }
}

#[tokio::test]
async fn without_the_token_there_is_no_such_address() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let app = TestApp::on(database, &[("METRICS_TOKEN", TOKEN)]).await;
    let unknown = app.get("/nobody/knows").await.expect(404);
    for authorization in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer the-token-of-this-tesT",
        "Bearer the-token-of-this-test-and-more",
        "Basic the-token-of-this-test",
        "the-token-of-this-test",
    ] {
        let answer = app.send(asked(authorization)).await.expect(404);
        assert_eq!(answer.body, unknown.body, "{authorization}");
    }
    let closed = app.with(&[]);
    closed.send(asked("Bearer ")).await.expect(404);
}
