//! The engine on models that no site has: a library. Each test has a database of its own, on SQLite
//! and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod conflicts;
mod deletions;
mod drafts;
mod embedded;
mod forms;
mod kinds;
mod lists;
mod registry;
mod rights;
