//! Whether every letter arrives, and how often, while the program is killed and the SMTP server comes and
//! goes.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail};
use xtask::postgres::Postgres;
use xtask::server::{DATABASE, Server, Site};
use xtask::{django, process};

use crate::random::Random;
use crate::report::Report;

const LETTERS: u64 = 1_000;
const KILLS: u64 = 50;
/// The most letters that arrive before a kill.
const MOST_LETTERS: u64 = 2 * LETTERS / KILLS - 10;
/// The longest delay of a kill after the last of them.
const LONGEST_DELAY_US: u64 = 20_000;
/// At every so many kills the server of letters goes as well, and comes back.
const OUTAGE_EVERY: u64 = 5;
/// How long nothing may arrive before the run has failed.
const PATIENCE: Duration = Duration::from_mins(1);

const INSERT: &str = "INSERT INTO oc_lettings_letter (message_id, recipient, reply_to, subject, text, html, \
    about, is_secret, queued_at, next_attempt_at, attempts, sent_at, error) \
    SELECT 'letter' || i, 'ann' || i || '@example.com', '', 'A letter', 'Hello', '', '', FALSE, \
    '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0, NULL, '' FROM numbers";
/// As when the leases of those that were killed are over, which takes four minutes.
const END_LEASES: &str = "UPDATE oc_lettings_letter SET next_attempt_at = '2026-01-01 00:00:00' \
    WHERE next_attempt_at IS NOT NULL";
const UNSENT: &str = "SELECT count(*) FROM oc_lettings_letter WHERE sent_at IS NULL";

/// Runs a statement, and prints the one number that it gives, if any.
const RUN_SQLITE: &str = r"
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as database:
    for (number,) in database.execute(sys.argv[2]):
        print(number)
";

/// Kills the sending program on SQLite, then on PostgreSQL.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the sites")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    site.run("migrate")?;
    let file = folder.path().join(DATABASE);
    report.line("");
    report.line("SQLite, synchronous=FULL");
    let run = |sql: &str| {
        let mut python = process::command("python3", &["-c", RUN_SQLITE]);
        process::read(python.arg(&file).arg(sql))
    };
    send(&|| site.public_command(), &run, report)?;

    let postgres = Postgres::start()?;
    let url = postgres.url();
    let command = || {
        let mut command = site.public_command();
        command.env("DATABASE_URL", &url);
        command
    };
    process::read(command().arg("migrate"))?;
    report.line("");
    report.line("PostgreSQL");
    let run = |sql: &str| {
        let mut psql = process::command(postgres.programs().join("psql"), &["-qXAtd", &url]);
        process::read(psql.args(["-c", sql]))
    };
    send(&command, &run, report)
}

fn send(
    command: &dyn Fn() -> Command,
    run: &dyn Fn(&str) -> anyhow::Result<String>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let mut random = Random(now.as_secs());
    report.line(&format!("seed {}", random.0));
    run(&format!(
        "WITH RECURSIVE numbers(i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {LETTERS}) {INSERT}"
    ))?;
    let mut smtp = Smtp::start(0)?;
    let url = format!("smtp://127.0.0.1:{}?tls=none", smtp.port);
    let serve = || {
        let mut command = command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.envs([
            ("EMAIL_URL", url.as_str()),
            ("DEFAULT_FROM_EMAIL", "post@site.example"),
        ]);
        Server::start(command)
    };
    let mut arrived = Arrived::default();
    let (mut kills, mut outages) = (0, 0);
    while kills < KILLS && arrived.letters() < LETTERS {
        let server = serve()?;
        for _ in 0..=random.below(MOST_LETTERS) {
            if arrived.letters() < LETTERS {
                arrived.take(&smtp.next()?)?;
            }
        }
        thread::sleep(Duration::from_micros(random.below(LONGEST_DELAY_US)));
        // A drop kills it, with no time to end.
        drop(server);
        kills += 1;
        if kills % OUTAGE_EVERY == 0 {
            outages += 1;
            let port = smtp.port;
            for told in smtp.end()? {
                arrived.take(&told)?;
            }
            // Nobody listens while the program starts.
            let server = serve()?;
            thread::sleep(Duration::from_millis(500));
            drop(server);
            smtp = Smtp::start(port)?;
        }
    }
    run(END_LEASES)?;
    let _server = serve()?;
    let start = Instant::now();
    while run(UNSENT)?.trim() != "0" {
        if start.elapsed() > PATIENCE * 10 {
            bail!("{} letters are not sent", run(UNSENT)?.trim());
        }
        thread::sleep(Duration::from_millis(200));
        // What waits because nobody listened is tried again after a minute or more.
        run(END_LEASES)?;
    }
    for told in smtp.end()? {
        arrived.take(&told)?;
    }
    report.line(&format!(
        "{LETTERS} letters, {kills} kills, {outages} outages of the server: {} arrived, {} of them twice, \
         {} more often, all repeats under the same Message-ID",
        arrived.letters(),
        arrived.times(2),
        arrived.letters() - arrived.times(1) - arrived.times(2),
    ));
    arrived.check(kills + outages)
}

