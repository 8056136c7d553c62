//! The sites of the whole story of a stay, in `cargo xtask browser`: a guest asks at one, its owner has
//! the letter and makes a booking of it, and another site reads the calendar.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::guard::Guard;
use crate::postgres::Postgres;
use crate::process;
use crate::server::{Server, Site};
use crate::sites::OUTPUT;

/// The SMTP server's folder.
const SMTP: &str = "bench/peers/smtp";

/// What the SMTP server tells, a line for each letter.
const MAILBOX: &str = "mailbox.jsonl";

/// The lettings of each site.
const LETTINGS: &str = "e2e/fixtures/story.json";

/// A start that takes longer has failed.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// The account of staff on each site.
const OWNER: [(&str, &str); 3] = [
    ("DJANGO_SUPERUSER_USERNAME", "ann"),
    ("DJANGO_SUPERUSER_EMAIL", "ann@example.com"),
    ("DJANGO_SUPERUSER_PASSWORD", "tulip-anchor-9"),
];

/// The sites, and the server that takes their letters; dropping it ends them.
#[derive(Debug)]
pub struct Story {
    servers: Vec<(&'static str, Server)>,
    mailbox: PathBuf,
    _smtp: SmtpServer,
    _folder: TempDir,
}

impl Story {
    /// Starts a site on SQLite, one on PostgreSQL if there is a server, and one that reads their calendars.
    /// That one is another program, since the site's own reads no calendar of this machine.
    pub fn start(
        program: &str,
        reader: &str,
        python: &Path,
        postgres: Option<&Postgres>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("make a folder for the sites")?;
        let output = process::repository().join(OUTPUT);
        let mailbox = output.join(MAILBOX);
        let smtp = SmtpServer::start(python, &mailbox)?;
        let email_url = format!("smtp://127.0.0.1:{}?tls=none", smtp.port);
        let public = [
            ("DEBUG", "False"),
            ("ALLOWED_HOSTS", "127.0.0.1"),
            (
                "SECRET_KEY",
                "of-nobody-but-the-tests-in-a-browser-and-of-no-use",
            ),
            ("EMAIL_URL", email_url.as_str()),
            ("DEFAULT_FROM_EMAIL", "post@example.com"),
            ("ENQUIRY_EMAIL", "office@example.com"),
        ];
        let database = postgres.map(Postgres::url);
        let on_postgres = database.as_deref().map(|url| [("DATABASE_URL", url)]);
        let mut sites = vec![
            ("STORY_SQLITE", program, public.to_vec()),
            ("STORY_OTHER", reader, vec![]),
        ];
        if let Some(variables) = on_postgres {
            let variables = [&public[..], &variables].concat();
            sites.push(("STORY_POSTGRES", program, variables));
        }
        let mut servers = Vec::new();
        for (name, program, variables) in sites {
            let folder = folder.path().join(name);
            fs::create_dir(&folder).context("make a folder for a site")?;
            let site = Site {
                program,
                folder: &folder,
            };
            let log = output.join(format!("{}.log", name.to_lowercase()));
            let log = File::create(log).context("make a file for the log")?;
            let server = start(site, &variables, log);
            servers.push((name, server.with_context(|| format!("start {name}"))?));
        }
        Ok(Self {
            servers,
            mailbox,
            _smtp: smtp,
            _folder: folder,
        })
    }

    /// Tells a program where the sites are, and where the letters.
    pub fn set_environment(&self, command: &mut Command) {
        for (name, server) in &self.servers {
            let address = format!("http://{}", server.address());
            command.env(format!("SITE_{name}"), address);
        }
        command.env("BROWSER_MAILBOX", &self.mailbox);
    }
}

/// Starts a site with its lettings and its owner. It serves with further variables.
fn start(site: Site<'_>, variables: &[(&str, &str)], log: File) -> anyhow::Result<Server> {
    let lettings = process::repository().join(LETTINGS);
    let lettings = lettings.to_string_lossy();
    for arguments in [
        &["migrate"][..],
        &["collectstatic"],
        &["loaddata", &lettings],
        &["createsuperuser", "--noinput"],
    ] {
        let mut command = site.command();
        command.envs(variables.iter().copied()).envs(OWNER);
        process::read(command.args(arguments))?;
    }
    let mut server = site.serve_with(|command| {
        command.envs(variables.iter().copied()).stderr(log);
    })?;
    server.first_answer("/readyz")?;
    Ok(server)
}

/// The SMTP server of `bench/peers/smtp`; dropping it ends it.
#[derive(Debug)]
struct SmtpServer {
    child: Child,
    port: u64,
    _guard: Guard,
}

impl SmtpServer {
    /// Has it tell what it takes in a file.
    fn start(python: &Path, mailbox: &Path) -> anyhow::Result<Self> {
        let told = File::create(mailbox).context("make a file for the letters")?;
        let child = process::command(python, &["server.py"])
            .current_dir(process::repository().join(SMTP))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::from(told))
            .spawn()
            .context("start the SMTP server")?;
        let guard = Guard::of(&child)?;
        let mut server = Self {
            child,
            port: 0,
            _guard: guard,
        };
        let started = Instant::now();
        while started.elapsed() < START_TIMEOUT {
            let told = fs::read_to_string(mailbox).context("read what the SMTP server tells")?;
            if let Some((first, _)) = told.split_once('\n') {
                let first: Value = serde_json::from_str(first).context("read its port")?;
                server.port = first["port"].as_u64().context("the port")?;
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("the SMTP server ended at its start: {status}");
            }
            thread::sleep(PAUSE);
        }
        bail!("the SMTP server did not listen within {START_TIMEOUT:?}");
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        // Both fail if it has ended already, which is no error here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
