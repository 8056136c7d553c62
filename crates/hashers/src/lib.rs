//! Password hashes as Django stores them: made, verified, rated, summarised. Knows no user.
//!
//! The formats are those of `Django 5.2 contrib/auth/hashers.py` with its default
//! `PASSWORD_HASHERS`. [`Hashing`] computes hashes on threads that answer no requests.
//!
//! The loops of generic functions are compiled into this crate, and a build for development optimises
//! it. Whatever is beside them would be optimised as well, so that nothing else is here.

mod encoded;
mod hash;
mod pace;
mod pool;
pub mod random;
mod summary;

pub use self::encoded::ROUNDS;
pub use self::hash::{
    encode, encode_with, is_possible, is_usable, memory_bytes, must_update, unusable, verify,
};
pub use self::pool::{Busy, Caller, Hashing, HashingSlot, Verification};
pub use self::summary::{Field, Summary};

#[cfg(test)]
mod tests;
