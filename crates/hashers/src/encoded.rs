//! The formats of hashes: parsed with limits on their cost, verified, compared with the work of a new
//! hash.

use argon2::{Algorithm, Argon2, Version};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Rounds of `pbkdf2_sha256` for a new password. A stored hash of less work is renewed at the next
/// login; one of more work stays.
pub const ROUNDS: u32 = 600_000;

/// Characters of a new salt: 131 bits.
pub(crate) const SALT_LENGTH: usize = 22;

/// The limits on a stored hash's cost, several times the defaults of any Django. Whoever can write a
/// row must not be able to stop the site with it.
const MAX_ROUNDS: u32 = 10_000_000;
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_ARGON2_MEMORY_PASSES_KIB: u64 = 1024 * 1024;
const MAX_ARGON2_LANES: u32 = 64;
/// `Django 5.2 contrib/auth/hashers.py`, `ScryptPasswordHasher.maxmem`
const MAX_SCRYPT_MEMORY_BYTES: u64 = 64 * 1024 * 1024;
const MAX_SCRYPT_PARALLELISM: u32 = 32;
const MAX_BCRYPT_COST: u32 = 15;

/// The least work that other algorithms need to be the equal of [`ROUNDS`], by OWASP's Password
/// Storage Cheat Sheet, which gives them beside its 600,000 rounds of PBKDF2-HMAC-SHA256.
mod minimum {
    /// Rounds of PBKDF2-HMAC-SHA1.
    pub(crate) const SHA1_ROUNDS: u32 = 1_300_000;
    /// Argon2id with the fewest passes over the least memory that is listed (7 MiB, five times).
    pub(crate) const ARGON2_MEMORY_KIB: u32 = 7_168;
    pub(crate) const ARGON2_MEMORY_PASSES_KIB: u64 = 7_168 * 5;
    /// scrypt's N and N·r·p, from N = 2^14, r = 8, p = 5.
    pub(crate) const SCRYPT_LOG_N: u8 = 13;
    pub(crate) const SCRYPT_WORK: u64 = (1 << 14) * 8 * 5;
    /// bcrypt's logarithmic cost.
    pub(crate) const BCRYPT_COST: u32 = 10;
}

/// A hash in a format that we verify.
#[derive(Debug)]
pub(crate) enum Encoded<'a> {
    /// `pbkdf2_sha256$600000$salt$hash`, `pbkdf2_sha1$…`
    Pbkdf2 {
        prf: Prf,
        rounds: u32,
        salt: &'a str,
        hash: &'a str,
    },
    /// `argon2$argon2id$v=19$m=102400,t=2,p=8$salt$hash`
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        params: argon2::Params,
        salt: &'a str,
        hash: &'a str,
    },
    /// `bcrypt_sha256$$2b$12$salt-and-hash`
    BcryptSha256 {
        cost: u32,
        salt: &'a str,
        hash: &'a str,
    },
    /// `scrypt$16384$salt$8$5$hash`
    Scrypt {
        params: scrypt::Params,
        salt: &'a str,
        hash: &'a str,
    },
}

/// PBKDF2's pseudo-random function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prf {
    Sha1,
    Sha256,
}

impl<'a> Encoded<'a> {
    /// `None` for an unusable password, an unknown format (`md5` among them) or a cost above the limits.
    pub(crate) fn parse(encoded: &'a str) -> Option<Self> {
        let (algorithm, rest) = encoded.split_once('$')?;
        match algorithm {
            "pbkdf2_sha256" => parse_pbkdf2(Prf::Sha256, rest),
            "pbkdf2_sha1" => parse_pbkdf2(Prf::Sha1, rest),
            "argon2" => parse_argon2(rest),
            "bcrypt_sha256" => parse_bcrypt(rest),
            "scrypt" => parse_scrypt(rest),
            _ => None,
        }
    }

