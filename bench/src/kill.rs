//! Whether every save that was answered is in the database after the program was killed.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};
use xtask::postgres::Postgres;
use xtask::process;
use xtask::server::{DATABASE, Site};

use crate::random::Random;
use crate::report::Report;

const KILLS: u64 = 200;
/// The most saves that are answered before a kill, and the longest delay of the kill after the last
/// of them: a save takes from half a millisecond to several.
const MOST_SAVES: u64 = 30;
const LONGEST_DELAY_US: u64 = 5_000;
/// After this many kills the database is checked. In between only the program itself opens it as
/// the last kill left it.
const CHECK_EVERY: u64 = 10;

/// Prints the ids of all lettings that have an address of their own, and fails if SQLite's checks
/// of the file do. Python comes with SQLite.
const READ_SQLITE: &str = r#"
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
problems = [row for row in database.execute("PRAGMA integrity_check") if row != ("ok",)]
problems += database.execute("PRAGMA foreign_key_check").fetchall()
problems and sys.exit(f"the database is not whole: {problems}")
for (count,) in database.execute("SELECT count(*) FROM lettings_address"):
    print("addresses", count)
for (id,) in database.execute(sys.argv[2]):
    print(id)
"#;

const LETTINGS: &str = "SELECT l.id FROM lettings_letting AS l \
    JOIN lettings_address AS a ON a.id = l.address_id \
    WHERE l.title = 'House at address ' || CAST(a.id AS varchar(20)) ORDER BY l.id";
const ADDRESSES: &str = "SELECT 'addresses ' || count(*) FROM lettings_address";

/// Kills the saving program on SQLite, then on PostgreSQL.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    // The saving program need not be fast, and the tests have built it without optimisation.
    let saver = process::build(&["--package", "site", "--example", "save"])?;
    let folder = tempfile::tempdir().context("make a folder for the sites")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    site.run("migrate")?;
    let file = folder.path().join(DATABASE);
    report.line("");
    report.line("SQLite, synchronous=FULL");
    let read = || {
        let mut python = process::command("python3", &["-c", READ_SQLITE]);
        process::read(python.arg(&file).arg(LETTINGS))
    };
    let url = format!("sqlite:///{}", file.display());
    kill_again_and_again(&saver, &url, &read, report)?;

    let postgres = Postgres::start()?;
    let url = postgres.url();
    process::read(site.command().env("DATABASE_URL", &url).arg("migrate"))?;
    report.line("");
    report.line("PostgreSQL");
    let read = || {
        let mut psql = process::command(postgres.programs().join("psql"), &["-XAtd", &url]);
        process::read(psql.args(["-c", ADDRESSES, "-c", LETTINGS]))
    };
    kill_again_and_again(&saver, &url, &read, report)
}

fn kill_again_and_again(
    saver: &str,
    url: &str,
    read: &dyn Fn() -> anyhow::Result<String>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let mut random = Random(now.as_secs());
    report.line(&format!("seed {}", random.0));
    let mut answered = BTreeSet::new();
    let mut unanswered = 0;
    for kill in 1..=KILLS {
        answered.extend(save_until_killed(Path::new(saver), url, &mut random)?);
        if kill % CHECK_EVERY == 0 {
            unanswered = check(&read()?, &answered, kill)?;
            report.line(&format!(
                "after {kill:>3} kills: {} saves were answered, all are there; {unanswered} more \
                 were saved and not answered",
                answered.len()
            ));
        }
    }
    if unanswered == 0 {
        report.line("no kill came between a commit and its answer");
    }
    Ok(())
}

/// Runs the program until some saves were answered, and kills it a little later.
fn save_until_killed(saver: &Path, url: &str, random: &mut Random) -> anyhow::Result<Vec<u64>> {
    let mut command = Command::new(saver);
    command.arg(url).env_clear().stdin(Stdio::null());
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("start to save")?;
    let mut lines = BufReader::new(child.stdout.take().context("the output is a pipe")?).lines();
    let mut ids = Vec::new();
    let wanted = 1 + random.below(MOST_SAVES);
    for _ in 0..wanted {
        let line = lines.next().context("it ended before it was killed")?;
        ids.push(line?.parse()?);
    }
    std::thread::sleep(Duration::from_micros(random.below(LONGEST_DELAY_US)));
    child.kill().context("kill it")?;
    child.wait().context("wait for its end")?;
    // Saves that it printed before the kill were answered as well.
    for line in lines {
        ids.push(line?.parse()?);
    }
    Ok(ids)
}

/// Compares the saved rows with the answered saves. Returns how many saves are there without an
/// answer.
fn check(found: &str, answered: &BTreeSet<u64>, kills: u64) -> anyhow::Result<u64> {
    let mut lines = found.lines();
    let addresses = lines
        .next()
        .and_then(|line| line.strip_prefix("addresses "));
    let addresses: u64 = addresses.context("count the addresses")?.parse()?;
    let ids = lines
        .map(str::parse)
        .collect::<Result<BTreeSet<u64>, _>>()?;
    let lost: Vec<_> = answered.difference(&ids).collect();
    if !lost.is_empty() {
        bail!("answered and not there: {lost:?}");
    }
    if addresses != ids.len() as u64 {
        bail!("{addresses} addresses for {} lettings", ids.len());
    }
    // A kill can fall between one commit and its answer.
    let unanswered = ids.difference(answered).count() as u64;
    if unanswered > kills {
        bail!("{unanswered} saves that nobody heard of after {kills} kills");
    }
    Ok(unanswered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_or_half_is_found() {
        let answered = BTreeSet::from([1, 2]);
        let verdict = |found: &str| check(found, &answered, 1).map_err(|error| error.to_string());
        assert_eq!(verdict("addresses 2\n1\n2\n"), Ok(0));
        assert_eq!(verdict("addresses 3\n1\n2\n3\n"), Ok(1));
        for (found, expected) in [
            ("addresses 1\n1\n", "answered and not there: [2]"),
            ("addresses 3\n1\n2\n", "3 addresses for 2 lettings"),
            (
                "addresses 4\n1\n2\n3\n4\n",
                "2 saves that nobody heard of after 1 kills",
            ),
        ] {
            assert_eq!(verdict(found), Err(expected.to_owned()));
        }
    }
}
