//! There is one reading of each request: what hyper takes, what it refuses, and what we refuse
//! though it would not. The table in the documentation of `server`, row by row.

mod bodies;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use server::testing::{ROOMY, TestServer};
use server::{Config, Refusal, Trusted};
use tokio::io::AsyncWriteExt as _;
use web::forwarded::{AddressHeader, ClientAddress, Forwarded, read_forwarded};

/// Shows what of a request has arrived.
fn app() -> Router {
    let forwarded = web::forwarded::Config {
        trusted: Trusted::Any,
        hops: 1,
        address: AddressHeader::ForwardedFor,
    };
    Router::new()
        .route("/", any(async || "home"))
        .route("/other", get(async || "other"))
        .route("/echo", post(async |body: Bytes| body))
        .route("/headers", any(show_headers))
        .route("/client", any(show_client))
        .fallback(async || (http::StatusCode::NOT_FOUND, "nothing"))
        .layer(from_fn_with_state(
            Arc::new(Forwarded::new(forwarded)),
            read_forwarded,
        ))
}

/// The headers but Host, once the body is read.
async fn show_headers(request: Request) -> String {
    let (parts, body) = request.into_parts();
    axum::body::to_bytes(body, 1000).await.unwrap();
    let lines = parts.headers.iter().filter(|(name, _)| *name != "host");
    lines
        .map(|(name, value)| format!("{name}: {}\n", value.as_bytes().escape_ascii()))
        .collect()
}

async fn show_client(request: Request) -> String {
    let ClientAddress(client) = request.extensions().get().unwrap();
    client.to_string()
}

/// What came of some bytes on one connection, which our side closes behind them.
struct Outcome {
    /// Status and body of each answer.
    answers: Vec<(u16, String)>,
    /// What was told of refusals.
    refusals: Vec<(Option<u16>, String)>,
}

async fn send(bytes: impl AsRef<[u8]>) -> Outcome {
    let told = Arc::<Mutex<Vec<_>>>::default();
    let on_refusal = Arc::new({
        let told = Arc::clone(&told);
        move |refusal: &Refusal<'_>| {
            assert!(refusal.peer.ip().is_loopback());
            let status = refusal.status.map(|status| status.as_u16());
            told.lock()
                .unwrap()
                .push((status, refusal.reason.to_owned()));
        }
    });
    let config = Config {
        on_refusal,
        ..Config::new(ROOMY)
    };
    let server = TestServer::start_app(app(), <_>::default(), config);
    let mut client = server.connect().await;
    // The server may close before it has taken all of it.
    let _ = client.socket.write_all(bytes.as_ref()).await;
    let _ = client.socket.shutdown().await;
    let answers = read_answers(&client.read_to_end().await);
    // What is told is told before the connection gives its place back.
    while server.stats.connections_open() > 0 {
        tokio::task::yield_now().await;
    }
    let refusals = std::mem::take(&mut *told.lock().unwrap());
    Outcome { answers, refusals }
}

fn read_answers(mut received: &[u8]) -> Vec<(u16, String)> {
    let mut answers = Vec::new();
    while !received.is_empty() {
        let text = String::from_utf8_lossy(received);
        let (head, _) = text.split_once("\r\n\r\n").expect("a whole head");
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            (name == "content-length").then(|| value.parse::<usize>().unwrap())
        });
        let (_, rest) = received.split_at(head.len() + 4);
        let (body, rest) = rest.split_at(length.unwrap_or(0));
        let body = String::from_utf8_lossy(body).into_owned();
        answers.push((head[9..12].parse().unwrap(), body));
        received = rest;
    }
    answers
}

/// Bytes are taken as requests that are answered so.
#[track_caller]
fn takes(bytes: &str, expected: &[(u16, &str)]) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let outcome = send(bytes).await;
        let answers = outcome.answers.iter();
        let answers: Vec<_> = answers.map(|(s, body)| (*s, body.as_str())).collect();
        assert_eq!(answers, expected, "{bytes:?}, at {caller}");
        assert_eq!(outcome.refusals, [], "{bytes:?}, at {caller}");
    }
}

