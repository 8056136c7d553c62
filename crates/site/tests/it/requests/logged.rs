//! Every request leaves one line.

use http::Method;

use crate::support::app::request;
use crate::support::{Backend, CapturedLog, TestApp};

#[tokio::test]
async fn each_request_is_one_line_at_the_level_of_its_answer() {
    let app = TestApp::new(Backend::Sqlite).await.unwrap();
    for (method, path, status, level) in [
        (Method::GET, "/lettings/?secret=1", 200, "INFO"),
        (Method::GET, "/lettings", 301, "INFO"),
        (Method::GET, "/nothing", 404, "WARN"),
        (Method::POST, "/lettings/", 405, "WARN"),
        (Method::GET, "http://evil.example/", 400, "WARN"),
    ] {
        let log = CapturedLog::start();
        let answer = app.send(request(method.clone(), path)).await.expect(status);
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line = &lines[0];
        assert_eq!(line["level"], level, "{line}");
        assert_eq!(line["http.method"], method.as_str());
        assert_eq!(line["http.status"], status);
        assert_eq!(line["client.address"], "127.0.0.1");
        assert_eq!(line["request.id"], answer.header("x-request-id"));
        assert!(line["duration_ms"].is_number());
        assert_eq!(line["http.bytes"], answer.body.len());
        assert!(!line.to_string().contains("secret"), "{line}");
    }
}

#[tokio::test]
async fn health_checks_leave_no_line() {
    let app = TestApp::new(Backend::Sqlite).await.unwrap();
    let log = CapturedLog::start();
    app.get("/healthz").await.expect(200);
    app.get("/readyz").await.expect(200);
    assert_eq!(log.lines(), Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn nothing_a_visitor_sends_can_forge_a_line() {
    let app = TestApp::new(Backend::Sqlite).await.unwrap();
    let log = CapturedLog::start();
    let mut request = request(Method::GET, "/%0A%0D%1B[31m\"x\"");
    let user_agent = http::HeaderValue::from_bytes(b"a\"}\t{\"level\":\"ERROR").unwrap();
    request.headers_mut().insert("user-agent", user_agent);
    app.send(request).await.expect(404);
    assert_eq!(log.lines().len(), 1);
}
