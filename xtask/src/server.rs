//! A site that runs here: the program, in a folder of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::client::Client;
use crate::guard::Guard;
use crate::process;

/// A start that takes longer has failed.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The pause between two attempts to connect, short against what is measured.
const PAUSE: Duration = Duration::from_micros(200);

/// A site: the program, and the folder with its database.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The program.
    pub program: &'a str,
    /// The folder it runs in.
    pub folder: &'a Path,
}

impl Site<'_> {
    /// Runs a command of the program to its end.
    pub fn run(self, command: &str) -> anyhow::Result<()> {
        process::read(self.command().arg(command)).map(drop)
    }

    /// Starts the server on a free port.
    pub fn serve(self) -> anyhow::Result<Server> {
        self.serve_with(|_| ())
    }

    /// The same, after `change` has set other variables or an output for the log.
    pub fn serve_with(self, change: impl FnOnce(&mut Command)) -> anyhow::Result<Server> {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        change(&mut command);
        Server::start(command)
    }

    /// A command of the program in debug mode, on SQLite. It has nothing of the caller's
    /// environment.
    pub fn command(self) -> Command {
        let mut command = Command::new(self.program);
        command
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .env_clear()
            .env("DEBUG", "True")
            .env("DATABASE_URL", format!("sqlite:///{DATABASE}"));
        command
    }
}

impl Site<'_> {
    /// The same as on a public site, without debug mode, in which static files are read for each
    /// request. It answers to 127.0.0.1 only.
    pub fn public_command(self) -> Command {
        let mut command = self.command();
        command.envs([
            ("DEBUG", "False"),
            ("ALLOWED_HOSTS", "127.0.0.1"),
            (
                "SECRET_KEY",
                "for-the-measurement-alone-0123456789-abcdefghijklmnopqrstuvwxyz",
            ),
        ]);
        command
    }
}

/// The database's file in the site's folder.
pub const DATABASE: &str = "site.sqlite3";

/// A server that was started; dropping it ends it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    started: Instant,
    _guard: Guard,
}

impl Server {
    /// Has a site's command serve on a free port.
    pub fn start(mut command: Command) -> anyhow::Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], process::free_port()?));
        command.args(["serve", "--bind", &address.to_string()]);
        let started = Instant::now();
        let child = command.spawn().context("start the site")?;
        let guard = Guard::of(&child)?;
        Ok(Self {
            child,
            address,
            started,
            _guard: guard,
        })
    }

    /// Waits for the first complete 200 of a page. Returns the time since the start, and the
    /// connection.
    pub fn first_answer(&mut self, path: &str) -> anyhow::Result<(Duration, Client)> {
        while self.started.elapsed() < START_TIMEOUT {
            if let Ok(mut client) = Client::connect(self.address)
                && client.get(path).is_ok_and(|status| status == 200)
            {
                return Ok((self.started.elapsed(), client));
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the site ended at its start: {status}");
            }
            std::thread::sleep(PAUSE);
        }
        bail!("the site did not answer {path} within {START_TIMEOUT:?}");
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it by SIGTERM, as a platform does. Fails if its exit code is not 0.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let id = self.id().to_string();
        process::read(&mut process::command("kill", &["-TERM", &id]))?;
        let status = self.child.wait().context("wait for the site to stop")?;
        if !status.success() {
            bail!("the site ended badly: {status}");
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if it has ended already, which is no error here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
