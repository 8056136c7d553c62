//! The version of this build, and what stands for a commit that nobody told.

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit of a build that was told none.
pub const UNKNOWN_COMMIT: &str = "unknown";
