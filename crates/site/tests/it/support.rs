//! What the tests share: an application on a database of its own, and its answers.

pub(crate) mod app;
pub(crate) mod browser;
pub(crate) mod cluster;
pub(crate) mod database;
pub(crate) mod feed_site;
pub(crate) mod log;
pub(crate) mod mounts;
pub(crate) mod network;
pub(crate) mod pooler;
pub(crate) mod program;
pub(crate) mod render;
pub(crate) mod sentry;
pub(crate) mod smtp;
pub(crate) mod visitor;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

pub(crate) use self::app::{TestApp, settings};
pub(crate) use self::database::{Backend, TestDatabase, of_the_older_site};
pub(crate) use self::log::CapturedLog;
pub(crate) use db::testing::{needed, variable};

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

/// Each test twice, with a [`TestApp`] on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($subject:ident: TestApp) $body:block
    )*) => {
        db::on_both_databases! {
            crate::support::TestApp;
            $(
                $(#[$attribute])*
                async fn $name($subject) $body
            )*
        }
    };
}
pub(crate) use on_both_databases;
