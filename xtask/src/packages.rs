//! Installs missing packages of the system or, if that is not allowed, asks for them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::{output, process};

/// A package of the system.
#[derive(Debug)]
pub struct Package {
    /// Debian's name for it.
    pub name: String,
    /// What cannot be done without it.
    pub is_for: &'static str,
}

/// Installs missing packages. Users who may not install go without them; in CI that is a failure.
pub fn install(packages: &[Package]) -> anyhow::Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = packages.iter().map(|package| &*package.name).collect();
    let names = names.join(" ");
    let reason = match apt_get(packages) {
        Ok(()) => return Ok(()),
        Err(error) => format!("{error:#}"),
    };
    for Package { name, is_for } in packages {
        output::line(&format!("missing: {name}, for {is_for}"));
    }
    let advice = format!("install with: sudo apt-get install {names}");
    if process::is_ci() {
        bail!("{reason}; {advice}");
    }
    output::line(&format!("{reason}; {advice}"));
    Ok(())
}

/// Whether apt's lists, as they were last updated, have a package of that name.
pub fn is_known(name: &str) -> bool {
    process::succeeds(&mut process::command("apt-cache", &["show", name]))
}

fn apt_get(packages: &[Package]) -> anyhow::Result<()> {
    if !process::is_root() {
        bail!("only root may install packages");
    }
    let apt_get = process::find("apt-get").context("there is no apt-get")?;
    let _policy = Policy::start_nothing();
    process::run(&mut process::command(&apt_get, &["update"]))?;
    let mut install = process::command(&apt_get, &["install", "--yes", "--no-install-recommends"]);
    install
        .args(packages.iter().map(|package| &package.name))
        .env("DEBIAN_FRONTEND", "noninteractive");
    process::run(&mut install)
}

/// Keeps packages from starting their servers, by Debian's `policy-rc.d`: some would listen on
/// every address, and PostgreSQL's would keep its port. A drop takes that back.
struct Policy {
    is_ours: bool,
}

impl Policy {
    const PATH: &str = "/usr/sbin/policy-rc.d";

    fn start_nothing() -> Self {
        let is_ours = process::is_root()
            && !Path::new(Self::PATH).exists()
            && fs::write(Self::PATH, "#!/bin/sh\nexit 101\n").is_ok()
            && process::succeeds(&mut process::command("chmod", &["a+x", Self::PATH]));
        Self { is_ours }
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if self.is_ours {
            // It fails if the file was removed already, which is no error here.
            let _ = fs::remove_file(Self::PATH);
        }
    }
}
