//! The accounts that log in, in every measurement.

/// Their password.
pub(crate) const PASSWORD: &str = "for-the-measurement-1";

/// A cookie and a form's token that belong together.
pub(crate) const CSRF_SECRET: &str = "abcdefghijklmnopqrstuvwxyzABCDEF";
