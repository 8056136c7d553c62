//! Public pages: ours from memory, ours rendered for each request, each without and with a DSN of
//! Sentry, the same bytes as files of nginx, and Django's. All write a log of requests to a file.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use xtask::server::{DATABASE, Server, Site};
use xtask::{django, process};

use crate::list;
use crate::load::{Load, MeasuredServer, WRK, median};
use crate::peers::{PEERS, start_nginx};
use crate::report::{Report, value_of};

/// The pages, each with the name of its file for nginx.
const PAGES: [(&str, &str); 4] = [
    ("home", "/"),
    ("list", "/lettings/"),
    ("letting", "/lettings/2/"),
    ("profile", "/profiles/tidewalker/"),
];
/// The codings as a client names them, with the suffix of nginx's file.
const CODINGS: [(&str, &str); 2] = [("identity", ""), ("gzip", ".gz")];
/// Odd, so that one of them is the median.
const ROUNDS: usize = 5;
/// How long one run takes. There are 240 of them.
const SECONDS: u32 = 1;
/// Requests for a page before its bytes are copied for nginx: by then it has its smallest forms.
const WARM_UP: usize = 30;
/// Headers that nginx writes by itself, or that belong to one answer.
const NOT_COPIED: [&str; 7] = [
    "content-length",
    "content-type",
    "content-encoding",
    "connection",
    "date",
    "etag",
    "x-request-id",
];
const NO_CACHE: (&str, &str) = ("PAGE_CACHE_SIZE", "0");
/// Nobody listens there: there is nothing to report.
const UNUSED_DSN: (&str, &str) = ("SENTRY_DSN", "http://key@127.0.0.1:9/1");
/// More lettings than the default page cache has room for.
const MANY_LETTINGS: usize = 6_000;

/// Measures a program beside its peers, all with the demo data, ours and Django on one database.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    measure_memory(program, report)?;
    let wrk = process::find("wrk").context("wrk was not found: apt-get install wrk")?;
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let folder = folder.path();
    let site = Site { program, folder };
    for arguments in [&["migrate"][..], &["demo"], &["collectstatic", "--noinput"]] {
        process::read(site.public_command().args(arguments))?;
    }
    let cached = ours(site, "cached", &[])?;
    let headers = copy_pages(&cached, folder)?;
    let servers = [
        cached,
        ours(site, "uncached", &[NO_CACHE])?,
        nginx(folder, &headers)?,
        django_pages(folder)?,
        ours(site, "cached, DSN", &[UNUSED_DSN])?,
        ours(site, "uncached, DSN", &[NO_CACHE, UNUSED_DSN])?,
    ];
    report.line("");
    report.line(&format!(
        "wrk {} -d{SECONDS}s, {ROUNDS} rounds in turn; us: user and system time of all processes \
         of the server, a request; others: what neither the server nor wrk used, in percent of \
         one processor",
        WRK.join(" ")
    ));
    let mut medians = Vec::new();
    for (name, path) in PAGES {
        for (coding, _) in CODINGS {
            report_sizes(&servers, (name, path, coding), report)?;
            let loads = measure_in_turn(&servers, &wrk, (name, path, coding), report)?;
            medians.push(summary(name, coding, &loads));
        }
    }
    report.line("");
    report.line("medians:");
    for line in medians {
        report.line(&line);
    }
    Ok(())
}

/// The memory of the program, idle and with a full cache of the default size.
fn measure_memory(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let folder = folder.path().join("many");
    list::fill(program, &folder, MANY_LETTINGS)?;
    let site = Site {
        program,
        folder: &folder,
    };
    process::read(site.public_command().args(["collectstatic", "--noinput"]))?;
    let mut command = site.public_command();
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = Server::start(command)?;
    drop(server.first_answer("/readyz")?);
    let memory = || {
        let status = format!("/proc/{}/status", server.id());
        value_of(&status, "VmRSS").context("read the memory")
    };
    report.line("");
    report.line(&format!("memory idle, VmRSS: {}", memory()?));
    for _ in 0..3 {
        let addresses = format!("http://{}/lettings/[1-{MANY_LETTINGS}]/", server.address());
        let mut curl = curl(&addresses, "gzip, br, zstd");
        process::read(curl.args(["--output", "/dev/null"]))?;
    }
    report.line(&format!(
        "memory after three requests for each of {MANY_LETTINGS} lettings, more than the cache of \
         32 MB stores: {}",
        memory()?
    ));
    Ok(())
}

fn ours(
    site: Site<'_>,
    name: &'static str,
    variables: &[(&str, &str)],
) -> anyhow::Result<MeasuredServer> {
    let port = process::free_port()?;
    let log = File::create(site.folder.join(format!("{name}.log"))).context("create a log")?;
    let mut command = site.public_command();
    command.env("LOG_FORMAT", "json");
    command.envs(variables.iter().copied());
    command.args(["serve", "--bind", &format!("127.0.0.1:{port}")]);
    MeasuredServer::start_logging(name, port, &mut command, log.into())
}

