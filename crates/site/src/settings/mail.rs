//! The settings of letters.

use mail::{Address, Destination, Sender};

use super::environment::Environment;
use super::{grammar, variables as variable};

/// Where letters go, and whom they are from.
#[derive(Debug, Clone)]
pub struct Mail {
    /// `EMAIL_URL`; in debug mode the console. `None`: letters wait in the outbox.
    pub destination: Option<Destination>,
    /// `DEFAULT_FROM_EMAIL`
    pub sender: Sender,
    /// Whether `DEFAULT_FROM_EMAIL` is set; otherwise `sender` is the default.
    pub is_sender_chosen: bool,
    /// `ENQUIRY_EMAIL`
    pub enquiries: Option<Address>,
    /// `ENQUIRY_RETENTION`, in months.
    pub enquiry_retention_months: u16,
}

const SENDER: &str =
    "must be an address such as `lettings@example.com`, or `Name <lettings@example.com>`";
const RECIPIENT: &str = "must be one address such as `lettings@example.com`";

impl Mail {
    /// `default` is where letters go unless that is set.
    pub(super) fn read(vars: &mut Environment, default: Option<Destination>) -> Self {
        Self {
            destination: vars.read(variable::EMAIL_URL, default, |value| {
                value.parse().map(Some)
            }),
            sender: vars.read(
                variable::DEFAULT_FROM_EMAIL,
                Sender::new(Address::webmaster()),
                |value| value.parse().map_err(|_| SENDER),
            ),
            is_sender_chosen: vars.get(variable::DEFAULT_FROM_EMAIL).is_some(),
            enquiries: vars.read(variable::ENQUIRY_EMAIL, None, |value| {
                Address::parse(value).map(Some).map_err(|_| RECIPIENT)
            }),
            enquiry_retention_months: vars.read(variable::ENQUIRY_RETENTION, 36, |value| {
                grammar::number(value, 1, 120)
            }),
        }
    }
}
