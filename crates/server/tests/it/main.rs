//! The server seen from outside: through a real socket.
#![expect(
    clippy::unwrap_used,
    reason = "the helpers are test code too, but stand outside of the test functions"
)]

mod limits;
mod protocol;
mod stop;
