//! Words that nobody can guess.

use std::fs;

use anyhow::Context as _;

/// One of 32 hex digits.
pub(crate) fn word() -> anyhow::Result<String> {
    let uuid = fs::read_to_string("/proc/sys/kernel/random/uuid").context("ask for randomness")?;
    Ok(uuid.trim().replace('-', ""))
}
