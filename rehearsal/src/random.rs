//! Random words for passwords and keys.

use std::fs;

use anyhow::Context as _;

/// A word of 32 hexadecimal digits, from the kernel.
pub(crate) fn word() -> anyhow::Result<String> {
    let uuid = fs::read_to_string("/proc/sys/kernel/random/uuid").context("ask for randomness")?;
    Ok(uuid.trim().replace('-', ""))
}
