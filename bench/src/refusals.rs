//! Whether the time of a refused login tells what the account's row holds. Each kind of hash is
//! measured, side by side, from the first request after a start.

use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use xtask::client::Client;
use xtask::server::Site;

use crate::accounts::CSRF_SECRET;
use crate::report::{Report, milliseconds, percentile};

/// Logins of each kind.
const LOGINS: usize = 200;
/// Accounts of each kind, so that none of them is slowed down as one under attack.
const ACCOUNTS: usize = 25;
/// The most by which the medians may differ, as a share of the longest.
const MAX_DIFFERENCE: f64 = 0.1;

/// The kinds of accounts with their stored hashes. Those before the last fit no password, since
/// only their cost matters.
const KINDS: [(&str, Option<&str>); 8] = [
    ("unknown", None),
    (
        "pbkdf2",
        Some("pbkdf2_sha256$600000$abcdefghijklmnopqrstuv$x"),
    ),
    (
        "pbkdf2-django52",
        Some("pbkdf2_sha256$1000000$abcdefghijklmnopqrstuv$x"),
    ),
    (
        "bcrypt",
        Some("bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW"),
    ),
    (
        "argon2",
        Some("argon2$argon2id$v=19$m=102400,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA"),
    ),
    ("scrypt", Some("scrypt$16384$abcdefghijklmnopqrstuv$8$5$x")),
    (
        "unusable",
        Some("!abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"),
    ),
    ("inactive", Some(OPEN)),
];

/// The hash of [`PASSWORD`].
const OPEN: &str =
    "pbkdf2_sha256$600000$abcdefghijklmnopqrstuv$1cLWwEz1cYaQiAfDd9YXFuPHQqngshM8RBNtsc/V1GU=";
const PASSWORD: &str = "tulip-anchor-9";

/// Measures a program on SQLite.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let site = Site {
        program,
        folder: folder.path(),
    };
    site.run("migrate")?;
    let accounts = folder.path().join("accounts.json");
    fs::write(&accounts, accounts_of_each_kind().to_string()).context("write the accounts")?;
    xtask::process::read(site.command().args(["loaddata", "accounts.json"]))?;
    let mut server = site.serve_with(|command| {
        command.envs([
            ("DEBUG", "False"),
            ("ALLOWED_HOSTS", "127.0.0.1"),
            ("SECRET_KEY", "for-the-measurement-alone"),
        ]);
    })?;
    let (_, client) = server.first_answer("/healthz")?;
    drop(client);
    let mut times: [Vec<Duration>; KINDS.len()] = Default::default();
    for number in 0..LOGINS {
        for place in 0..KINDS.len() {
            // The order differs from round to round, and is the same in every run.
            let kind = (place * 3 + number * 5) % KINDS.len();
            let (name, _) = KINDS[kind];
            let began = Instant::now();
            refused(server.address(), name, number * KINDS.len() + place)?;
            times[kind].push(began.elapsed());
        }
    }
    server.stop()?;
    report.line("");
    report.line(&format!(
        "{LOGINS} refused logins of each kind, one after the other in mixed order, each from an \
         address of its own, from the first request after the start on"
    ));
    report.line("");
    let mut medians = Vec::new();
    for ((name, _), times) in KINDS.iter().zip(&mut times) {
        let first = times.first().copied().unwrap_or_default();
        times.sort_unstable();
        medians.push(percentile(times, 50));
        report.line(&format!(
            "  {name:<16} median {}, first {}, p5 {}, p95 {}, max {}",
            milliseconds(percentile(times, 50)),
            milliseconds(first),
            milliseconds(percentile(times, 5)),
            milliseconds(percentile(times, 95)),
            milliseconds(percentile(times, 100)),
        ));
    }
    let (least, most) = (medians.iter().min(), medians.iter().max());
    let (least, most) = (least.context("no median")?, most.context("no median")?);
    let difference = 1.0 - least.as_secs_f64() / most.as_secs_f64();
    report.line("");
    report.line(&format!(
        "the medians lie within {:.1} % of the longest",
        difference * 100.0
    ));
    ensure!(difference <= MAX_DIFFERENCE, "the kinds can be told apart");
    Ok(())
}

fn accounts_of_each_kind() -> Value {
    let mut accounts = Vec::new();
    for (kind, encoded) in KINDS {
        let Some(encoded) = encoded else { continue };
        for number in 0..ACCOUNTS {
            accounts.push(json!({"model": "auth.user", "fields": {
                "username": format!("{kind}{number}"), "password": encoded, "is_staff": true,
                "is_active": kind != "inactive", "date_joined": "2026-01-02T03:04:05Z"}}));
        }
    }
    Value::from(accounts)
}

fn refused(address: SocketAddr, kind: &str, number: usize) -> anyhow::Result<()> {
    let head = format!(
        "X-Forwarded-For: 10.1.{}.{}\r\nCookie: csrftoken={CSRF_SECRET}\r\n",
        number >> 8,
        number & 255
    );
    let account = number / KINDS.len() % ACCOUNTS;
    let password = if kind == "inactive" {
        PASSWORD
    } else {
        "wrong"
    };
    let form =
        format!("csrfmiddlewaretoken={CSRF_SECRET}&username={kind}{account}&password={password}");
    let mut client = Client::connect(address).context("connect")?;
    let status = client.post("/admin/login/", &head, &form)?;
    ensure!(status == 200, "a refused login was answered {status}");
    Ok(())
}