/// Bytes are refused: one bare answer, told once; nothing that follows is answered.
#[track_caller]
fn refuses(bytes: impl AsRef<[u8]>, status: u16, reason: &str) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        let followed = [bytes.as_ref(), NEXT.as_bytes()].concat();
        let outcome = send(&followed).await;
        let shown = followed.escape_ascii();
        let answers = [(status, String::new())];
        assert_eq!(outcome.answers, answers, "{shown}, at {caller}");
        let refusals = [(Some(status), reason.to_owned())];
        assert_eq!(outcome.refusals, refusals, "{shown}, at {caller}");
    }
}

const METHOD: &str = "invalid HTTP method parsed";
const TARGET: &str = "invalid URI";
const VERSION: &str = "invalid HTTP version parsed";
const HEADER: &str = "invalid HTTP header parsed";
const NO_PATH: &str = "the target is no path";
const LENGTH: &str = "invalid content-length parsed";

/// A second request, answered only where the first has left the connection in order.
const NEXT: &str = "GET /other HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test]
async fn a_line_may_end_with_lf_alone_and_empty_lines_may_come_first() {
    takes(
        &format!("GET / HTTP/1.1\nHost: x\n\n{NEXT}"),
        &[(200, "home"), (200, "other")],
    )
    .await;
    takes(
        "GET /headers HTTP/1.1\r\nHost: x\nA: b\r\n\n",
        &[(200, "a: b\n")],
    )
    .await;
    takes(&format!("\r\n\n{NEXT}"), &[(200, "other")]).await;
}

