//! The tests of the crate, through its public doors.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod collect;
mod serve;
