//! Django's accounts: who there is, who may do what, and who somebody is. No HTTP.
//!
//! Everything is in Django's tables and Django's formats, those of its releases 3.0 to 6.1, so
//! that whoever could log in there can log in here, with the session that is still open, and back
//! again. Formats cite the release they were taken from.
//!
//! In the order of use: [`authenticate`] finds out who somebody is, with [`hashers`] and behind a
//! [`throttle`] that knows a [`device`] again; [`login`] makes a session of it and knows later whose a session is; [`permission`]
//! says what he may do. [`csrf`] and [`messages`] are formats only: where secrets, tokens and
//! cookies travel is said by whoever speaks HTTP.

pub mod authenticate;
pub mod login;

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
