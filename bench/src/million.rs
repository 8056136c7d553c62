//! Whether what strangers and staff ask takes longer the more lettings there are, on both databases.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use xtask::client::Client;
use xtask::process;

use crate::accounts::{CSRF_SECRET, log_in};
use crate::filled::{DATABASES, Filled, USERNAME};
use crate::report::{Report, milliseconds, percentile};

/// Requests of a page, and those before them that are not counted.
const REQUESTS: usize = 40;
const WARM_UP: usize = 5;
/// At most so long a page may take with the most lettings, or this share of its time with the fewest.
const LIMIT: Duration = Duration::from_millis(10);
const LIMIT_PERCENT: u32 = 150;
/// How long the derived tables may take until they are in use.
const PATIENCE: Duration = Duration::from_mins(5);
const PAUSE: Duration = Duration::from_millis(50);

/// Times pages with 300, 30,000 and a million lettings.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask bench million")]
pub(crate) struct Args {
    /// The numbers of lettings.
    #[arg(long, value_delimiter = ',', default_value = "300,30000,1000000")]
    lettings: Vec<usize>,
}

/// The last part of the sitemap. Its time is that of its addresses, up to 50,000 of them.
const SITEMAP: &str = "sitemap, last part";

/// A page by its name, with its path for a number of lettings.
type PageOf = (&'static str, fn(usize) -> String);

const PAGES: [PageOf; 13] = [
    ("first page", |_| "/lettings/".to_owned()),
    ("page in the middle", |size| {
        format!("/lettings/?page={}", size / 48)
    }),
    ("last page", |size| {
        format!("/lettings/?page={}", size.div_ceil(24))
    }),
    ("no such page", |_| "/lettings/?page=99999999".to_owned()),
    ("letting", |size| format!("/lettings/{}/", size / 2)),
    ("profile, common city", |_| "/profiles/common/".to_owned()),
    ("profile, rare city", |_| "/profiles/rare/".to_owned()),
    ("profile, no such city", |_| "/profiles/none/".to_owned()),
    (SITEMAP, |size| match size {
        0..49_000 => "/sitemap.xml".to_owned(),
        _ => format!("/sitemap.xml?p={}", size.div_ceil(50_000)),
    }),
    ("admin", |_| "/admin/lettings/letting/".to_owned()),
    ("admin, middle", |size| {
        format!("/admin/lettings/letting/?p={}", size / 200)
    }),
    ("admin, last page", |size| {
        format!("/admin/lettings/letting/?p={}", size.div_ceil(100))
    }),
    ("admin, addresses", |size| {
        format!("/admin/lettings/address/?p={}", size / 200)
    }),
];

/// The SQL for the rows, which both databases understand. `series` has the numbers up to `size`.
fn fill(series: &str, size: usize) -> String {
    let mut sql = format!(
        "INSERT INTO lettings_address (id, number, street, city, state, zip_code, country_iso_code) \
         SELECT i, i % 10000, 'Street ' || i, CASE WHEN i = {size} THEN 'Rareville' \
         WHEN i % 3 = 0 THEN 'City ' || (i % 5000) ELSE 'Irvine' END, 'CA', i % 100000, 'USA' \
         FROM {series}; INSERT INTO lettings_letting (id, title, address_id) \
         SELECT i, 'House number ' || i || ' by the sea', i FROM {series};"
    );
    for (id, name, city) in [
        (101, "common", "Irvine"),
        (102, "rare", "Rareville"),
        (103, "none", "Nowhere"),
    ] {
        sql += &format!(
            "INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, \
             email, is_staff, is_active, date_joined) VALUES ({id}, '!', FALSE, '{name}', '', '', '', \
             FALSE, TRUE, '2026-01-02 03:04:05'); INSERT INTO profiles_profile \
             (id, favorite_city, user_id) VALUES ({id}, '{city}', {id});"
        );
    }
    sql
}

const SIZE_SQLITE: &str = "SELECT name, (sum(pgsize) / 1024) || ' KiB' FROM dbstat \
    WHERE name LIKE '%oc_lettings_locality%' OR name LIKE '%oc_lettings_block%' GROUP BY name";
const SIZE_POSTGRES: &str = "SELECT relname, (pg_total_relation_size(oid) / 1024) || ' KiB' FROM pg_class \
    WHERE relname IN ('oc_lettings_locality', 'oc_lettings_block')";

/// Measures each number of lettings on SQLite, then on PostgreSQL.
pub(crate) fn run(program: &str, args: &Args) -> anyhow::Result<()> {
    let mut report = Report::new("million")?;
    report.line(&format!(
        "PAGE_CACHE_SIZE=0; median of {REQUESTS} requests of each page, one after the other"
    ));
    let folder = tempfile::tempdir().context("make a folder for the sites")?;
    let mut slow = Vec::new();
    for name in DATABASES {
        let mut medians = Vec::new();
        for lettings in &args.lettings {
            report.line("");
            report.line(&format!("{name}, {lettings} lettings:"));
            let folder = folder.path().join(format!("{name}-{lettings}"));
            std::fs::create_dir(&folder).context("make a folder for the site")?;
            let filled = Filled::empty(program, &folder, name)?;
            medians.push(measure(&filled, *lettings, &mut report)?);
        }
        slow.extend(compare(name, &args.lettings, &medians, &mut report));
    }
    let path = report.write()?;
    xtask::output::line(&format!("written to {path}"));
    ensure!(slow.is_empty(), "too slow: {}", slow.join(", "));
    Ok(())
}

/// The table of medians. Returns the pages that take too long with the most lettings.
fn compare(
    database: &str,
    sizes: &[usize],
    medians: &[Vec<Duration>],
    report: &mut Report,
) -> Vec<String> {
    let sizes: Vec<_> = sizes.iter().map(|size| format!("{size:>12}")).collect();
    report.line("");
    report.line(&format!("{database:<24}{}", sizes.join("")));
    let mut slow = Vec::new();
    for (index, (name, _)) in PAGES.iter().enumerate() {
        let times: Vec<_> = medians.iter().map(|of_size| of_size[index]).collect();
        let shown: Vec<_> = times
            .iter()
            .map(|time| format!("{:>12}", milliseconds(*time)))
            .collect();
        report.line(&format!("{name:<24}{}", shown.join("")));
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            continue;
        };
        if *name != SITEMAP && *last > LIMIT && *last * 100 > *first * LIMIT_PERCENT {
            slow.push(format!("{name} on {database}"));
        }
    }
    slow
}

