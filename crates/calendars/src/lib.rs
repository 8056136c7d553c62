//! Calendars that holiday sites exchange: which nights of a home are taken.
//!
//! What comes from other sites is read within bounds into whole nights ([`read()`]), what goes to them is
//! written without a word about guests ([`write()`]), and feeds are fetched so that nobody can send us
//! into a private network ([`fetch`]). Nothing here knows the database, homes, or who lets them.

pub mod fetch;
pub mod read;
pub mod write;

pub use read::read;
pub use write::write;
