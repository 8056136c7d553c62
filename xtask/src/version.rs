//! The version of the program, which is that of its crate.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// The version that a checkout has.
pub fn of_program(repository: &Path) -> anyhow::Result<String> {
    let path = repository.join("crates/site/Cargo.toml");
    let manifest = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    Ok(version.context("the program has no version")?.to_owned())
}
