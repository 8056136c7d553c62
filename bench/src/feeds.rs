//! A hundred thousand stays and a thousand calendars of other sites: how long the pages take that look at
//! stays, and what visitors notice while all calendars are read.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use xtask::client::Client;
use xtask::process;

use crate::accounts::log_in;
use crate::filled::{DATABASES, Filled, USERNAME};
use crate::report::{Report, milliseconds, percentile};

const LETTINGS: usize = 30_000;
const STAYS: usize = 100_000;
const FEEDS: usize = 1_000;
/// In each calendar.
const EVENTS: usize = 50;
/// Of each page.
const REQUESTS: usize = 100;
const WARM_UP: usize = 5;
/// The time between two visits while calendars are read.
const INTERVAL: Duration = Duration::from_millis(20);
/// How often it is looked how far they are.
const PAUSE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_mins(10);

const MONTH_LIMIT: Duration = Duration::from_millis(50);
const SEARCH_LIMIT: Duration = Duration::from_millis(60);
const VISIT_LIMIT: Duration = Duration::from_millis(20);

/// The first day is tomorrow; SQLite and PostgreSQL write it in their own way.
const DAYS: [fn(&str) -> String; 2] = [
    |days| format!("date('now', '+' || ({days}) || ' days')"),
    |days| format!("current_date + CAST({days} AS integer)"),
];
const UNREAD: &str = "SELECT count(*) FROM oc_lettings_feed WHERE attempted_at IS NULL";
const OUTCOME: &str = "SELECT count(*) || ' feeds, ' || sum(CASE WHEN error = '' THEN 1 ELSE 0 END) || \
    ' without an error, ' || (SELECT count(*) FROM oc_lettings_stay WHERE feed_id IS NOT NULL) || \
    ' stays of theirs' FROM oc_lettings_feed";

/// Measures on SQLite, then on PostgreSQL.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let calendars = Calendars::start()?;
    let mut slow = Vec::new();
    for name in DATABASES {
        report.line("");
        report.line(&format!("{name}, {LETTINGS} lettings:"));
        let folder = tempfile::tempdir().context("make a folder for the site")?;
        let here = Here {
            site: Filled::empty(program, folder.path(), name)?,
            calendars: &calendars,
        };
        slow.extend(
            here.measure(report)?
                .into_iter()
                .map(|what| format!("{what} on {name}")),
        );
    }
    ensure!(slow.is_empty(), "too slow: {}", slow.join(", "));
    Ok(())
}

/// A site on a database, and the calendars that it reads.
struct Here<'a> {
    site: Filled<'a>,
    calendars: &'a Calendars,
}

