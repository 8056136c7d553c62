//! Sites with many lettings, on both databases.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;
use xtask::postgres::Postgres;
use xtask::process;
use xtask::server::{DATABASE, Server, Site};

use crate::accounts::PASSWORD;
use crate::report::{Report, milliseconds};

/// The account that may log in.
pub(crate) const USERNAME: &str = "ann";

/// The databases.
pub(crate) const DATABASES: [&str; 2] = ["SQLite", "PostgreSQL"];

/// Carries out a script and prints what a statement selects.
const RUN_SQLITE: &str = "
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.executescript(open(sys.argv[2]).read())
for row in database.execute(sys.argv[3]):
    print(*row)
database.close()
";

/// A site with its database, which both end with it.
#[derive(Debug)]
pub(crate) struct Filled<'a> {
    program: &'a str,
    folder: PathBuf,
    postgres: Option<Postgres>,
    url: String,
}

impl<'a> Filled<'a> {
    /// An empty site with an account, on one of [`DATABASES`].
    pub(crate) fn empty(program: &'a str, folder: &Path, database: &str) -> anyhow::Result<Self> {
        let postgres = (database == "PostgreSQL")
            .then(Postgres::start)
            .transpose()?;
        let url = postgres.as_ref().map(Postgres::url);
        let filled = Self {
            program,
            folder: folder.to_owned(),
            url: url.unwrap_or_else(|| format!("sqlite:///{DATABASE}")),
            postgres,
        };
        process::read(&mut filled.command(&["migrate"]))?;
        let account = ["createsuperuser", "--noinput", "--username", USERNAME];
        let mut account = filled.command(&account);
        process::read(account.env("DJANGO_SUPERUSER_PASSWORD", PASSWORD))?;
        Ok(filled)
    }

    /// Whether the database is PostgreSQL.
    pub(crate) fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// The numbers from 1 to this, as a table `s` with the column `i`.
    pub(crate) fn series(&self, size: usize) -> String {
        if self.is_postgres() {
            return format!("generate_series(1, {size}) AS s(i)");
        }
        format!(
            "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {size}) \
             SELECT i FROM s) AS s"
        )
    }

    /// Carries out a script, makes the derived tables, has PostgreSQL do at once what it would do by itself in the
    /// next minutes, and tells how large something is.
    pub(crate) fn fill(
        &self,
        script: &str,
        sizes: [&str; 2],
        report: &mut Report,
    ) -> anyhow::Result<()> {
        self.select(script, ["SELECT 1", "VACUUM ANALYZE"])?;
        let start = Instant::now();
        process::read(&mut self.command(&["reindex"]))?;
        report.line(&format!("  reindex took {}", milliseconds(start.elapsed())));
        self.select("", ["ANALYZE", "VACUUM ANALYZE"])?;
        for line in self.select("", sizes)?.lines() {
            report.line(&format!("  on disk: {line}"));
        }
        Ok(())
    }

    /// Carries out a script, and then a statement of SQLite's or PostgreSQL's. Returns what that selects.
    pub(crate) fn select(&self, script: &str, select: [&str; 2]) -> anyhow::Result<String> {
        let [of_sqlite, of_postgres] = select;
        let file = self.folder.join("script.sql");
        fs::write(&file, script).context("write the script")?;
        let mut command = if let Some(postgres) = &self.postgres {
            let mut psql = Command::new(postgres.programs().join("psql"));
            psql.args(["--quiet", "-XAt", "-v", "ON_ERROR_STOP=1"]);
            psql.args(["--dbname", &self.url]).arg("--file").arg(file);
            psql.args(["--command", of_postgres]);
            psql
        } else {
            let mut python = process::command("python3", &["-c", RUN_SQLITE]);
            python.arg(self.folder.join(DATABASE)).arg(file);
            python.arg(of_sqlite);
            python
        };
        process::read(&mut command)
    }

    /// Serves the site. Every request is answered anew.
    pub(crate) fn serve(&self) -> anyhow::Result<Server> {
        self.serve_with_page_cache("0")
    }

    /// Serves the site with a page cache of so many bytes.
    pub(crate) fn serve_with_page_cache(&self, bytes: &str) -> anyhow::Result<Server> {
        self.site().serve_with(|command| {
            command.env("DATABASE_URL", &self.url);
            command.env("PAGE_CACHE_SIZE", bytes);
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.site().command();
        command.env("DATABASE_URL", &self.url).args(arguments);
        command
    }

    fn site(&self) -> Site<'_> {
        Site {
            program: self.program,
            folder: &self.folder,
        }
    }
}
