//! What is made of photos, through the crate's public functions and the process that makes it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod files;
mod hostile;
mod photos;
mod worker;
