//! `check`: looks for what is wrong or risky in the settings and the database.

use std::time::Duration;

use accounts::hashers::memory_bytes;
use accounts::user;
use anyhow::Context as _;
use clap::ValueEnum;
use db::references::{self, Orphans};
use db::{Address, Database};

use super::migrate::look_around;
use super::{Failure, Result, block_on, output};
use crate::checks::{self, Level, Message, Subject, Tag};
use crate::schema::SCHEMA;
use crate::settings::{Need, Settings};
use crate::watch;

/// Looks for what is wrong or risky in the settings; with `--deploy` as of a public site.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings check --deploy --fail-level warning")]
pub(super) struct Args {
    /// Add the checks of a public site.
    #[arg(long)]
    deploy: bool,
    /// Exit with 1 when there is a message of this level or above.
    #[arg(
        long,
        value_name = "LEVEL",
        default_value = "error",
        ignore_case = true
    )]
    fail_level: Level,
    /// Run only the checks of this tag; may be repeated.
    #[arg(long, short, value_name = "TAG")]
    tag: Vec<Tag>,
    /// Only send a test report to Sentry, and say whether it was taken.
    #[arg(long, conflicts_with_all = ["deploy", "fail_level", "tag"])]
    sentry: bool,
}

impl Args {
    /// All checks together require what `serve` requires, with the same exit code. The checks of a
    /// tag, and a test report, require nothing.
    pub(super) fn need(&self) -> Need {
        if self.sentry || !self.tag.is_empty() {
            Need::Nothing
        } else {
            Need::Serve
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
        look_around(settings)?;
    }
    let wanted = |tag| args.tag.is_empty() || args.tag.contains(&tag);
    // Where PROFILE_EMAIL_PUBLIC is not set, the database's origin decides who sees e-mail
    // addresses.
    let asks_origin = wanted(Tag::Security) && settings.profile_email_public.is_none();
    let asks_database = args.tag.contains(&Tag::Database)
        || (args.deploy && (wanted(Tag::Database) || asks_origin))
        || (wanted(Tag::Database) && is_there(settings));
    let database = if asks_database {
        Some(block_on(db::migrate::plan(&settings.database, &SCHEMA))?)
    } else {
        None
    };
    let subject = Subject {
        settings,
        database: database.as_ref(),
        orphans: &if wanted(Tag::Database) {
            block_on(orphans(settings))?
        } else {
            Vec::new()
        },
        login_memory_bytes: match database {
            Some(Ok(_)) => block_on(login_memory_bytes(settings))?,
            _ => 0,
        },
    };
    let messages: Vec<Message> = checks::ALL
        .iter()
        .filter(|check| wanted(check.tag) && (args.deploy || !check.deploy_only))
        .filter_map(|check| (check.run)(&subject))
        .collect();
    print_messages(&messages);
    if messages
        .iter()
        .any(|message| message.level >= args.fail_level)
    {
        Err(Failure::Silent)
    } else {
        Ok(())
    }
}

/// Whether there is a database to check. A missing file is no fault, since `serve` makes it.
fn is_there(settings: &Settings) -> bool {
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
    let reporter = watch::reporter(settings).context("SENTRY_DSN is not set")?;
    let message = "A test report: `oc-lettings check --sentry`";
    match reporter.test(message, SENTRY_LIMIT) {
        Ok(id) => {
            output::line(&format!("Sentry took the test report {}.", id.simple()));
            Ok(())
        }
        Err(failure) => {
            let error = anyhow::anyhow!("Sentry did not take the test report: {failure}");
            Err(Failure::Failed(error))
        }
    }
}

fn print_messages(messages: &[Message]) {
    for Message {
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
