//! Makes, verifies and rates the stored hash of a password. Knows no threads.

use crate::encoded::{Encoded, Prf, ROUNDS, SALT_LENGTH, pbkdf2};
use crate::random;

/// Django stores this and [`UNUSABLE_LENGTH`] random characters for an account without a password.
const UNUSABLE_MARK: char = '!';
const UNUSABLE_LENGTH: usize = 40;

/// What to store for a new password. Takes long: see [`crate::Hashing::encode`].
pub fn encode(password: &str) -> String {
    let salt = random::text(random::LETTERS_AND_DIGITS, SALT_LENGTH);
    encode_with(password, &salt, ROUNDS)
}

/// The same with a given salt and number of rounds, for results that have to be known beforehand.
pub fn encode_with(password: &str, salt: &str, rounds: u32) -> String {
    let hash = pbkdf2(Prf::Sha256, password, salt, rounds);
    format!("pbkdf2_sha256${rounds}${salt}${hash}")
}

/// What to store for an account that no password opens.
pub fn unusable() -> String {
    let rest = random::text(random::LETTERS_AND_DIGITS, UNUSABLE_LENGTH);
    format!("{UNUSABLE_MARK}{rest}")
}

/// Whether the hash is not marked as unusable. Its format may still be unknown.
pub fn is_usable(encoded: &str) -> bool {
    !encoded.starts_with(UNUSABLE_MARK)
}

/// Whether a text can be a password: one with a control character cannot. HMAC pads a key with zeros,
/// so that a password with NULs at its end would equal the one without. No form of ours or of Django's
/// accepts control characters (`Django 5.2 core/validators.py`, `ProhibitNullCharactersValidator`).
pub fn is_possible(password: &str) -> bool {
    !password.contains(char::is_control)
}

/// Whether a stored hash took less work than a new one, and should be renewed when its password is
/// known. False for a hash that we cannot verify.
pub fn must_update(encoded: &str) -> bool {
    Encoded::parse(encoded).is_some_and(|encoded| encoded.is_weak())
}

/// Whether the password matches. Takes long, and its time tells what is stored: a login uses
/// [`crate::Hashing::acquire_slot`].
pub fn verify(password: &str, encoded: Option<&str>) -> bool {
    let encoded = encoded.and_then(Encoded::parse);
    is_possible(password) && encoded.is_some_and(|encoded| encoded.verify(password))
}

/// The memory that verifying this hash takes, in bytes; 0 for the formats that need next to none.
pub fn memory_bytes(encoded: &str) -> u64 {
    Encoded::parse(encoded).map_or(0, |encoded| encoded.memory_bytes())
}