    /// Whether the password gives this hash; compared in constant time.
    pub(crate) fn verify(&self, password: &str) -> bool {
        let (computed, stored) = match self {
            Self::Pbkdf2 {
                prf,
                rounds,
                salt,
                hash,
            } => (Some(pbkdf2(*prf, password, salt, *rounds)), hash),
            Self::Argon2 {
                algorithm,
                version,
                params,
                salt,
                hash,
            } => {
                let argon2 = Argon2::new(*algorithm, *version, params.clone());
                (hash_argon2(&argon2, password, salt), hash)
            }
            Self::BcryptSha256 { cost, salt, hash } => (hash_bcrypt(password, salt, *cost), hash),
            Self::Scrypt { params, salt, hash } => (hash_scrypt(password, salt, params), hash),
        };
        computed.is_some_and(|computed| computed.as_bytes().ct_eq(stored.as_bytes()).into())
    }

    /// Whether it took less work than a new hash.
    pub(crate) fn is_weak(&self) -> bool {
        match self {
            // A short salt is Django's reason too, but no reason to take rounds away.
            Self::Pbkdf2 {
                prf: Prf::Sha256,
                rounds,
                salt,
                ..
            } => *rounds < ROUNDS || (*rounds == ROUNDS && salt.len() < SALT_LENGTH),
            Self::Pbkdf2 {
                prf: Prf::Sha1,
                rounds,
                ..
            } => *rounds < minimum::SHA1_ROUNDS,
            Self::Argon2 {
                algorithm, params, ..
            } => {
                *algorithm != Algorithm::Argon2id
                    || params.m_cost() < minimum::ARGON2_MEMORY_KIB
                    || memory_passes(params) < minimum::ARGON2_MEMORY_PASSES_KIB
            }
            Self::BcryptSha256 { cost, .. } => *cost < minimum::BCRYPT_COST,
            Self::Scrypt { params, .. } => {
                let work = params.n() * u64::from(params.r()) * u64::from(params.p());
                params.log_n() < minimum::SCRYPT_LOG_N || work < minimum::SCRYPT_WORK
            }
        }
    }

    /// The memory that it takes, in bytes, where that is its cost.
    pub(crate) fn memory_bytes(&self) -> u64 {
        match self {
            Self::Argon2 { params, .. } => u64::from(params.m_cost()) * 1024,
            Self::Scrypt { params, .. } => 128 * params.n() * u64::from(params.r()),
            Self::Pbkdf2 { .. } | Self::BcryptSha256 { .. } => 0,
        }
    }

    /// Whether it takes so much memory that two at once would be too many.
    pub(crate) fn needs_much_memory(&self) -> bool {
        matches!(self, Self::Argon2 { .. } | Self::Scrypt { .. })
    }
}

fn parse_pbkdf2(prf: Prf, rest: &str) -> Option<Encoded<'_>> {
    let mut parts = rest.splitn(3, '$');
    let rounds = number(parts.next()?, MAX_ROUNDS)?;
    let salt = parts.next().filter(|salt| !salt.is_empty())?;
    let hash = parts.next()?;
    (rounds > 0).then_some(Encoded::Pbkdf2 {
        prf,
        rounds,
        salt,
        hash,
    })
}

/// What argon2-cffi writes; before version 1.3 the version was left out.
fn parse_argon2(rest: &str) -> Option<Encoded<'_>> {
    let parts: Vec<_> = rest.split('$').collect();
    let (algorithm, version, costs, salt, hash) = match parts[..] {
        [algorithm, version, costs, salt, hash] => (algorithm, version, costs, salt, hash),
        [algorithm, costs, salt, hash] => (algorithm, "v=16", costs, salt, hash),
        _ => return None,
    };
    let algorithm = match algorithm {
        "argon2id" => Algorithm::Argon2id,
        "argon2i" => Algorithm::Argon2i,
        "argon2d" => Algorithm::Argon2d,
        _ => return None,
    };
    let version = match version {
        "v=16" => Version::V0x10,
        "v=19" => Version::V0x13,
        _ => return None,
    };
    let mut costs = costs.split(',');
    let mut cost = |name: &str, max| number(costs.next()?.strip_prefix(name)?, max);
    let memory = cost("m=", MAX_MEMORY_KIB)?;
    let passes = cost("t=", u32::MAX)?;
    let lanes = cost("p=", MAX_ARGON2_LANES)?;
    // A key id or associated data would follow; Django has neither.
    if costs.next().is_some() {
        return None;
    }
    let length = STANDARD_NO_PAD.decode(hash).ok()?.len();
    let params = argon2::Params::new(memory, passes, lanes, Some(length)).ok()?;
    if length > 64 || memory_passes(&params) > MAX_ARGON2_MEMORY_PASSES_KIB {
        return None;
    }
    Some(Encoded::Argon2 {
        algorithm,
        version,
        params,
        salt,
        hash,
    })
}

