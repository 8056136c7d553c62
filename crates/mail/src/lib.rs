//! Letters: queued in the database, sent one after the other, repeated until a server takes them. Knows
//! no page and no purpose of a letter.
//!
//! A [`Letter`] is put into the [`Outbox`] within the transaction that it belongs to, so that neither is
//! there without the other.

mod address;
mod letter;
mod outbox;

pub use crate::address::{Address, InvalidAddress};
pub use crate::letter::{About, Letter};
pub use crate::outbox::{Outbox, table};
