//! What is stored of a password: made, verified, judged. Knows no threads.

use crate::encoded::{Encoded, Prf, ROUNDS, SALT_LENGTH, pbkdf2};
use crate::random;

/// Django marks a password that nobody has with this and [`UNUSABLE_LENGTH`] random characters.
const UNUSABLE_MARK: char = '!';
const UNUSABLE_LENGTH: usize = 40;

/// What to store for a new password. Takes long: see [`crate::Hashing::encode`].
pub fn encode(password: &str) -> String {
    let salt = random::text(random::LETTERS_AND_DIGITS, SALT_LENGTH);
    encode_with(password, &salt, ROUNDS)
}

/// The same with salt and rounds given, for whoever has to know the result beforehand.
pub fn encode_with(password: &str, salt: &str, rounds: u32) -> String {
    let hash = pbkdf2(Prf::Sha256, password, salt, rounds);
    format!("pbkdf2_sha256${rounds}${salt}${hash}")
}

/// What to store for an account that no password opens.
pub fn unusable() -> String {
    let rest = random::text(random::LETTERS_AND_DIGITS, UNUSABLE_LENGTH);
    format!("{UNUSABLE_MARK}{rest}")
}

/// Whether some password may open the account: not marked as unusable, which says nothing yet
/// of a format that we know.
pub fn is_usable(encoded: &str) -> bool {
    !encoded.starts_with(UNUSABLE_MARK)
}

/// Whether a text can be a password at all: one with a control character never is. HMAC fills a key up
/// with zeros, so that a password with NULs behind it would be the same as without; and no form of a
/// browser, of ours or of Django sends one (`Django 5.2 core/validators.py`,
/// `ProhibitNullCharactersValidator`).
pub fn is_possible(password: &str) -> bool {
    !password.contains(char::is_control)
}

/// Whether a hash in the database took less work than a new one and should be made anew when its
/// password is known. What is not a hash that we verify is nothing to renew.
pub fn must_update(encoded: &str) -> bool {
    Encoded::parse(encoded).is_some_and(|encoded| encoded.is_weak())
}

/// Whether the password is the one. Takes long, and tells by its time what is stored: see
/// [`crate::Hashing::enter`].
pub fn verify(password: &str, encoded: Option<&str>) -> bool {
    let encoded = encoded.and_then(Encoded::parse);
    is_possible(password) && encoded.is_some_and(|encoded| encoded.verify(password))
}

/// The memory that a login by this hash takes, in bytes; none of the kinds that need next to none.
pub fn memory_bytes(encoded: &str) -> u64 {
    Encoded::parse(encoded).map_or(0, |encoded| encoded.memory_bytes())
}
