//! Every request leaves one line.

use http::Method;

use crate::support::app::{SECRET_KEY, request};
use crate::support::{Backend, CapturedLog, TestApp};

#[tokio::test]
async fn each_request_is_one_line_at_the_level_of_its_answer() {
    let app = TestApp::open(Backend::Sqlite).await;
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
    let app = TestApp::open(Backend::Sqlite).await;
    let log = CapturedLog::start();
    app.get("/healthz").await.expect(200);
    app.get("/readyz").await.expect(200);
    assert_eq!(log.lines(), Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn nothing_a_visitor_sends_can_forge_a_line() {
    let app = TestApp::open(Backend::Sqlite).await;
    let log = CapturedLog::start();
    let mut request = request(Method::GET, "/%0A%0D%1B[31m\"x\"");
    let user_agent = http::HeaderValue::from_bytes(b"a\"}\t{\"level\":\"ERROR").unwrap();
    request.headers_mut().insert("user-agent", user_agent);
    app.send(request).await.expect(404);
    assert_eq!(log.lines().len(), 1);
}

#[tokio::test]
async fn the_number_of_a_trusted_proxy_is_kept_and_no_other() {
    let app = TestApp::open(Backend::Sqlite).await;
    let number = async |peer: &str, given: &str| {
        let mut asked = request(Method::GET, "/");
        let peer = server::PeerAddress(peer.parse().unwrap());
        asked.extensions_mut().insert(peer);
        let given = http::HeaderValue::from_str(given).unwrap();
        asked.headers_mut().insert("x-request-id", given);
        let log = CapturedLog::start();
        let answer = app.send(asked).await.expect(200);
        assert_eq!(log.lines()[0]["request.id"], answer.header("x-request-id"));
        answer.header("x-request-id").to_owned()
    };
    assert_eq!(number("127.0.0.1:1", "1-67/a.b_c+d").await, "1-67/a.b_c+d");
    for (peer, given) in [
        ("192.0.2.7:1", "abc"),
        ("127.0.0.1:1", ""),
        ("127.0.0.1:1", "a b"),
        ("127.0.0.1:1", "session=1"),
        ("127.0.0.1:1", SECRET_KEY),
        ("127.0.0.1:1", "a\"b"),
        ("127.0.0.1:1", &"a".repeat(129)),
    ] {
        let made = number(peer, given).await;
        assert!(
            made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{made}"
        );
    }
}

#[tokio::test]
async fn the_level_switches_the_lines_of_good_answers_off() {
    let app = TestApp::open(Backend::Sqlite).await;
    let log = CapturedLog::start_at(tracing::Level::WARN);
    app.get("/").await.expect(200);
    app.get("/static/site.css").await.expect(200);
    app.get("/nothing").await.expect(404);
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["http.status"], 404);
}

#[tokio::test]
async fn private_values_in_an_address_or_a_browsers_name_are_not_logged() {
    let app = TestApp::open(Backend::Sqlite).await;
    let log = CapturedLog::start();
    let mut asked = request(Method::GET, "/reset;token=abc123/");
    let user_agent = http::HeaderValue::from_static("tool/1 (session=abc123; de)");
    asked.headers_mut().insert("user-agent", user_agent);
    app.send(asked).await.expect(404);
    let line = &log.lines()[0];
    assert_eq!(line["user_agent"], "tool/1 (session=[Filtered]; de)");
    assert!(!line.to_string().contains("abc123"), "{line}");
}
