//! `createsuperuser`: an account for staff with every permission.

use accounts::hashers::{self, Hashing};
use accounts::user::{self, NewSuperuser, TYPED_EMAIL, TYPED_PASSWORD, Username};
use accounts::validators::{Known, violations};
use anyhow::{Context as _, anyhow};
use db::Database;
use secrecy::{ExposeSecret as _, SecretString};

use super::prompt::{self, WeakPassword};
use super::{Failure, Result, output, with_database};
use crate::settings::{Settings, Superuser};

/// Creates a superuser: a staff account with every permission.
///
/// The command asks on the terminal for everything that is not given. With --noinput it asks
/// nothing. The username and the e-mail address then come from `DJANGO_SUPERUSER_USERNAME` and
/// `DJANGO_SUPERUSER_EMAIL`, unless --username and --email are given. The password comes from
/// `DJANGO_SUPERUSER_PASSWORD`. Without a password the account is created all the same, but nobody
/// can log in to it until `changepassword` sets one.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  oc-lettings createsuperuser --username ann --email ann@example.com"
)]
pub(super) struct Args {
    /// The username of the account.
    #[arg(long)]
    username: Option<String>,
    /// The e-mail address of the account. May be empty.
    #[arg(long)]
    email: Option<String>,
    /// Do not ask for anything.
    #[arg(long, visible_alias = "no-input")]
    noinput: bool,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let set = if args.noinput {
        settings.superuser.clone()
    } else {
        Superuser::default()
    };
    let given = Superuser {
        username: args.username.clone().or(set.username),
        email: args.email.clone().or(set.email),
        password: set.password,
    };
    if args.noinput && given.username.is_none() {
        let what = "--noinput needs --username or DJANGO_SUPERUSER_USERNAME";
        return Err(Failure::Exit(2, what.to_owned()));
    }
    if !args.noinput && !prompt::has_terminal() {
        let what = "there is no terminal to ask on; use --noinput with DJANGO_SUPERUSER_USERNAME, \
                    DJANGO_SUPERUSER_EMAIL and DJANGO_SUPERUSER_PASSWORD";
        return Err(Failure::Exit(2, what.to_owned()));
    }
    with_database(settings, async |db| {
        let new = if args.noinput {
            without_questions(db, given).await?
        } else {
            with_questions(db, given).await?
        };
        let is_usable = hashers::is_usable(&new.password);
        let name = new.username.as_str().to_owned();
        user::create_superuser(db, new)
            .await
            .context("make the account")?;
        output::line(&format!("Made the superuser {name}."));
        if !is_usable {
            output::line(&format!(
                "No password opens it yet: oc-lettings changepassword {name}"
            ));
        }
        Ok(())
    })
}

async fn without_questions(db: &Database, given: Superuser) -> anyhow::Result<NewSuperuser> {
    let username = free_username(db, &given.username.unwrap_or_default()).await?;
    let email = checked_email(given.email.unwrap_or_default())?;
    let Some(password) = given.password else {
        return Ok(NewSuperuser {
            username,
            email,
            password: hashers::unusable(),
        });
    };
    TYPED_PASSWORD.check("DJANGO_SUPERUSER_PASSWORD", password.expose_secret())?;
    // As in Django, a password of the variable may break the rules. Here a warning says which.
    let known = Known {
        username: username.as_str(),
        email: &email,
        ..Known::default()
    };
    let found = violations(password.expose_secret(), known);
    if !found.is_empty() {
        let found = prompt::join_violations(&found);
        tracing::warn!("DJANGO_SUPERUSER_PASSWORD was taken all the same: {found}");
    }
    Ok(hashed(username, email, password).await)
}

/// Asking blocks the thread until there is an answer. The runtime has no other task meanwhile.
async fn with_questions(db: &Database, given: Superuser) -> anyhow::Result<NewSuperuser> {
    let username = match given.username {
        Some(username) => free_username(db, &username).await?,
        None => loop {
            let typed = prompt::ask_line("Username: ")?;
            match free_username(db, &typed).await {
                Ok(username) => break username,
                Err(error) if error.is::<db::DbErr>() => return Err(error),
                Err(error) => output::error(&error.to_string()),
            }
        },
    };
    let email = match given.email {
        Some(email) => checked_email(email)?,
        None => loop {
            match checked_email(prompt::ask_line("Email address (may be empty): ")?) {
                Ok(email) => break email,
                Err(error) => output::error(&error.to_string()),
            }
        },
    };
    let known = Known {
        username: username.as_str(),
        email: &email,
        ..Known::default()
    };
    let password = prompt::new_password(known, WeakPassword::AcceptOnConfirmation)?;
    Ok(hashed(username, email, password).await)
}

async fn free_username(db: &Database, typed: &str) -> anyhow::Result<Username> {
    let username = Username::parse(typed)?;
    let column = (accounts::schema::USER.name, "username");
    let alike = user::find_alike(db, column, username.as_str()).await?;
    match alike.first() {
        None => Ok(username),
        Some((_, taken)) if taken == username.as_str() => {
            Err(anyhow!("the username {taken} is taken"))
        }
        Some((_, taken)) => Err(anyhow!(
            "the username {} is too much like {taken}, which is taken",
            username.as_str()
        )),
    }
}

fn checked_email(email: String) -> anyhow::Result<String> {
    TYPED_EMAIL.check("the e-mail address", &email)?;
    if email.is_empty() || user::is_email(&email) {
        Ok(email)
    } else {
        Err(anyhow!("that is no e-mail address"))
    }
}

async fn hashed(username: Username, email: String, password: SecretString) -> NewSuperuser {
    let password = Hashing::alone().encode(password).await;
    NewSuperuser {
        username,
        email,
        password,
    }
}