impl Here<'_> {
    /// Returns what was too slow.
    fn measure(&self, report: &mut Report) -> anyhow::Result<Vec<String>> {
        let sizes = ["SELECT 1 WHERE false"; 2];
        self.site.fill(&self.lettings_and_stays(), sizes, report)?;
        let mut slow = self.measure_pages(report)?;
        self.sql(&self.feeds())?;
        for round in ["new", "unchanged", "changed"] {
            if round == "changed" {
                self.calendars.version.fetch_add(1, Relaxed);
            }
            self.sql(
                "UPDATE oc_lettings_feed SET attempted_at = NULL; DELETE FROM oc_lettings_lease",
            )?;
            slow.extend(self.measure_round(round, report)?);
        }
        Ok(slow)
    }

    /// The pages that look at stays, without the page cache.
    fn measure_pages(&self, report: &mut Report) -> anyhow::Result<Vec<String>> {
        let mut server = self.site.serve()?;
        let (_, mut client) = server.first_answer("/admin/login/")?;
        let [from, to, month] = self.days()?;
        let dates = format!("from={from}&to={to}");
        let pages = [
            ("dates", format!("/lettings/?{dates}"), SEARCH_LIMIT),
            (
                "dates and a word",
                format!("/lettings/?{dates}&q=house"),
                SEARCH_LIMIT,
            ),
            (
                "dates and filters",
                format!("/lettings/?{dates}&guests=4&bedrooms=2&max=300&kind=house&place=Irvine"),
                SEARCH_LIMIT,
            ),
            (
                "letting",
                format!("/lettings/{}/?{dates}", LETTINGS / 2),
                SEARCH_LIMIT,
            ),
            (
                "enquiry",
                format!("/lettings/{}/enquiry/?{dates}", LETTINGS / 2),
                SEARCH_LIMIT,
            ),
            (
                "month",
                format!("/admin/calendar/?month={month}"),
                MONTH_LIMIT,
            ),
            (
                "month, page 7",
                format!("/admin/calendar/?month={month}&page=7"),
                MONTH_LIMIT,
            ),
        ];
        let mut slow = Vec::new();
        log_in(&mut client, USERNAME)?;
        report.line(&format!(
            "  {STAYS} stays, PAGE_CACHE_SIZE=0, {REQUESTS} requests of each page:"
        ));
        for (name, path, limit) in pages {
            let mut times = Vec::new();
            for request in 0..WARM_UP + REQUESTS {
                let start = Instant::now();
                client.expect(&path)?;
                if request >= WARM_UP {
                    times.push(start.elapsed());
                }
            }
            if tell(report, name, times) > limit {
                slow.push(name.to_owned());
            }
        }
        server.stop()?;
        Ok(slow)
    }

    /// One round of all calendars, with visits meanwhile.
    fn measure_round(&self, round: &str, report: &mut Report) -> anyhow::Result<Vec<String>> {
        let [from, to, _] = self.days()?;
        let pages = [
            "/".to_owned(),
            "/lettings/".to_owned(),
            format!("/lettings/?from={from}&to={to}"),
            "/lettings/?q=house".to_owned(),
            // One with a calendar, and one without.
            "/lettings/7/".to_owned(),
            format!("/lettings/{LETTINGS}/"),
        ];
        let mut server = self.site.serve_with_page_cache("33554432")?;
        let start = Instant::now();
        let address = server.address();
        server.first_answer("/lettings/?q=house")?;
        let ended = Arc::new(AtomicBool::new(false));
        let visits = {
            let ended = Arc::clone(&ended);
            thread::spawn(move || visit(address, &pages, &ended))
        };
        let read = loop {
            if self.sql(UNREAD)?.trim() == "0" {
                break Ok(start.elapsed());
            }
            if start.elapsed() > PATIENCE {
                break Err(anyhow::anyhow!("not all calendars were read"));
            }
            thread::sleep(PAUSE);
        };
        ended.store(true, Relaxed);
        let visits = visits.join();
        let read = read?;
        let by_page = visits.map_err(|_| anyhow::anyhow!("the visitor failed"))??;
        report.line(&format!(
            "  {FEEDS} calendars of {EVENTS} events, {round}: {:.0} s, with a visit every {}; {}",
            read.as_secs_f64(),
            milliseconds(INTERVAL),
            self.sql(OUTCOME)?.trim()
        ));
        server.stop()?;
        let mut slow = Vec::new();
        for (page, times) in by_page {
            if tell(report, &page, times) > VISIT_LIMIT {
                slow.push(format!("{page} ({round})"));
            }
        }
        Ok(slow)
    }

    /// Runs statements; returns what the last, if it selects, gives.
    fn sql(&self, script: &str) -> anyhow::Result<String> {
        let (script, select) = if script.starts_with("SELECT") {
            ("", script)
        } else {
            (script, "SELECT 1")
        };
        self.site.select(script, [select, select])
    }

    /// An arrival and a departure, and a month, all in the next weeks.
    fn days(&self) -> anyhow::Result<[String; 3]> {
        let day = |days: &str| {
            let day = self.sql(&format!("SELECT {}", self.day(days)))?;
            anyhow::Ok(day.trim().to_owned())
        };
        let month = day("40")?;
        let month = month.get(..7).context("a date has a month")?;
        Ok([day("33")?, day("37")?, month.to_owned()])
    }

    fn day(&self, days: &str) -> String {
        DAYS[usize::from(self.site.is_postgres())](days)
    }

    fn lettings_and_stays(&self) -> String {
        let letting = format!("s.i % {LETTINGS} + 1");
        let lettings = self.site.series(LETTINGS);
        // A stay of three to five nights every sixteen days.
        let arrival = format!("s.i / {LETTINGS} * 16 + s.i % 11 + 1");
        format!(
            "INSERT INTO lettings_address (id, number, street, city, state, zip_code, country_iso_code) \
             SELECT s.i, s.i % 10000, 'Street ' || s.i, CASE WHEN s.i % 3 = 0 THEN 'City ' || (s.i % 5000) \
             ELSE 'Irvine' END, 'CA', s.i % 100000, 'USA' FROM {lettings};\n\
             INSERT INTO lettings_letting (id, title, address_id) \
             SELECT s.i, 'House number ' || s.i || ' by the sea', s.i FROM {lettings};\n\
             INSERT INTO oc_lettings_home (id, letting_id, is_published, kind, sleeps, bedrooms, double_beds, \
             single_beds, sofa_beds, half_bathrooms, check_in, check_out, allows_pets, allows_smoking, \
             allows_children, permit, shows_street, summary_en, summary_fr, description_en, description_fr, \
             night_price, cleaning_price, deposit, min_nights, further_guest_price, weekly_percentage, \
             monthly_percentage, tax_kind, tax_amount) \
             SELECT s.i, s.i, TRUE, CASE s.i % 3 WHEN 0 THEN 'house' WHEN 1 THEN 'cabin' ELSE 'villa' END, \
             s.i % 12 + 1, s.i % 6, 1, 0, 0, 2, '15:00', '11:00', TRUE, FALSE, TRUE, '', TRUE, '', '', \
             'A garden by the sea', '', 5000 + (s.i * 37 % 400) * 100, 0, 0, 1, 0, 0, 0, 'none', 0 FROM {lettings};\n\
             INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, feed_id, uid, note, changed_at) \
             SELECT {letting}, {}, {}, 'booking', NULL, 'stay' || s.i, '', '2026-01-01 00:00:00' FROM {};",
            self.day(&arrival),
            self.day(&format!("{arrival} + 3 + s.i % 3")),
            self.site.series(STAYS)
        )
    }

    fn feeds(&self) -> String {
        format!(
            "INSERT INTO oc_lettings_feed (letting_id, name, url, attempted_at, succeeded_at, alarmed_at, error, \
             error_detail, etag, last_modified) SELECT s.i, 'Elsewhere', 'http://{}/' || s.i || '.ics', NULL, \
             NULL, NULL, '', '', '', '' FROM {}",
            self.calendars.address,
            self.site.series(FEEDS)
        )
    }
}

