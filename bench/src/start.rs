//! How fast the site starts, and how much memory it takes.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use xtask::client::Client;
use xtask::server::{Server, Site};

use crate::report::{Report, milliseconds, percentile, value_of};

const STARTS: usize = 20;
const REQUESTS: usize = 10_000;
const FIRST_PAGE: &str = "/lettings/";
const PAGES: [&str; 4] = ["/", "/lettings/", "/lettings/1/", "/profiles/"];

/// Measures a program with the demo data on SQLite.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    site.run("migrate")?;
    site.run("demo")?;
    measure_starts(site, report)?;
    measure_memory(site, report)
}

fn measure_starts(site: Site<'_>, report: &mut Report) -> anyhow::Result<()> {
    report.line("");
    report.line(&format!(
        "from the start of the process to the first complete 200 of {FIRST_PAGE}, {STARTS} times:"
    ));
    let mut times = Vec::with_capacity(STARTS);
    for number in 1..=STARTS {
        let mut server = site.serve()?;
        let (time, client) = server.first_answer(FIRST_PAGE)?;
        // The stop would wait for an open connection.
        drop(client);
        server.stop()?;
        report.line(&format!("{number:>4}  {}", milliseconds(time)));
        times.push(time);
    }
    times.sort_unstable();
    report.line(&format!("median {}", milliseconds(percentile(&times, 50))));
    report.line(&format!("max    {}", milliseconds(percentile(&times, 100))));
    Ok(())
}

fn measure_memory(site: Site<'_>, report: &mut Report) -> anyhow::Result<()> {
    let mut server = site.serve()?;
    let (_, mut client) = server.first_answer(FIRST_PAGE)?;
    report.line("");
    report.line("memory after the first answer:");
    report_memory(&server, report)?;
    let taken = ask_for_pages(&mut client)?;
    drop(client);
    report.line(&format!(
        "memory after {REQUESTS} requests over one connection, in turn of {}:",
        PAGES.join(" ")
    ));
    report_memory(&server, report)?;
    report.line(&format!("these requests took {:.2} s", taken.as_secs_f64()));
    server.stop()
}

fn ask_for_pages(client: &mut Client) -> anyhow::Result<Duration> {
    let start = Instant::now();
    for path in PAGES.iter().cycle().take(REQUESTS) {
        client.expect(path)?;
    }
    Ok(start.elapsed())
}

fn report_memory(server: &Server, report: &mut Report) -> anyhow::Result<()> {
    let status = format!("/proc/{}/status", server.id());
    for name in ["VmRSS", "VmHWM"] {
        let value = value_of(&status, name).with_context(|| format!("read {name}"))?;
        report.line(&format!("  {name} {value}"));
    }
    Ok(())
}
