//! The process of `photo::worker` as a program of its own, for the tests and measurements of this crate.
//! The site starts itself instead.

use std::io;

fn main() -> io::Result<()> {
    pictures::photo::worker::run(io::stdin(), io::stdout())
}
