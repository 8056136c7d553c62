//! Installs what the checks need on a machine, or asks for it.

use xtask::packages::{self, Package};
use xtask::{django, output, postgres, process};

use crate::{browser, coverage, needs, promtool};

/// `cargo xtask setup`.
pub(crate) fn run() -> anyhow::Result<()> {
    packages::install(&missing_packages())?;
    install_llvm()?;
    install_promtool()?;
    install_subcommands()
}

/// The missing packages, without which tests are skipped.
fn missing_packages() -> Vec<Package> {
    let mut packages = Vec::new();
    for (name, is_for, is_installed) in [
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
    packages
}

/// Installs LLVM's coverage tools: Debian's package if there is one for the compiler's LLVM, else the
/// component of the toolchain. Debian's releases have older versions, and toolchains without rustup
/// have no components.
fn install_llvm() -> anyhow::Result<()> {
    let name = coverage::llvm_package()?;
    if coverage::tools_folder(&name).is_some() {
        return Ok(());
    }
    let mut add = process::command("rustup", &["component", "add", "llvm-tools"]);
    if !packages::is_known(&name) && process::succeeds(&mut add) {
        return Ok(());
    }
    packages::install(&[Package {
        name,
        is_for: "coverage",
    }])
}

/// Users of other systems than Debian go without; in CI that is a failure.
fn install_promtool() -> anyhow::Result<()> {
    match promtool::install() {
        Err(error) if !process::is_ci() => {
            let tests = needs::Need::Promtool.tests();
            output::line(&format!("missing: promtool, for {tests}: {error:#}"));
            Ok(())
        }
        result => result,
    }
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
