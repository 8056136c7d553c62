//! A Docker engine of the rehearsal's own. Other engines on this machine are neither seen nor
//! touched.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use xtask::guard::Guard;
use xtask::process;

use crate::wait::until;

/// How long the engine may take to answer.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Debian's programs. A newer client on the `PATH` may have no builder that fits this engine.
const CLIENT: &str = "/usr/bin/docker";
const ENGINE: &str = "/usr/sbin/dockerd";

/// A running engine; dropping it stops it and every container.
#[derive(Debug)]
pub(crate) struct Engine {
    child: Child,
    _guard: Guard,
    _bridge: Bridge,
    socket: PathBuf,
    /// The folder in which the client keeps its logins.
    pub(crate) configuration: PathBuf,
}

impl Engine {
    /// Starts an engine that keeps its images and its cache in `data`, and the rest in `folder`.
    pub(crate) fn start(folder: &Path, data: &Path) -> anyhow::Result<Self> {
        if !process::is_root() {
            bail!("only root may start a Docker engine");
        }
        let pid_file = data.join("dockerd.pid");
        refuse_second(&pid_file)?;
        fs::create_dir_all(data).context("make the engine's folder")?;
        let bridge = Bridge::create()?;
        let socket = folder.join("docker.sock");
        let log = File::create(folder.join("dockerd.log")).context("make the engine's log")?;
        let mut command = Command::new(ENGINE);
        command
            .arg("--host")
            .arg(format!("unix://{}", socket.display()))
            .arg("--data-root")
            .arg(data.join("images"))
            .arg("--exec-root")
            .arg(folder.join("exec"))
            .arg("--pidfile")
            .arg(&pid_file)
            // The engine changes nothing in this machine's network: a program forwards published
            // ports, on loopback by default, and containers reach nothing beyond the bridge.
            .args(["--bridge", &bridge.name, "--ip", "127.0.0.1"])
            .args(["--iptables=false", "--ip6tables=false"])
            .args(["--ip-forward=false", "--ip-masq=false"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let child = command
            .spawn()
            .with_context(|| format!("start {ENGINE}: is the package docker.io installed?"))?;
        let guard = Guard::of(&child)?;
        let mut engine = Self {
            child,
            _guard: guard,
            _bridge: bridge,
            socket,
            configuration: folder.join("docker"),
        };
        let started = until(START_TIMEOUT, || {
            let has_ended = engine.child.try_wait().is_ok_and(|status| status.is_some());
            has_ended || process::succeeds(&mut engine.docker(&["version"]))
        });
        let answers = process::succeeds(&mut engine.docker(&["version"]));
        if !started || !answers {
            let log = fs::read_to_string(folder.join("dockerd.log")).unwrap_or_default();
            bail!("no Docker engine runs here; it said: {}", cause_in(&log));
        }
        Ok(engine)
    }

    /// A command of the client for this engine.
    pub(crate) fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = process::command(CLIENT, arguments);
        command.envs(self.environment());
        command
    }

    /// The variables by which any client finds this engine.
    pub(crate) fn environment(&self) -> [(&'static str, String); 3] {
        let configuration = self.configuration.display().to_string();
        [
            ("DOCKER_HOST", format!("unix://{}", self.socket.display())),
            ("DOCKER_CONFIG", configuration),
            ("DOCKER_BUILDKIT", "1".to_owned()),
        ]
    }

    /// Links `docker` in a folder to the client that fits.
    pub(crate) fn link_client(folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).context("make a folder for the client")?;
        std::os::unix::fs::symlink(CLIENT, folder.join("docker")).context("link the client")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SIGTERM rather than a kill, so that it ends its containers and its own processes.
        let id = self.child.id().to_string();
        process::succeeds(&mut process::command("kill", &["-TERM", &id]));
        let _ = self.child.wait();
    }
}

/// The line in which an engine's log gives the reason for its end.
fn cause_in(log: &str) -> &str {
    let mut lines = log.lines().rev();
    let cause = lines.clone().find(|line| line.starts_with("failed to "));
    cause.or_else(|| lines.next()).unwrap_or("nothing")
}

/// Fails if another engine runs on these images: two would corrupt them.
fn refuse_second(pid_file: &Path) -> anyhow::Result<()> {
    let Ok(id) = fs::read_to_string(pid_file) else {
        return Ok(());
    };
    let id = id.trim();
    let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
    if name.trim() == "dockerd" {
        bail!("another rehearsal runs here, or one that was killed left its engine: process {id}");
    }
    Ok(())
}

/// The network of the containers, on this machine only.
#[derive(Debug)]
struct Bridge {
    name: String,
}

impl Bridge {
    fn create() -> anyhow::Result<Self> {
        // The process id is part of name and network, so that rehearsals of several checkouts do
        // not collide.
        let id = std::process::id();
        let bridge = Self {
            name: format!("oclr{id}"),
        };
        let network = format!("172.29.{}.1/28", id % 250);
        bridge.ip(&["link", "add", &bridge.name, "type", "bridge"])?;
        bridge.ip(&["address", "add", &network, "dev", &bridge.name])?;
        bridge.ip(&["link", "set", &bridge.name, "up"])?;
        Ok(bridge)
    }

    fn ip(&self, arguments: &[&str]) -> anyhow::Result<()> {
        process::read(&mut process::command("ip", arguments))
            .with_context(|| {
                format!(
                    "no Docker engine runs here, since the network {} cannot be made",
                    self.name
                )
            })
            .map(drop)
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        process::succeeds(&mut process::command("ip", &["link", "delete", &self.name]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_an_end_is_found_among_what_was_told() {
        let log =
            "level=info msg=starting\nfailed to start daemon: no driver\nlevel=info msg=bye\n";
        assert_eq!(cause_in(log), "failed to start daemon: no driver");
        assert_eq!(cause_in("level=info msg=starting\npanic: x\n"), "panic: x");
        assert_eq!(cause_in(""), "nothing");
    }
}
