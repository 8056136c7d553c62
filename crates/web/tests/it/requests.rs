//! The limits of one request, without a socket and on a clock that stands still but where
//! everything waits.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt as _, StreamBody};
use server::{Cut, Limits, RequestMemory, Stats};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tower::ServiceExt as _;
use web::error::Cause;
use web::request_limits::{BodyLimits, RequestLimits, limit_requests};

const LIMITS: Limits = Limits::production();

/// What all requests may keep.
const MEMORY_BYTES: usize = 15 + "/large/a/".len();

/// An application whose handlers read a body, or do not.
fn app(limits: Limits) -> (Router, Arc<Stats>) {
    app_that_reads(&[("/echo", 10), ("/large*", 20)], MEMORY_BYTES, limits)
}

/// One that reads long bodies.
fn roomy_app(limits: Limits) -> (Router, Arc<Stats>) {
    app_that_reads(&[("/echo", 1 << 20)], 2 << 20, limits)
}

fn app_that_reads(
    body_limits: BodyLimits,
    memory_bytes: usize,
    limits: Limits,
) -> (Router, Arc<Stats>) {
    let stats = Arc::<Stats>::default();
    let config = RequestLimits {
        limits,
        stats: Arc::clone(&stats),
        memory: RequestMemory::new(memory_bytes),
        always_answered: &["/health"],
        body_limits,
    };
    let app = Router::new()
        .route("/", get(async || "home"))
        .route("/health", get(async || "well"))
        .route("/hang", get(pending::<()>))
        .route("/echo", post(async |body: Bytes| body))
        .route("/ignore", post(async || "ignored"))
        .route("/deaf", post(async |_: Body| pending::<()>().await))
        .route("/large/{name}/", post(async |body: Bytes| body))
        .route("/unnamed", post(async |body: Bytes| body))
        .layer(from_fn_with_state(config, limit_requests));
    (app, stats)
}

async fn send(app: &Router, method: &str, path: &str, body: Body) -> Response<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = request.body(body).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

fn spawn(app: &Router, method: &'static str, path: &'static str, body: Body) -> JoinHandle<u16> {
    let app = app.clone();
    tokio::spawn(async move { send(&app, method, path, body).await.status().as_u16() })
}

/// A body that comes when the test sends it.
fn slow_body() -> (mpsc::Sender<&'static str>, Body) {
    let (sender, receiver) = mpsc::channel::<&str>(1);
    let parts = stream::unfold(receiver, async |mut receiver| {
        let part = receiver.recv().await?;
        let frame = http_body::Frame::data(Bytes::from(part));
        Some((Ok::<_, Infallible>(frame), receiver))
    });
    (sender, Body::new(StreamBody::new(Box::pin(parts))))
}

/// Lets whatever can go on do so, and the clock not.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn cause(response: &Response<Body>) -> String {
    response.extensions().get::<Cause>().unwrap().0.to_string()
}

#[tokio::test(start_paused = true)]
async fn above_the_limit_requests_are_turned_away_at_once_but_not_health_checks() {
    let (app, stats) = app(Limits {
        max_requests_in_flight: 2,
        ..LIMITS
    });
    let first = spawn(&app, "GET", "/hang", Body::empty());
    let second = spawn(&app, "GET", "/hang", Body::empty());
    settle().await;
    assert_eq!(stats.requests_in_flight(), 2);

    let began = Instant::now();
    let response = send(&app, "GET", "/", Body::empty()).await;
    assert_eq!(response.status(), 503);
    assert_eq!(
        cause(&response),
        "2 requests are in flight, which is as many as may be"
    );
    let health = send(&app, "GET", "/health", Body::empty()).await;
    assert_eq!(health.status(), 200);
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(stats.cuts(Cut::TooManyRequests), 1);

    // A request whose client is gone is dropped, and makes room.
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(send(&app, "GET", "/", Body::empty()).await.status(), 200);
    assert_eq!(second.await.unwrap(), 503);
    assert_eq!(stats.requests_in_flight(), 0);
}

