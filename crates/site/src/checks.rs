//! Checks: each a pure function with a stable id, after `Django 5.2 core/checks`.
//!
//! Where Django has a check of the same meaning, the id is Django's.

mod database;
mod key;
mod message;
mod security;
mod staticfiles;

use clap::ValueEnum;

use self::message::warning;

pub use self::message::{CheckInput, CheckMessage, Level, NOTABLE_LOGIN_MEMORY_BYTES};

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tag {
    /// Who can access the site, and what it discloses.
    Security,
    /// The database and its schema.
    Database,
    /// Static files.
    Staticfiles,
}

/// A check of the `check` command.
#[derive(Debug)]
pub struct Check {
    /// What it is about.
    pub tag: Tag,
    /// Whether it runs only with `--deploy`, since it matters only on a public site.
    pub deploy_only: bool,
    /// Judges the subject; `None` where nothing is wrong.
    pub run: fn(&CheckInput<'_>) -> Option<CheckMessage>,
}

/// Every check, in the order of its messages.
pub const ALL: &[Check] = &[
    deploy(Tag::Security, security::debug_is_off),
    deploy(Tag::Security, security::secret_key_is_strong),
    deploy(Tag::Security, security::fallback_keys_are_strong),
    deploy(Tag::Security, security::some_host_is_allowed),
    deploy(Tag::Security, security::not_every_host_is_allowed),
    deploy(Tag::Security, security::https_is_seen),
    deploy(Tag::Security, security::errors_are_reported),
    deploy(Tag::Security, security::emails_are_not_public),
    deploy(Tag::Database, database::file_outlives_deployment),
    always(Tag::Database, database::is_usable),
    always(Tag::Database, database::is_migrated),
    always(Tag::Database, database::what_is_shown),
    always(Tag::Database, database::nothing_is_hidden),
    always(Tag::Database, database::tables_are_whole),
    always(Tag::Database, database::rows_refer_to_something),
    always(Tag::Database, database::logins_take_memory),
    always(Tag::Staticfiles, staticfiles::folders_exist),
    deploy(Tag::Staticfiles, staticfiles::files_are_collected),
];

const fn deploy(tag: Tag, run: fn(&CheckInput<'_>) -> Option<CheckMessage>) -> Check {
    Check {
        tag,
        deploy_only: true,
        run,
    }
}

const fn always(tag: Tag, run: fn(&CheckInput<'_>) -> Option<CheckMessage>) -> Check {
    Check {
        tag,
        deploy_only: false,
        run,
    }
}
