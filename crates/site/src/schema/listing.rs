//! Which lettings the public sees, as SQL.

/// What follows FROM for the lettings with an address that are no drafts. A macro, so that constants can be
/// made of it.
macro_rules! listed_letting {
    () => {
        "lettings_letting AS letting JOIN lettings_address AS address \
         ON address.id = letting.address_id AND NOT EXISTS (SELECT 1 FROM oc_lettings_home AS home \
         WHERE home.letting_id = letting.id AND NOT home.is_published)"
    };
}
pub(super) use listed_letting;

/// The same as a constant.
pub(super) const LISTED_LETTING: &str = listed_letting!();