fn measure(
    filled: &Filled<'_>,
    lettings: usize,
    report: &mut Report,
) -> anyhow::Result<Vec<Duration>> {
    let mut script = fill(&filled.series(lettings), lettings);
    if filled.is_postgres() {
        script += "SELECT setval(pg_get_serial_sequence('lettings_address', 'id'), max(id)) \
                   FROM lettings_address;";
    }
    filled.fill(&script, [SIZE_SQLITE, SIZE_POSTGRES], report)?;
    let mut server = filled.serve()?;
    let (_, mut client) = server.first_answer("/admin/login/")?;
    log_in(&mut client, USERNAME)?;
    wait_for_derived_tables(&mut client, lettings, report)?;
    let mut medians = Vec::new();
    for (name, path) in PAGES {
        let path = path(lettings.max(300));
        let (median, p99) = if name == SITEMAP {
            time_by_curl(&format!("http://{}{path}", server.address()))?
        } else {
            time(&mut client, &path)?
        };
        report.line(&format!(
            "  {name:<24} p50 {}, p99 {}",
            milliseconds(median),
            milliseconds(p99)
        ));
        medians.push(median);
    }
    measure_saves(&mut client, report)?;
    wait_for_derived_tables(&mut client, lettings, report)?;
    drop(client);
    server.stop()?;
    Ok(medians)
}

/// The median and the 99th percentile of a page's times.
fn time(client: &mut Client, path: &str) -> anyhow::Result<(Duration, Duration)> {
    let mut times = Vec::new();
    for request in 0..WARM_UP + REQUESTS {
        let start = Instant::now();
        let status = client.get(path)?;
        ensure!(status == 200 || status == 404, "{path} answered {status}");
        if request >= WARM_UP {
            times.push(start.elapsed());
        }
    }
    times.sort_unstable();
    Ok((percentile(&times, 50), percentile(&times, 99)))
}

/// The same of a page that is streamed, and whose length nobody knows before its end.
fn time_by_curl(address: &str) -> anyhow::Result<(Duration, Duration)> {
    let mut times = Vec::new();
    for _ in 0..WARM_UP {
        let arguments = ["-sf", "-o", "/dev/null", "-w", "%{time_total}", address];
        let seconds = process::read(&mut process::command("curl", &arguments))?;
        let seconds = seconds.trim().parse().context("curl wrote no time")?;
        times.push(Duration::from_secs_f64(seconds));
    }
    times.sort_unstable();
    Ok((percentile(&times, 50), percentile(&times, 99)))
}

/// Waits until a page that is slow without derived tables is quick several times in a row.
fn wait_for_derived_tables(
    client: &mut Client,
    size: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let start = Instant::now();
    let mut quick = 0;
    while quick < 5 {
        if start.elapsed() > PATIENCE {
            bail!("with {size} lettings the derived tables were not in use after {PATIENCE:?}");
        }
        let asked = Instant::now();
        client.expect("/profiles/none/")?;
        quick = if asked.elapsed() < LIMIT {
            quick + 1
        } else {
            0
        };
        thread::sleep(PAUSE);
    }
    let waited = start.elapsed().saturating_sub(PAUSE * 5);
    report.line(&format!(
        "  derived tables in use after {}",
        milliseconds(waited)
    ));
    Ok(())
}

/// Saves new addresses in the admin.
fn measure_saves(client: &mut Client, report: &mut Report) -> anyhow::Result<()> {
    let session = client.session().context("there is no session")?;
    let head = format!("Cookie: csrftoken={CSRF_SECRET}; {session}\r\n");
    let form = format!(
        "csrfmiddlewaretoken={CSRF_SECRET}&number=1&street=Bay+Road&city=Boston&state=MA\
         &zip_code=2134&country_iso_code=USA&_save=Save"
    );
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        let start = Instant::now();
        let status = client.post("/admin/lettings/address/add/", &head, &form)?;
        ensure!(status == 302, "a save answered {status}");
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let [median, p99] = [50, 99].map(|percent| milliseconds(percentile(&times, percent)));
    report.line(&format!("  a save: p50 {median}, p99 {p99}"));
    Ok(())
}
