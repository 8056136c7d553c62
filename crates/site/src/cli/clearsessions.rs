//! `clearsessions`: removes sessions, and counts of failed logins, that are over, files of photos that
//! nobody needs, and enquiries that are older than they may be kept.

use accounts::{session, throttle};
use db::datetime::now;

use super::{Result, output, with_database};
use crate::domain::enquiry::inbox;
use crate::domain::home::photo;
use crate::schema::{LOGIN_ATTEMPT_TABLE, LOGIN_FAILURE_TABLE, OUTBOX};
use crate::settings::Settings;

/// Deletes expired sessions, expired counts of failed logins, files of photos that are no more, and enquiries
/// that are older than they may be kept.
///
/// The site works without this: it only keeps the tables small. Once a day is enough.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings clearsessions")]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, settings: &Settings) -> Result {
    with_database(settings, async |db| {
        let removed = session::clear_expired(db, now()).await?;
        for table in [LOGIN_ATTEMPT_TABLE, LOGIN_FAILURE_TABLE] {
            // A sweep deletes a limited number of rows: it is repeated until none are left.
            while throttle::sweep(db, table, now()).await? > 0 {}
        }
        photo::remove_unneeded_files(db).await?;
        let months = settings.mail.enquiry_retention_months;
        inbox::sweep(db, OUTBOX, (months, now())).await?;
        output::line(&match removed {
            1 => "Removed 1 session.".to_owned(),
            removed => format!("Removed {removed} sessions."),
        });
        Ok(())
    })
}
