//! What strangers make the program keep in memory: how much there is while they do, and whether it
//! is given back.

use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use xtask::client::Client;
use xtask::server::{Server, Site};

use crate::report::{Report, milliseconds, percentile, value_of};

const PAGE: &str = "/lettings/";
/// How long an attack is kept up once all of it is sent.
const KEPT_UP: Duration = Duration::from_secs(5);
/// When memory has to be given back.
const AFTER: Duration = Duration::from_secs(10);
/// Between two probes, each on a connection of its own.
const INTERVAL: Duration = Duration::from_millis(20);
/// What the program may take in all.
const MAX_KILOBYTES: u64 = 64 * 1024;
/// What may stay, in hundredths of what there was.
const MAX_LEFT_PERCENT: u64 = 130;
const MAX_P99: Duration = Duration::from_millis(100);
/// The least time in which a connection takes or gives anything.
const SOCKET_TIMEOUT: Duration = Duration::from_secs(2);

/// What a stranger sends, and does not go on with.
struct Attack {
    name: &'static str,
    connections: usize,
    request: fn() -> Vec<u8>,
}

const ATTACKS: [Attack; 8] = [
    Attack {
        name: "250 bodies that say 2.6 MB and stop after 2.5",
        connections: 250,
        request: || half_sent(2_620_000, 2_500_000),
    },
    Attack {
        name: "250 bodies of 16 KiB that stop before their last byte",
        connections: 250,
        request: || half_sent(16 * 1024, 16 * 1024 - 1),
    },
    Attack {
        name: "1,000 bodies of 16 KiB that stop before their last byte",
        connections: 1_000,
        request: || half_sent(16 * 1024, 16 * 1024 - 1),
    },
    Attack {
        name: "24 logins with a name of 860,000 signs",
        connections: 24,
        request: || login(&"\u{fdfa}".repeat(860_000)),
    },
    Attack {
        name: "1,000 logins with a name of 5,000 signs",
        connections: 1_000,
        request: || login(&"\u{fdfa}".repeat(5_000)),
    },
    Attack {
        name: "1,000 heads of 16 KiB that stop before their end",
        connections: 1_000,
        request: || format!("GET / HTTP/1.1\r\nHost: x\r\nA: {}", "a".repeat(16_000)).into(),
    },
    Attack {
        name: "1,000 readers who ask for 200 pages and take none",
        connections: 1_000,
        request: || {
            "GET /lettings/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                .repeat(200)
                .into()
        },
    },
    Attack {
        name: "10,000 connections that say nothing",
        connections: 10_000,
        request: Vec::new,
    },
];

/// Measures a program with the demo data on SQLite, started anew for each attack.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    site.run("migrate")?;
    site.run("demo")?;
    report.line("");
    report.line(&format!(
        "each attack is kept up for {} s, from an address that is a proxy's; meanwhile {PAGE} is \
         asked for every {} ms on a new connection",
        KEPT_UP.as_secs(),
        INTERVAL.as_millis()
    ));
    let mut failures = Vec::new();
    for attack in &ATTACKS {
        let mut server = site.serve_with(|command| {
            command.envs([
                ("DEBUG", "False"),
                ("ALLOWED_HOSTS", "127.0.0.1"),
                ("SECRET_KEY", "for-the-measurement-alone"),
            ]);
        })?;
        let (_, mut client) = server.first_answer(PAGE)?;
        for _ in 0..1_000 {
            client.expect(PAGE)?;
        }
        drop(client);
        let measured = Measured::under(attack, &server)?;
        measured.report(attack.name, report);
        if !measured.is_as_it_has_to_be() {
            failures.push(attack.name);
        }
        server.stop()?;
    }
    report.line("");
    if failures.is_empty() {
        report.line(&format!(
            "every probe was answered, and of all p99 were below {}; no more than 64 MB were taken, \
             and {} s later no more than {MAX_LEFT_PERCENT} % of what there was",
            milliseconds(MAX_P99),
            AFTER.as_secs()
        ));
        return Ok(());
    }
    report.line(&format!("not as it has to be: {}", failures.join("; ")));
    bail!("not as it has to be under: {}", failures.join("; "))
}

struct Measured {
    before_kilobytes: u64,
    peak_kilobytes: u64,
    after_kilobytes: u64,
    /// Sorted.
    times: Vec<Duration>,
    errors: Vec<String>,
    connected: usize,
}

