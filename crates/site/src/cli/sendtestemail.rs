//! `sendtestemail`: tries the settings of letters.

use anyhow::{Context as _, anyhow};
use mail::{About, Address, Letter, Mailing};

use super::{Result, block_on, output};
use crate::settings::Settings;
use crate::state::mailing;

/// Sends a test letter, and prints what the server answers if it does not take it.
///
/// The letter goes to each of the addresses at once, not by way of the outbox.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings sendtestemail ann@example.com")]
pub(super) struct Args {
    /// Whom the letter goes to.
    #[arg(value_name = "ADDRESS", required_unless_present = "managers")]
    addresses: Vec<Address>,
    /// Also send it to `ENQUIRY_EMAIL`.
    #[arg(long)]
    managers: bool,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let mut addresses = args.addresses.clone();
    if args.managers {
        let managers = settings.mail.enquiries.clone();
        addresses.push(managers.context("ENQUIRY_EMAIL is not set")?);
    }
    if settings.mail.destination.is_none() {
        return Err(anyhow!("EMAIL_URL is not set: letters wait in the outbox").into());
    }
    // The database is not asked for anything: the letter is in no outbox.
    let mailing = mailing(settings, settings.database_of_command())?;
    block_on(send(&mailing, &addresses))?
}

async fn send(mailing: &Mailing, addresses: &[Address]) -> Result {
    for address in addresses {
        let letter = Letter {
            to: address.clone(),
            reply_to: None,
            subject: "Test letter of oc-lettings".to_owned(),
            text: "If you can read this, letters of the site arrive.\n".to_owned(),
            html: String::new(),
            about: About::Nothing,
        };
        let to = address.as_str();
        let sent = mailing.send_now(&letter).await;
        sent.map_err(|error| anyhow!("the letter to {to} was not taken: {error}"))?;
        output::line(&format!("Sent to {to}."));
    }
    Ok(())
}
