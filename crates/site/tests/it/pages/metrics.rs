//! `/metrics`: numbers for whoever has the token.

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

on_both_databases! {
    async fn the_numbers_are_those_of_what_happened(app: TestApp) {
        let app = app.with(&[("METRICS_TOKEN", TOKEN)]);
        app.get("/lettings/").await.expect(200);
        app.get("/lettings/").await.expect(200);
        app.get("/lettings/7/").await.expect(404);
        app.get("/static/site.css").await.expect(200);
        app.get("/nobody/knows").await.expect(404);
        app.sql("DROP TABLE profiles_profile").await;
        app.get("/profiles/").await.expect(500);
        let answer = app.send(asked(&format!("bearer {TOKEN}"))).await.expect(200);
        assert_eq!(
            answer.header("content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        );
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
        assert!(answer.body.contains(r#"http_cuts_total{reason="slow_body"} 0"#), "{}", answer.body);
        assert!(answer.body.contains(r#"database_connections{state="idle"}"#), "{}", answer.body);
        assert!(answer.body.ends_with("# EOF\n"));
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
