//! One line and at most one report for each answer, and what they tell.

use http::Method;
use serde_json::{Value, json};

use super::ReportingApp;
use crate::support::CapturedLog;
use crate::support::app::{request, send};

/// The level of the line; the level and the transaction of the report.
struct Expected(&'static str, Option<(&'static str, &'static str)>);

const QUIET: Expected = Expected("INFO", None);
const WARNED: Expected = Expected("WARN", None);

#[tokio::test]
async fn each_answer_is_one_line_and_each_failure_one_report() {
    let reporting = ReportingApp::start(&[]).await;
    let route_404 = Expected("WARN", Some(("warning", "/answers/404/")));
    let unmatched = Expected("WARN", Some(("warning", "unmatched")));
    let route_500 = Expected("ERROR", Some(("error", "/answers/500/{id}/")));
    let route_503 = Expected("ERROR", Some(("error", "/answers/503/")));
    let panicked = Expected("ERROR", Some(("error", "/answers/panic/")));
    let cases = [
        ("/answers/200/", 200, &QUIET),
        ("/answers/301/", 301, &QUIET),
        ("http://evil.example/answers/200/", 400, &WARNED),
        ("/answers/403/", 403, &WARNED),
        ("/answers/404/", 404, &route_404),
        ("/nobody/knows/this", 404, &unmatched),
        ("/answers/405/", 405, &WARNED),
        ("/answers/413/", 413, &WARNED),
        ("/answers/429/", 429, &WARNED),
        ("/answers/500/7/", 500, &route_500),
        ("/answers/503/", 503, &route_503),
        ("/answers/panic/", 500, &panicked),
    ];
    for (path, status, expected) in cases {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            if status == 405 && method == Method::GET {
                continue;
            }
            check(&reporting, &method, path, status, expected).await;
        }
    }
}

async fn check(
    reporting: &ReportingApp,
    method: &Method,
    path: &str,
    status: u16,
    expected: &Expected,
) {
    let before = reporting.events().len();
    let log = CapturedLog::start();
    let answer = send(&reporting.router, request(method.clone(), path)).await;
    let (case, answer) = (format!("{method} {path}"), answer.expect(status));
    let lines = log.lines();
    drop(log);
    assert_eq!(lines.len(), 1, "{case}: {lines:?}");
    assert_eq!(lines[0]["level"], expected.0, "{case}");
    assert_eq!(lines[0]["http.status"], status, "{case}");
    let events = reporting.events().split_off(before);
    let found: Vec<_> = events
        .iter()
        .map(|event| {
            let level = event["level"].as_str().unwrap_or("error");
            (level, event["transaction"].as_str().unwrap())
        })
        .collect();
    assert_eq!(found, expected.1.into_iter().collect::<Vec<_>>(), "{case}");
    let Some(event) = events.first() else {
        assert_eq!(lines[0]["sentry.event_id"], Value::Null, "{case}");
        return;
    };
    assert_eq!(event["event_id"], lines[0]["sentry.event_id"], "{case}");
    assert_eq!(event["request"]["method"], method.as_str(), "{case}");
    assert_eq!(event["tags"]["status"], status.to_string(), "{case}");
    assert_eq!(
        event["tags"]["request.id"],
        answer.header("x-request-id"),
        "{case}"
    );
    if status == 500 && *method != Method::HEAD {
        let id = event["event_id"].as_str().unwrap();
        assert!(answer.body.contains(id), "{case}");
    }
}

