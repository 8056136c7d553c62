//! What the accounts of all measurements share.

/// The password of every account.
pub(crate) const PASSWORD: &str = "for-the-measurement-1";

/// A cookie and a form's token that belong together.
pub(crate) const CSRF_SECRET: &str = "abcdefghijklmnopqrstuvwxyzABCDEF";
