//! Reports to Sentry, as a receiver on this machine reads them, beside the lines of the log.

mod answers;
mod background;
mod days;
mod delivery;
mod privacy;
mod program;
mod traces;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{any, get};
use http::StatusCode;
use site::front::Front;
use site::router::{Routes, layers};
use site::settings::Settings;
use site::state::AppState;
use telemetry::report::{Reporter, WantsStack};

use crate::support::app::SECRET_KEY;
use crate::support::sentry::{Behaviour, Sentry};
use crate::support::{Backend, TestApp, TestDatabase, settings};

/// Longer than a report ever takes to arrive.
const LIMIT: Duration = Duration::from_secs(20);

/// An application whose reports arrive at a receiver, with routes that fail in every way.
struct ReportingApp {
    sentry: Sentry,
    app: TestApp,
    /// The layers of the program around the routes that fail, and their state.
    router: Router,
    state: AppState,
    settings: Settings,
    reporter: Reporter,
}

impl ReportingApp {
    async fn start(variables: &[(&str, &str)]) -> Self {
        Self::with(Sentry::start(Behaviour::Accepts), variables).await
    }

    async fn with(sentry: Sentry, variables: &[(&str, &str)]) -> Self {
        install_hook();
        let database = TestDatabase::empty(Backend::Sqlite).await;
        let url = database.url.clone();
        let base = [
            ("SENTRY_DSN", sentry.dsn.as_str()),
            ("SENTRY_ENVIRONMENT", "testing"),
            ("SENTRY_RELEASE", "the-commit"),
        ];
        let variables = [&base[..], variables].concat();
        let app = TestApp::on(database, &variables).await;
        let own = [
            ("SECRET_KEY", SECRET_KEY),
            ("ALLOWED_HOSTS", "site.example"),
            ("DATABASE_URL", &url),
        ];
        let settings = settings(&[&own[..], &variables].concat());
        let reporter = app.reporter.clone().unwrap();
        let state = AppState::new(&settings, Some(reporter.clone())).unwrap();
        let router = layers(
            &settings,
            &state,
            Routes {
                pages: failing_routes(),
                health: Router::new(),
                body_limits: &[],
            },
        )
        .unwrap()
        .with_state(state.clone());
        Self {
            sentry,
            app,
            router,
            state,
            settings,
            reporter,
        }
    }

    /// What has arrived once everything that was reported has.
    fn events(&self) -> Vec<serde_json::Value> {
        assert!(self.reporter.flush(LIMIT), "the reports were not taken");
        self.sentry.events()
    }

    fn front(&self) -> &Front {
        &self.app.router
    }
}

/// The program's hook, and the failures of the tests themselves as before.
fn install_hook() {
    web::panic::install_hook(WantsStack::Yes);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        tell(&info.to_string());
        hook(info);
    }));
}

#[expect(clippy::print_stderr, reason = "for whoever runs the tests")]
fn tell(text: &str) {
    eprintln!("{text}");
}

/// Routes beside the site's own, which cannot be made to fail in every way.
fn failing_routes() -> Router<AppState> {
    let status = |code: u16| move || async move { StatusCode::from_u16(code).unwrap() };
    Router::new()
        .route("/answers/200/", any(status(200)))
        .route("/answers/301/", any(status(301)))
        .route("/answers/403/", any(status(403)))
        .route("/answers/404/", any(|| async { web::Error::NotFound }))
        .route(
            "/answers/405/",
            get(status(200)).post(status(405)).head(status(405)),
        )
        .route("/answers/413/", any(status(413)))
        .route("/answers/429/", any(status(429)))
        .route("/answers/500/{id}/", any(fails))
        .route("/answers/503/", any(is_unavailable))
        .route("/answers/panic/", any(panics))
}

async fn fails() -> web::Error {
    let cause = anyhow::anyhow!("password=hunter2 was row 17").context("do the thing");
    web::Error::Internal(cause)
}

async fn is_unavailable() -> web::Error {
    web::Error::Unavailable(anyhow::anyhow!("the disk is full"))
}

async fn panics() {
    let reason = Arc::new("the token=hunter2 is not right");
    panic!("{reason}");
}
