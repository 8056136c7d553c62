//! What this build is.

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Stands for the commit where the build was told none.
pub const UNKNOWN: &str = "unknown";
