//! The program itself, run as a process in a folder of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The program with an environment of exactly these variables.
pub(crate) fn command(folder: &Path, variables: &[(&str, &str)]) -> Command {
    command_of(
        Path::new(env!("CARGO_BIN_EXE_oc-lettings")),
        folder,
        variables,
    )
}

/// Another build of the program, likewise.
pub(crate) fn command_of(program: &Path, folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied());
    keep_profile(&mut command);
    command
}

/// Where a coverage-instrumented program writes its counts.
pub(crate) fn keep_profile(command: &mut Command) {
    if let Some(profile) = super::variable("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", profile);
    }
}

/// A run to its end.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = command(folder, variables).args(args).output().unwrap();
    Run {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that was started and listens.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    /// What it logged until it listened.
    pub(crate) seen: String,
    /// Reads on, so that the server never waits for somebody to read its log.
    log: Option<JoinHandle<()>>,
    /// What it has read so far.
    read: Arc<Mutex<String>>,
    /// Where nobody does, the pipe, which stays open.
    unread: Option<BufReader<ChildStderr>>,
}

impl Server {
    /// Starts `serve` on a free port and reads its log until it listens.
    pub(crate) fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = command(folder, variables);
        Self::spawn(command.args(["serve", "--bind", "127.0.0.1:0"]))
    }

    /// Starts `serve` with a listening socket in the way of systemd, which `pid` belongs to: the
    /// descriptor is the first after those that every program has. `$$` is the program itself.
    pub(crate) fn inherit(folder: &Path, listener: &TcpListener, pid: &str) -> Self {
        let script = format!(
            "LISTEN_FDS=1 LISTEN_PID={pid} exec \"$0\" serve --bind 127.0.0.1:0 3<&0 </dev/null"
        );
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script, env!("CARGO_BIN_EXE_oc-lettings")])
            .current_dir(folder)
            .env_clear()
            .env("DEBUG", "1")
            .stdin(OwnedFd::from(listener.try_clone().unwrap()));
        keep_profile(&mut shell);
        Self::spawn(&mut shell)
    }

    /// As [`Self::start`], but from then on nobody reads the log.
    pub(crate) fn start_unread(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = command(folder, variables);
        let (mut server, log) =
            Self::spawn_unread(command.args(["serve", "--bind", "127.0.0.1:0"]));
        server.unread = Some(log);
        server
    }

    /// Starts a command that ends in `serve`, and reads its log.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let (mut server, mut log) = Self::spawn_unread(command);
        let read = Arc::clone(&server.read);
        server.log = Some(thread::spawn(move || {
            let mut line = String::new();
            while log.read_line(&mut line).unwrap() > 0 {
                read.lock().unwrap().push_str(&std::mem::take(&mut line));
            }
        }));
        server
    }

    /// Asks until the log has a text.
    pub(crate) fn await_logged(&self, text: &str) {
        let start = Instant::now();
        while !self.read.lock().unwrap().contains(text) {
            assert!(
                start.elapsed() < PATIENCE,
                "no {text} in\n{}",
                self.read.lock().unwrap()
            );
            self.get("/healthz");
        }
    }

    /// Reads the log until the server listens.
    fn spawn_unread(command: &mut Command) -> (Self, BufReader<ChildStderr>) {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut seen = String::new();
        let address = loop {
            let start = seen.len();
            let read = log.read_line(&mut seen).unwrap();
            assert!(read > 0, "the server ended:\n{seen}");
            if let Some((_, rest)) = seen[start..].split_once("listening on http://") {
                break rest.split(',').next().unwrap().trim().to_owned();
            }
        };
        let server = Self {
            child,
            address,
            seen,
            log: None,
            read: Arc::default(),
            unread: None,
        };
        (server, log)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    /// A whole exchange on a connection of its own.
    pub(crate) fn exchange(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// The status and the body of a page, on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let answer = self.exchange(&format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"));
        let status = answer[9..12].parse().unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, body.to_owned())
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Sends a signal, waits for the end, and returns exit code and the rest of the log.
    pub(crate) fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        let code = self.child.wait().unwrap().code();
        if let Some(reading) = self.log.take() {
            reading.join().unwrap();
        }
        let rest = self.read.lock().unwrap().clone();
        (code, rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After a failed assertion; one that ended already has nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
