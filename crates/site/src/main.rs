//! The program: parses the command line, runs one command, prints an error in one place.

use std::process::ExitCode;

fn main() -> ExitCode {
    site::cli::main()
}
