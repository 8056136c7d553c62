//! How soon a commit of another program shows on a page that is served from memory, and what it costs
//! to look for such commits.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use xtask::client::Client;
use xtask::postgres::Postgres;
use xtask::process;
use xtask::server::{DATABASE, Server, Site};

use crate::processor::seconds_of_tree;
use crate::report::{Report, milliseconds, percentile};

/// A page that shows the title of the letting.
const PAGE: &str = "/lettings/1/";
/// Odd, so that one of the delays is the median.
const COMMITS: u32 = 201;
/// Between two commits. Prime, so that they fall at all times between two polls.
const PAUSE: Duration = Duration::from_millis(61);
/// What the guide and the contract promise.
const PROMISED: Duration = Duration::from_millis(100);
/// How long the processor time of a server at rest is measured.
const REST: Duration = Duration::from_secs(30);

/// A program that changes a title for each line it is given, and then says so.
const SQLITE_WRITER: &str = "
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for title in sys.stdin:
    connection.execute('UPDATE lettings_letting SET title = ? WHERE id = 1', [title.strip()])
    print('done', flush=True)
";

/// Measures a program with the demo data on both databases.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    let postgres = Postgres::start()?;
    let file = format!("sqlite:///{DATABASE}");
    measure_database("SQLite", (site, &file), report, || {
        Writer::of_sqlite(&folder.path().join(DATABASE))
    })?;
    measure_database("PostgreSQL", (site, &postgres.url()), report, || {
        Writer::of_postgres(&postgres)
    })
}

fn measure_database(
    name: &str,
    (site, url): (Site<'_>, &str),
    report: &mut Report,
    start_writer: impl FnOnce() -> anyhow::Result<Writer>,
) -> anyhow::Result<()> {
    for command in ["migrate", "demo"] {
        let mut run = site.public_command();
        process::read(run.env("DATABASE_URL", url).arg(command))?;
    }
    let mut writer = start_writer()?;
    report.line("");
    report.line(&format!("{name}:"));
    let mut command = site.public_command();
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.env("DATABASE_URL", url);
    let mut server = Server::start(command)?;
    let (_, mut client) = server.first_answer(PAGE)?;
    let mut delays = Vec::new();
    for round in 0..COMMITS {
        client.expect(PAGE)?;
        let title = format!("Title of round {round}.");
        let committed = writer.commit(&title)?;
        while !client.read(PAGE)?.contains(&title) {
            ensure!(committed.elapsed() < Duration::from_secs(10), "never shown");
        }
        delays.push(committed.elapsed());
        thread::sleep(PAUSE);
    }
    delays.sort_unstable();
    let slowest = percentile(&delays, 100);
    report.line(&format!(
        "  {COMMITS} commits of another program show after p50 {}, p99 {}, slowest {}",
        milliseconds(percentile(&delays, 50)),
        milliseconds(percentile(&delays, 99)),
        milliseconds(slowest),
    ));
    report_rest(&server, &mut client, report)?;
    ensure!(
        slowest <= PROMISED,
        "a commit showed after more than {PROMISED:?}"
    );
    server.stop()
}

/// The processor time of the server when nobody asks, and when a page is asked for now and then, which
/// keeps the watcher polling.
fn report_rest(server: &Server, client: &mut Client, report: &mut Report) -> anyhow::Result<()> {
    for (name, requests) in [
        ("nobody asks", 0),
        ("a page every 400 ms", 75),
        ("a page every 100 ms", 300),
    ] {
        thread::sleep(Duration::from_secs(2));
        let before = seconds_of_tree(server.id());
        let began = Instant::now();
        for number in 0..requests {
            let due = REST * number / requests;
            thread::sleep(due.saturating_sub(began.elapsed()));
            client.expect(PAGE)?;
        }
        thread::sleep(REST.saturating_sub(began.elapsed()));
        let used = seconds_of_tree(server.id()) - before;
        report.line(&format!(
            "  processor time of the server, {name}: {:.3} % of a core",
            used * 100.0 / began.elapsed().as_secs_f64()
        ));
    }
    Ok(())
}

/// Another program that is connected to the database; it ends when its input is closed.
struct Writer {
    child: Child,
    input: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    /// What it is given to change the title.
    instruction: fn(&str) -> String,
}

impl Writer {
    fn of_sqlite(file: &Path) -> anyhow::Result<Self> {
        let python = process::find("python3").context("python3 was not found")?;
        let mut command = process::command(&python, &["-c", SQLITE_WRITER]);
        Self::start(command.arg(file), |title| format!("{title}\n"))
    }

    fn of_postgres(postgres: &Postgres) -> anyhow::Result<Self> {
        let psql = postgres.programs().join("psql");
        let mut command = process::command(&psql, &["-XAtq", &postgres.url()]);
        Self::start(&mut command, |title| {
            format!("UPDATE lettings_letting SET title = '{title}' WHERE id = 1;\n\\echo done\n")
        })
    }

    fn start(command: &mut Command, instruction: fn(&str) -> String) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("start a program that writes")?;
        let output = child.stdout.take().context("its output is a pipe")?;
        Ok(Self {
            input: child.stdin.take(),
            child,
            answers: BufReader::new(output).lines(),
            instruction,
        })
    }

    /// Commits another title. Returns when that had been done.
    fn commit(&mut self, title: &str) -> anyhow::Result<Instant> {
        let input = self.input.as_mut().context("its input is a pipe")?;
        input.write_all((self.instruction)(title).as_bytes())?;
        let answer = self.answers.next().context("the writer ended")??;
        ensure!(answer == "done", "the writer said {answer:?}");
        Ok(Instant::now())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
