//! The pages of errors, and what they keep to themselves.

use axum::Router;
use axum::routing::{get, post};
use site::router::{Routes, layers};
use site::state::AppState;

use crate::support::app::{request, send};
use crate::support::{Backend, TestApp, TestDatabase, on_both_databases, settings};

const MARKER: &str = "internal-text-that-nobody-may-see";

on_both_databases! {
    async fn the_404_page_leads_on(app: TestApp) {
        let answer = app.get("/nothing/here").await.expect(404);
        answer.assert_valid_html();
        assert_eq!(answer.texts("h1"), ["Page not found"]);
        assert_eq!(answer.attributes("main a", "href"), ["/", "/lettings/", "/profiles/"]);
        assert_eq!(answer.attributes("link[rel=canonical]", "href"), Vec::<String>::new());
        assert!(!answer.body.contains("nothing/here"), "{}", answer.body);
    }

    async fn a_missing_table_is_a_500_that_says_nothing_of_it(app: TestApp) {
        app.sql("ALTER TABLE lettings_letting RENAME TO gone").await;
        let answer = app.get("/lettings/").await.expect(500);
        answer.assert_valid_html();
        assert_eq!(answer.header("retry-after"), "");
        assert!(!answer.body.contains("lettings_letting"), "{}", answer.body);
        app.get("/profiles/").await.expect(200);
    }

    async fn who_asks_for_json_gets_problem_details(app: TestApp) {
        let problem = async |path: &str, status: u16| {
            let mut asked = request(http::Method::GET, path);
            let accept = http::HeaderValue::from_static("application/json");
            asked.headers_mut().insert("accept", accept);
            let answer = app.send(asked).await.expect(status);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("vary"), "Accept");
            answer.json()
        };
        let unknown = problem("/nothing", 404).await;
        assert_eq!(
            unknown,
            serde_json::json!({
                "type": "about:blank",
                "title": "Page not found",
                "status": 404,
                "detail": unknown["detail"],
            })
        );
        problem("http://evil.example/", 400).await;
        app.sql("ALTER TABLE lettings_letting RENAME TO gone").await;
        let failed = problem("/lettings/", 500).await;
        let reference = failed["reference"].as_str().unwrap();
        assert!(reference.len() == 32 && reference != web::error_page::REFERENCE_PLACEHOLDER);
        assert!(!failed.to_string().contains("lettings_letting"), "{failed}");
    }
}

/// The real layers around handlers that fail.
fn failing(app: &TestApp) -> Router {
    let settings = settings(&[
        ("SECRET_KEY", "for-tests-alone"),
        ("ALLOWED_HOSTS", "site.example"),
        ("DATABASE_URL", &app.database.url),
    ]);
    let state = AppState::new(&settings, None).unwrap();
    let routes: Router<AppState> = Router::new()
        .route("/panics", get(panics))
        .route("/fails", get(fails))
        .route("/reads", post(async |body: axum::body::Bytes| body))
        .route("/hangs", get(std::future::pending::<()>))
        .route("/works", get(async || "it works"));
    layers(
        &settings,
        &state,
        Routes {
            pages: routes,
            health: Router::new(),
            body_limits: &[("/reads", 1024)],
        },
    )
    .unwrap()
    .with_state(state)
}

async fn panics() {
    panic!("{MARKER}");
}

async fn fails() -> web::Error {
    web::Error::Internal(anyhow::anyhow!("the root: {MARKER}").context("do the thing"))
}

#[tokio::test]
async fn a_500_is_constant_and_shows_its_reference_alone() {
    web::panic::install_hook(telemetry::report::WantsStack::No);
    let app = TestApp::open(Backend::Sqlite).await;
    let router = failing(&app);
    for path in ["/panics", "/fails"] {
        let log = crate::support::CapturedLog::start();
        let answer = send(&router, request(http::Method::GET, path))
            .await
            .expect(500);
        answer.assert_valid_html();
        assert!(!answer.body.contains(MARKER), "{}", answer.body);
        let texts = answer.texts("main p").join(" ");
        let (_, reference) = texts.split_once("Reference number: ").unwrap();
        let reference = &reference[..32];
        assert!(
            reference.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{texts}"
        );
        assert_ne!(reference, web::error_page::REFERENCE_PLACEHOLDER);

        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["level"], "ERROR");
        assert_eq!(lines[0]["sentry.event_id"], reference);
        assert!(
            lines[0]["error.cause"].as_str().unwrap().contains(MARKER),
            "{lines:?}"
        );
        drop(log);

        let next = send(&router, request(http::Method::GET, "/works"))
            .await
            .expect(200);
        assert_eq!(next.body, "it works");
    }
}

/// The clock of this test stands still but where everything waits.
#[tokio::test]
async fn an_answer_that_does_not_come_is_a_503() {
    let app = TestApp::open(Backend::Sqlite).await;
    let router = failing(&app);
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let answer = send(&router, request(http::Method::GET, "/hangs"))
        .await
        .expect(503);
    answer.assert_valid_html();
    assert_eq!(answer.header("retry-after"), "10");
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn too_large_a_body_is_refused_where_it_is_read() {
    let app = TestApp::open(Backend::Sqlite).await;
    let router = failing(&app);
    for (path, status) in [("/reads", 413), ("/works", 405), ("/nothing", 404)] {
        let mut request = request(http::Method::POST, path);
        *request.body_mut() = axum::body::Body::from(vec![b'x'; 1025]);
        let answer = send(&router, request).await.expect(status);
        answer.assert_valid_html();
    }
}

#[tokio::test]
async fn snapshots_of_error_pages() {
    let app = TestApp::open(Backend::Sqlite).await;
    insta::assert_snapshot!("not_found", app.get("/nothing").await.body);
    let gone = TestApp::unmigrated(TestDatabase::empty(Backend::Sqlite).await, &[]);
    insta::assert_snapshot!(
        "unavailable",
        without_reference(&gone.get("/lettings/").await.body)
    );
    app.sql("ALTER TABLE lettings_letting RENAME TO gone").await;
    insta::assert_snapshot!(
        "server_error",
        without_reference(&app.get("/lettings/").await.body)
    );
}

/// A page with the reference number, which is another each time, taken out.
fn without_reference(page: &str) -> String {
    let mark = "Reference number: ";
    let start = page.find(mark).unwrap() + mark.len();
    format!("{}(32 digits){}", &page[..start], &page[start + 32..])
}
