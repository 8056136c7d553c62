//! What a stranger may try, on the release program with 64 MB of memory, 32 MB for the page cache and no
//! swap: whether it is killed, whether visitors are served meanwhile, and what it keeps of the memory it
//! took.

mod confinement;
mod crowd;
mod floods;
mod mutants;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use xtask::process;
use xtask::server::{Server, Site};

use self::confinement::{Confinement, forget_peak, resident_kb};
use self::crowd::{ConnectionBehaviour, Reading};
use crate::accounts::{CSRF_SECRET, PASSWORD};
use crate::probes::{INTERVAL, MAX_P99, Probes};
use crate::report::{Report, milliseconds};

const PAGE: &str = "/lettings/";
/// What `PAGE_CACHE_SIZE` is by itself.
const PAGE_CACHE_BYTES: u64 = 32 << 20;
const MEMORY_BYTES: u64 = (64 << 20) + PAGE_CACHE_BYTES;
const DURATION: Duration = Duration::from_secs(20);
/// The pause after an attack, before its memory is measured.
const REST: Duration = Duration::from_secs(10);
/// The most memory after an attack, in percent of that before it, without the page cache.
const MAX_GROWTH_PERCENT: u64 = 130;
const MUTANTS: u64 = 100_000;
/// The file that slow readers request. It is larger than the system's buffers.
const LARGE_FILE: &str = "/static/large.txt";
const LARGE_BYTES: usize = 4 << 20;

struct Attack {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    Crowd(ConnectionBehaviour),
    Flood(fn(SocketAddr, &AtomicBool) -> anyhow::Result<String>),
}

const ATTACKS: [Attack; 13] = [
    Attack {
        name: "1,000 half-sent bodies",
        kind: Kind::Crowd(ConnectionBehaviour::new(1000, half_sent_body)),
    },
    Attack {
        name: "1,000 bodies that lack their last byte",
        kind: Kind::Crowd(ConnectionBehaviour::new(1000, body_but_a_byte)),
    },
    Attack {
        name: "24 giant names",
        kind: Kind::Flood(|address, is_over| Ok(floods::giant_names(address, is_over))),
    },
    Attack {
        name: "1,000 names of 5,000 letters",
        kind: Kind::Crowd(ConnectionBehaviour::new(1000, long_name)),
    },
    Attack {
        name: "540 logins",
        kind: Kind::Flood(|address, is_over| Ok(floods::logins(address, is_over))),
    },
    Attack {
        name: "2,000 slow heads",
        kind: Kind::Crowd(ConnectionBehaviour {
            pieces: b"X-Piece: aaaaaaaaaaaaaaaa\r\n",
            ..ConnectionBehaviour::new(2000, slow_head)
        }),
    },
    Attack {
        name: "1,000 slow bodies",
        kind: Kind::Crowd(ConnectionBehaviour {
            pieces: b"aaaaaaaaaaaaaaaa",
            ..ConnectionBehaviour::new(1000, slow_body)
        }),
    },
    Attack {
        name: "1,000 slow readers of 4 MiB and of pages",
        kind: Kind::Crowd(ConnectionBehaviour {
            reading: Reading::Slow,
            ..ConnectionBehaviour::new(1000, slow_reader)
        }),
    },
    Attack {
        name: "1,000 slow readers who ask for 200 pages at a time",
        kind: Kind::Crowd(ConnectionBehaviour {
            reading: Reading::Slow,
            ..ConnectionBehaviour::new(1000, greedy_reader)
        }),
    },
    Attack {
        name: "long searches",
        kind: Kind::Flood(floods::searches),
    },
    Attack {
        name: "six drafts",
        kind: Kind::Flood(floods::drafts),
    },
    Attack {
        name: "10,000 open connections",
        kind: Kind::Crowd(ConnectionBehaviour::new(10_000, |_| Vec::new())),
    },
    Attack {
        name: "100,000 mutated requests",
        kind: Kind::Flood(|address, is_over| Ok(mutants::run(address, MUTANTS, is_over))),
    },
];