/// Writes each page in each coding to a file for nginx. Returns the headers that nginx is to send.
fn copy_pages(server: &MeasuredServer, folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    fs::create_dir(folder.join("pages")).context("create the folder of pages")?;
    let head = folder.join("head");
    for (name, path) in PAGES {
        let url = format!("http://127.0.0.1:{}{path}", server.port);
        for _ in 0..WARM_UP {
            process::read(curl(&url, "gzip").args(["--output", "/dev/null"]))?;
            thread::sleep(Duration::from_millis(10));
        }
        for (coding, suffix) in CODINGS {
            let file = folder.join(format!("pages/{name}.html{suffix}"));
            let mut curl = curl(&url, coding);
            curl.arg("--output")
                .arg(file)
                .arg("--dump-header")
                .arg(&head);
            process::read(&mut curl)?;
        }
    }
    let head = fs::read_to_string(head).context("read the headers")?;
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    Ok(lines
        .filter(|(name, _)| !NOT_COPIED.contains(name))
        .filter(|(name, value)| *name != "vary" || !value.contains("accept-encoding"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

/// Debian's nginx, with an access log and with the headers that we send.
fn nginx(folder: &Path, headers: &[(String, String)]) -> anyhow::Result<MeasuredServer> {
    let mut lines: String = headers
        .iter()
        .map(|(name, value)| format!("add_header {name} \"{}\";\n", value.replace('"', "\\\"")))
        .collect();
    lines += "add_header x-request-id $request_id;";
    let pages: String = PAGES
        .iter()
        .map(|(name, path)| format!("location = {path} {{ try_files /{name}.html =404; }}\n"))
        .collect();
    let replacements = [("@HEADERS@", &*lines), ("@PAGES@", &*pages)];
    start_nginx("nginx/pages.conf", folder, &replacements)
}

/// The pages in Django, under Gunicorn with a worker for each core.
fn django_pages(folder: &Path) -> anyhow::Result<MeasuredServer> {
    let port = process::free_port()?;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let database = folder.join(DATABASE);
    let mut command = Command::new(django::python_of("whitenoise")?);
    command
        .current_dir(process::repository().join(PEERS).join("pages"))
        .env("DATABASE_URL", format!("sqlite:///{}", database.display()))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-m", "gunicorn", "--workers", &workers.to_string()])
        .args([
            "--access-logfile",
            &folder.join("django.log").to_string_lossy(),
        ])
        .args(["--bind", &format!("127.0.0.1:{port}"), "pages"]);
    MeasuredServer::start("django", port, &mut command)
}

/// What each server sends; ours and nginx must send the same bytes.
fn report_sizes(
    servers: &[MeasuredServer],
    (name, path, coding): (&str, &str, &str),
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut line = format!("{name} {coding}, headers and bytes of the body:");
    let mut sizes = Vec::new();
    for server in servers {
        let url = format!("http://127.0.0.1:{}{path}", server.port);
        let mut curl = curl(&url, coding);
        curl.args(["--output", "/dev/null", "--write-out"]);
        curl.arg("%{num_headers} %{size_download}");
        let size = process::read(&mut curl)?;
        line += &format!(" {} {size}", server.name);
        sizes.push(size.split(' ').nth(1).map(str::to_owned));
    }
    report.line("");
    report.line(&line);
    ensure!(sizes[0] == sizes[2], "nginx sends other bytes: {line}");
    Ok(())
}

fn curl(url: &str, coding: &str) -> Command {
    let accepted = format!("Accept-Encoding: {coding}");
    process::command("curl", &["--silent", "--fail", "--header", &accepted, url])
}

/// The runs of each server.
fn measure_in_turn(
    servers: &[MeasuredServer],
    wrk: &Path,
    (name, path, coding): (&str, &str, &str),
    report: &mut Report,
) -> anyhow::Result<Vec<Vec<Load>>> {
    let mut loads = vec![Vec::new(); servers.len()];
    for _ in 0..ROUNDS {
        for (server, loads) in servers.iter().zip(&mut loads) {
            let load = server.load_for(SECONDS, wrk, path, coding)?;
            report.line(&format!(
                "{name:<7} {coding:<8} {:<13} {:>8.0}/s  p99 {:>8.2} ms {:>8.2} us  others {:>3.0} %",
                server.name,
                load.requests_per_second,
                load.p99_us / 1e3,
                load.processor_us,
                load.others_percent,
            ));
            loads.push(load);
        }
    }
    Ok(loads)
}

fn summary(name: &str, coding: &str, loads: &[Vec<Load>]) -> String {
    let [cached, uncached, nginx, django, dsn, uncached_dsn] = [0, 1, 2, 3, 4, 5].map(|server| {
        let runs = loads.get(server).map(Vec::as_slice).unwrap_or_default();
        median(runs.iter().map(|run| run.processor_us))
    });
    format!(
        "{name:<7} {coding:<8} cached {cached:.2} us, uncached {uncached:.1}, nginx {nginx:.2}, \
         django {django:.0}; cached is {:.2} of nginx, uncached {:.1} of nginx, django {:.0} times \
         cached; a DSN costs {:.1} % cached, {:.1} % uncached",
        cached / nginx,
        uncached / nginx,
        django / cached,
        (dsn / cached - 1.0) * 100.0,
        (uncached_dsn / uncached - 1.0) * 100.0,
    )
}