#[tokio::test]
async fn cr_alone_and_nul_are_no_part_of_a_head() {
    refuses("GET / HTTP/1.1\rHost: x\r\n\r\n", 400, HEADER).await;
    refuses("GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400, HEADER).await;
    refuses("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 400, HEADER).await;
    refuses("GET / HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n", 400, HEADER).await;
    refuses("GET / HTTP/1.1\r\nHost: x\r\nA: b\x7f\r\n\r\n", 400, HEADER).await;
    refuses("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400, TARGET).await;
    refuses("G\0T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, METHOD).await;
}

#[tokio::test]
async fn values_may_hold_tabs_and_bytes_beyond_ascii() {
    let outcome = send(b"GET /headers HTTP/1.1\r\nHost: x\r\nA: \t b\tc \xff \r\n\r\n").await;
    assert_eq!(outcome.answers, [(200, "a: b\\tc \\xff\n".to_owned())]);
}

#[tokio::test]
async fn a_folded_line_is_refused() {
    refuses(
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
        400,
        HEADER,
    )
    .await;
    refuses(
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\tc: d\r\n\r\n",
        400,
        HEADER,
    )
    .await;
    refuses("GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400, HEADER).await;
}

#[tokio::test]
async fn a_name_is_a_token_followed_by_its_colon() {
    refuses("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400, HEADER).await;
    refuses(
        "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n",
        400,
        HEADER,
    )
    .await;
    refuses("GET / HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n", 400, HEADER).await;
    refuses("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400, HEADER).await;
    refuses(
        "GET / HTTP/1.1\r\nHost: x\r\n\u{c4}: b\r\n\r\n",
        400,
        HEADER,
    )
    .await;
}

/// As Gunicorn, which drops them: a name with `_` never stands for the one with `-`.
#[tokio::test]
async fn an_underscore_is_no_dash() {
    takes(
        "GET /headers HTTP/1.1\r\nHost: x\r\nX_A: b\r\nX-A: c\r\n\r\n",
        &[(200, "x_a: b\nx-a: c\n")],
    )
    .await;
    let client = |lines: &str| format!("GET /client HTTP/1.1\r\nHost: x\r\n{lines}\r\n");
    takes(
        &client("X_Forwarded_For: 192.0.2.6\r\n"),
        &[(200, "127.0.0.1")],
    )
    .await;
    takes(
        &client("X-Forwarded-For: 192.0.2.7\r\nX_Forwarded_For: 192.0.2.6\r\nX-Forwarded_For: 192.0.2.6\r\n"),
        &[(200, "192.0.2.7")],
    )
    .await;
    // Nor does one with `_` give a body its length.
    takes(
        &format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent_Length: 4\r\n\r\n{NEXT}"),
        &[(200, ""), (200, "other")],
    )
    .await;
}

#[tokio::test]
async fn there_are_two_versions() {
    takes("GET / HTTP/1.0\r\n\r\n", &[(200, "home")]).await;
    // Only one that asks to stay does so.
    takes(&format!("GET / HTTP/1.0\r\n\r\n{NEXT}"), &[(200, "home")]).await;
    refuses("GET /\r\n", 400, TARGET).await;
    for version in ["HTTP/0.9", "HTTP/1.2", "HTTP/2", "HTTP/2.0", "HTTP/11"] {
        refuses(format!("GET / {version}\r\nHost: x\r\n\r\n"), 400, VERSION).await;
    }
    refuses("GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400, HEADER).await;
    refuses("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, VERSION).await;
    refuses("GET / http/1.1\r\nHost: x\r\n\r\n", 400, VERSION).await;
    refuses("GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400, TARGET).await;
    refuses("GET /  HTTP/1.1\r\nHost: x\r\n\r\n", 400, VERSION).await;
}

/// A client that speaks HTTP/2 unasked would not understand an answer.
#[tokio::test]
async fn the_preface_of_http_2_is_closed_without_an_answer() {
    let outcome = send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert_eq!(outcome.answers, []);
    let reason = "invalid HTTP version parsed (found HTTP2 preface)".to_owned();
    assert_eq!(outcome.refusals, [(None, reason)]);
}

#[tokio::test]
async fn a_target_is_a_path_or_a_whole_address() {
    takes("GET /other HTTP/1.1\r\nHost: x\r\n\r\n", &[(200, "other")]).await;
    takes(
        "GET http://y/other HTTP/1.1\r\nHost: x\r\n\r\n",
        &[(200, "other")],
    )
    .await;
    takes("GET http://y HTTP/1.1\r\nHost: x\r\n\r\n", &[(200, "home")]).await;
    takes("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", &[(404, "nothing")]).await;
    // A fragment has no place in a target; http leaves it out.
    takes(
        "GET /other#a HTTP/1.1\r\nHost: x\r\n\r\n",
        &[(200, "other")],
    )
    .await;
    takes(
        "GET //other HTTP/1.1\r\nHost: x\r\n\r\n",
        &[(404, "nothing")],
    )
    .await;

    for request_line in [
        "CONNECT x:443",
        "GET x:80",
        "GET other",
        "GET *",
        "CONNECT /",
    ] {
        refuses(
            format!("{request_line} HTTP/1.1\r\nHost: x\r\n\r\n"),
            400,
            NO_PATH,
        )
        .await;
    }
    for target in ["http://", "other/../", "?a=b", "/\u{7f}", "http:///other"] {
        refuses(
            format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"),
            400,
            TARGET,
        )
        .await;
    }
}

/// hyper takes any number of them: `web::host` refuses all but one, on every route.
#[tokio::test]
async fn hosts_are_the_applications_to_count() {
    for lines in [
        "",
        "Host: x\r\n",
        "Host: x\r\nHost: x\r\n",
        "Host: x\r\nHost: y\r\n",
    ] {
        takes(&format!("GET / HTTP/1.1\r\n{lines}\r\n"), &[(200, "home")]).await;
    }
}

#[tokio::test]
async fn what_has_not_come_to_its_end_is_not_answered() {
    for bytes in ["", "\r\n", "GET", "GET / HTTP/1.1\r\nHost: x\r\n"] {
        takes(bytes, &[]).await;
    }
}
