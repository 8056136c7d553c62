//! What a change costs: another build of the program beside this one, in turn.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use xtask::client::Client;
use xtask::process;
use xtask::server::{Server, Site};

use crate::accounts::{CSRF_SECRET, PASSWORD};
use crate::load::median;
use crate::processor;
use crate::report::Report;

const USERNAME: &str = "ann";
/// Odd, so that one of them is the median.
const ROUNDS: usize = 7;
const REQUESTS: u32 = 1_500;

/// Who asks for a page.
#[derive(Debug, Clone, Copy)]
enum Asker {
    Visitor,
    Staff,
}

const MISSING: &str = "/no-such-page";

const PAGES: [(&str, Asker); 8] = [
    ("/static/site.css", Asker::Visitor),
    ("/", Asker::Visitor),
    ("/lettings/", Asker::Visitor),
    ("/lettings/1/", Asker::Visitor),
    ("/profiles/", Asker::Visitor),
    (MISSING, Asker::Visitor),
    ("/admin/lettings/letting/", Asker::Staff),
    ("/admin/lettings/letting/1/change/", Asker::Staff),
];

/// A DSN at which nobody listens.
const UNUSED_DSN: &str = "http://key@127.0.0.1:9/1";

/// Compares another build of the program with this one, page by page.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cargo xtask bench compare ../earlier/target/release/oc-lettings"
)]
pub(crate) struct Args {
    /// The other build, of an earlier commit.
    before: PathBuf,
}

/// One program that serves, with a connection of a visitor and one of staff.
struct Running {
    name: &'static str,
    server: Server,
    visitor: Client,
    staff: Client,
}

/// Measures both programs on the demo data on SQLite, without a DSN and with one.
pub(crate) fn run(after: &str, args: &Args) -> anyhow::Result<()> {
    let before = args.before.canonicalize();
    let before = before.with_context(|| format!("open {}", args.before.display()))?;
    let before = before.to_str().context("the path is not UTF-8")?;
    let mut report = Report::new("compare")?;
    for (name, program) in [("before", before), ("after", after)] {
        let version = process::read(&mut process::command(program, &["--version"]))?;
        report.line(&format!("{name}: {}", version.trim()));
    }
    for dsn in [None, Some(UNUSED_DSN)] {
        let folder = tempfile::tempdir().context("make a folder for the sites")?;
        let before = start("before", before, &folder.path().join("before"), dsn)?;
        let after = start("after", after, &folder.path().join("after"), dsn)?;
        report.line("");
        report.line(&format!(
            "{}, {ROUNDS} rounds of {REQUESTS} requests in turn, one after the other on one \
             connection; us: user and system time of the program, a request",
            if dsn.is_some() {
                "with a DSN"
            } else {
                "without a DSN"
            },
        ));
        measure(&mut [before, after], dsn, &mut report)?;
    }
    let path = report.write()?;
    xtask::output::line(&format!("written to {path}"));
    Ok(())
}

fn start(
    name: &'static str,
    program: &str,
    folder: &Path,
    dsn: Option<&str>,
) -> anyhow::Result<Running> {
    std::fs::create_dir(folder).context("make a folder for a site")?;
    let site = Site { program, folder };
    for command in ["migrate", "demo"] {
        process::read(site.public_command().arg(command))?;
    }
    process::read(site.public_command().args(["collectstatic", "--noinput"]))?;
    let mut superuser = site.public_command();
    superuser.env("DJANGO_SUPERUSER_PASSWORD", PASSWORD).args([
        "createsuperuser",
        "--noinput",
        "--username",
        USERNAME,
    ]);
    process::read(&mut superuser)?;
    let log = std::fs::File::create(folder.join("log")).context("make a file for the log")?;
    let mut command = site.public_command();
    command.stdout(std::process::Stdio::null()).stderr(log);
    command.env("LOG_FORMAT", "json");
    // The cost of rendering is compared, which a page from memory does not have.
    command.env("PAGE_CACHE_SIZE", "0");
    if let Some(dsn) = dsn {
        command.env("SENTRY_DSN", dsn);
    }
    let mut server = Server::start(command)?;
    let (_, visitor) = server.first_answer("/")?;
    let mut staff = Client::connect(server.address()).context("connect")?;
    let head = format!("Cookie: csrftoken={CSRF_SECRET}\r\n");
    let form = format!(
        "csrfmiddlewaretoken={CSRF_SECRET}&username={USERNAME}&password={PASSWORD}&next=/admin/"
    );
    let status = staff.post("/admin/login/", &head, &form)?;
    ensure!(status == 302, "the login answered {status}");
    Ok(Running {
        name,
        server,
        visitor,
        staff,
    })
}

fn measure(
    programs: &mut [Running; 2],
    dsn: Option<&str>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut medians = Vec::new();
    for (path, asker) in PAGES {
        // With a DSN the 404 would be a report each time.
        if dsn.is_some() && path == MISSING {
            continue;
        }
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS {
            // The other one begins in each round, so that disturbances hit both alike.
            for index in [round % 2, (round + 1) % 2] {
                times[index].push(programs[index].request(path, asker)?);
            }
        }
        for (program, times) in programs.iter().zip(&times) {
            let list: Vec<_> = times.iter().map(|us| format!("{us:.1}")).collect();
            report.line(&format!("{path} {}: {} us", program.name, list.join(" ")));
        }
        let [before, after] = times.map(|times| median(times.into_iter()));
        medians.push(format!(
            "{path:<34} before {before:>7.1} us, after {after:>7.1} us, {:.3} of it",
            after / before
        ));
    }
    report.line("");
    report.line("medians:");
    for line in medians {
        report.line(&line);
    }
    Ok(())
}

impl Running {
    /// The processor time of a request, in microseconds.
    fn request(&mut self, path: &str, asker: Asker) -> anyhow::Result<f64> {
        let client = match asker {
            Asker::Visitor => &mut self.visitor,
            Asker::Staff => &mut self.staff,
        };
        let before = processor::microseconds_of_threads(self.server.id());
        for _ in 0..REQUESTS {
            client.get(path)?;
        }
        let used = processor::microseconds_of_threads(self.server.id()) - before;
        Ok(used / f64::from(REQUESTS))
    }
}
