//! Strangers who try passwords from many addresses, and a member of staff on a known device.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use xtask::client::Client;
use xtask::server::Server;

use super::accounts::LOGINS;
use super::pages::{Phase, probe};
use crate::accounts::{CSRF_SECRET, PASSWORD};
use crate::report::{Report, milliseconds, percentile};

const DURATION: Duration = Duration::from_mins(1);
/// The time between two attempts of strangers: a hundred a second.
const INTERVAL: Duration = Duration::from_millis(10);
/// How many addresses the strangers have.
const ADDRESSES: u32 = 10_000;
/// Threads that send: more than are ever waiting for an answer.
const SENDERS: u32 = 300;
/// The time between two logins of the staff.
const STAFF_INTERVAL: Duration = Duration::from_secs(1);
/// The longest that a login of the staff may take.
const MAX_STAFF: Duration = Duration::from_secs(1);

/// Runs the flood for a minute, and probes the pages meanwhile.
pub(super) fn measure(server: &Server, log: &Path, report: &mut Report) -> anyhow::Result<Phase> {
    let address = server.address();
    let mut device = log_in(address, None)?;
    let is_over = AtomicBool::new(false);
    let (next, answers) = (AtomicU32::new(0), Mutex::new(BTreeMap::new()));
    let began = Instant::now();
    let (phase, mut staff) = thread::scope(|scope| -> anyhow::Result<_> {
        for _ in 0..SENDERS {
            scope.spawn(|| send(address, began, &next, &answers));
        }
        let staff = scope.spawn(|| {
            let mut times = Vec::new();
            while !is_over.load(Relaxed) {
                let began = Instant::now();
                device = log_in(address, device.as_deref())?;
                times.push(began.elapsed());
                thread::sleep(STAFF_INTERVAL.saturating_sub(began.elapsed()));
            }
            anyhow::Ok(times)
        });
        let phase = probe(server, log, DURATION);
        is_over.store(true, Relaxed);
        let staff = staff.join().expect("the staff does not panic");
        Ok((phase?, staff?))
    })?;
    let answers = answers.into_inner().unwrap_or_default();
    phase.report(
        &format!(
            "{} s of a hundred wrong passwords a second from {ADDRESSES} addresses, half of them for \
             {LOGINS} accounts that there are",
            DURATION.as_secs()
        ),
        report,
    );
    let answers: Vec<_> = answers
        .iter()
        .map(|(status, times): (&u16, &Vec<Duration>)| {
            let mut times = times.clone();
            times.sort_unstable();
            format!(
                "{} × {status} (p50 {}, max {})",
                times.len(),
                milliseconds(percentile(&times, 50)),
                milliseconds(percentile(&times, 100))
            )
        })
        .collect();
    report.line(&format!("  strangers: {}", answers.join(", ")));
    staff.sort_unstable();
    report.line(&format!(
        "  staff on a known device: {} logins, p50 {}, max {}",
        staff.len(),
        milliseconds(percentile(&staff, 50)),
        milliseconds(percentile(&staff, 100))
    ));
    ensure!(
        percentile(&staff, 100) < MAX_STAFF,
        "the staff was kept out for longer than {}",
        milliseconds(MAX_STAFF)
    );
    Ok(phase)
}

/// Sends the next attempt when it is due. If all senders are busy then, it is sent late.
fn send(
    address: SocketAddr,
    began: Instant,
    next: &AtomicU32,
    answers: &Mutex<BTreeMap<u16, Vec<Duration>>>,
) {
    loop {
        let number = next.fetch_add(1, Relaxed);
        let due = INTERVAL * number;
        if due >= DURATION {
            return;
        }
        thread::sleep(due.saturating_sub(began.elapsed()));
        let from = number % ADDRESSES;
        let name = match number % 2 {
            0 => format!("user{}", number / 2 % LOGINS),
            _ => format!("nobody{number}"),
        };
        let head = format!(
            "X-Forwarded-For: 10.9.{}.{}\r\nCookie: csrftoken={CSRF_SECRET}\r\n",
            from >> 8,
            from & 255
        );
        let form = format!("csrfmiddlewaretoken={CSRF_SECRET}&username={name}&password=wrong");
        let sent = Instant::now();
        let post = || -> anyhow::Result<u16> {
            let mut client = Client::connect(address).context("connect")?;
            client.post("/admin/login/", &head, &form)
        };
        // An answer that did not come is shown as status 0.
        let status = post().unwrap_or(0);
        if let Ok(mut answers) = answers.lock() {
            answers.entry(status).or_default().push(sent.elapsed());
        }
    }
}

/// Logs the staff in from an address of its own. Returns the cookie of the known device.
fn log_in(address: SocketAddr, device: Option<&str>) -> anyhow::Result<Option<String>> {
    let device = device.map_or_else(String::new, |device| format!("; {device}"));
    let head =
        format!("X-Forwarded-For: 192.0.2.99\r\nCookie: csrftoken={CSRF_SECRET}{device}\r\n");
    let form = format!("csrfmiddlewaretoken={CSRF_SECRET}&username=user0&password={PASSWORD}");
    let mut client = Client::connect(address).context("connect")?;
    let status = client.post("/admin/login/", &head, &form)?;
    ensure!(status == 302, "a login of the staff was answered {status}");
    Ok(client.device().map(str::to_owned))
}
