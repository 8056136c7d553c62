//! What this build is.

/// The commit the program was built from.
pub const COMMIT: &str = match option_env!("COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
