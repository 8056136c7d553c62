//! Whether the list of lettings stays as fast when there are a million of them.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use xtask::process;
use xtask::server::{DATABASE, Site};

use crate::report::{Report, milliseconds, percentile};

const SIZES: [usize; 2] = [100, 1_000_000];
const REQUESTS: usize = 500;
/// Requests to each site before the measurement, so that no first one is in it.
const WARM_UP: usize = 50;
const PAGE: &str = "/lettings/";

/// Fills a migrated database; the arguments are the file and the number of lettings. Python comes
/// with SQLite, and inserts by the site itself would take an hour.
const FILL: &str = r#"
import sqlite3, sys
database, size = sqlite3.connect(sys.argv[1]), int(sys.argv[2])
with database:
    database.executemany(
        "INSERT INTO lettings_address"
        " (id, number, street, city, state, zip_code, country_iso_code)"
        " VALUES (?, ?, ?, 'Irvine', 'CA', ?, 'USA')",
        ((i, i % 10000, f"Street {i}", i % 100000) for i in range(1, size + 1)),
    )
    database.executemany(
        "INSERT INTO lettings_letting (id, title, address_id) VALUES (?, ?, ?)",
        ((i, f"House number {i} by the sea", i) for i in range(1, size + 1)),
    )
database.close()
"#;

/// Measures a small and a large site in turn, so that disturbances of the machine hit both alike.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the sites")?;
    let mut servers = Vec::new();
    for size in SIZES {
        let folder = folder.path().join(size.to_string());
        fill(program, &folder, size)?;
        let site = Site {
            program,
            folder: &folder,
        };
        let mut server = site.serve()?;
        let (_, client) = server.first_answer(PAGE)?;
        servers.push((server, client));
    }
    let mut times = SIZES.map(|_| Vec::with_capacity(REQUESTS));
    for request in 0..WARM_UP + REQUESTS {
        for ((_, client), times) in servers.iter_mut().zip(&mut times) {
            let start = Instant::now();
            client.expect(PAGE)?;
            if request >= WARM_UP {
                times.push(start.elapsed());
            }
        }
    }
    for (server, client) in servers {
        drop(client);
        server.stop()?;
    }
    report_times(&mut times, report);
    Ok(())
}

/// A migrated site in a new folder, with that many lettings.
pub(super) fn fill(program: &str, folder: &Path, size: usize) -> anyhow::Result<()> {
    std::fs::create_dir(folder).context("make a folder for a site")?;
    Site { program, folder }.run("migrate")?;
    let mut python = process::command("python3", &["-c", FILL]);
    python.arg(folder.join(DATABASE)).arg(size.to_string());
    process::read(&mut python)?;
    Ok(())
}

fn report_times(times: &mut [Vec<Duration>], report: &mut Report) {
    report.line("");
    report.line(&format!(
        "{REQUESTS} requests of {PAGE} to each site, one at a time and in turn, after {WARM_UP} not counted:"
    ));
    for (size, times) in SIZES.iter().zip(times) {
        times.sort_unstable();
        let (median, p99) = (percentile(times, 50), percentile(times, 99));
        report.line(&format!(
            "{size:>9} lettings: median {}, p99 {}",
            milliseconds(median),
            milliseconds(p99)
        ));
    }
}
