//! Accounts on a database: each test has one of its own, on SQLite and on PostgreSQL. And what
//! Django itself has recorded, where that is beside the project.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod authentication;
mod logins;
mod permissions;
mod refusals;
mod sessions;
mod throttling;
mod users;
mod vectors;
