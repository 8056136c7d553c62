//! `changepassword`: another password for a user.

use accounts::hashers::Hashing;
use accounts::user;
use accounts::validators::Known;
use anyhow::{Context as _, anyhow};

use super::prompt::{self, WeakPassword};
use super::{Result, output, with_database};
use crate::settings::Settings;

/// Sets a new password for a user.
///
/// The command asks for the password twice on the terminal. Without a terminal it reads one line
/// from standard input. All open sessions of the user end.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings changepassword ann")]
pub(super) struct Args {
    /// The username of the account.
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
        let password = prompt::new_password(known, WeakPassword::Refuse)?;
        let encoded = Hashing::alone().encode(password).await;
        user::set_password(db, user.id, encoded)
            .await
            .context("store the password")?;
        output::line(&format!("Changed the password of {username}."));
        Ok(())
    })
}
