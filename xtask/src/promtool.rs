//! `promtool`, which checks rules for Prometheus. Debian's package `prometheus` takes 330 MB with all that
//! it depends on, and starts a server whenever the machine starts. So the program alone is taken out of
//! it, for which nobody has to be root.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use xtask::process;

/// Where the program is kept that was taken out of the package.
const PROGRAM: &str = "target/promtool";

/// Finds the program: this machine's, else the one that [`install`] has made.
pub(crate) fn find() -> anyhow::Result<PathBuf> {
    let own = process::repository().join(PROGRAM);
    process::find("promtool")
        .or_else(|| own.is_file().then_some(own))
        .context("there is no promtool")
}

/// Downloads the package and takes the program out of it, unless it is there.
pub(crate) fn install() -> anyhow::Result<()> {
    if find().is_ok() {
        return Ok(());
    }
    let target = process::repository().join("target");
    fs::create_dir_all(&target).context("make the folder target")?;
    let folder = tempfile::tempdir_in(&target).context("make a folder for the package")?;
    let run = |program: &str, arguments: &[&str]| {
        process::read(process::command(program, arguments).current_dir(folder.path())).map(drop)
    };
    if process::is_root() {
        run("apt-get", &["update"])?;
    }
    run("apt-get", &["download", "prometheus"])?;
    run("sh", &["-c", "dpkg-deb --extract prometheus_*.deb ."])?;
    let program = folder.path().join("usr/bin/promtool");
    fs::rename(program, process::repository().join(PROGRAM)).context("keep promtool")
}
