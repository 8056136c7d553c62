//! Many complete requests at once that are expensive to answer.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use xtask::client::Client;

use crate::accounts::{CSRF_SECRET, PASSWORD};

/// The account of staff that `attack` makes.
pub(super) const STAFF: &str = "staff";

const GIANT_NAMES: usize = 24;
/// The letters of a name, each of which NFKC makes eighteen of. The name is 2.6 MB as it is sent.
const GIANT_LETTERS: usize = 860_000;
const LOGINS: usize = 540;
const LOGIN_PAUSE: Duration = Duration::from_secs(1);
const SEARCHES: usize = 4;
const WORDS: usize = 500;
const DRAFTS: usize = 6;
const DRAFT_LETTERS: usize = 31_000;
/// The stack of a client's thread.
const STACK_BYTES: usize = 128 * 1024;

/// How often each status was the answer.
#[derive(Default)]
struct StatusCounts(Mutex<Vec<(String, u64)>>);

impl StatusCounts {
    fn count(&self, answered: &anyhow::Result<u16>) {
        let name = answered
            .as_ref()
            .map_or_else(|_| "no answer".to_owned(), u16::to_string);
        let mut counts = self.0.lock().expect("no thread panics with it");
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }

    fn summary(self) -> String {
        let mut counts = self.0.into_inner().expect("no thread panics with it");
        counts.sort();
        let counts = counts
            .iter()
            .map(|(name, count)| format!("{count} × {name}"));
        counts.collect::<Vec<_>>().join(", ")
    }
}

/// Runs this many clients at once until `is_over`. Each repeats its request after a pause.
fn all_at_once(
    clients: usize,
    pause: Duration,
    is_over: &AtomicBool,
    ask: impl Fn(usize) -> anyhow::Result<u16> + Sync,
) -> String {
    let status_counts = StatusCounts::default();
    thread::scope(|scope| {
        for number in 0..clients {
            let (status_counts, ask) = (&status_counts, &ask);
            let client = move || {
                while !is_over.load(Relaxed) {
                    status_counts.count(&ask(number));
                    thread::sleep(pause);
                }
            };
            let thread = thread::Builder::new().stack_size(STACK_BYTES);
            thread
                .spawn_scoped(scope, client)
                .expect("the system has threads left");
        }
    });
    status_counts.summary()
}

/// Logins with names of 860,000 letters.
pub(super) fn giant_names(address: SocketAddr, is_over: &AtomicBool) -> String {
    let name = "\u{fdfa}".repeat(GIANT_LETTERS);
    let told = all_at_once(GIANT_NAMES, Duration::ZERO, is_over, |number| {
        log_in(address, &format!("2001:db8:ac:{number:x}::1"), &name, "x")
    });
    format!("{GIANT_NAMES} at a time, again and again: {told}")
}

/// Logins with wrong passwords, each client with an address of its own.
pub(super) fn logins(address: SocketAddr, is_over: &AtomicBool) -> String {
    let told = all_at_once(LOGINS, LOGIN_PAUSE, is_over, |number| {
        let client = format!("10.0.{}.{}", number / 250, number % 250 + 1);
        log_in(address, &client, &format!("nobody{number}"), "wrong")
    });
    format!("{LOGINS} at a time, each again a second after its answer: {told}")
}

/// A login with an unknown name.
pub(super) fn wrong(address: SocketAddr) -> anyhow::Result<u16> {
    log_in(address, "192.0.2.1", "nobody", "wrong")
}

fn log_in(address: SocketAddr, from: &str, name: &str, password: &str) -> anyhow::Result<u16> {
    let head = format!("X-Forwarded-For: {from}\r\nCookie: csrftoken={CSRF_SECRET}\r\n");
    let form = format!("csrfmiddlewaretoken={CSRF_SECRET}&password={password}&username={name}");
    let mut client = Client::connect(address)?;
    client.post("/admin/login/", &head, &form)
}

/// A client that is logged in as staff.
pub(super) fn staff(address: SocketAddr) -> anyhow::Result<Client> {
    let mut client = Client::connect(address)?;
    let head = format!("Cookie: csrftoken={CSRF_SECRET}\r\n");
    let form = format!("csrfmiddlewaretoken={CSRF_SECRET}&username={STAFF}&password={PASSWORD}");
    let status = client.post("/admin/login/", &head, &form)?;
    ensure!(status == 302, "the staff's login was answered {status}");
    Ok(client)
}

/// Searches of 500 words in the admin, by staff.
pub(super) fn searches(address: SocketAddr, is_over: &AtomicBool) -> anyhow::Result<String> {
    let words: Vec<_> = (0..WORDS).map(|number| format!("w{number}")).collect();
    let path = format!("/admin/lettings/letting/?q={}", words.join("+"));
    let clients: Vec<_> = (0..SEARCHES)
        .map(|_| Ok(Mutex::new(staff(address)?)))
        .collect::<anyhow::Result<_>>()?;
    let told = all_at_once(SEARCHES, Duration::ZERO, is_over, |number| {
        clients[number]
            .lock()
            .expect("each is one thread's")
            .get(&path)
    });
    Ok(format!("{SEARCHES} at a time, again and again: {told}"))
}

/// Drafts: forms with 31,000 letters that staff leaves to choose a related object. The session must
/// survive them.
pub(super) fn drafts(address: SocketAddr, is_over: &AtomicBool) -> anyhow::Result<String> {
    let status_counts = StatusCounts::default();
    let title = "é".repeat(DRAFT_LETTERS);
    while !is_over.load(Relaxed) {
        let mut client = staff(address)?;
        let cookie = client.session().context("the login gave no session")?;
        let head = format!("Cookie: csrftoken={CSRF_SECRET}; {cookie}\r\n");
        for _ in 0..DRAFTS {
            let form =
                format!("csrfmiddlewaretoken={CSRF_SECRET}&title={title}&_go=address:choose");
            status_counts.count(&client.post("/admin/lettings/letting/1/change/", &head, &form));
            // An answer that comes before the whole form was read closes the connection.
            client = Client::connect(address)?.with_session(&cookie);
        }
        let status = client.get("/admin/")?;
        ensure!(
            status == 200,
            "after {DRAFTS} drafts /admin/ was answered {status}"
        );
    }
    Ok(format!(
        "{DRAFTS} in a session, still logged in after each: {}",
        status_counts.summary()
    ))
}
