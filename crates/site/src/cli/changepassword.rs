//! `changepassword`: another password for a user.

use accounts::hashers::Hashing;
use accounts::user;
use accounts::validators::Known;
use anyhow::{Context as _, anyhow};

use super::prompt::{self, Weak};
use super::{Result, output, with_database};
use crate::settings::Settings;

/// Gives a user another password.
///
/// It is asked for twice on the terminal, or read as one line from a pipe. The user's open sessions
/// end.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings changepassword ann")]
pub(super) struct Args {
    /// The name of the account.
    #[arg(value_name = "USER")]
    username: String,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    with_database(settings, async |db| {
        let username = user::normalize_username(&args.username)?;
        let user = user::find_by_username(db, &username)
            .await?
            .ok_or_else(|| anyhow!("there is no user {username}"))?;
        let known = Known {
            username: &user.username,
            first_name: &user.first_name,
            last_name: &user.last_name,
            email: &user.email,
        };
        let password = prompt::new_password(known, Weak::Refused)?;
        let encoded = Hashing::alone().encode(password).await;
        user::set_password(db, user.id, encoded)
            .await
            .context("store the password")?;
        output::line(&format!("Changed the password of {username}."));
        Ok(())
    })
}
