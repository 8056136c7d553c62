//! What the tests share: an application on a database of its own, and its answers.

pub(crate) mod app;
pub(crate) mod browser;
pub(crate) mod cluster;
pub(crate) mod database;
pub(crate) mod log;
pub(crate) mod mounts;
pub(crate) mod network;
pub(crate) mod program;
pub(crate) mod render;
pub(crate) mod sentry;
pub(crate) mod visitor;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

pub(crate) use self::app::{TestApp, settings};
pub(crate) use self::database::{Backend, TestDatabase};
pub(crate) use self::log::CapturedLog;

/// Says why a test does not run; where everything has to run, that is a failure.
pub(crate) fn skip(reason: &str) {
    tell_skipped(reason);
    assert!(!is_set("CI"), "nothing may be skipped here: {reason}");
}

/// Says why a test does not run that needs what is no part of the project.
#[expect(
    clippy::print_stderr,
    reason = "the reason is for whoever runs the tests"
)]
pub(crate) fn tell_skipped(reason: &str) {
    eprintln!("skipped: {reason}");
}

/// Chance that can be repeated: the seed is told.
#[expect(
    clippy::print_stderr,
    reason = "the seed is for whoever runs the tests"
)]
pub(crate) fn chance() -> StdRng {
    let seed = rand::random();
    eprintln!("seed {seed}");
    StdRng::seed_from_u64(seed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "what the test run is told, not a setting"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| value != "false")
}

/// Each test twice, with a [`TestApp`] on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($app:ident: TestApp) $body:block
    )*) => {
        $(async fn $name($app: crate::support::TestApp) $body)*

        mod sqlite {
            $(
                $(#[$attribute])*
                #[tokio::test]
                async fn $name() {
                    let backend = crate::support::Backend::Sqlite;
                    if let Some(app) = crate::support::TestApp::new(backend).await {
                        super::$name(app).await;
                    }
                }
            )*
        }

        mod postgres {
            $(
                $(#[$attribute])*
                #[tokio::test]
                async fn $name() {
                    let backend = crate::support::Backend::Postgres;
                    if let Some(app) = crate::support::TestApp::new(backend).await {
                        super::$name(app).await;
                    }
                }
            )*
        }
    };
}
pub(crate) use on_both_databases;
