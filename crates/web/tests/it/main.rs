//! The web crate seen from outside: what can only be tested through a real socket.
#![expect(
    clippy::unwrap_used,
    reason = "the harness is test code too, but stands outside of the test functions"
)]

mod memory;
mod readings;
mod requests;
