//! How long searches, suggestions and what keeps them right take, with few and with many lettings, on both
//! databases.

mod catalogue;
mod questions;

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use xtask::client::Client;

use self::catalogue::Catalogue;
use self::questions::{Bound, questions};
use crate::accounts::{CSRF_SECRET, log_in};
use crate::filled::{DATABASES, Filled, USERNAME};
use crate::report::{Report, milliseconds, percentile};

/// Saves of each kind, and changes by another program.
const SAVES: usize = 20;
const CHANGES: usize = 5;
/// How long the derived tables may take until they are in use.
const PATIENCE: Duration = Duration::from_mins(10);
const PAUSE: Duration = Duration::from_millis(10);

/// Times searches with 300, 30,000 and a million lettings.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask bench search --lettings 300,30000")]
pub(crate) struct Args {
    /// The numbers of lettings, with as many profiles.
    #[arg(long, value_delimiter = ',', default_value = "300,30000,1000000")]
    lettings: Vec<usize>,
}

const SIZE_SQLITE: &str = "SELECT CASE WHEN name LIKE '%oc_lettings_person%' THEN 'profiles' \
    WHEN name LIKE '%oc_lettings_document%' THEN 'document' WHEN name LIKE '%oc_lettings_name%' THEN \
    'names' WHEN name LIKE '%oc_lettings_spelling%' THEN 'spellings' ELSE 'words' END AS part, \
    (sum(pgsize) / 1024) || ' KiB' FROM dbstat WHERE name LIKE '%oc_lettings_document%' \
    OR name LIKE '%oc_lettings_words%' OR name LIKE '%oc_lettings_spelling%' \
    OR name LIKE '%oc_lettings_name%' OR name LIKE '%oc_lettings_person%' GROUP BY part \
    UNION ALL SELECT 'whole database', (sum(pgsize) / 1024) || ' KiB' FROM dbstat";
const SIZE_POSTGRES: &str = "SELECT relname, (pg_total_relation_size(oid) / 1024) || ' KiB' FROM pg_class \
    WHERE relkind = 'r' AND relname IN ('oc_lettings_document', 'oc_lettings_words', \
    'oc_lettings_spelling', 'oc_lettings_name', 'oc_lettings_person', 'oc_lettings_person_words', \
    'oc_lettings_person_spelling') UNION ALL SELECT 'whole database', \
    (pg_database_size(current_database()) / 1024) || ' KiB'";

/// What a scenario may take, at the median and at the 99th percentile.
type Limits = (Duration, Duration);

const WORDS: Limits = (Duration::from_millis(20), Duration::from_millis(60));
const FILTERS: Limits = (Duration::from_millis(60), Duration::from_millis(60));
const SUGGESTIONS: Limits = (Duration::from_millis(10), Duration::from_millis(10));

/// Measures each number of lettings on SQLite, then on PostgreSQL.
pub(crate) fn run(program: &str, args: &Args) -> anyhow::Result<()> {
    let mut report = Report::new("search")?;
    report.line("PAGE_CACHE_SIZE=0; every request is another search, one after the other");
    let folder = tempfile::tempdir().context("make a folder for the sites")?;
    let mut slow = Vec::new();
    for lettings in &args.lettings {
        for name in DATABASES {
            report.line("");
            report.line(&format!(
                "{name}, {lettings} lettings and as many profiles:"
            ));
            let folder = folder.path().join(format!("{name}-{lettings}"));
            std::fs::create_dir(&folder).context("make a folder for the site")?;
            let filled = Filled::empty(program, &folder, name)?;
            let here = Measured {
                name: format!("{name}, {lettings}"),
                lettings: *lettings,
                report: &mut report,
                slow: &mut slow,
            };
            measure(&filled, here)?;
        }
    }
    report.line("");
    for line in &slow {
        report.line(&format!("too slow: {line}"));
    }
    let path = report.write()?;
    xtask::output::line(&format!("written to {path}"));
    ensure!(slow.is_empty(), "too slow: {}", slow.join("; "));
    Ok(())
}

/// A database that is measured, and where it is told.
struct Measured<'a> {
    name: String,
    lettings: usize,
    report: &'a mut Report,
    slow: &'a mut Vec<String>,
}

impl Measured<'_> {
    fn times(&mut self, what: &str, mut times: Vec<Duration>, limits: Option<Limits>) {
        times.sort_unstable();
        let [median, p99] = [50, 99].map(|percent| percentile(&times, percent));
        let most = times.last().copied().unwrap_or_default();
        self.report.line(&format!(
            "  {what:<28} p50 {}, p99 {}, most {} ({} requests)",
            milliseconds(median),
            milliseconds(p99),
            milliseconds(most),
            times.len()
        ));
        if limits.is_some_and(|limits| median > limits.0 || p99 > limits.1) {
            self.slow.push(format!("{what} on {}", self.name));
        }
    }
}

fn measure(filled: &Filled<'_>, mut here: Measured<'_>) -> anyhow::Result<()> {
    let catalogue = Catalogue {
        lettings: here.lettings,
    };
    let script = catalogue.fill(filled);
    filled.fill(&script, [SIZE_SQLITE, SIZE_POSTGRES], here.report)?;
    let mut server = filled.serve()?;
    let (_, mut client) = server.first_answer("/admin/login/")?;
    wait_until_found(&mut client, "/lettings/?q=house", "class=\"card")?;
    measure_searches((&mut client, server.address()), &mut here)?;
    log_in(&mut client, USERNAME)?;
    measure_saves(&mut client, &mut here)?;
    let mut visitor = Client::connect(server.address())?;
    measure_changes(&mut visitor, filled, &mut here)?;
    drop((client, visitor));
    server.stop()?;
    Ok(())
}

