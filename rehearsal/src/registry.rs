//! A registry in the place of Docker Hub: on loopback, with a login.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use xtask::process;

use crate::engine::Engine;
use crate::random;
use crate::wait::until;

const START_TIMEOUT: Duration = Duration::from_secs(20);

/// The account that pushes and pulls.
pub(crate) const USER: &str = "rehearsal";

/// Whether images may be pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Open,
    ReadOnly,
}

/// A running registry; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Registry {
    child: Child,
    folder: PathBuf,
    port: u16,
    /// The password of [`USER`].
    pub(crate) password: String,
}

impl Registry {
    /// Starts an empty registry in a folder of its own.
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.join("registry");
        fs::create_dir_all(&folder).context("make the registry's folder")?;
        let password = random::word()?;
        let entry = process::read(&mut process::command(
            "htpasswd",
            &["-Bbn", USER, &password],
        ))?;
        fs::write(folder.join("htpasswd"), entry).context("write the registry's account")?;
        let port = process::free_port()?;
        let child = spawn(&folder, port, Mode::Open)?;
        Ok(Self {
            child,
            folder,
            port,
            password,
        })
    }

    /// The name of the image in this registry.
    pub(crate) fn image(&self) -> String {
        format!("127.0.0.1:{}/rehearsal/oc-lettings", self.port)
    }

    /// Starts the registry again with the same images, in another mode.
    pub(crate) fn set_mode(&mut self, mode: Mode) -> anyhow::Result<()> {
        self.stop();
        self.child = spawn(&self.folder, self.port, mode)?;
        Ok(())
    }

    /// Logs the engine's client in.
    pub(crate) fn log_in(&self, engine: &Engine) -> anyhow::Result<()> {
        let host = format!("127.0.0.1:{}", self.port);
        let mut login = engine.docker(&["login", "--username", USER, "--password-stdin", &host]);
        let mut child = login
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("run docker login")?;
        let mut stdin = child.stdin.take().context("the input is a pipe")?;
        std::io::Write::write_all(&mut stdin, self.password.as_bytes())?;
        drop(stdin);
        if !child.wait()?.success() {
            bail!("the registry does not know its own account");
        }
        Ok(())
    }

    fn stop(&mut self) {
        // A kill loses nothing: the registry has no data that is not written.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(folder: &Path, port: u16, mode: Mode) -> anyhow::Result<Child> {
    let template = process::repository().join("rehearsal/registry.yml");
    let configuration = fs::read_to_string(template)
        .context("read the registry's configuration")?
        .replace("@FOLDER@", &folder.to_string_lossy())
        .replace("@PORT@", &port.to_string())
        .replace("@READ_ONLY@", &(mode == Mode::ReadOnly).to_string());
    let path = folder.join("registry.yml");
    fs::write(&path, configuration)?;
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"))?;
    let child = Command::new("docker-registry")
        .arg("serve")
        .arg(path)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("start docker-registry")?;
    if !until(START_TIMEOUT, || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    }) {
        bail!("the registry did not listen within {START_TIMEOUT:?}");
    }
    Ok(child)
}
