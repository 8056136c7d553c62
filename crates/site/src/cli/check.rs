//! `check`: looks for what is wrong or risky in the settings and the database.

use std::time::Duration;

use accounts::hashers::memory_bytes;
use accounts::user;
use anyhow::Context as _;
use clap::ValueEnum;
use db::references::{self, Orphans};
use db::{Address, Database};

use super::migrate::refuse_to_overlook_databases;
use super::{Failure, Result, block_on, output};
use crate::checks::{self, CheckInput, CheckMessage, Level, Tag};
use crate::domain::legal::{self, LegalPage};
use crate::observability;
use crate::schema::SCHEMA;
use crate::settings::{RequiredSettings, Settings};

/// Checks the settings and the database for errors and risks.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings check --deploy --fail-level warning")]
pub(super) struct Args {
    /// Also run the checks that matter only on a public site.
    #[arg(long)]
    deploy: bool,
    /// Exit with code 1 if there is a message of this level or a higher one.
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "error",
        ignore_case = true
    )]
    fail_level: Level,
    /// Run only the checks with this tag. May be repeated.
    #[arg(long, short, value_name = "TAG")]
    tag: Vec<Tag>,
    /// Only send a test report to Sentry, and print whether Sentry accepted it.
    #[arg(long, conflicts_with_all = ["deploy", "fail_level", "tag"])]
    sentry: bool,
}

impl Args {
    /// All checks together require what `serve` requires, with the same exit code. The checks of a
    /// tag, and a test report, require nothing.
    pub(super) fn required_settings(&self) -> RequiredSettings {
        if self.sentry || !self.tag.is_empty() {
            RequiredSettings::Nothing
        } else {
            RequiredSettings::Serve
        }
    }
}

/// How long a test report may take.
const SENTRY_LIMIT: Duration = Duration::from_secs(10);

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    if args.sentry {
        return send_test_report(settings);
    }
    if args.tag.is_empty() {
        refuse_to_overlook_databases(settings)?;
    }
    let wanted = |tag| args.tag.is_empty() || args.tag.contains(&tag);
    // Where PROFILE_EMAIL_PUBLIC is not set, the database's origin decides who sees e-mail
    // addresses.
    let asks_origin = wanted(Tag::Security) && settings.profile_email_public.is_none();
    let asks_database = args.tag.contains(&Tag::Database)
        || (args.deploy && (wanted(Tag::Database) || asks_origin))
        || (wanted(Tag::Database) && database_exists(settings));
    let database = if asks_database {
        Some(block_on(db::migrate::plan(&settings.database, &SCHEMA))?)
    } else {
        None
    };
    let input = CheckInput {
        settings,
        database: database.as_ref(),
        orphans: &if wanted(Tag::Database) {
            block_on(orphans(settings))?
        } else {
            Vec::new()
        },
        unwritten_pages: &match database {
            Some(Ok(_)) if args.deploy => block_on(unwritten_pages(settings))?,
            _ => Vec::new(),
        },
        login_memory_bytes: match database {
            Some(Ok(_)) => block_on(login_memory_bytes(settings))?,
            _ => 0,
        },
    };
    let messages: Vec<CheckMessage> = checks::ALL
        .iter()
        .filter(|check| wanted(check.tag) && (args.deploy || !check.deploy_only))
        .filter_map(|check| (check.run)(&input))
        .collect();
    print_messages(&messages);
    if messages
        .iter()
        .any(|message| message.level >= args.fail_level)
    {
        Err(Failure::AlreadyPrinted)
    } else {
        Ok(())
    }
}

/// Whether there is a database to check. A missing file is no fault, since `serve` makes it.
fn database_exists(settings: &Settings) -> bool {
    match &settings.database.address {
        Address::Sqlite(path) => path.exists(),
        Address::Postgres(_) => true,
    }
}

/// The rows that refer to nothing. Empty where the database cannot be read: other checks say why.
async fn orphans(settings: &Settings) -> Vec<Orphans> {
    // Opening a file that is not there would make it.
    if let Address::Sqlite(path) = &settings.database.address
        && !path.exists()
    {
        return Vec::new();
    }
    let db = Database::new(settings.database.clone());
    let found = references::orphans(&db, &SCHEMA).await.unwrap_or_default();
    // An error changes nothing: the connections end with the command.
    let _ = db.close().await;
    found
}

/// The legal pages that are not written. Empty where the database cannot be read or is not migrated: other
/// checks say so.
async fn unwritten_pages(settings: &Settings) -> Vec<LegalPage> {
    let db = Database::new(settings.database.clone());
    let written = legal::written(&db).await;
    // An error changes nothing: the connections end with the command.
    let _ = db.close().await;
    let Ok(written) = written else {
        return Vec::new();
    };
    let is_written = |page: &LegalPage| written.iter().any(|(known, _)| known == page);
    let mut pages = LegalPage::ALL.to_vec();
    pages.retain(|page| !is_written(page));
    pages
}

/// The memory in bytes that a login takes by the dearest hash that is stored. 0 where none can be
/// read: other checks say why.
async fn login_memory_bytes(settings: &Settings) -> u64 {
    let db = Database::new(settings.database.clone());
    let hashes = user::stored_hashes(&db).await.unwrap_or_default();
    // An error changes nothing: the connections end with the command.
    let _ = db.close().await;
    let bytes = hashes.iter().map(|encoded| memory_bytes(encoded)).max();
    bytes.unwrap_or(0)
}

fn send_test_report(settings: &Settings) -> Result {
    let reporter = observability::reporter(settings).context("SENTRY_DSN is not set")?;
    let message = "A test report: `oc-lettings check --sentry`";
    match reporter.test(message, SENTRY_LIMIT) {
        Ok(id) => {
            output::line(&format!("Sentry took the test report {}.", id.simple()));
            Ok(())
        }
        Err(failure) => {
            let error = anyhow::anyhow!("Sentry did not take the test report: {failure}");
            Err(Failure::Error(error))
        }
    }
}

fn print_messages(messages: &[CheckMessage]) {
    for CheckMessage {
        level,
        id,
        text,
        hint,
    } in messages
    {
        let level = level.to_possible_value();
        let level = level.as_ref().map_or("", |level| level.get_name());
        output::line(&format!("{level} {id}: {text}\n    Hint: {hint}"));
    }
    // Messages of the level `info` are no issues.
    let issues = messages
        .iter()
        .filter(|message| message.level > Level::Info);
    output::line(&match issues.count() {
        0 if messages.is_empty() => "Nothing found.".to_owned(),
        0 => "No issues found.".to_owned(),
        1 => "1 issue found.".to_owned(),
        count => format!("{count} issues found."),
    });
}