fn memory_passes(params: &argon2::Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

fn parse_bcrypt(rest: &str) -> Option<Encoded<'_>> {
    // The three are one algorithm for texts as short as a digest in hexadecimal.
    let rest = ["$2b$", "$2a$", "$2y$"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix))?;
    let (cost, salt_and_hash) = rest.split_once('$')?;
    let cost = number(cost, MAX_BCRYPT_COST).filter(|cost| *cost >= 4)?;
    if salt_and_hash.len() != 22 + 31 {
        return None;
    }
    let (salt, hash) = salt_and_hash.split_at_checked(22)?;
    Some(Encoded::BcryptSha256 { cost, salt, hash })
}

fn parse_scrypt(rest: &str) -> Option<Encoded<'_>> {
    let parts: Vec<_> = rest.split('$').collect();
    let [work, salt, block, parallelism, hash] = parts[..] else {
        return None;
    };
    let n = number(work, u32::MAX).filter(|n| n.is_power_of_two() && *n > 1)?;
    let r = number(block, 1024)?;
    let p = number(parallelism, MAX_SCRYPT_PARALLELISM)?;
    if salt.is_empty() || 128 * u64::from(n) * u64::from(r) > MAX_SCRYPT_MEMORY_BYTES {
        return None;
    }
    let log_n = u8::try_from(n.ilog2()).ok()?;
    let params = scrypt::Params::new(log_n, r, p).ok()?;
    Some(Encoded::Scrypt { params, salt, hash })
}

/// Digits alone, up to a bound.
fn number(text: &str, max: u32) -> Option<u32> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| *number <= max)
}

/// PBKDF2 with as many bytes as the function below gives, in base64 with padding.
pub(crate) fn pbkdf2(prf: Prf, password: &str, salt: &str, rounds: u32) -> String {
    let (password, salt) = (password.as_bytes(), salt.as_bytes());
    match prf {
        Prf::Sha1 => STANDARD.encode(pbkdf2::pbkdf2_hmac_array::<Sha1, 20>(
            password, salt, rounds,
        )),
        Prf::Sha256 => STANDARD.encode(pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(
            password, salt, rounds,
        )),
    }
}

fn hash_argon2(argon2: &Argon2<'_>, password: &str, salt: &str) -> Option<String> {
    let salt = STANDARD_NO_PAD.decode(salt).ok()?;
    let mut hash = vec![0; argon2.params().output_len()?];
    argon2
        .hash_password_into(password.as_bytes(), &salt, &mut hash)
        .ok()?;
    Some(STANDARD_NO_PAD.encode(hash))
}

/// bcrypt of the password's SHA-256 in hexadecimal, so that all of a long password counts.
fn hash_bcrypt(password: &str, salt: &str, cost: u32) -> Option<String> {
    let salt = bcrypt::BASE_64.decode(salt).ok()?.try_into().ok()?;
    let digest: String = Sha256::digest(password)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    // The text of the original, in C, ends with its NUL.
    let hash = bcrypt::bcrypt(cost, salt, (digest + "\0").as_bytes());
    Some(bcrypt::BASE_64.encode(&hash[..23]))
}

fn hash_scrypt(password: &str, salt: &str, params: &scrypt::Params) -> Option<String> {
    let mut hash = [0; 64];
    scrypt::scrypt(password.as_bytes(), salt.as_bytes(), params, &mut hash).ok()?;
    Some(STANDARD.encode(hash))
}
