//! The program, which reads calendars of this machine as well, also over http: for tests and measurements.

use std::process::ExitCode;

use calendars::fetch::Reach;
use site::release::Build;

#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    site::cli::main(Build {
        feed_reach: Reach::Loopback,
        ..Build::default()
    })
}