/// Through the whole site, with its short way for static files.
#[tokio::test]
async fn the_sites_own_404s_are_reported_but_that_of_metrics() {
    let reporting = ReportingApp::start(&[]).await;
    for (path, transactions) in [
        ("/lettings/12345/", &["/lettings/{id}/"][..]),
        ("/lettings/9223372036854775808/", &["/lettings/{id}/"]),
        ("/profiles/nobody/", &["/profiles/{username}/"]),
        ("/static/none.css", &["/static/{*name}"]),
        ("/wp-login.php", &["unmatched"]),
        ("/metrics", &[]),
        ("/healthz", &[]),
    ] {
        let before = reporting.events().len();
        send(reporting.front(), request(Method::GET, path)).await;
        let events = reporting.events().split_off(before);
        let found: Vec<_> = events.iter().map(|event| &event["transaction"]).collect();
        assert_eq!(found, transactions, "{path}");
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_reported_and_its_health_check_is_not() {
    let reporting = ReportingApp::start(&[]).await;
    std::fs::remove_file(reporting.app.database.path()).unwrap();
    send(reporting.front(), request(Method::GET, "/readyz"))
        .await
        .expect(503);
    assert_eq!(reporting.events(), Vec::<Value>::new());
    send(reporting.front(), request(Method::GET, "/lettings/"))
        .await
        .expect(503);
    assert_eq!(reporting.events().len(), 1);
}

#[tokio::test]
async fn a_scanner_makes_one_issue() {
    let reporting = ReportingApp::start(&[]).await;
    for path in ["/wp-login.php", "/.env", "/admin.php?x=1", "/static/../x"] {
        send(reporting.front(), request(Method::GET, path)).await;
    }
    let mut fingerprints: Vec<_> = reporting
        .events()
        .iter()
        .map(|event| event["fingerprint"].clone())
        .collect();
    assert_eq!(fingerprints.len(), 4);
    fingerprints.dedup();
    assert!(fingerprints.len() <= 2, "{fingerprints:?}");
    assert_eq!(fingerprints[0], json!(["404", "unmatched"]));
}

#[tokio::test]
async fn failures_of_one_kind_are_one_issue_and_of_two_are_two() {
    let reporting = ReportingApp::start(&[]).await;
    for path in [
        "/answers/500/1/",
        "/answers/500/2/",
        "/answers/503/",
        "/answers/panic/",
    ] {
        send(&reporting.router, request(Method::GET, path)).await;
    }
    let events = reporting.events();
    let fingerprint = |index: usize| &events[index]["fingerprint"];
    assert_eq!(fingerprint(0), fingerprint(1));
    assert_ne!(fingerprint(0), fingerprint(2));
    assert_ne!(fingerprint(2), fingerprint(3));
}

#[tokio::test]
async fn a_report_tells_what_is_needed_to_mend_it() {
    let reporting = ReportingApp::start(&[]).await;
    let mut asked = request(Method::GET, "/answers/500/7/?page=2");
    let headers = asked.headers_mut();
    headers.insert("user-agent", "a-browser".parse().unwrap());
    headers.insert("x-forwarded-for", "192.0.2.7".parse().unwrap());
    headers.insert("x-forwarded-proto", "https".parse().unwrap());
    send(&reporting.router, asked).await;
    send(&reporting.router, request(Method::GET, "/answers/panic/")).await;
    let events = reporting.events();

    let failed = &events[0];
    let request = &failed["request"];
    assert_eq!(request["url"], "https://site.example/answers/500/7/");
    assert_eq!(request["query_string"], "page=2");
    assert_eq!(request["headers"]["user-agent"], "a-browser");
    assert_eq!(request["headers"]["x-forwarded-for"], "[Filtered]");
    assert_eq!(failed["user"], Value::Null);
    assert_eq!(failed["tags"]["host"], "site.example");
    assert_eq!(failed["release"], "the-commit");
    assert_eq!(failed["environment"], "testing");
    assert!(failed["server_name"].is_string(), "{failed}");
    let values = failed["exception"]["values"].as_array().unwrap();
    let texts: Vec<_> = values.iter().map(|value| &value["value"]).collect();
    assert_eq!(texts, ["password=[Filtered] was row 17", "do the thing"]);
    assert_eq!(values[0]["mechanism"]["handled"], false);

    let panic = &events[1]["exception"]["values"][0];
    assert_eq!(panic["value"], "the token=[Filtered] is not right");
    let frames = panic["stacktrace"]["frames"].as_array().unwrap();
    let functions = frames.iter().filter_map(|frame| frame["function"].as_str());
    let found = functions.filter(|name| name.contains("panics")).count();
    assert!(found > 0, "{frames:?}");
}

#[tokio::test]
async fn who_asked_is_named_only_where_the_operator_wants_it() {
    let reporting = ReportingApp::start(&[("SENTRY_SEND_DEFAULT_PII", "True")]).await;
    let mut asked = request(Method::GET, "/nothing");
    let forwarded = "192.0.2.7".parse().unwrap();
    asked.headers_mut().insert("x-forwarded-for", forwarded);
    send(&reporting.router, asked).await;
    let events = reporting.events();
    assert_eq!(events[0]["user"]["ip_address"], "192.0.2.7");
    assert_eq!(
        events[0]["request"]["headers"]["x-forwarded-for"],
        "192.0.2.7"
    );
}

#[tokio::test]
async fn breadcrumbs_are_those_of_the_request_alone() {
    let reporting = ReportingApp::start(&[]).await;
    let (front, count) = (reporting.front(), 20);
    let lettings = (0..count).map(|_| send(front, request(Method::GET, "/lettings/999/")));
    let profiles = (0..count).map(|_| send(front, request(Method::GET, "/profiles/nobody/")));
    futures_util::future::join(
        futures_util::future::join_all(lettings),
        futures_util::future::join_all(profiles),
    )
    .await;
    let events = reporting.events();
    assert_eq!(events.len(), 2 * count);
    for event in events {
        let (own, other) = match event["transaction"].as_str().unwrap() {
            "/lettings/{id}/" => ("lettings_letting", "profiles_profile"),
            _ => ("profiles_profile", "lettings_letting"),
        };
        // A profile's page asks first what the database says of addresses, and any page's foot whether
        // there are legal pages.
        let breadcrumbs = event["breadcrumbs"]["values"].as_array().unwrap().iter();
        let is_of_page = |query: &&Value| {
            let sql = query["message"].as_str().unwrap();
            !["oc_lettings_origin", "oc_lettings_legal_text"]
                .iter()
                .any(|of| sql.contains(of))
        };
        let breadcrumbs: Vec<_> = breadcrumbs.filter(is_of_page).collect();
        assert_eq!(breadcrumbs.len(), 1, "{breadcrumbs:?}");
        let query = breadcrumbs[0]["message"].as_str().unwrap();
        assert!(query.contains(own) && !query.contains(other), "{query}");
        // The statement's text, and none of its values.
        assert!(
            !query.contains("999") && !query.contains("nobody"),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_404_out_of_memory_is_reported_as_the_one_that_was_made() {
    let reporting = ReportingApp::start(&[("PAGE_CACHE_SIZE", "4MB")]).await;
    for (index, cache) in ["made", "hit", "hit"].into_iter().enumerate() {
        let log = CapturedLog::start();
        let answer = send(reporting.front(), request(Method::GET, "/nothing")).await;
        answer.expect(404);
        let line = &log.lines()[0];
        assert_eq!(line["http.cache"], cache);
        let events = reporting.events();
        assert_eq!(events.len(), index + 1);
        assert_eq!(events[index]["transaction"], "unmatched");
        assert_eq!(line["sentry.event_id"], events[index]["event_id"]);
    }
}
