//! Programs from npm, in the versions of a lock file.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use crate::process;

/// Installs the packages in the lock file of a folder of this repository, unless they are
/// installed. No script of a package is run: some would download a browser.
pub fn install(folder: &str) -> anyhow::Result<()> {
    let folder = process::repository().join(folder);
    let wanted = fs::read_to_string(folder.join("package-lock.json"))
        .context("read the versions of the programs from npm")?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if is_current(&stamp, &wanted) {
        return Ok(());
    }
    let mut npm = process::command(
        "npm",
        &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    );
    process::read(npm.current_dir(&folder))?;
    // Written last: if the installation fails, it has no stamp and is repeated.
    fs::write(&stamp, wanted).context("stamp what was installed")
}

fn is_current(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|there| there == wanted)
}
