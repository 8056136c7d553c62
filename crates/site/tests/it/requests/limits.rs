//! The limits of requests through all layers: what is refused has the site's page and one line in
//! the log, as any other answer. The clock stands still but where everything waits.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use futures_util::stream;
use http::Method;
use server::{Limits, Stats};
use site::router::{Routes, layers};
use site::state::AppState;

use crate::support::app::{request, send};
use crate::support::{Backend, CapturedLog, TestApp, settings};

/// The real layers around a handler that never answers and one that reads a body.
fn slow(app: &TestApp) -> (Router, Arc<Stats>) {
    let settings = settings(&[
        ("SECRET_KEY", "for-tests-alone"),
        ("ALLOWED_HOSTS", "site.example"),
        ("DATABASE_URL", &app.database.url),
    ]);
    let state = AppState::new(&settings, None).unwrap();
    let routes: Router<AppState> = Router::new()
        .route("/hangs", get(std::future::pending::<()>))
        .route("/reads", post(async |body: Bytes| body));
    let well = async || "well";
    let health = Router::new()
        .route("/healthz", get(well))
        .route("/readyz", get(well));
    let layered = layers(
        &settings,
        &state,
        Routes {
            pages: routes,
            health,
            body_limits: &[("/reads", 1024)],
        },
    )
    .unwrap();
    let server = Arc::clone(&state.server);
    (layered.with_state(state), server)
}

#[tokio::test]
async fn above_the_limit_a_request_gets_the_503_page_at_once_and_health_is_told() {
    let app = TestApp::open(Backend::Sqlite).await;
    let (router, server) = slow(&app);
    tokio::time::pause();
    let most = Limits::production().max_requests_in_flight;
    let hanging: Vec<_> = (0..most)
        .map(|_| {
            let router = router.clone();
            tokio::spawn(async move { send(&router, request(Method::GET, "/hangs")).await })
        })
        .collect();
    while server.requests_in_flight() < most {
        tokio::task::yield_now().await;
    }

    let log = CapturedLog::start();
    let began = tokio::time::Instant::now();
    let answer = send(&router, request(Method::GET, "/hangs"))
        .await
        .expect(503);
    answer.assert_valid_html();
    assert_eq!(answer.header("retry-after"), "10");
    for path in ["/healthz", "/readyz"] {
        send(&router, request(Method::GET, path)).await.expect(200);
    }
    assert_eq!(began.elapsed().as_secs(), 0);
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["level"], "ERROR");
    assert_eq!(lines[0]["http.status"], 503);
    let cause = format!("{most} requests are in flight, which is as many as may be");
    let told = lines[0]["error.cause"].as_str().unwrap();
    assert!(told.ends_with(&cause), "{told}");
    drop(log);

    for request in hanging {
        request.await.unwrap().expect(503);
    }
    send(&router, request(Method::POST, "/reads"))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_gets_the_408_page() {
    let app = TestApp::open(Backend::Sqlite).await;
    let (router, _) = slow(&app);
    tokio::time::pause();
    let mut slow = request(Method::POST, "/reads");
    let never = stream::pending::<Result<Bytes, Infallible>>();
    *slow.body_mut() = Body::from_stream(never);
    let log = CapturedLog::start();
    let began = tokio::time::Instant::now();

    let answer = send(&router, slow).await.expect(408);

    answer.assert_valid_html();
    assert_eq!(answer.texts("h1"), ["The request took too long"]);
    let limit = Limits::production().body_read_timeout;
    assert_eq!(began.elapsed().as_secs(), limit.as_secs());
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["level"], "WARN");
    assert_eq!(lines[0]["http.status"], 408);
    let cause = "the request's body came too slowly";
    assert_eq!(lines[0]["error.cause"], cause);
}
