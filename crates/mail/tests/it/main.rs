//! Letters through the outbox of a real database, on SQLite and PostgreSQL, to files and to a real SMTP
//! server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod outbox;
mod smtp;
mod support;
