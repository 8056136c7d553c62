//! Installs what the checks need on a machine, or asks for it.

use xtask::packages::{self, Package};
use xtask::{django, output, postgres, process};

use crate::{browser, coverage, needs};

/// `cargo xtask setup`.
pub(crate) fn run() -> anyhow::Result<()> {
    packages::install(&missing_packages()?)?;
    install_subcommands()
}

/// The missing packages, without which tests are skipped.
fn missing_packages() -> anyhow::Result<Vec<Package>> {
    let llvm = coverage::llvm_package()?;
    let has_llvm = coverage::tools_folder(&llvm).is_some();
    let mut packages = Vec::new();
    for (name, is_for, is_installed) in [
        (&*llvm, "coverage", has_llvm),
        (
            "postgresql",
            "tests on PostgreSQL",
            postgres::is_installed(),
        ),
        (
            "pgbouncer",
            "tests behind PgBouncer",
            needs::pgbouncer().is_ok(),
        ),
        (
            "python3-venv",
            "tests against Django",
            django::is_installed(),
        ),
    ] {
        if !is_installed {
            packages.push(Package {
                name: name.to_owned(),
                is_for,
            });
        }
    }
    packages.extend(browser::wanted_packages().into_iter().map(|name| Package {
        name: name.to_owned(),
        is_for: "tests in a browser",
    }));
    Ok(packages)
}

fn install_subcommands() -> anyhow::Result<()> {
    if !process::succeeds(&mut process::command("cargo", &["nextest", "--version"])) {
        // It must succeed: without it no test runs at all.
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

/// Installs a sub-command without optimisation and debug information. That takes half the time, and
/// the sub-command has little to do.
fn cargo_install(name: &str) -> anyhow::Result<()> {
    let mut install = process::command("cargo", &["install", "--locked", "--debug", name]);
    process::run(install.env("CARGO_PROFILE_DEV_DEBUG", "0"))
}
