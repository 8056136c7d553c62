//! The tests with what they need around them: a database server, the Django peers, and snapshots
//! that must agree.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;
use xtask::postgres::Postgres;
use xtask::{django, process};

use crate::needs::{self, Need};
use crate::promtool;
use crate::skip::{self, Skip};

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
    let mut tests = run_tests();
    process::run(suite.configure(&mut tests, PROFILE)?.args(&args.arguments))
}

/// The run of all tests.
pub(crate) fn run_tests() -> Command {
    process::command("cargo", &["nextest", "run", "--locked"])
}

/// The profile of `.config/nextest.toml` that runs what the default one leaves out.
pub(crate) const PROFILE: &str = "suite";

/// What the tests need around them. A drop stops the server.
#[derive(Debug)]
pub(crate) struct Suite {
    postgres: Option<Postgres>,
    pythons: [(&'static str, Option<PathBuf>); 3],
    older_site: Option<PathBuf>,
    promtool: Option<PathBuf>,
    /// The tests that run, as a filter of `cargo nextest`.
    filter: String,
}

impl Suite {
    /// Starts what can be had on this machine, and returns the rest as skips.
    pub(crate) fn prepare() -> (Self, Vec<Skip>) {
        let mut skips = Vec::new();
        let postgres = skip::or_leave_out(Postgres::start(), Need::Postgres, &mut skips);
        let python = skip::or_leave_out(django::python(), Need::Django, &mut skips);
        let older_python = django::python_of("django-4.2");
        let older_python = skip::or_leave_out(older_python, Need::OlderDjango, &mut skips);
        let smtp = django::python_of("smtp");
        let smtp = skip::or_leave_out(smtp, Need::Smtp, &mut skips);
        let older_site = skip::or_leave_out(needs::older_site(), Need::OlderSite, &mut skips);
        let promtool = skip::or_leave_out(promtool::find(), Need::Promtool, &mut skips);
        for (is_there, need) in [
            (needs::mounts(), Need::Mounts),
            (needs::root_mounts(), Need::RootMounts),
            (needs::file_systems(), Need::FileSystems),
            (needs::systemd(), Need::Systemd),
            (needs::pgbouncer(), Need::PgBouncer),
        ] {
            skip::or_leave_out(is_there, need, &mut skips);
        }
        let suite = Self {
            postgres,
            pythons: [
                ("TEST_DJANGO_PYTHON", python),
                ("TEST_DJANGO_42_PYTHON", older_python),
                ("TEST_SMTP_PYTHON", smtp),
            ],
            older_site,
            promtool,
            filter: filter_without(&needs_of(&skips)),
        };
        (suite, skips)
    }

    /// Tells a test run where everything is, and leaves out the tests that lack something: nextest
    /// counts them as skipped, whatever else is filtered. The variables of missing things are
    /// unset, so that no test runs that was reported as skipped.
    pub(crate) fn configure<'a>(
        &self,
        command: &'a mut Command,
        profile: &str,
    ) -> anyhow::Result<&'a mut Command> {
        let folder = process::repository().join("target");
        fs::create_dir_all(&folder).context("make the folder target")?;
        let configuration = folder.join("left-out.toml");
        let text = format!("[profile.{profile}]\ndefault-filter = '{}'\n", self.filter);
        fs::write(&configuration, text).context("write which tests are left out")?;
        let postgres = self.postgres.as_ref();
        let path = |path: &PathBuf| path.clone().into_os_string();
        for (name, value) in [
            ("TEST_POSTGRES_URL", postgres.map(|one| one.url().into())),
            (
                "TEST_POSTGRES_PROGRAMS",
                postgres.map(|one| one.programs().as_os_str().to_owned()),
            ),
            (self.pythons[0].0, self.pythons[0].1.as_ref().map(path)),
            (self.pythons[1].0, self.pythons[1].1.as_ref().map(path)),
            (self.pythons[2].0, self.pythons[2].1.as_ref().map(path)),
            ("TEST_OLDER_SITE", self.older_site.as_ref().map(path)),
            ("TEST_PROMTOOL", self.promtool.as_ref().map(path)),
        ] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Ok(command
            .arg("--tool-config-file")
            .arg(format!("xtask:{}", configuration.display()))
            .env("NEXTEST_PROFILE", profile)
            .env("INSTA_UPDATE", "no")
            .env("INSTA_REQUIRE_FULL_MATCH", "1"))
    }
}

fn needs_of(skips: &[Skip]) -> Vec<Need> {
    skips.iter().filter_map(|skip| skip.need).collect()
}

/// A filter of `cargo nextest` for all tests but those with one of these marks in their names. Unit
/// tests need nothing, whatever their names are.
fn filter_without(needs: &[Need]) -> String {
    if needs.is_empty() {
        return "all()".to_owned();
    }
    let marks = needs.iter().map(|need| format!("test(~{})", need.mark()));
    let marks: Vec<_> = marks.collect();
    format!("not (kind(test) & ({}))", marks.join(" | "))
}

/// Why a test is left out; `None` if it is not for one of these skips.
pub(crate) fn reason<'a>(test: &str, skips: &'a [Skip]) -> Option<&'a str> {
    let is_cause = |skip: &&Skip| skip.need.is_some_and(|need| test.contains(need.mark()));
    Some(&skips.iter().find(is_cause)?.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_lack_something_are_left_out_by_their_marks() {
        assert_eq!(filter_without(&[]), "all()");
        assert_eq!(
            filter_without(&[Need::Postgres, Need::Django]),
            "not (kind(test) & (test(~postgres) | test(~django::)))"
        );
    }

    #[test]
    fn the_default_run_leaves_out_what_needs_anything() {
        let path = process::repository().join(".config/nextest.toml");
        let configuration = fs::read_to_string(path).unwrap();
        let expected = format!("default-filter = '{}'\n", filter_without(&Need::ALL));
        assert!(configuration.contains(&expected), "expected {expected}");
    }

    #[test]
    fn the_reason_is_that_of_the_mark() {
        let skips = [Skip {
            what: "tests on PostgreSQL",
            reason: "no server".to_owned(),
            need: Some(Need::Postgres),
        }];
        assert_eq!(reason("site::it a::postgres::b", &skips), Some("no server"));
        assert_eq!(reason("site::it a::sqlite::b", &skips), None);
    }
}
