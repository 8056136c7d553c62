//! The SMTP server of `bench/peers/smtp`, as a process.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How long a test waits for a letter.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct SmtpServer {
    child: Child,
    told: Receiver<Value>,
    /// What `EMAIL_URL` names it by.
    pub(crate) url: String,
}

impl SmtpServer {
    pub(crate) fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/peers/smtp");
        let mut child = Command::new(super::needed("TEST_SMTP_PYTHON"))
            .arg("server.py")
            .current_dir(folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, told) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap());
        // Read all the time, so that the server never waits for the test.
        thread::spawn(move || read(lines, |told| sender.send(told).is_ok()));
        let mut server = Self {
            child,
            told,
            url: String::new(),
        };
        let port = server.next().expect("it listens")["port"].as_u64().unwrap();
        server.url = format!("smtp://127.0.0.1:{port}?tls=none");
        server
    }

    /// The next thing that it tells; `None` if it tells nothing for long.
    pub(crate) fn next(&self) -> Option<Value> {
        self.told.recv_timeout(PATIENCE).ok()
    }

    /// What it has told already.
    pub(crate) fn told_already(&self) -> Option<Value> {
        self.told.try_recv().ok()
    }

    /// The next letter that it has taken.
    #[track_caller]
    pub(crate) fn letter(&self) -> Value {
        let told = self.next().expect("a letter comes");
        assert!(told["headers"].is_array(), "{told}");
        told
    }
}

fn read(lines: BufReader<ChildStdout>, mut take: impl FnMut(Value) -> bool) {
    for line in lines.lines().map_while(Result::ok) {
        if !take(serde_json::from_str(&line).unwrap()) {
            return;
        }
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a letter's header.
pub(crate) fn header(letter: &Value, name: &str) -> String {
    let headers = letter["headers"].as_array().unwrap();
    let found = headers.iter().find(|header| header[0] == name);
    found.map_or_else(String::new, |header| header[1].as_str().unwrap().to_owned())
}
