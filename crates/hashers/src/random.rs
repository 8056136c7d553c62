//! Random text from an alphabet, for salts, session keys and secrets.

use rand::Rng as _;

/// Django's `RANDOM_STRING_CHARS`, and the alphabet of its CSRF tokens, in this order.
pub const LETTERS_AND_DIGITS: &[u8; 62] =
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The alphabet of session keys.
pub const LOWER_AND_DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// `length` characters, uniformly distributed, from a generator seeded by the system.
#[must_use]
pub fn text(alphabet: &[u8], length: usize) -> String {
    let mut random = rand::rng();
    (0..length)
        .map(|_| char::from(alphabet[random.random_range(0..alphabet.len())]))
        .collect()
}
