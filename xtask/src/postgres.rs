//! A throw-away PostgreSQL server on loopback. It ends with this process, however that ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use tempfile::TempDir;

use crate::guard::Guard;
use crate::process;

/// Where Debian keeps the programs of each major version, outside of the `PATH`.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// Each test has connections of its own, and several run at once.
const MAX_CONNECTIONS: u32 = 200;

/// A running server; dropping it stops the server and removes its files.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    _guard: Guard,
}

/// Stops the server of a cluster (`$1`) as a crash would, and removes the folder around it (`$2`).
const CLEAN_UP: &str = "kill -s QUIT \"$(head -n 1 \"$1/postmaster.pid\")\"; \
                        for attempt in $(seq 100); do \
                        [ -e \"$1/postmaster.pid\" ] || break; sleep 0.1; done; rm -rf \"$2\"";

impl Postgres {
    /// Makes a cluster in a temporary folder and starts it.
    pub fn start() -> anyhow::Result<Self> {
        let programs = find_programs().context("PostgreSQL's initdb and pg_ctl were not found")?;
        let folder = tempfile::Builder::new()
            .prefix("oc-lettings-postgres-")
            .tempdir()
            .context("make a folder for PostgreSQL")?;
        if process::is_root() {
            let path = folder.path().to_string_lossy();
            process::read(&mut process::command("chown", &["postgres:", &*path]))?;
        }
        let port = process::free_port()?;
        let data = folder.path().join("data");
        let guard = Guard::new(CLEAN_UP, &[data.as_os_str(), folder.path().as_os_str()])?;
        let server = Self {
            programs,
            folder,
            port,
            _guard: guard,
        };
        let initdb = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale"];
        process::read(server.program("initdb").args(initdb))?;
        server.start_again()?;
        Ok(server)
    }

    /// Starts it after [`Postgres::stop`], and waits until it accepts connections.
    pub fn start_again(&self) -> anyhow::Result<()> {
        let log = self.folder.path().join("log");
        let mut start = self.program("pg_ctl");
        start.arg("start").arg("-w").arg("-l").arg(&log);
        process::read(start.arg("-o").arg(self.options())).with_context(|| {
            let log = fs::read_to_string(&log).unwrap_or_default();
            format!("start PostgreSQL; its log:\n{log}")
        })?;
        Ok(())
    }

    /// Stops it, and waits for its end. `fast` closes every connection and writes all data to the
    /// disk; `immediate` is like a crash.
    pub fn stop(&self, mode: &str) -> anyhow::Result<()> {
        let mut stop = self.program("pg_ctl");
        process::read(stop.args(["stop", "-w", "-m", mode])).map(drop)
    }

    /// Lets every user reach its socket, and returns the socket's folder: for containers, which
    /// have a loopback of their own.
    pub fn open_socket(&self) -> anyhow::Result<&Path> {
        let folder = self.folder.path();
        process::read(process::command("chmod", &["a+x"]).arg(folder))?;
        Ok(folder)
    }

    /// The port, which is part of the socket's name, too.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of its first database, whose owner may create others.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The folder of its programs.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// The server's options: loopback only, and fast rather than safe, since nothing outlives the
    /// tests.
    fn options(&self) -> String {
        let Self { folder, port, .. } = self;
        format!(
            "-h 127.0.0.1 -p {port} -k '{}' -c fsync=off -c full_page_writes=off \
             -c synchronous_commit=off -c max_connections={MAX_CONNECTIONS}",
            folder.path().display()
        )
    }

    /// One of PostgreSQL's programs, told where the cluster is; they refuse to run as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if process::is_root() {
            let mut command = process::command("runuser", &["-u", "postgres", "--"]);
            command.arg(program);
            command
        } else {
            process::command(program, &[])
        };
        // The user `postgres` may not be allowed to see the repository.
        command.current_dir(self.folder.path());
        command.arg("-D").arg(self.folder.path().join("data"));
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // It fails if no server runs, which is no error here.
        process::succeeds(self.program("pg_ctl").args(["stop", "-m", "immediate"]));
    }
}

/// The folder of the programs: the one on the `PATH`, else that of Debian's newest version.
fn find_programs() -> Option<PathBuf> {
    let on_path = process::find("initdb")
        .and_then(|initdb| fs::canonicalize(initdb).ok())
        .and_then(|initdb| Some(initdb.parent()?.to_owned()))
        .filter(|folder| folder.join("pg_ctl").exists());
    on_path.or_else(|| newest(Path::new(DEBIAN_FOLDER)))
}

fn newest(folder: &Path) -> Option<PathBuf> {
    fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").exists())
        .max()
        .map(|(_, programs)| programs)
}

/// Whether PostgreSQL's programs are installed.
pub fn is_installed() -> bool {
    find_programs().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_with_a_server_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "15", "16", "common"] {
            fs::create_dir_all(folder.path().join(version).join("bin")).unwrap();
        }
        // Version 16 has only the client installed.
        for version in ["9", "15"] {
            fs::write(folder.path().join(version).join("bin/initdb"), "").unwrap();
        }
        assert_eq!(newest(folder.path()), Some(folder.path().join("15/bin")));
        assert_eq!(newest(&folder.path().join("nowhere")), None);
    }
}
