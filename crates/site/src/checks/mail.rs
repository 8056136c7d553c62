//! Whether letters reach anybody.

use mail::Destination;

use super::{CheckInput, CheckMessage, warning};

pub(super) fn letters_are_sent(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let is_wrong = !matches!(input.settings.mail.destination, Some(Destination::Smtp(_)));
    is_wrong.then(|| {
        warning(
            "oc_lettings.W013",
            "EMAIL_URL names no server: enquiries reach the inbox of the admin alone, guests get no \
             answer, and nobody can have a new password sent.",
            "Set EMAIL_URL to your mail provider's server, and try it with \
             `oc-lettings sendtestemail`.",
        )
    })
}

pub(super) fn enquiries_arrive(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let is_wrong = input.settings.mail.enquiries.is_none();
    is_wrong.then(|| {
        warning(
            "oc_lettings.W014",
            "ENQUIRY_EMAIL is not set: an enquiry about a home without an address of its own is told \
             to nobody.",
            "Set ENQUIRY_EMAIL to the mailbox in which enquiries are read.",
        )
    })
}

pub(super) fn sender_is_chosen(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let mail = &input.settings.mail;
    let is_wrong = matches!(mail.destination, Some(Destination::Smtp(_))) && !mail.is_sender_chosen;
    is_wrong.then(|| {
        warning(
            "oc_lettings.W015",
            "DEFAULT_FROM_EMAIL is not set: letters are from webmaster@localhost, which most servers \
             refuse.",
            "Set DEFAULT_FROM_EMAIL to an address that your mail provider lets you send from.",
        )
    })
}