/// A flood of forms leaves a quarter of the places to who only looks at pages.
#[tokio::test(start_paused = true)]
async fn from_three_quarters_of_the_limit_on_requests_with_a_body_are_turned_away() {
    let (app, stats) = app(Limits {
        max_requests_in_flight: 4,
        ..LIMITS
    });
    let hang = || spawn(&app, "POST", "/deaf", Body::from("form"));
    let _forms = [hang(), hang(), hang()];
    settle().await;
    assert_eq!(stats.requests_in_flight(), 3);
    let refused = send(&app, "POST", "/echo", Body::from("form")).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(send(&app, "GET", "/", Body::empty()).await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_begin_in_time_is_a_503() {
    let (app, stats) = app(LIMITS);
    let began = Instant::now();
    let response = send(&app, "GET", "/hang", Body::empty()).await;
    assert_eq!(response.status(), 503);
    assert_eq!(began.elapsed(), LIMITS.request_timeout);
    assert_eq!(stats.cuts(Cut::RequestTimeout), 1);

    // A body that nobody reads does not stop the clock.
    let (_sender, body) = slow_body();
    let began = Instant::now();
    assert_eq!(send(&app, "POST", "/deaf", body).await.status(), 503);
    assert_eq!(began.elapsed(), LIMITS.request_timeout);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_pauses_for_too_long_is_a_408() {
    let (app, stats) = app(LIMITS);
    let (sender, body) = slow_body();
    sender.send("half").await.unwrap();
    let began = Instant::now();
    let response = send(&app, "POST", "/echo", body).await;
    assert_eq!(response.status(), 408);
    assert_eq!(response.headers()["connection"], "close");
    assert_eq!(cause(&response), "the request's body came too slowly");
    assert_eq!(began.elapsed(), LIMITS.body_read_timeout);
    assert_eq!(stats.cuts(Cut::SlowBody), 1);
    assert_eq!(stats.requests_in_flight(), 0);
}

/// The sum of the pauses counts, not each of them.
#[tokio::test(start_paused = true)]
async fn a_body_in_drops_is_a_408_when_the_grace_is_over() {
    let (app, _) = roomy_app(LIMITS);
    let (sender, body) = slow_body();
    let began = Instant::now();
    let answer = spawn(&app, "POST", "/echo", body);
    while sender.send("x").await.is_ok() {
        tokio::time::advance(Duration::from_secs(1)).await;
        settle().await;
    }
    assert_eq!(answer.await.unwrap(), 408);
    // The test itself sees it a part later.
    assert_eq!(began.elapsed(), LIMITS.slow_grace + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_slow_but_fast_enough_is_taken_however_long_it_lasts() {
    const PART: &str = match str::from_utf8(&[b'x'; LIMITS.min_bytes_per_second as usize]) {
        Ok(part) => part,
        Err(_) => unreachable!(),
    };

    let (app, stats) = roomy_app(LIMITS);
    let (sender, body) = slow_body();
    let answer = spawn(&app, "POST", "/echo", body);
    // Ten times as long as an answer may take to begin.
    for _ in 0..300 {
        sender.send(PART).await.unwrap();
        settle().await;
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    drop(sender);
    assert_eq!(answer.await.unwrap(), 200);
    assert_eq!(stats.cuts(Cut::RequestTimeout), 0);
}

/// Otherwise a few hundred slow bodies would have every other request turned away.
#[tokio::test(start_paused = true)]
async fn a_request_that_waits_for_its_body_is_not_in_flight() {
    let (app, stats) = app(Limits {
        max_requests_in_flight: 1,
        ..LIMITS
    });
    let (sender, body) = slow_body();
    let slow = spawn(&app, "POST", "/echo", body);
    settle().await;
    assert_eq!(stats.requests_in_flight(), 0);
    assert_eq!(send(&app, "GET", "/", Body::empty()).await.status(), 200);

    sender.send("all of it").await.unwrap();
    drop(sender);
    assert_eq!(slow.await.unwrap(), 200);
    assert_eq!(stats.requests_in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_that_nobody_reads_is_nobodys_matter() {
    let (app, stats) = app(LIMITS);
    let (_sender, body) = slow_body();
    let began = Instant::now();
    assert_eq!(send(&app, "POST", "/ignore", body).await.status(), 200);
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(stats.requests_in_flight(), 0);
}

#[tokio::test]
async fn each_route_reads_so_much_and_all_together_no_more_than_there_is_memory() {
    let (app, stats) = app(LIMITS);
    for (path, length, status) in [
        ("/echo", 10, 200),
        ("/echo", 11, 413),
        ("/large/a/", 15, 200),
        ("/large/a/", 16, 503),
        ("/large/a/", 21, 413),
        ("/unnamed", 1, 413),
        ("/ignore", 1_000, 200),
        // What was kept is given back.
        ("/large/a/", 15, 200),
    ] {
        let announced = Body::from(vec![b'x'; length]);
        let parts = vec![
            Ok::<_, Infallible>(vec![b'x'; length / 2]),
            Ok(vec![b'x'; length - length / 2]),
        ];
        for body in [announced, Body::from_stream(stream::iter(parts))] {
            let response = send(&app, "POST", path, body).await;
            assert_eq!(response.status(), status, "{path} {length}");
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body.len() == length, status == 200 && path != "/ignore");
        }
    }
    assert_eq!(stats.cuts(Cut::MemoryFull), 2);
}

#[tokio::test(start_paused = true)]
async fn without_memory_a_request_is_turned_away_soon_but_not_a_health_check() {
    let (app, stats) = app(LIMITS);
    let (sender, body) = slow_body();
    let waiting = spawn(&app, "POST", "/large/a/", body);
    sender.send("fifteen letters").await.unwrap();
    settle().await;

    let began = Instant::now();
    let response = send(&app, "GET", "/", Body::empty()).await;
    assert_eq!(response.status(), 503);
    assert_eq!(
        cause(&response),
        "requests keep as much in memory as they may"
    );
    assert_eq!(
        send(&app, "GET", "/health", Body::empty()).await.status(),
        200
    );
    assert!(began.elapsed() <= Duration::from_millis(50));
    assert_eq!(stats.cuts(Cut::MemoryFull), 1);

    drop(sender);
    assert_eq!(waiting.await.unwrap(), 200);
    assert_eq!(send(&app, "GET", "/", Body::empty()).await.status(), 200);
}
