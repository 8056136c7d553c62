//! What this automation has started ends with it, whatever ends it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to be gone.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The automation with a server that it has started.
struct Automation {
    process: Child,
    server: SocketAddr,
    folder: PathBuf,
}

impl Automation {
    fn start() -> Self {
        let temporary = tempfile::tempdir().unwrap().keep();
        let mut process = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("postgres")
            .env("TMPDIR", &temporary)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The user `postgres` has to get there.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&temporary, mode).unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(process.stdout.as_mut().unwrap());
        lines.read_line(&mut said).unwrap();
        let (_, rest) = said.split_once('@').expect("the address of a server");
        let server = rest.split('/').next().unwrap().parse().unwrap();
        Self {
            process,
            server,
            folder: temporary,
        }
    }

    /// Whether the server answers, or anything of it is left.
    fn has_left_something(&self) -> bool {
        let answers = TcpStream::connect(self.server).is_ok();
        answers || std::fs::read_dir(&self.folder).unwrap().count() > 0
    }

    /// Waits until nothing is left.
    #[track_caller]
    fn assert_gone(mut self, signal: &str) {
        self.process.wait().unwrap();
        let start = Instant::now();
        while self.has_left_something() {
            assert!(start.elapsed() < TIMEOUT, "after {signal}: {}", self.server);
            std::thread::yield_now();
        }
        std::fs::remove_dir(&self.folder).unwrap();
    }
}

#[test]
fn no_postgres_is_left_by_who_is_killed() {
    for signal in ["KILL", "TERM", "HUP", "INT"] {
        let automation = Automation::start();
        assert!(automation.has_left_something());
        let id = automation.process.id().to_string();
        let kill = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(kill.unwrap().success());
        automation.assert_gone(signal);
    }
}

#[test]
fn no_postgres_is_left_at_the_end() {
    let mut automation = Automation::start();
    drop(automation.process.stdin.take());
    let mut rest = String::new();
    let output = automation.process.stdout.as_mut().unwrap();
    output.read_to_string(&mut rest).unwrap();
    automation.assert_gone("the end of the input");
}
