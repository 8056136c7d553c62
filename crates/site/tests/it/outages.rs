//! The database goes away under the running site, and comes back: 503 and one line of the log
//! while the cause lasts, and not longer.

mod disks;
mod files;
mod killed;
mod postgres;
mod slow;

use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::Method;
use site::router::{Routes, layers};
use site::state::AppState;

use crate::support::app::{Answer, SECRET_KEY, request, save_letting, send};
use crate::support::{Backend, CapturedLog, TestApp, settings};

/// An outage is answered within two seconds on a machine with nothing else to do; this one runs
/// many tests at once.
const LIMIT: Duration = Duration::from_secs(8);

/// The site with a letting, and a form to it, each with connections of its own.
struct SiteWithForm {
    app: TestApp,
    form: Router,
    form_db: db::Database,
}

/// What a visitor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VisitorAction {
    Read,
    Save,
}

impl SiteWithForm {
    async fn new(backend: Backend) -> Self {
        Self::on(TestApp::open(backend).await).await
    }

    async fn on(app: TestApp) -> Self {
        save_letting(&app.db, "First").await.unwrap();
        Self::at(app, None).await
    }

    /// With the database under another address.
    async fn at(app: TestApp, url: Option<&str>) -> Self {
        let url = url.unwrap_or(&app.database.url).to_owned();
        let settings = settings(&[
            ("SECRET_KEY", SECRET_KEY),
            ("ALLOWED_HOSTS", "site.example"),
            ("DATABASE_URL", &url),
        ]);
        let state = AppState::new(&settings, None).unwrap();
        let form_db = state.db.clone();
        let routes = Router::new().route("/save", post(save));
        let form = layers(
            &settings,
            &state,
            Routes {
                pages: routes,
                health: Router::new(),
                body_limits: &[("/save", 1024)],
            },
        )
        .unwrap();
        let site = Self {
            app: app.with(&[("DATABASE_URL", &url)]),
            form: form.with_state(state),
            form_db,
        };
        // Both have connections from here on.
        site.assert_works().await;
        site
    }

    async fn visit(&self, visit: VisitorAction) -> Answer {
        match visit {
            VisitorAction::Read => self.app.get("/lettings/").await,
            VisitorAction::Save => send(&self.form, request(Method::POST, "/save")).await,
        }
    }

    /// Visitors are told so, with the way to a later try; the operator is told why, once.
    /// Returns that.
    async fn assert_unavailable(&self, visit: VisitorAction) -> String {
        let log = CapturedLog::start();
        let start = Instant::now();
        let answer = self.visit(visit).await.expect(503);
        assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
        answer.assert_valid_html();
        assert_eq!(answer.header("retry-after"), "10");
        assert_eq!(answer.header("cache-control"), "no-store");
        let page = answer.body.to_lowercase();
        assert!(!page.contains("sql") && !page.contains("disk"), "{page}");
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["level"], "ERROR");
        let cause = lines[0]["error.cause"].as_str().unwrap().to_owned();
        drop(log);
        self.app.get("/healthz").await.expect(200);
        self.app.get("/robots.txt").await.expect(200);
        cause
    }

    /// Nothing at all can be had of the database.
    async fn assert_gone(&self) {
        for visit in [VisitorAction::Read, VisitorAction::Save] {
            self.assert_unavailable(visit).await;
        }
        let readiness = self.app.get("/readyz").await.expect(503);
        assert_eq!(readiness.json()["reason"], "the database does not answer");
    }

    async fn assert_reads(&self) {
        let page = self.visit(VisitorAction::Read).await.expect(200);
        assert_eq!(page.texts("main li a")[0], "First");
        self.app.get("/readyz").await.expect(200);
    }

    async fn assert_works(&self) {
        self.visit(VisitorAction::Save).await.expect(204);
        self.assert_reads().await;
    }

    /// Closes all connections, which are opened anew when they are needed.
    async fn disconnect(&self) {
        self.app.db.close().await.unwrap();
        self.form_db.close().await.unwrap();
    }
}

async fn save(State(app): State<AppState>) -> web::Result<http::StatusCode> {
    save_letting(&app.db, "Another").await?;
    Ok(http::StatusCode::NO_CONTENT)
}
