//! The tests with what they need around them: a database server, the Django peers, and snapshots
//! that must agree.

use std::path::PathBuf;
use std::process::Command;

use crate::postgres::Postgres;
use crate::skip::{self, Skip};
use crate::{django, output, process};

/// Where the old site's databases lie, beside the repository.
const EXAMPLES: &str = "../shared/data";

/// Runs the tests as `ci` does, without coverage.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask test -p db migrate")]
pub(crate) struct Args {
    /// Filters and options for `cargo nextest run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// `cargo xtask test`.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let (suite, skips) = Suite::prepare();
    skip::report(&skips)?;
    process::run(suite.equip(&mut run_tests()).args(&args.arguments))
}

/// The run of all tests.
pub(crate) fn run_tests() -> Command {
    process::command("cargo", &["nextest", "run", "--locked"])
}

/// What the tests need around them, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Suite {
    postgres: Option<Postgres>,
    django: Option<PathBuf>,
    django_4_2: Option<PathBuf>,
}

impl Suite {
    /// Starts and makes what can be had here, and tells what cannot.
    pub(crate) fn prepare() -> (Self, Vec<Skip>) {
        let mut skips = Vec::new();
        if !process::repository().join(EXAMPLES).is_dir() {
            // They are no part of the project, so that their absence is nobody's failure.
            output::line(&format!(
                "skipped: tests on the old site's databases: {EXAMPLES} is not there"
            ));
        }
        let postgres = skip::or_skip(Postgres::start(), "tests on PostgreSQL", &mut skips);
        let django = skip::or_skip(django::python(), "tests against Django", &mut skips);
        let django_4_2 = django::python_of("django-4.2");
        let django_4_2 = skip::or_skip(django_4_2, "tests beside Django 4.2", &mut skips);
        let suite = Self {
            postgres,
            django,
            django_4_2,
        };
        (suite, skips)
    }

    /// Tells a test run where to find everything. What could not be had is unset, so that
    /// nothing runs that was said to be skipped.
    pub(crate) fn equip<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        match &self.postgres {
            Some(postgres) => command
                .env("TEST_POSTGRES_URL", postgres.url())
                .env("TEST_POSTGRES_PROGRAMS", postgres.programs()),
            None => command
                .env_remove("TEST_POSTGRES_URL")
                .env_remove("TEST_POSTGRES_PROGRAMS"),
        };
        for (name, python) in [
            ("TEST_DJANGO_PYTHON", &self.django),
            ("TEST_DJANGO_42_PYTHON", &self.django_4_2),
        ] {
            match python {
                Some(python) => command.env(name, python),
                None => command.env_remove(name),
            };
        }
        command
            .env("INSTA_UPDATE", "no")
            .env("INSTA_REQUIRE_FULL_MATCH", "1")
    }
}