fn post(path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n\
         Cookie: csrftoken={CSRF_SECRET}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// A quarter of the connections each announces a body larger than any form, one almost as large as a
/// stranger's form may be, one almost as large as an enquiry may be, and one for a login.
fn half_sent_body(number: usize) -> Vec<u8> {
    let (path, length) = match number % 4 {
        0 => ("/i18n/setlang/", 2_620_000),
        1 => ("/i18n/setlang/", 16_000),
        2 => ("/lettings/1/enquiry/", 32_000),
        _ => ("/admin/login/", 16_000),
    };
    let mut bytes = post(path, length).into_bytes();
    bytes.resize(bytes.len() + length - length / 20, b'a');
    bytes
}

/// A body as large as a stranger's form may be, without its last byte.
fn body_but_a_byte(_: usize) -> Vec<u8> {
    let length = 16 * 1024;
    let mut bytes = post("/i18n/setlang/", length).into_bytes();
    bytes.resize(bytes.len() + length - 1, b'a');
    bytes
}

fn long_name(_: usize) -> Vec<u8> {
    let name = "\u{fdfa}".repeat(5000);
    let form = format!("csrfmiddlewaretoken={CSRF_SECRET}&password=x&username={name}");
    let head = post("/admin/login/", form.len());
    (head + &form).into_bytes()
}

fn slow_head(number: usize) -> Vec<u8> {
    let filling = "a".repeat(if number.is_multiple_of(2) { 7000 } else { 10 });
    format!("GET /lettings/?{filling} HTTP/1.1\r\nHost: 127.0.0.1\r\n").into_bytes()
}

fn slow_body(_: usize) -> Vec<u8> {
    post("/i18n/setlang/", 16_000).into_bytes()
}

/// Ten requests at once, for long answers.
fn slow_reader(number: usize) -> Vec<u8> {
    let path = if number.is_multiple_of(2) {
        LARGE_FILE
    } else {
        PAGE
    };
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .repeat(10)
        .into_bytes()
}

fn greedy_reader(_: usize) -> Vec<u8> {
    format!("GET {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .repeat(200)
        .into_bytes()
}

/// Plays all attacks on a program with the demo data on SQLite.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    confinement::check()?;
    let group = Confinement::new(MEMORY_BYTES)?;
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    prepare(program, folder.path())?;
    let confined = group.enter(program, folder.path())?;
    let site = Site {
        program: &confined,
        folder: folder.path(),
    };
    let mut command = public(site);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = Server::start(command)?;
    let (_, client) = server.first_answer(PAGE)?;
    drop(client);
    warm_up(server.address())?;
    report.line(&format!(
        "a control group of {} MB without swap; {} s each, then {} s of rest; {PAGE} is asked for \
         every {} ms on a new connection, and the time is taken from when that was due; \
         the attackers run at the least priority, as if they had processors of their own",
        MEMORY_BYTES >> 20,
        DURATION.as_secs(),
        REST.as_secs(),
        INTERVAL.as_millis()
    ));
    let mut failures = Vec::new();
    report.line("");
    report.line("nothing else:");
    let began = Instant::now();
    let alone = Probes::ask(server.address(), PAGE, || Ok(began.elapsed() < DURATION))?;
    alone.report(report);
    for attack in &ATTACKS {
        report.line("");
        report.line(&format!("{}:", attack.name));
        if !run_attack(attack, &server, report)? {
            failures.push(attack.name);
        }
    }
    let kills = group.kills()?;
    report.line("");
    report.line(&format!(
        "the kernel killed {kills} processes; the group's peak, with the files it read, was {} kB",
        group.peak_bytes()? / 1024
    ));
    server.stop()?;
    if kills > 0 || !failures.is_empty() {
        bail!("not as it has to be under: {}", failures.join("; "));
    }
    report.line(&format!(
        "every probe was answered, of all p99 were below {}, and memory came back to {} % of what it \
         was at the most",
        milliseconds(MAX_P99),
        MAX_GROWTH_PERCENT
    ));
    Ok(())
}

fn public(site: Site<'_>) -> Command {
    let mut command = site.public_command();
    command.env("STATICFILES_DIRS", "sources");
    command
}

/// Makes the database, an account of staff and the static files, outside of the control group.
fn prepare(program: &str, folder: &Path) -> anyhow::Result<()> {
    let sources = folder.join("sources");
    fs::create_dir(&sources).context("make a folder for static files")?;
    fs::write(sources.join("large.txt"), vec![b'x'; LARGE_BYTES]).context("write a large file")?;
    let site = Site { program, folder };
    for command in ["migrate", "demo", "collectstatic"] {
        process::read(public(site).arg(command))?;
    }
    let mut account = public(site);
    account
        .args(["createsuperuser", "--noinput", "--username", floods::STAFF])
        .args(["--email", ""])
        .env("DJANGO_SUPERUSER_PASSWORD", PASSWORD);
    process::read(&mut account).map(drop)
}

/// Gives this thread, and those that it starts, the least priority: real attackers have processors
/// of their own.
fn lower_priority() -> anyhow::Result<()> {
    let thread = fs::read_link("/proc/thread-self").context("find this thread")?;
    let id = thread
        .file_name()
        .context("its path ends with its number")?;
    let mut renice = process::command("renice", &["-n", "19", "-p"]);
    process::read(renice.arg(id)).map(drop)
}

/// Sends ordinary requests, so that everything that is made at its first use exists before an
/// attack.
fn warm_up(address: SocketAddr) -> anyhow::Result<()> {
    let ask = || -> anyhow::Result<()> {
        let mut client = floods::staff(address)?;
        for path in [PAGE, LARGE_FILE, "/admin/", "/admin/lettings/letting/?q=a"] {
            for _ in 0..50 {
                client.expect(path)?;
            }
        }
        Ok(())
    };
    // As many at once as there are connections to the database.
    thread::scope(|scope| {
        let clients: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().expect("a client does not panic"))
    })?;
    // A refused login, so that the count of failures exists as well.
    let refused = floods::wrong(address)?;
    ensure!(refused == 200, "a wrong password was answered {refused}");
    Ok(())
}

