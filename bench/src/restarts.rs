//! Whether the program can be replaced, a hundred times, without a request that fails. This process
//! holds the listening socket, as systemd does, and hands it to one process after the other.

use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use xtask::client::Client;
use xtask::process;
use xtask::server::Site;

use crate::report::{Report, milliseconds, percentile};

/// Restarts in which the new process is ready before the old one is told to end.
const ROLLING: usize = 100;
/// Restarts of one process after the other, as `systemctl restart` does them.
const SUCCESSIVE: usize = 20;
const PAGES: [&str; 3] = ["/lettings/", "/lettings/1/", "/static/site.css"];
/// Clients that keep their connection, and as many that take a new one for each request.
const CLIENTS: usize = 4;
/// A start that takes longer has failed.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Measures a program with the demo data on SQLite.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    site.run("migrate")?;
    site.run("demo")?;
    let supervisor = Supervisor::new(site)?;
    report.line("");
    report.line(&format!(
        "load: {CLIENTS} clients that keep their connection, {CLIENTS} that take a new one each time; \
         {}",
        PAGES.join(" ")
    ));
    let (mut running, _) = supervisor.start()?;
    let rolling = under_load(supervisor.address, || {
        supervisor.restart_rolling(&mut running)
    })?;
    report_phase(
        "rolling restarts, the new process before the old one goes",
        &rolling,
        report,
    );
    let successive = under_load(supervisor.address, || {
        supervisor.restart_successively(&mut running)
    })?;
    supervisor.stop(&mut running)?;
    report_phase(
        "restarts of one process after the other",
        &successive,
        report,
    );
    let failed = rolling.client_results.failures.len() + successive.client_results.failures.len();
    ensure!(failed == 0, "{failed} requests failed");
    Ok(())
}

fn report_phase(name: &str, phase: &RestartResults, report: &mut Report) {
    let RestartResults {
        restarts,
        client_results,
    } = phase;
    let median = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort_unstable();
        milliseconds(percentile(&times, 50))
    };
    report.line("");
    report.line(&format!("{} {name}:", restarts.starts.len()));
    report.line(&format!(
        "  from the start of a process to READY=1: median {}; from SIGTERM to its end: median {}",
        median(&restarts.starts),
        median(&restarts.stops),
    ));
    report.line(&format!(
        "  {} requests answered, {} of them after an idle connection had been closed, {} failed",
        client_results.times.len(),
        client_results.retries,
        client_results.failures.len(),
    ));
    let mut times = client_results.times.clone();
    times.sort_unstable();
    report.line(&format!(
        "  median {}, p99 {}, max {}",
        milliseconds(percentile(&times, 50)),
        milliseconds(percentile(&times, 99)),
        milliseconds(percentile(&times, 100)),
    ));
    for failure in client_results.failures.iter().take(10) {
        report.line(&format!("  {failure}"));
    }
}

/// The results of restarts under load.
struct RestartResults {
    restarts: Restarts,
    client_results: ClientResults,
}

/// How long processes took to start and to end.
#[derive(Default)]
struct Restarts {
    starts: Vec<Duration>,
    stops: Vec<Duration>,
}

/// What clients saw.
#[derive(Default)]
struct ClientResults {
    times: Vec<Duration>,
    retries: usize,
    failures: Vec<String>,
}

/// Restarts while clients ask for pages, from before the first to after the last.
fn under_load(
    address: SocketAddr,
    restart: impl FnOnce() -> anyhow::Result<Restarts>,
) -> anyhow::Result<RestartResults> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..2 * CLIENTS)
            .map(|number| {
                let connection_use = if number % 2 == 0 {
                    ConnectionUse::Keep
                } else {
                    ConnectionUse::Renew
                };
                let is_over = &is_over;
                scope.spawn(move || ask_until(is_over, address, connection_use))
            })
            .collect();
        let restarts = restart();
        is_over.store(true, Relaxed);
        let mut client_results = ClientResults::default();
        for client in clients {
            let Ok(part) = client.join() else {
                bail!("a client panicked");
            };
            client_results.times.extend(part.times);
            client_results.retries += part.retries;
            client_results.failures.extend(part.failures);
        }
        let restarts = restarts?;
        Ok(RestartResults {
            restarts,
            client_results,
        })
    })
}

/// What a client does with a connection after an answer.
#[derive(Clone, Copy, PartialEq)]
enum ConnectionUse {
    Keep,
    Renew,
}

