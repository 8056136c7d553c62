//! Passwords as Django stores them: made, verified, judged, summarised. Knows no user.
//!
//! The formats are those of `Django 5.2 contrib/auth/hashers.py` with its default
//! `PASSWORD_HASHERS`. What costs time is done by [`Hashing`], away from the threads that answer
//! requests.

mod encoded;
mod pool;
mod summary;

pub use self::pool::{Hashing, Verification};
pub use self::summary::{Field, Summary};

use std::time::{Duration, Instant};

use self::encoded::{Encoded, Prf, pbkdf2};
use crate::random;

/// Rounds of `pbkdf2_sha256` for a new password. A stored hash that took less work than this is
/// made anew at the next login; one that took more stays.
pub const ROUNDS: u32 = 600_000;

/// Characters of a new salt: 131 bits.
const SALT_LENGTH: usize = 22;

/// Django marks a password that nobody has with this and [`UNUSABLE_LENGTH`] random characters.
const UNUSABLE_MARK: char = '!';
const UNUSABLE_LENGTH: usize = 40;

/// What to store for a new password. Takes long: see [`Hashing::encode`].
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

/// Whether the password is the one. Takes long: see [`Hashing::verify`].
///
/// It takes about as long whatever comes of it: for an account that is not there (`None`), an
/// unusable password, an unknown format, a hash of less work, the rest of the work of a new hash is
/// done for nothing.
pub fn verify(password: &str, encoded: Option<&str>) -> bool {
    verify_for(ROUNDS, password, encoded.and_then(Encoded::parse).as_ref())
}

/// The same for another number of rounds.
fn verify_for(rounds: u32, password: &str, encoded: Option<&Encoded<'_>>) -> bool {
    // Such a password is nobody's. The same work as for nobody is done for it.
    let encoded = encoded.filter(|_| is_possible(password));
    let start = Instant::now();
    let is_right = encoded.is_some_and(|encoded| encoded.verify(password));
    match encoded {
        None => spend(password, rounds),
        Some(Encoded::Pbkdf2 {
            prf: Prf::Sha256,
            rounds: done,
            ..
        }) => spend(password, rounds.saturating_sub(*done)),
        Some(_) => spend_remainder(rounds, password, start.elapsed()),
    }
    is_right
}

/// Work whose result nobody needs.
fn spend(password: &str, rounds: u32) {
    if rounds > 0 {
        std::hint::black_box(pbkdf2(Prf::Sha256, password, "salt", rounds));
    }
}

/// What is left of the time that so many rounds take here and now, after some was spent on another
/// algorithm.
fn spend_remainder(rounds: u32, password: &str, spent: Duration) {
    /// Enough of them to measure, few enough to be no burden.
    const SAMPLE: u32 = ROUNDS / 30;
    let start = Instant::now();
    spend(password, SAMPLE);
    let sample = start.elapsed();
    let left = (sample * (rounds / SAMPLE)).saturating_sub(spent + sample);
    let left = left.as_nanos() * u128::from(SAMPLE) / sample.as_nanos().max(1);
    spend(password, u32::try_from(left).unwrap_or(rounds).min(rounds));
}

#[cfg(test)]
mod tests;
