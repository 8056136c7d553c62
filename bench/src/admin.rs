//! How fast staff finds a letting among two hundred thousand, on both databases.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use xtask::postgres::Postgres;
use xtask::process;
use xtask::server::{DATABASE, Site};

use crate::accounts::{PASSWORD, log_in};
use crate::report::{Report, milliseconds, percentile};

const ROWS: usize = 200_000;
const REQUESTS: usize = 40;
/// Requests before the measurement, so that no first one is in it.
const WARM_UP: usize = 5;
const USERNAME: &str = "ann";

/// The pages with their names, and the limits of their medians in milliseconds.
const PAGES: [(&str, &str, u64); 9] = [
    ("opened", "/admin/lettings/letting/", 50),
    ("addresses opened", "/admin/lettings/address/", 50),
    ("searched", "/admin/lettings/letting/?q=number+7777", 250),
    (
        "searched, street and city",
        "/admin/lettings/letting/?q=street+199+irvine",
        250,
    ),
    (
        "searched in vain",
        "/admin/lettings/letting/?q=nowhere",
        250,
    ),
    ("sorted by title", "/admin/lettings/letting/?o=1", 250),
    (
        "sorted by address, city",
        "/admin/lettings/letting/?o=-2.3",
        250,
    ),
    (
        "narrowed to a state",
        "/admin/lettings/letting/?address__state__exact=CA",
        250,
    ),
    ("last page", "/admin/lettings/letting/?p=2000", 250),
];

/// The SQL for the rows. Both databases understand it, except for the series of numbers.
fn fill(series: &str) -> String {
    format!(
        "INSERT INTO lettings_address (id, number, street, city, state, zip_code, \
         country_iso_code) SELECT i, i % 10000, 'Street ' || i, 'Irvine', 'CA', i % 100000, 'USA' \
         FROM {series}; INSERT INTO lettings_letting (id, title, address_id) SELECT i, \
         'House number ' || ((i * 7919) % {ROWS}) || ' by the sea', i FROM {series};"
    )
}

const FILL: &str = "
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.executescript(sys.argv[2])
database.close()
";

/// A search of 500 words, of which the first ten count.
fn long_search() -> String {
    let words: Vec<_> = (0..500).map(|number| number.to_string()).collect();
    format!("/admin/lettings/letting/?q={}", words.join("+"))
}

/// Measures each page on SQLite, then on PostgreSQL.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    report.line(&format!(
        "{ROWS} lettings, each with its address; {REQUESTS} requests of each page, one after the \
         other, on one connection"
    ));
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let postgres = Postgres::start()?;
    let mut slow = Vec::new();
    for (name, url) in [
        ("SQLite", format!("sqlite:///{DATABASE}")),
        ("PostgreSQL", postgres.url()),
    ] {
        report.line("");
        report.line(&format!("{name}:"));
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder).context("make a folder for the database")?;
        prepare(program, &folder, &url)?;
        if name == "SQLite" {
            let series = format!(
                "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < \
                 {ROWS}) SELECT i FROM s)"
            );
            let mut python = process::command("python3", &["-c", FILL]);
            python.arg(folder.join(DATABASE)).arg(fill(&series));
            process::read(&mut python)?;
        } else {
            let series = format!("generate_series(1, {ROWS}) AS s(i)");
            let mut psql = std::process::Command::new(postgres.programs().join("psql"));
            psql.args(["--quiet", "--dbname", &url, "--command"]);
            psql.arg(fill(&series));
            // The server would do this by itself in the next minutes, and disturb the measurement.
            psql.args(["--command", "VACUUM ANALYZE", "--command", "CHECKPOINT"]);
            process::read(&mut psql)?;
        }
        slow.extend(measure_pages(program, &folder, (name, &url), report)?);
    }
    ensure!(slow.is_empty(), "too slow: {}", slow.join(", "));
    report.line("");
    report.line("every median was within its limit");
    Ok(())
}

fn prepare(program: &str, folder: &Path, url: &str) -> anyhow::Result<()> {
    let site = Site { program, folder };
    process::read(site.command().env("DATABASE_URL", url).arg("migrate"))?;
    let mut command = site.command();
    command
        .env("DATABASE_URL", url)
        .env("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        .args(["createsuperuser", "--noinput", "--username", USERNAME]);
    process::read(&mut command)?;
    Ok(())
}

fn measure_pages(
    program: &str,
    folder: &Path,
    (database, url): (&str, &str),
    report: &mut Report,
) -> anyhow::Result<Vec<String>> {
    let site = Site { program, folder };
    let mut server = site.serve_with(|command| {
        command.env("DATABASE_URL", url);
    })?;
    let (_, mut client) = server.first_answer("/admin/login/")?;
    log_in(&mut client, USERNAME)?;
    let mut slow = Vec::new();
    let long = ("searched, 500 words", &*long_search(), 1_000);
    for (name, path, limit) in PAGES.into_iter().chain([long]) {
        let mut times = Vec::new();
        for request in 0..WARM_UP + REQUESTS {
            let began = Instant::now();
            client.expect(path)?;
            if request >= WARM_UP {
                times.push(began.elapsed());
            }
        }
        times.sort_unstable();
        let median = percentile(&times, 50);
        report.line(&format!(
            "  {name:<28} p50 {}, p99 {} (limit {limit} ms)",
            milliseconds(median),
            milliseconds(percentile(&times, 99)),
        ));
        if median > Duration::from_millis(limit) {
            slow.push(format!("{name} on {database}"));
        }
    }
    drop(client);
    server.stop()?;
    Ok(slow)
}