/// Plays one attack with the probes beside it, then the pause. Returns whether all was well.
fn run_attack(attack: &Attack, server: &Server, report: &mut Report) -> anyhow::Result<bool> {
    let (id, address) = (server.id(), server.address());
    let [before, _] = resident_kb(id)?;
    forget_peak(id)?;
    let is_over = AtomicBool::new(false);
    let (probes, told) = thread::scope(|scope| {
        let running = scope.spawn(|| {
            lower_priority()?;
            match attack.kind {
                Kind::Crowd(behaviour) => Ok(crowd::run(behaviour, address, &is_over).summary()),
                Kind::Flood(flood) => flood(address, &is_over),
            }
        });
        let began = Instant::now();
        let probes = Probes::ask(address, PAGE, || Ok(began.elapsed() < DURATION));
        is_over.store(true, Relaxed);
        (probes, running.join().expect("an attack does not panic"))
    });
    let probes = probes?;
    let told = told.context("attack")?;
    let [at_end, peak] = resident_kb(id)?;
    thread::sleep(REST);
    let [after, _] = resident_kb(id)?;
    report.line(&format!("  {told}"));
    probes.report(report);
    report.line(&format!(
        "  resident: {before} kB before, {peak} kB at the most, {at_end} kB at the end, {after} kB \
         {} s later ({} %)",
        REST.as_secs(),
        after * 100 / before.max(1)
    ));
    // The page cache fills during the first attacks.
    let allowed = before * MAX_GROWTH_PERCENT / 100 + (PAGE_CACHE_BYTES >> 10);
    Ok(probes.are_well() && after <= allowed)
}
