//! Checks: each a pure function with a stable id, after `Django 5.2 core/checks`.
//!
//! Where Django has a check of the same meaning, the id is Django's.

mod database;
mod key;
mod mail;
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
    /// Letters, and whom they reach.
    Mail,
}

/// A check of the `check` command.
#[derive(Debug)]
pub struct Check {
    /// What it is about.
    pub tag: Tag,
    /// The ids of its messages. More than one where what it finds may be of more than one level.
    pub ids: &'static [&'static str],
    /// Whether it runs only with `--deploy`, since it matters only on a public site.
    pub deploy_only: bool,
    /// Judges the subject; `None` where nothing is wrong.
    pub run: Run,
}

/// Every check, in the order of its messages.
pub const ALL: &[Check] = &[
    deploy(Tag::Security, &["security.W018"], security::debug_is_off),
    deploy(
        Tag::Security,
        &["security.W009"],
        security::secret_key_is_strong,
    ),
    deploy(
        Tag::Security,
        &["security.W025"],
        security::fallback_keys_are_strong,
    ),
    deploy(
        Tag::Security,
        &["security.W020"],
        security::some_host_is_allowed,
    ),
    deploy(
        Tag::Security,
        &["oc_lettings.W001"],
        security::not_every_host_is_allowed,
    ),
    deploy(Tag::Security, &["security.W004"], security::https_is_seen),
    deploy(
        Tag::Security,
        &["oc_lettings.W002"],
        security::errors_are_reported,
    ),
    deploy(
        Tag::Security,
        &["oc_lettings.W003"],
        security::emails_are_not_public,
    ),
    deploy(
        Tag::Database,
        &["oc_lettings.W004"],
        database::file_outlives_deployment,
    ),
    always(Tag::Database, &["oc_lettings.E001"], database::is_usable),
    always(Tag::Database, &["oc_lettings.W005"], database::is_migrated),
    always(
        Tag::Database,
        &["oc_lettings.I002"],
        database::what_is_shown,
    ),
    always(
        Tag::Database,
        &["oc_lettings.W007", "oc_lettings.I003"],
        database::nothing_is_hidden,
    ),
    always(
        Tag::Database,
        &["oc_lettings.W008"],
        database::tables_are_whole,
    ),
    always(
        Tag::Database,
        &["oc_lettings.W012"],
        database::rows_refer_to_something,
    ),
    always(
        Tag::Database,
        &["oc_lettings.I001"],
        database::logins_take_memory,
    ),
    deploy(
        Tag::Database,
        &["oc_lettings.W016"],
        database::legal_pages_are_written,
    ),
    always(
        Tag::Staticfiles,
        &["staticfiles.W004"],
        staticfiles::folders_exist,
    ),
    deploy(
        Tag::Staticfiles,
        &["oc_lettings.W006"],
        staticfiles::files_are_collected,
    ),
    deploy(Tag::Mail, &["oc_lettings.W013"], mail::letters_are_sent),
    deploy(Tag::Mail, &["oc_lettings.W014"], mail::enquiries_arrive),
    deploy(Tag::Mail, &["oc_lettings.W015"], mail::sender_is_chosen),
];

/// Judges the subject; `None` where nothing is wrong.
type Run = fn(&CheckInput<'_>) -> Option<CheckMessage>;

const fn deploy(tag: Tag, ids: &'static [&'static str], run: Run) -> Check {
    Check {
        tag,
        ids,
        deploy_only: true,
        run,
    }
}

const fn always(tag: Tag, ids: &'static [&'static str], run: Run) -> Check {
    Check {
        tag,
        ids,
        deploy_only: false,
        run,
    }
}
