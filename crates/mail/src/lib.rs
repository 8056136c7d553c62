//! Letters: queued in the database, sent one after the other, repeated until a server takes them. Knows
//! no page and no purpose of a letter.
//!
//! A [`Letter`] is put into the [`Outbox`] within the transaction that it belongs to, so that neither is
//! there without the other. [`Mailing`] sends what is there, in any number of instances: each letter is
//! taken by one of them, for the time of a lease. If a program dies between the sending of a letter and
//! its note in the database, the letter is sent once more, as the same message: same Message-ID, same date.

mod mailing;

mod destination;
mod transport;

mod message;
mod outbox;

mod address;
mod letter;

pub use crate::address::{Address, InvalidAddress};
pub use crate::destination::{Destination, Encryption, InvalidDestination, SmtpServer};
pub use crate::letter::{About, Letter};
pub use crate::mailing::{Config, Mailing, Stats, Timing};
pub use crate::message::Sender;
pub use crate::outbox::{LetterState, ListedLetter, Outbox, table};
pub use crate::transport::Unusable;