impl Measured {
    fn under(attack: &Attack, server: &Server) -> anyhow::Result<Self> {
        let address = server.address();
        let before_kilobytes = kilobytes(server, "VmRSS")?;
        // The peak is counted from now on (proc(5)).
        fs::write(format!("/proc/{}/clear_refs", server.id()), "5").context("reset the peak")?;
        let is_over = AtomicBool::new(false);
        let (connected, answers) = thread::scope(|scope| {
            let prober = scope.spawn(|| probe(address, &is_over));
            let connections = attack.begin(address);
            thread::sleep(KEPT_UP);
            is_over.store(true, Relaxed);
            let answers = prober.join().expect("the probes do not panic");
            (connections.len(), answers)
        });
        let peak_kilobytes = kilobytes(server, "VmHWM")?;
        thread::sleep(AFTER);
        let (mut times, errors) = answers;
        times.sort_unstable();
        Ok(Self {
            before_kilobytes,
            peak_kilobytes,
            after_kilobytes: kilobytes(server, "VmRSS")?,
            times,
            errors,
            connected,
        })
    }

    fn left_percent(&self) -> u64 {
        self.after_kilobytes * 100 / self.before_kilobytes.max(1)
    }

    fn is_as_it_has_to_be(&self) -> bool {
        self.errors.is_empty()
            && percentile(&self.times, 99) < MAX_P99
            && self.peak_kilobytes <= MAX_KILOBYTES
            && self.left_percent() <= MAX_LEFT_PERCENT
    }

    fn report(&self, name: &str, report: &mut Report) {
        report.line("");
        report.line(&format!("{name}:"));
        report.line(&format!(
            "  resident: {} kB before, {} kB at most, {} kB {} s after, which is {} %",
            self.before_kilobytes,
            self.peak_kilobytes,
            self.after_kilobytes,
            AFTER.as_secs(),
            self.left_percent()
        ));
        report.line(&format!(
            "  {} connected; {} of {} probes answered, median {}, p99 {}, max {}",
            self.connected,
            self.times.len(),
            self.times.len() + self.errors.len(),
            milliseconds(percentile(&self.times, 50)),
            milliseconds(percentile(&self.times, 99)),
            milliseconds(percentile(&self.times, 100)),
        ));
        for error in self.errors.iter().take(3) {
            report.line(&format!("  {error}"));
        }
    }
}

impl Attack {
    /// All connections, with what each has sent. Who is refused half way has sent enough.
    fn begin(&self, address: SocketAddr) -> Vec<TcpStream> {
        let request = (self.request)();
        let mut connections = Vec::new();
        for _ in 0..self.connections {
            let Ok(mut connection) = TcpStream::connect_timeout(&address, SOCKET_TIMEOUT) else {
                continue;
            };
            let _ = connection.set_write_timeout(Some(Duration::from_millis(200)));
            let _ = connection.write_all(&request);
            connections.push(connection);
        }
        connections
    }
}

fn probe(address: SocketAddr, is_over: &AtomicBool) -> (Vec<Duration>, Vec<String>) {
    let (mut times, mut errors) = (Vec::new(), Vec::new());
    let mut due = Instant::now();
    while !is_over.load(Relaxed) {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let connected = Client::connect(address).context("connect");
        match connected.and_then(|mut client| client.expect(PAGE)) {
            Ok(()) => times.push(due.elapsed()),
            Err(error) => errors.push(format!("{error:#}")),
        }
        due += INTERVAL;
    }
    (times, errors)
}

fn kilobytes(server: &Server, what: &str) -> anyhow::Result<u64> {
    let value = value_of(&format!("/proc/{}/status", server.id()), what);
    let value = value.with_context(|| format!("read {what}"))?;
    let number = value.split_whitespace().next().unwrap_or_default();
    number.parse().with_context(|| format!("read {what}"))
}

fn half_sent(announced: usize, sent: usize) -> Vec<u8> {
    let head = format!(
        "POST /i18n/setlang/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {announced}\r\n\r\n"
    );
    [head.into_bytes(), vec![b'a'; sent]].concat()
}

fn login(username: &str) -> Vec<u8> {
    let token = "a".repeat(32);
    let form = format!("csrfmiddlewaretoken={token}&password=x&username={username}");
    format!(
        "POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken={token}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}
