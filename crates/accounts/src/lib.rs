//! Django's accounts: who there is, who may do what, and who somebody is. No HTTP.
//!
//! Everything is in Django's tables and Django's formats, those of its releases 3.0 to 6.1, so
//! that whoever could log in there can log in here, with the session that is still open, and back
//! again. Formats cite the release they were taken from.
//!
//! In the order of use: [`authenticate`] verifies a name and a password, with [`hashers`] and behind a
//! [`throttle`], which treats a known [`device`] better. [`login`] makes a session for the user, and
//! finds the user of a session later. [`permission`] says what the user may do. [`password_reset`] lets somebody in who has
//! forgotten their password. [`csrf`] and
//! [`messages`] are formats only: the caller reads and writes cookies and forms.

pub mod authenticate;
pub mod login;
pub mod password_reset;

pub mod device;
pub use hashers;
pub mod throttle;
pub mod validators;

pub mod schema;

pub mod content_type;
pub mod group;
pub mod permission;
pub mod user;

pub mod csrf;
pub mod messages;
pub mod session;
pub mod signing;
