//! nginx in the place of the platform's proxy: the one address for visitors.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use xtask::process;

use crate::http;
use crate::wait::until;

const TIMEOUT: Duration = Duration::from_secs(10);

/// The proxy; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Proxy {
    folder: PathBuf,
    /// The port for visitors.
    pub(crate) port: u16,
    child: Option<Child>,
}

impl Proxy {
    /// Chooses a port. nginx listens on it from the first [`Self::switch`] on.
    pub(crate) fn new(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.join("nginx");
        fs::create_dir_all(&folder).context("make nginx's folder")?;
        let port = process::free_port()?;
        Ok(Self {
            folder,
            port,
            child: None,
        })
    }

    /// Sends visitors to an instance from now on. Requests under way stay with their instance.
    pub(crate) fn switch(&mut self, instance: u16) -> anyhow::Result<()> {
        let template = process::repository().join("rehearsal/nginx.conf");
        let configuration = fs::read_to_string(template)
            .context("read the configuration of nginx")?
            .replace("@FOLDER@", &self.folder.to_string_lossy())
            .replace("@PORT@", &self.port.to_string())
            .replace("@INSTANCE@", &instance.to_string());
        fs::write(self.folder.join("nginx.conf"), configuration)?;
        if self.child.is_some() {
            process::read(self.nginx()?.args(["-s", "reload"]))?;
        } else {
            let log = File::create(self.folder.join("output"))?;
            let child = self
                .nginx()?
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .context("start nginx")?;
            self.child = Some(child);
        }
        // Wait for an answer through the new instance: by then every worker of the old
        // configuration has stopped taking connections.
        let expected = instance.to_string();
        let is_done = until(TIMEOUT, || {
            http::get(self.port, "/healthz")
                .is_ok_and(|answered| answered.header("X-Served-By") == expected)
        });
        if !is_done {
            bail!("nginx did not switch to the instance on {instance} within {TIMEOUT:?}");
        }
        Ok(())
    }

    fn nginx(&self) -> anyhow::Result<Command> {
        let nginx = process::find("nginx").context("nginx was not found")?;
        let mut command = process::command(nginx, &["-c"]);
        command
            .arg(self.folder.join("nginx.conf"))
            .arg("-e")
            .arg(self.folder.join("error.log"));
        Ok(command)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let id = child.id().to_string();
            process::succeeds(&mut process::command("kill", &["-TERM", &id]));
            let _ = child.wait();
        }
    }
}
