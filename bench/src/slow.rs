//! Whether visitors are served while hundreds of connections are as slow as they can be.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use xtask::process;
use xtask::server::{Server, Site};

use crate::probes::{INTERVAL, MAX_P99, Probes};
use crate::report::{Report, milliseconds, value_of};

const PAGE: &str = "/lettings/";
/// The file that is read slowly. It is larger than the system's buffers.
const LARGE_FILE: &str = "/static/large.txt";
const LARGE_BYTES: usize = 8 << 20;
const SECONDS: u64 = 30;

/// One way to be slow, and how many at a time.
struct SlowAttack {
    name: &'static str,
    path: &'static str,
    arguments: &'static [&'static str],
}

const ATTACKS: [SlowAttack; 5] = [
    SlowAttack {
        name: "200 slow headers",
        path: PAGE,
        arguments: &["-H", "-c", "200", "-r", "200", "-i", "3"],
    },
    SlowAttack {
        name: "200 slow bodies",
        path: PAGE,
        arguments: &["-B", "-c", "200", "-r", "200", "-i", "3", "-s", "100000"],
    },
    SlowAttack {
        name: "200 slow readers of the page, ten times on each connection",
        path: PAGE,
        arguments: &["-X", "-c", "200", "-r", "200", "-k", "10"],
    },
    SlowAttack {
        name: "200 slow readers of 8 MiB",
        path: LARGE_FILE,
        arguments: &["-X", "-c", "200", "-r", "200"],
    },
    SlowAttack {
        name: "2000 slow headers, more than there are places",
        path: PAGE,
        arguments: &["-H", "-c", "2000", "-r", "1000", "-i", "3"],
    },
];

/// Measures a program with the demo data on SQLite: first alone, then under each attack.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let slowhttptest = process::find("slowhttptest")
        .context("slowhttptest was not found: apt-get install slowhttptest")?;
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let sources = folder.path().join("sources");
    fs::create_dir(&sources).context("make a folder for static files")?;
    fs::write(sources.join("large.txt"), vec![b'x'; LARGE_BYTES]).context("write a large file")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    for command in ["migrate", "demo", "collectstatic"] {
        process::read(with_sources(site).arg(command))?;
    }
    let mut command = with_sources(site);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = Server::start(command)?;
    let (_, client) = server.first_answer(PAGE)?;
    drop(client);
    report.line("");
    report.line(&format!(
        "{SECONDS} s each; meanwhile {PAGE} is asked for every {} ms on a new connection, and the \
         time is taken from when that was due",
        INTERVAL.as_millis()
    ));
    let mut failures = Vec::new();
    probe_during("nothing else", &server, report, &mut failures, || Ok(()))?;
    for attack in &ATTACKS {
        let mut running = SlowRun::start(&slowhttptest, attack, server.address(), folder.path())?;
        let result = probe_during(attack.name, &server, report, &mut failures, || {
            running.keep_up()
        });
        let told = running.stop()?;
        result?;
        report.line(&told);
    }
    server.stop()?;
    if failures.is_empty() {
        report.line("");
        report.line(&format!(
            "every probe was answered, and of all p99 were below {}",
            milliseconds(MAX_P99)
        ));
        return Ok(());
    }
    bail!("not as it has to be under: {}", failures.join("; "))
}

/// A command of the site with the folder of the large file.
fn with_sources(site: Site<'_>) -> Command {
    let mut command = site.public_command();
    command.env("STATICFILES_DIRS", "sources");
    command
}

/// Probes for the time of a measurement, and reports.
fn probe_during(
    name: &str,
    server: &Server,
    report: &mut Report,
    failures: &mut Vec<String>,
    mut keep_up: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut descriptors = 0;
    let probes = Probes::ask(server.address(), PAGE, || {
        descriptors = descriptors.max(open_descriptors(server)?);
        keep_up()?;
        Ok(began.elapsed() < Duration::from_secs(SECONDS))
    })?;
    let status = format!("/proc/{}/status", server.id());
    report.line("");
    report.line(&format!("{name}:"));
    probes.report(report);
    report.line(&format!(
        "  the server had at most {descriptors} descriptors open; VmRSS {}",
        value_of(&status, "VmRSS").context("read VmRSS")?,
    ));
    if !probes.are_well() {
        failures.push(name.to_owned());
    }
    Ok(())
}

/// The open descriptors of the server: its connections and a handful of others.
fn open_descriptors(server: &Server) -> anyhow::Result<usize> {
    let folder = format!("/proc/{}/fd", server.id());
    Ok(fs::read_dir(folder).context("count descriptors")?.count())
}

/// A run of slowhttptest, which is started again whenever the server has closed all of its
/// connections.
struct SlowRun<'a> {
    program: &'a Path,
    attack: &'a SlowAttack,
    url: String,
    log: PathBuf,
    child: Child,
    runs: usize,
}

impl<'a> SlowRun<'a> {
    fn start(
        program: &'a Path,
        attack: &'a SlowAttack,
        address: SocketAddr,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let url = format!("http://{address}{}", attack.path);
        let log = folder.join("slowhttptest.log");
        let child = spawn(program, attack, &url, &log)?;
        Ok(Self {
            program,
            attack,
            url,
            log,
            child,
            runs: 1,
        })
    }

    fn keep_up(&mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_some() {
            self.child = spawn(self.program, self.attack, &self.url, &self.log)?;
            self.runs += 1;
        }
        Ok(())
    }

    /// Ends the run. Returns a line with the highest counts that slowhttptest has printed.
    fn stop(mut self) -> anyhow::Result<String> {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait()?;
        let log = fs::read_to_string(&self.log).context("read what slowhttptest said")?;
        fs::remove_file(&self.log)?;
        let most = |what: &str| highest(&log, what).unwrap_or_default();
        Ok(format!(
            "  slowhttptest {}: begun {} times, at most {} connected, {} closed by the server",
            self.attack.arguments.join(" "),
            self.runs,
            most("connected:"),
            most("closed:"),
        ))
    }
}

/// The highest number after a word, in lines that are coloured for a terminal.
fn highest(log: &str, what: &str) -> Option<u64> {
    let lines = log.lines().filter(|line| line.contains(what));
    lines
        .filter_map(|line| line.rsplit(['m', ' ']).next()?.parse().ok())
        .max()
}

fn spawn(program: &Path, attack: &SlowAttack, url: &str, log: &Path) -> anyhow::Result<Child> {
    let log = fs::File::options().create(true).append(true).open(log)?;
    Command::new(program)
        .args(attack.arguments)
        .args(["-l", &(SECONDS + 5).to_string(), "-v", "1", "-u", url])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("run slowhttptest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_what_is_coloured() {
        let log = "\u{1b}[1;32mconnected:   \u{1b}[1;32m        12\n\
                   \u{1b}[1;32mconnected:   \u{1b}[1;32m       200\n\
                   \u{1b}[1;32mclosed:      \u{1b}[1;32m         0\n";
        assert_eq!(highest(log, "connected:"), Some(200));
        assert_eq!(highest(log, "closed:"), Some(0));
        assert_eq!(highest(log, "error:"), None);
    }
}