/// Visits pages in turn until it has ended: the times of each.
fn visit(
    address: SocketAddr,
    pages: &[String],
    ended: &AtomicBool,
) -> anyhow::Result<Vec<(String, Vec<Duration>)>> {
    let mut client = Client::connect(address)?;
    let mut times: Vec<_> = pages
        .iter()
        .map(|page| (page.clone(), Vec::new()))
        .collect();
    let mut due = Instant::now();
    for turn in 0.. {
        if ended.load(Relaxed) {
            break;
        }
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let (page, times) = &mut times[turn % pages.len()];
        if client.is_last() {
            client = Client::connect(address)?;
        }
        client.expect(page)?;
        // From when it was due: a visit that waits for the one before it waits as well.
        times.push(due.elapsed());
        due += INTERVAL;
    }
    Ok(times)
}

/// Writes the line of a page. Returns the 99th percentile.
fn tell(report: &mut Report, what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let [median, p99] = [50, 99].map(|percent| percentile(&times, percent));
    report.line(&format!(
        "    {what:<48} p50 {}, p99 {}, most {} ({})",
        milliseconds(median),
        milliseconds(p99),
        milliseconds(times.last().copied().unwrap_or_default()),
        times.len()
    ));
    p99
}

/// A site that gives calendars, each with an `ETag`.
struct Calendars {
    address: SocketAddr,
    version: Arc<AtomicUsize>,
}

/// Prints the days from today on, as calendars write them.
const PRINT_DAYS: &str = "
import datetime
today = datetime.date.today()
for days in range(700):
    print((today + datetime.timedelta(days)).strftime('%Y%m%d'))
";

impl Calendars {
    fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("listen for calendars")?;
        let address = listener.local_addr()?;
        let version = Arc::new(AtomicUsize::new(1));
        let days = process::read(&mut process::command("python3", &["-c", PRINT_DAYS]))?;
        let days: Arc<[String]> = days.lines().map(str::to_owned).collect();
        let current = Arc::clone(&version);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let version = current.load(Relaxed);
                let days = Arc::clone(&days);
                // Whoever asked may have left.
                thread::spawn(move || drop(answer(&stream, version, &days)));
            }
        });
        Ok(Self { address, version })
    }
}

fn answer(stream: &TcpStream, version: usize, days: &[String]) -> std::io::Result<()> {
    let etag = format!("\"{version}\"");
    let mut is_known = false;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        is_known |= line.starts_with("if-none-match") && line.ends_with(&etag);
        if line.is_empty() {
            break;
        }
    }
    let mut writer = stream;
    if is_known {
        return write!(
            writer,
            "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
        );
    }
    let body = calendar(version, days);
    write!(
        writer,
        "HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\nETag: {etag}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Stays of three nights, on other days with each version.
fn calendar(version: usize, days: &[String]) -> String {
    let mut text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n".to_owned();
    for event in 0..EVENTS {
        let arrival = event * 13 + version % 9 + 1;
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "BEGIN:VEVENT\r\nUID:{event}@elsewhere.example\r\nDTSTAMP:20260101T000000Z\r\n\
             DTSTART;VALUE=DATE:{}\r\nDTEND;VALUE=DATE:{}\r\nSUMMARY:Reserved\r\nEND:VEVENT\r\n",
            days[arrival],
            days[arrival + 3]
        );
    }
    text + "END:VCALENDAR\r\n"
}
