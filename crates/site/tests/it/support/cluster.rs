//! A PostgreSQL server of one test alone, which it may stop, start and starve.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::mounts::is_root;
use super::needed;

/// A cluster in a folder; dropping it stops the server.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    /// Further options of the server.
    options: String,
}

impl Cluster {
    /// Makes and starts one in an empty folder that stays longer.
    pub(crate) fn start_in(folder: &Path) -> Self {
        let cluster = Self::make_in(folder, "");
        cluster.start();
        cluster
    }

    /// Makes one with further options of the server, and does not start it.
    pub(crate) fn make_in(folder: &Path, options: &str) -> Self {
        let programs = needed("TEST_POSTGRES_PROGRAMS");
        if is_root() {
            let mut chown = Command::new("chown");
            assert!(
                chown
                    .arg("postgres:")
                    .arg(folder)
                    .status()
                    .unwrap()
                    .success()
            );
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let cluster = Self {
            programs: programs.into(),
            folder: folder.to_owned(),
            port: listener.local_addr().unwrap().port(),
            options: options.to_owned(),
        };
        drop(listener);
        let options = [
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--no-locale",
            "-N",
        ];
        let mut initdb = cluster.program("initdb");
        cluster.run(initdb.args(options).arg("--wal-segsize=1"));
        cluster
    }

    /// The port of TCP, which is in the socket's name too.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Writes a file that the server alone may read, such as `pg_hba.conf`, into its folder of data.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder.join("data").join(name);
        std::fs::write(&path, text).unwrap();
        let readable_by_owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, readable_by_owner).unwrap();
        if is_root() {
            let mut chown = Command::new("chown");
            assert!(
                chown
                    .arg("postgres:")
                    .arg(&path)
                    .status()
                    .unwrap()
                    .success()
            );
        }
    }

    /// The address of its first database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it again, and waits until it accepts connections.
    pub(crate) fn start(&self) {
        let options = format!(
            "-h 127.0.0.1 -p {} -k '{}' -c min_wal_size=2MB -c max_wal_size=4MB \
             -c shared_buffers=1MB -c checkpoint_timeout=1h {}",
            self.port,
            self.folder.display(),
            self.options
        );
        let mut start = self.program("pg_ctl");
        start
            .args(["start", "-w", "-l"])
            .arg(self.folder.join("log"));
        self.run(start.args(["-o", &options]));
    }

    /// Stops it, and waits until it has stopped; `immediate` is a crash.
    pub(crate) fn stop(&self, mode: &str) {
        self.run(self.program("pg_ctl").args(["stop", "-w", "-m", mode]));
    }

    fn run(&self, command: &mut Command) {
        // The server would keep a pipe open that nobody closes.
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().unwrap();
        let log = std::fs::read_to_string(self.folder.join("log"))
            .unwrap_or_else(|error| error.to_string());
        assert!(status.success(), "{command:?}: {status}\n{log}");
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder);
        command.arg("-D").arg(self.folder.join("data"));
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may have been stopped by the test.
        let mut stop = self.program("pg_ctl");
        let stop = stop.args(["stop", "-m", "immediate"]);
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}
