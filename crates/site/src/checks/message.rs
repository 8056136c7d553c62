//! What checks look at, and what they say.

use clap::ValueEnum;
use db::migrate::{self, Plan};
use db::references::Orphans;

use crate::settings::Settings;

/// What checks look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// What `migrate --plan` found, when the database was asked.
    pub database: Option<&'a Result<Plan, migrate::Error>>,
    /// The rows that refer to nothing, when the database was asked and could be read.
    pub orphans: &'a [Orphans],
    /// The memory in bytes that a login takes by the dearest hash that is stored, when the database
    /// was asked.
    pub login_memory_bytes: u64,
}

/// The memory of a login, in bytes, from which it is told. With less, the memory that the guide
/// names is enough.
pub const LOGIN_MEMORY_TOLD: u64 = 8 * 1024 * 1024;

/// Something that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How bad it is.
    pub level: Level,
    /// Which check says it.
    pub id: &'static str,
    /// What it found.
    pub text: String,
    /// What to do about it.
    pub hint: &'static str,
}

/// How bad a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Level {
    /// For whoever works on the checks.
    Debug,
    /// Worth knowing.
    Info,
    /// The site works, at a risk.
    Warning,
    /// The site does not work as it should.
    Error,
    /// The site does harm.
    Critical,
}

pub(super) fn warning(id: &'static str, text: &str, hint: &'static str) -> Message {
    Message {
        level: Level::Warning,
        id,
        text: text.to_owned(),
        hint,
    }
}