/// One client: each request is a failure or an answer, whole and 200.
fn ask_until(
    is_over: &AtomicBool,
    address: SocketAddr,
    connection_use: ConnectionUse,
) -> ClientResults {
    let mut client_results = ClientResults::default();
    let mut kept = None;
    for path in PAGES.iter().cycle() {
        if is_over.load(Relaxed) {
            break;
        }
        let began = Instant::now();
        match ask(address, path, kept.take()) {
            Ok((client, is_retry)) => {
                client_results.times.push(began.elapsed());
                client_results.retries += usize::from(is_retry);
                let may_stay = connection_use == ConnectionUse::Keep && !client.is_last();
                kept = may_stay.then_some(client);
            }
            Err(error) => client_results.failures.push(format!("{path}: {error:#}")),
        }
    }
    client_results
}

/// Asks on a connection that was kept or on a new one, as browsers do: if a kept one turns out to
/// be closed before an answer has begun, the request is sent again on a new one.
fn ask(address: SocketAddr, path: &str, kept: Option<Client>) -> anyhow::Result<(Client, bool)> {
    let is_kept = kept.is_some();
    if let Some(mut client) = kept {
        match client.expect(path) {
            Ok(()) => return Ok((client, false)),
            Err(error) if client.answer_began() => return Err(error),
            Err(_) => {}
        }
    }
    let mut client = Client::connect(address).context("connect")?;
    client.expect(path)?;
    Ok((client, is_kept))
}

/// Holds the socket, and starts processes on it.
struct Supervisor<'a> {
    site: Site<'a>,
    listener: TcpListener,
    address: SocketAddr,
    notifications: UnixDatagram,
}

impl<'a> Supervisor<'a> {
    fn new(site: Site<'a>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("listen")?;
        let address = listener.local_addr()?;
        let notifications = UnixDatagram::bind(notify_path(site.folder))?;
        notifications.set_read_timeout(Some(START_TIMEOUT))?;
        Ok(Self {
            site,
            listener,
            address,
            notifications,
        })
    }

    fn restart_rolling(&self, running: &mut Process) -> anyhow::Result<Restarts> {
        let mut restarts = Restarts::default();
        for _ in 0..ROLLING {
            let (new, time) = self.start()?;
            Client::connect(self.address)?.expect("/readyz")?;
            let mut old = std::mem::replace(running, new);
            restarts.starts.push(time);
            restarts.stops.push(self.stop(&mut old)?);
        }
        Ok(restarts)
    }

    fn restart_successively(&self, running: &mut Process) -> anyhow::Result<Restarts> {
        let mut restarts = Restarts::default();
        for _ in 0..SUCCESSIVE {
            restarts.stops.push(self.stop(running)?);
            let (new, time) = self.start()?;
            *running = new;
            restarts.starts.push(time);
        }
        Ok(restarts)
    }

    /// Starts a process on the socket, and waits until it reports that it is ready. The shell
    /// passes the socket as descriptor 3 and its own process id, as systemd does.
    fn start(&self) -> anyhow::Result<(Process, Duration)> {
        let script = "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" serve 3<&0 </dev/null";
        let listener = self.listener.try_clone()?;
        let settings = self.site.command();
        let began = Instant::now();
        let child = Command::new("sh")
            .args(["-c", script, self.site.program])
            .current_dir(self.site.folder)
            .env_clear()
            .envs(
                settings
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("NOTIFY_SOCKET", notify_path(self.site.folder))
            .stdin(OwnedFd::from(listener))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start the site")?;
        let process = Process(child);
        self.await_message("READY=1")?;
        Ok((process, began.elapsed()))
    }

    fn stop(&self, process: &mut Process) -> anyhow::Result<Duration> {
        let id = process.0.id().to_string();
        let began = Instant::now();
        process::read(&mut process::command("kill", &["-TERM", &id]))?;
        let status = process.0.wait().context("wait for the site to stop")?;
        ensure!(status.success(), "the site ended badly: {status}");
        let time = began.elapsed();
        self.await_message("STOPPING=1")?;
        Ok(time)
    }

    fn await_message(&self, expected: &str) -> anyhow::Result<()> {
        let mut bytes = [0; 100];
        let length = self.notifications.recv(&mut bytes);
        let length = length.with_context(|| format!("wait for {expected}"))?;
        let message = String::from_utf8_lossy(&bytes[..length]);
        ensure!(message == expected, "the site said {message}");
        Ok(())
    }
}

fn notify_path(folder: &Path) -> std::path::PathBuf {
    folder.join("notify")
}

/// A process of the site; dropping it ends it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if it has ended already, which is no error here.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
