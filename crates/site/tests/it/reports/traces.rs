//! Traces: a transaction for each request that is sampled, with its spans.

use http::{HeaderValue, Method};
use serde_json::Value;

use super::{LIMIT, ReportingApp};
use crate::support::app::{request, send};

const TRACED: &[(&str, &str)] = &[("SENTRY_TRACES_SAMPLE_RATE", "1")];

impl ReportingApp {
    fn transactions(&self) -> Vec<Value> {
        assert!(self.reporter.flush(LIMIT));
        self.sentry.items("transaction")
    }
}

#[tokio::test]
async fn a_request_is_a_transaction_with_its_statements_and_its_rendering() {
    let reporting = ReportingApp::start(TRACED).await;
    reporting.app.add_letting(7, "By the sea").await;
    let mut asked = request(Method::GET, "/lettings/7/?token=abc");
    let trace = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1";
    let headers = asked.headers_mut();
    headers.insert("sentry-trace", HeaderValue::from_static(trace));
    send(reporting.front(), asked).await.expect(200);
    let transactions = reporting.transactions();
    assert_eq!(transactions.len(), 1);
    let transaction = &transactions[0];
    assert_eq!(transaction["transaction"], "/lettings/{id}/");
    let context = &transaction["contexts"]["trace"];
    assert_eq!(context["op"], "http.server");
    assert_eq!(context["status"], "ok");
    assert_eq!(context["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(context["parent_span_id"], "b7ad6b7169203331");
    assert_eq!(transaction["request"]["query_string"], "token=[Filtered]");

    let spans = transaction["spans"].as_array().unwrap();
    let of = |op: &str| spans.iter().find(|span| span["op"] == op).unwrap();
    let handler = of("http.handler");
    // The foot of the page may ask as well, whether there are legal pages.
    let is_of_letting = |span: &&Value| {
        let sql = span["description"].as_str().unwrap_or_default();
        span["op"] == "db" && sql.contains("lettings_letting")
    };
    let statement = spans.iter().find(is_of_letting).unwrap();
    assert_eq!(statement["parent_span_id"], handler["span_id"]);
    let sql = statement["description"].as_str().unwrap();
    assert!(
        sql.contains("lettings_letting") && !sql.contains('7'),
        "{sql}"
    );
    assert_eq!(of("template.render")["parent_span_id"], handler["span_id"]);
}

#[tokio::test]
async fn a_failure_and_its_trace_belong_together() {
    let reporting = ReportingApp::start(TRACED).await;
    send(&reporting.router, request(Method::GET, "/answers/500/1/")).await;
    let transactions = reporting.transactions();
    let trace = &transactions[0]["contexts"]["trace"];
    assert_eq!(trace["status"], "internal_error");
    assert_eq!(
        reporting.events()[0]["contexts"]["trace"]["trace_id"],
        trace["trace_id"]
    );
}

#[tokio::test]
async fn health_checks_and_files_are_not_traced_and_nothing_is_by_default() {
    let reporting = ReportingApp::start(TRACED).await;
    for path in ["/healthz", "/readyz", "/static/site.css"] {
        send(reporting.front(), request(Method::GET, path))
            .await
            .expect(200);
    }
    assert_eq!(reporting.transactions(), Vec::<Value>::new());

    let reporting = ReportingApp::start(&[]).await;
    let mut asked = request(Method::GET, "/");
    let trace = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1";
    asked
        .headers_mut()
        .insert("sentry-trace", HeaderValue::from_static(trace));
    send(reporting.front(), asked).await.expect(200);
    assert_eq!(reporting.transactions(), Vec::<Value>::new());
}
