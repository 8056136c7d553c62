//! Nothing that should stay private leaves by any door.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::ReportingApp;
use crate::support::CapturedLog;
use crate::support::app::{SECRET_KEY, request, send};

const MARKER: &str = "MARKED-AS-PRIVATE";

/// Names under which a value is private, in the forms that requests have them.
const NAMES: [&str; 13] = [
    "password",
    "passwd",
    "client_secret",
    "access-token",
    "api_key",
    "X-Apikey",
    "Authorization",
    "credentials",
    "sessionid",
    "csrftoken",
    "Cookie",
    "private-key",
    "dsn",
];

#[tokio::test]
async fn no_private_value_of_a_request_is_told() {
    let reporting = ReportingApp::start(&[]).await;
    let log = CapturedLog::of(&reporting.settings);
    let mut shown = String::new();
    for name in NAMES {
        let pair = format!("{name}={MARKER}");
        let encoded = utf8_percent_encode(&pair, NON_ALPHANUMERIC).to_string();
        for path in [
            "/answers/500/1/",
            "/answers/503/",
            "/answers/404/",
            "/answers/panic/",
        ] {
            let targets = [
                format!("{path}?page=1&{pair}"),
                format!("{path}?next=/x/?{encoded}"),
                format!("/nothing/;{pair}"),
                format!("/nothing/{encoded}/"),
            ];
            for target in targets {
                let asked = filled(request(Method::POST, &target), name, &pair);
                let answer = send(&reporting.router, asked).await;
                shown += &format!("{:?}{}", answer.headers, answer.body);
            }
        }
    }
    let lines = log.lines();
    drop(log);
    let of_requests = lines.iter().filter(|line| line["target"] == "http");
    assert_eq!(of_requests.count(), NAMES.len() * 16);
    reporting.events();
    let state = &reporting.state;
    let metrics = state
        .telemetry
        .metrics_text(
            telemetry::metrics::ExpositionFormat::Plain,
            state.metric_sources(),
        )
        .unwrap();
    assert!(
        metrics.contains("http_request_duration_seconds_count"),
        "{metrics}"
    );
    for (door, text) in [
        ("log", format!("{lines:?}")),
        ("reports", reporting.sentry.raw()),
        ("answers", shown),
        ("metrics", metrics),
    ] {
        let found = text
            .find(MARKER)
            .map(|at| &text[at.saturating_sub(300)..at + 50]);
        assert_eq!(found, None, "{door}");
    }
    assert!(reporting.sentry.events().len() >= 100);
}

/// Puts the marker wherever a request has room.
fn filled(mut request: http::Request<Body>, name: &str, pair: &str) -> http::Request<Body> {
    let value = |text: &str| HeaderValue::from_str(text).unwrap();
    let headers = request.headers_mut();
    headers.insert("referer", value(&format!("https://site.example/?{pair}")));
    headers.insert("user-agent", value(&format!("agent ({pair})")));
    headers.insert("cookie", value(&format!("a=1; {pair}")));
    headers.insert("authorization", value(&format!("Bearer {MARKER}")));
    headers.insert("x-custom", value(&format!("{{\"{name}\": \"{MARKER}\"}}")));
    headers.insert(
        "origin",
        value(&format!("https://ann:{MARKER}@site.example")),
    );
    headers.insert("x-request-id", value(pair));
    headers.insert(
        HeaderName::from_bytes(format!("x-{}", name.replace('_', "-")).as_bytes()).unwrap(),
        value(MARKER),
    );
    *request.body_mut() = Body::from(pair.to_owned());
    request
}

#[tokio::test]
async fn the_programs_own_secrets_are_not_told_either() {
    let token = "the-metrics-token-of-this-test";
    let reporting = ReportingApp::start(&[("METRICS_TOKEN", token)]).await;
    let log = CapturedLog::of(&reporting.settings);
    let dsn = reporting.sentry.dsn.clone();
    for secret in [SECRET_KEY, token, dsn.as_str()] {
        let mut asked = request(Method::GET, "/answers/500/1/?page=1");
        let headers = asked.headers_mut();
        let value = HeaderValue::from_str(&format!("it is {secret}!")).unwrap();
        headers.insert("user-agent", value.clone());
        headers.insert("x-custom", value);
        send(&reporting.router, asked).await;
    }
    let lines = format!("{:?}", log.lines());
    let events = format!("{:?}", reporting.events());
    for secret in [SECRET_KEY, token, dsn.as_str()] {
        assert!(!lines.contains(secret), "{lines}");
        assert!(!events.contains(secret), "{events}");
    }
    assert!(events.contains("it is [Filtered]"), "{events}");
}
