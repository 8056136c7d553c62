//! What the checks need on a machine, installed or asked for.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::{browser, coverage, django, needs, output, postgres, process};

/// A package of the system.
struct Package {
    name: String,
    is_for: &'static str,
    is_installed: bool,
}

/// `cargo xtask setup`.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut packages = packages()?;
    packages.retain(|package| !package.is_installed);
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    install_subcommands()
}

/// What the rehearsal needs: the package, and a program that tells whether it is installed.
const FOR_REHEARSAL: [(&str, &str); 10] = [
    ("docker.io", "/usr/sbin/dockerd"),
    ("docker-registry", "docker-registry"),
    ("debootstrap", "debootstrap"),
    ("apache2-utils", "htpasswd"),
    ("rsync", "rsync"),
    ("nginx-light", "nginx"),
    ("wrk", "wrk"),
    ("iproute2", "ip"),
    ("npm", "npm"),
    ("make", "make"),
];

/// Installs what the rehearsal needs.
pub(crate) fn for_rehearsal() -> anyhow::Result<()> {
    let mut missing: Vec<_> = FOR_REHEARSAL
        .iter()
        .filter(|(_, program)| process::find(program).is_none())
        .map(|(name, _)| *name)
        .collect();
    if !postgres::is_installed() {
        missing.push("postgresql");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<_> = missing
        .into_iter()
        .map(|name| Package {
            name: name.to_owned(),
            is_for: "the rehearsal",
            is_installed: false,
        })
        .collect();
    install_packages(&missing)
}

/// Keeps packages from starting their servers, by the means that Debian has for it: some would listen
/// on every address, PostgreSQL's would stay on its port. Dropping it takes that back.
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
            // Whoever removed it before did the same.
            let _ = fs::remove_file(Self::PATH);
        }
    }
}

fn packages() -> anyhow::Result<Vec<Package>> {
    let llvm = coverage::llvm_package()?;
    let has_llvm = coverage::tools_folder(&llvm).is_some();
    let package = |name: &str, is_for, is_installed| Package {
        name: name.to_owned(),
        is_for,
        is_installed,
    };
    let mut packages = vec![
        package(&llvm, "coverage", has_llvm),
        package(
            "postgresql",
            "tests on PostgreSQL",
            postgres::is_installed(),
        ),
        package(
            "pgbouncer",
            "tests behind PgBouncer",
            needs::pgbouncer().is_ok(),
        ),
        package(
            "python3-venv",
            "tests against Django",
            django::is_installed(),
        ),
    ];
    let for_browser = browser::wanted_packages();
    packages.extend(
        for_browser
            .into_iter()
            .map(|name| package(name, "tests in a browser", false)),
    );
    Ok(packages)
}

/// Without these packages tests are skipped; only where nobody watches is that a failure.
fn install_packages(packages: &[Package]) -> anyhow::Result<()> {
    let names: Vec<_> = packages.iter().map(|package| &*package.name).collect();
    let names = names.join(" ");
    let reason = match apt_get(packages) {
        Ok(()) => return Ok(()),
        Err(error) => format!("{error:#}"),
    };
    for Package { name, is_for, .. } in packages {
        output::line(&format!("missing: {name}, for {is_for}"));
    }
    let advice = format!("install with: sudo apt-get install {names}");
    if process::is_ci() {
        bail!("{reason}; {advice}");
    }
    output::line(&format!("{reason}; {advice}"));
    Ok(())
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

fn install_subcommands() -> anyhow::Result<()> {
    if !process::succeeds(&mut process::command("cargo", &["nextest", "--version"])) {
        // Without it no test runs at all.
        cargo_install("cargo-nextest")?;
    }
    if coverage::is_installed() {
        return Ok(());
    }
    match cargo_install("cargo-llvm-cov") {
        Err(error) if !process::is_ci() => {
            output::line(&format!("missing: cargo-llvm-cov, for coverage: {error:#}"));
            Ok(())
        }
        result => result,
    }
}

/// Without optimisation and debug information it is made in half the time, and it has little to do.
fn cargo_install(name: &str) -> anyhow::Result<()> {
    let mut install = process::command("cargo", &["install", "--locked", "--debug", name]);
    process::run(install.env("CARGO_PROFILE_DEV_DEBUG", "0"))
}
