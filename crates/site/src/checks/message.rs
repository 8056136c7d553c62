//! The input of checks, and their messages.

use clap::ValueEnum;
use db::migrate::{self, Plan};
use db::references::Orphans;

use crate::domain::legal::LegalPage;
use crate::settings::Settings;

/// The input of every check.
#[derive(Debug, Clone, Copy)]
pub struct CheckInput<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// What `migrate --plan` found, when the database was asked.
    pub database: Option<&'a Result<Plan, migrate::Error>>,
    /// The rows that refer to nothing, when the database was asked and could be read.
    pub orphans: &'a [Orphans],
    /// The legal pages that are not written, when the database was asked and could be read.
    pub unwritten_pages: &'a [LegalPage],
    /// The memory in bytes that a login takes by the dearest hash that is stored, when the database
    /// was asked.
    pub login_memory_bytes: u64,
}

/// From how much memory on a login is reported, in bytes. Below it, the memory that the guide names
/// is enough.
pub const NOTABLE_LOGIN_MEMORY_BYTES: u64 = 8 * 1024 * 1024;

/// Something that a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckMessage {
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
    /// Details for developers of the checks.
    Debug,
    /// Good to know; nothing has to be done.
    Info,
    /// The site works, but at a risk.
    Warning,
    /// The site does not work as it should.
    Error,
    /// The site does harm and must not run like this.
    Critical,
}

pub(super) fn warning(id: &'static str, text: &str, hint: &'static str) -> CheckMessage {
    CheckMessage {
        level: Level::Warning,
        id,
        text: text.to_owned(),
        hint,
    }
}