/// The Message-IDs that arrived, by recipient.
#[derive(Debug, Default)]
struct Arrived(BTreeMap<String, Vec<String>>);

impl Arrived {
    fn take(&mut self, told: &str) -> anyhow::Result<()> {
        let told: serde_json::Value = serde_json::from_str(told)?;
        let Some(to) = told["to"][0].as_str() else {
            return Ok(());
        };
        let headers = told["headers"].as_array().context("a letter has headers")?;
        let id = headers.iter().find(|header| header[0] == "Message-ID");
        let id = id.and_then(|id| id[1].as_str()).context("a Message-ID")?;
        self.0.entry(to.to_owned()).or_default().push(id.to_owned());
        Ok(())
    }

    fn letters(&self) -> u64 {
        self.0.len() as u64
    }

    fn times(&self, times: usize) -> u64 {
        self.0.values().filter(|ids| ids.len() == times).count() as u64
    }

    fn check(&self, interruptions: u64) -> anyhow::Result<()> {
        if self.letters() != LETTERS {
            bail!("{} letters were lost", LETTERS - self.letters());
        }
        let all: usize = self.0.values().map(Vec::len).sum();
        let repeats = all as u64 - LETTERS;
        if repeats > interruptions {
            bail!("{repeats} repeats after {interruptions} interruptions");
        }
        match self
            .0
            .values()
            .find(|ids| ids.iter().any(|id| *id != ids[0]))
        {
            Some(ids) => bail!("one letter had several Message-IDs: {ids:?}"),
            None => Ok(()),
        }
    }
}

/// The SMTP server of `bench/peers/smtp`.
struct Smtp {
    child: Child,
    told: Receiver<String>,
    port: u16,
}

impl Smtp {
    fn start(port: u16) -> anyhow::Result<Self> {
        let python = django::python_of("smtp")?;
        let mut child = Command::new(python)
            .args(["server.py", "--port", &port.to_string()])
            .current_dir(process::repository().join("bench/peers/smtp"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::piped())
            .spawn()
            .context("start the SMTP server")?;
        let lines = BufReader::new(child.stdout.take().context("the output is a pipe")?).lines();
        let (sender, told) = channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut smtp = Self {
            child,
            told,
            port: 0,
        };
        let told: serde_json::Value = serde_json::from_str(&smtp.next()?)?;
        let port = told["port"].as_u64().context("the port")?;
        smtp.port = u16::try_from(port)?;
        Ok(smtp)
    }

    fn next(&self) -> anyhow::Result<String> {
        let told = self.told.recv_timeout(PATIENCE);
        told.context("no letter arrives any more")
    }

    /// Ends it, and returns what it had told.
    fn end(mut self) -> anyhow::Result<Vec<String>> {
        self.child.kill().context("end the SMTP server")?;
        self.child.wait().context("wait for its end")?;
        Ok(self.told.iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_or_comes_too_often_is_found() {
        let arrived = |letters: u64, ids: &[&str]| {
            let mut arrived = Arrived::default();
            for letter in 0..letters {
                arrived.0.insert(letter.to_string(), vec!["a".to_owned()]);
            }
            let ids = ids.iter().map(|id| (*id).to_owned()).collect();
            arrived.0.insert("0".to_owned(), ids);
            arrived.check(1).map_err(|error| error.to_string())
        };
        assert_eq!(arrived(LETTERS, &["a"]), Ok(()));
        assert_eq!(arrived(LETTERS, &["a", "a"]), Ok(()));
        for (letters, ids, problem) in [
            (LETTERS - 1, &["a"][..], "1 letters were lost"),
            (LETTERS, &["a", "a", "a"], "2 repeats after 1 interruptions"),
            (
                LETTERS,
                &["a", "b"],
                "one letter had several Message-IDs: [\"a\", \"b\"]",
            ),
        ] {
            assert_eq!(arrived(letters, ids), Err(problem.to_owned()));
        }
    }
}
