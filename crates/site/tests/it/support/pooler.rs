//! A `PgBouncer` of one test alone, in front of the server of the run.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use super::mounts::is_root;

/// Hands each transaction to another session; dropping it stops it.
pub(crate) struct Pooler {
    child: Child,
    port: u16,
}

impl Pooler {
    /// In front of a server, `host:port`, with as few sessions as make clients take turns, and further
    /// lines of its configuration. What is not said is as the package has it.
    pub(crate) fn start(folder: &Path, server: &str, further: &str) -> Self {
        let (host, server_port) = server.split_once(':').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let configuration = folder.join("pgbouncer.ini");
        let users = folder.join("users.txt");
        std::fs::write(&users, "\"postgres\" \"\"\n").unwrap();
        let text = format!(
            "[databases]\n* = host={host} port={server_port}\n[pgbouncer]\npool_mode = transaction\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n\
             auth_file = {}\ndefault_pool_size = 3\n{further}\n",
            users.display()
        );
        std::fs::write(&configuration, text).unwrap();
        let mut command = if is_root() {
            // It refuses to run as root.
            let mut chown = Command::new("chown");
            let chown = chown.args(["-R", "postgres:"]).arg(folder);
            assert!(chown.status().unwrap().success());
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "pgbouncer"]);
            command
        } else {
            Command::new("pgbouncer")
        };
        command.arg(&configuration).current_dir(folder);
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let is_up = |line: &String| line.contains("process up");
        let seen = log.by_ref().map(Result::unwrap).find(is_up);
        assert!(seen.is_some(), "PgBouncer has ended");
        // It must not wait for somebody to read on.
        thread::spawn(move || log.for_each(drop));
        Self { child, port }
    }

    /// The way to a database of the server through it.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // `runuser` passes a signal on when it is asked to end, and not when it is killed.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").arg(&id).status();
        let _ = self.child.wait();
    }
}
