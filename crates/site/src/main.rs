//! The program: parses the command line, runs one command, prints an error in one place.

use std::process::ExitCode;

use site::release::Build;

/// Gives memory that an attack took back to the system; glibc keeps most of it
/// (`bench/runs/2026-11-28-allocators.txt`). How soon it is given back stands in
/// `.cargo/config.toml`.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    site::cli::main(Build {
        commit: option_env!("COMMIT"),
        seconds: option_env!("COMMIT_TIME"),
        ..Build::default()
    })
}
