//! The parts of a hash that an administrator may see: algorithm and costs, salt and hash masked.

use argon2::{Algorithm, Version};

use crate::encoded::{Encoded, Prf};
use crate::hash::is_usable;

/// Characters that a mask leaves, as Django's `mask_hash` does.
const UNMASKED_LENGTH: usize = 6;

/// A stored password, for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Summary {
    /// No password opens the account.
    Unusable,
    /// The format is unknown, so that no password opens the account.
    Unknown,
    /// Name and value, in Django's order.
    Known(Vec<(Field, String)>),
}

/// The meaning of a value. The page has the words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `pbkdf2_sha256` and the like.
    Algorithm,
    /// Of Argon2: `argon2id` and its kin.
    Variety,
    /// Of Argon2: 16 or 19.
    Version,
    /// Of Argon2, in KiB.
    MemoryCost,
    /// Of Argon2: passes over the memory.
    TimeCost,
    /// Of PBKDF2: rounds.
    Iterations,
    /// Of bcrypt, a logarithm, and of scrypt.
    WorkFactor,
    /// Of scrypt.
    BlockSize,
    /// Of Argon2 and scrypt.
    Parallelism,
    /// The salt, masked.
    Salt,
    /// The hash, masked.
    Hash,
    /// What bcrypt calls its hash; masked.
    Checksum,
}

impl Field {
    /// Its stable name: Django's, with dashes.
    pub fn id(self) -> &'static str {
        match self {
            Self::Algorithm => "algorithm",
            Self::Variety => "variety",
            Self::Version => "version",
            Self::MemoryCost => "memory-cost",
            Self::TimeCost => "time-cost",
            Self::Iterations => "iterations",
            Self::WorkFactor => "work-factor",
            Self::BlockSize => "block-size",
            Self::Parallelism => "parallelism",
            Self::Salt => "salt",
            Self::Hash => "hash",
            Self::Checksum => "checksum",
        }
    }
}

impl Summary {
    /// The summary of a stored hash.
    pub fn of(encoded: &str) -> Self {
        if !is_usable(encoded) {
            return Self::Unusable;
        }
        match Encoded::parse(encoded) {
            Some(encoded) => Self::Known(fields(&encoded)),
            None => Self::Unknown,
        }
    }
}

fn fields(encoded: &Encoded<'_>) -> Vec<(Field, String)> {
    match encoded {
        Encoded::Pbkdf2 {
            prf,
            rounds,
            salt,
            hash,
        } => {
            let algorithm = match prf {
                Prf::Sha1 => "pbkdf2_sha1",
                Prf::Sha256 => "pbkdf2_sha256",
            };
            vec![
                (Field::Algorithm, algorithm.to_owned()),
                (Field::Iterations, rounds.to_string()),
                (Field::Salt, mask(salt)),
                (Field::Hash, mask(hash)),
            ]
        }
        Encoded::Argon2 {
            algorithm,
            version,
            params,
            salt,
            hash,
        } => {
            let variety = match algorithm {
                Algorithm::Argon2d => "argon2d",
                Algorithm::Argon2i => "argon2i",
                Algorithm::Argon2id => "argon2id",
            };
            let version = match version {
                Version::V0x10 => "16",
                Version::V0x13 => "19",
            };
            vec![
                (Field::Algorithm, "argon2".to_owned()),
                (Field::Variety, variety.to_owned()),
                (Field::Version, version.to_owned()),
                (Field::MemoryCost, params.m_cost().to_string()),
                (Field::TimeCost, params.t_cost().to_string()),
                (Field::Parallelism, params.p_cost().to_string()),
                (Field::Salt, mask(salt)),
                (Field::Hash, mask(hash)),
            ]
        }
        Encoded::BcryptSha256 { cost, salt, hash } => vec![
            (Field::Algorithm, "bcrypt_sha256".to_owned()),
            (Field::WorkFactor, cost.to_string()),
            (Field::Salt, mask(salt)),
            (Field::Checksum, mask(hash)),
        ],
        Encoded::Scrypt { params, salt, hash } => vec![
            (Field::Algorithm, "scrypt".to_owned()),
            (Field::WorkFactor, params.n().to_string()),
            (Field::BlockSize, params.r().to_string()),
            (Field::Parallelism, params.p().to_string()),
            (Field::Salt, mask(salt)),
            (Field::Hash, mask(hash)),
        ],
    }
}

fn mask(text: &str) -> String {
    let masked = |(place, character)| {
        if place < UNMASKED_LENGTH {
            character
        } else {
            '*'
        }
    };
    text.chars().enumerate().map(masked).collect()
}