fn measure_searches(
    (client, address): (&mut Client, SocketAddr),
    here: &mut Measured<'_>,
) -> anyhow::Result<()> {
    let questions = questions(here.lettings);
    // The first requests open connections and files.
    for (_, _, paths) in &questions {
        time(client, address, &paths[..1])?;
    }
    let mut mix = Vec::new();
    for (what, bound, paths) in questions {
        let times = time(client, address, &paths)?;
        let limits = match bound {
            Bound::Mix => {
                mix.extend(times.iter().copied());
                None
            }
            Bound::Words => Some(WORDS),
            Bound::Filters => Some(FILTERS),
            Bound::Suggestions => Some(SUGGESTIONS),
        };
        here.times(what, times, limits);
    }
    here.times("common, rare and misspelt", mix, Some(WORDS));
    Ok(())
}

fn time(
    client: &mut Client,
    address: SocketAddr,
    paths: &[String],
) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for path in paths {
        let start = Instant::now();
        let status = client.get(path)?;
        let time = start.elapsed();
        let shown = &path[..path.len().min(120)];
        // An address of 10,000 characters is refused, and its connection closed.
        ensure!(status == 200 || status == 414, "{shown} answered {status}");
        if status == 414 {
            *client = Client::connect(address)?;
        }
        if time > Duration::from_millis(60) {
            xtask::output::line(&format!("  {shown} took {}", milliseconds(time)));
        }
        times.push(time);
    }
    Ok(times)
}

/// Saves addresses that no letting has, and those of lettings, which change the index. What was saved is found
/// by the next request.
fn measure_saves(client: &mut Client, here: &mut Measured<'_>) -> anyhow::Result<()> {
    let session = client.session().context("there is no session")?;
    let head = format!("Cookie: csrftoken={CSRF_SECRET}; {session}\r\n");
    let form = |city: &str| {
        format!(
            "csrfmiddlewaretoken={CSRF_SECRET}&number=1&street=Bay+Road&city={city}&state=MA\
             &zip_code=2134&country_iso_code=USA&_save=Save"
        )
    };
    let mut post = |path: &str, city: &str| {
        let start = Instant::now();
        let status = client.post(path, &head, &form(city))?;
        ensure!(status == 302, "a save at {path} answered {status}");
        anyhow::Ok(start.elapsed())
    };
    let mut times = Vec::new();
    for _ in 0..SAVES {
        times.push(post("/admin/lettings/address/add/", "Quincy")?);
    }
    here.times("a save beside the index", times, None);
    let mut times = Vec::new();
    let cities: Vec<_> = (0..SAVES)
        .map(|index| {
            format!(
                "Quoxly{}",
                char::from(b'a' + u8::try_from(index).unwrap_or(0))
            )
        })
        .collect();
    for (id, city) in (1..).zip(&cities) {
        times.push(post(
            &format!("/admin/lettings/address/{id}/change/"),
            city,
        )?);
    }
    here.times("a save in the index", times, None);
    for city in &cities {
        let page = client.read(&format!("/lettings/?place={city}"))?;
        ensure!(
            page.contains("class=\"card"),
            "what was saved is not found at once: {city}"
        );
    }
    here.report.line("  what was saved was found at once");
    Ok(())
}

/// Changes titles as another program would, and waits until they are found.
fn measure_changes(
    client: &mut Client,
    filled: &Filled<'_>,
    here: &mut Measured<'_>,
) -> anyhow::Result<()> {
    let limit = if here.lettings > 30_000 {
        Duration::from_secs(10)
    } else {
        Duration::from_secs(1)
    };
    let mut times = Vec::new();
    for change in 0..CHANGES {
        let word = format!(
            "Wuzzle{}",
            char::from(b'a' + u8::try_from(change).unwrap_or(0))
        );
        let id = here.lettings / 2 + change;
        let script = format!("UPDATE lettings_letting SET title = '{word}' WHERE id = {id}");
        filled.select(&script, ["SELECT 1"; 2])?;
        times.push(wait_until_found(
            client,
            &format!("/lettings/?q={word}"),
            &word.clone(),
        )?);
        // The comparison rests after it: the next change is to find it at rest.
        thread::sleep(limit / 2);
    }
    here.times("found after another's change", times, Some((limit, limit)));
    Ok(())
}

/// Asks until the page has a card with this text.
fn wait_until_found(client: &mut Client, path: &str, text: &str) -> anyhow::Result<Duration> {
    let start = Instant::now();
    loop {
        // While the index is made, a search is refused.
        if client.get(path)? == 200 {
            let page = client.read(path)?;
            let cards = page.split("class=\"card").skip(1);
            if cards
                .into_iter()
                .any(|card| text.starts_with("class") || card.contains(text))
            {
                return Ok(start.elapsed());
            }
        }
        if start.elapsed() > PATIENCE {
            bail!("{path} found nothing after {PATIENCE:?}");
        }
        thread::sleep(PAUSE);
    }
}
