//! Static files of three sizes from three servers: ours, nginx, and WhiteNoise under Gunicorn.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::report::Report;
use crate::{django, process};

const PEERS: &str = "bench/peers";
const SIZES: [(&str, usize); 3] = [("1k", 1024), ("34k", 34 * 1024), ("1m", 1024 * 1024)];
const CODINGS: [&str; 2] = ["identity", "gzip"];
const ROUNDS: usize = 2;
const SECONDS: u32 = 4;
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// What `/proc` counts processor time in, on every Linux that people run.
const TICKS_PER_SECOND: f64 = 100.0;

/// Measures a program beside its peers, all on the same collected folder.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let wrk = process::find("wrk").context("wrk was not found: apt-get install wrk")?;
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let folder = folder.path();
    collect(program, folder)?;
    let servers = [ours(program, folder)?, nginx(folder)?, whitenoise(folder)?];
    report.line("");
    report.line(&format!(
        "wrk -t1 -c32 -d{SECONDS}s, {ROUNDS} rounds; processor time is that of all processes of \
         the server"
    ));
    for (size, _) in SIZES {
        for coding in CODINGS {
            for _ in 0..ROUNDS {
                for server in &servers {
                    report.line(&server.load(&wrk, size, coding)?);
                }
            }
        }
    }
    Ok(())
}

/// A server that was started; dropping it ends it.
struct Server {
    name: &'static str,
    port: u16,
    child: Child,
}

impl Server {
    fn start(name: &'static str, port: u16, command: &mut Command) -> anyhow::Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("start {name}"))?;
        let server = Self { name, port, child };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if started.elapsed() > START_TIMEOUT {
                bail!("{name} did not listen within {START_TIMEOUT:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// One run of wrk, as a line.
    fn load(&self, wrk: &Path, size: &str, coding: &str) -> anyhow::Result<String> {
        let url = format!("http://127.0.0.1:{}/static/{size}.css", self.port);
        let header = format!("Accept-Encoding: {coding}");
        let duration = format!("-d{SECONDS}s");
        let before = self.processor_seconds();
        let output = process::read(&mut process::command(
            wrk,
            &["-t1", "-c32", &duration, "--latency", "-H", &header, &url],
        ))?;
        let seconds = self.processor_seconds() - before;
        if output.contains("Non-2xx") {
            bail!("{} answered {url} with errors:\n{output}", self.name);
        }
        let word = |line: &str, index: usize| {
            let line = output.lines().find(|text| text.contains(line))?;
            line.split_whitespace().nth(index).map(str::to_owned)
        };
        let requests: f64 = word("requests in", 0)
            .and_then(|count| count.parse().ok())
            .with_context(|| format!("wrk counted no requests:\n{output}"))?;
        Ok(format!(
            "{size:>4} {coding:<8} {:<10} {:>10}/s  p99 {:>9}  {:>8.2} us of processor a request",
            self.name,
            word("Requests/sec:", 1).unwrap_or_default(),
            word("99%", 1).unwrap_or_default(),
            seconds * 1e6 / requests,
        ))
    }

    /// User and system time of the process and those it started.
    fn processor_seconds(&self) -> f64 {
        let mut waiting = vec![self.child.id().to_string()];
        let mut ticks = 0.0;
        while let Some(id) = waiting.pop() {
            // One that ended meanwhile has nothing more to tell.
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let fields = stat.rsplit(')').next().unwrap_or_default();
            let times = fields.split_whitespace().skip(11).take(2);
            ticks += times
                .filter_map(|time| time.parse::<f64>().ok())
                .sum::<f64>();
            let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
            let children = children.unwrap_or_default();
            waiting.extend(children.split_whitespace().map(str::to_owned));
        }
        ticks / TICKS_PER_SECOND
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A signal, so that the processes it started end as well.
        let id = self.child.id().to_string();
        process::succeeds(&mut process::command("kill", &["-TERM", &id]));
        let _ = self.child.wait();
    }
}

/// Compressible files, the same at each run.
fn collect(program: &str, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir(folder.join("sources"))?;
    for (name, length) in SIZES {
        let mut text = String::new();
        let mut number: u32 = 1;
        while text.len() < length {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text += &format!(
                ".item-{} {{ margin: {}px; color: #{:06x} }}\n",
                number >> 22,
                number >> 25,
                number >> 8
            );
        }
        fs::write(folder.join(format!("sources/{name}.css")), text)?;
    }
    process::read(site(program, folder).args(["collectstatic", "--noinput"])).map(drop)
}

fn site(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().envs([
        ("SECRET_KEY", "for-the-measurement"),
        ("ALLOWED_HOSTS", "127.0.0.1"),
        ("STATICFILES_DIRS", "sources"),
        ("LOG_LEVEL", "warning"),
    ]);
    command
}

fn ours(program: &str, folder: &Path) -> anyhow::Result<Server> {
    let port = process::free_port()?;
    let mut command = site(program, folder);
    command.args(["serve", "--bind", &format!("127.0.0.1:{port}")]);
    Server::start("ours", port, &mut command)
}

fn nginx(folder: &Path) -> anyhow::Result<Server> {
    let nginx =
        process::find("nginx").context("nginx was not found: apt-get install nginx-light")?;
    let port = process::free_port()?;
    let template = process::repository().join(PEERS).join("nginx/nginx.conf");
    let configuration = fs::read_to_string(template).context("read the configuration of nginx")?;
    let configuration = configuration
        .replace("@PORT@", &port.to_string())
        .replace("@FOLDER@", &folder.to_string_lossy());
    let path = folder.join("nginx.conf");
    fs::write(&path, configuration)?;
    // Its workers are another user's when it is root's, and have to get at the files.
    process::read(process::command("chmod", &["-R", "a+rX"]).arg(folder))?;
    Server::start("nginx", port, Command::new(nginx).arg("-c").arg(path))
}

fn whitenoise(folder: &Path) -> anyhow::Result<Server> {
    let python = django::python_of("whitenoise")?;
    let port = process::free_port()?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = Command::new(python);
    command
        .current_dir(process::repository().join(PEERS).join("whitenoise"))
        .env("STATIC_ROOT", folder.join("staticfiles"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .args(["-m", "gunicorn", "--workers", &workers.to_string()])
        .args(["--bind", &format!("127.0.0.1:{port}"), "wsgi"]);
    Server::start("whitenoise", port, &mut command)
}
