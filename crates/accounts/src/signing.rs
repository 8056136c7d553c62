//! Signed text as Django writes it (`Django 5.2 core/signing.py`, `utils/crypto.py`). Knows no
//! cookie and no session: callers pass a salt.

mod base62;
mod json;

pub(crate) use self::json::to_ascii;

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::read::{ZlibDecoder, ZlibEncoder};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The salt of [`Signer::dumps`] unless another is given.
pub const DUMPS_SALT: &str = "django.core.signing";

/// The largest decompressed object. The signature is checked first, so this limit matters only if
/// somebody else has our keys.
pub(crate) const MAX_OBJECT_BYTES: usize = 1024 * 1024;

/// What stands before the secret key where cookies are signed (`core/signing.py`,
/// `get_cookie_signer`).
const COOKIE_KEY_PREFIX: &[u8] = b"django.http.cookies";

/// `SECRET_KEY`, which signs, and `SECRET_KEY_FALLBACKS`, which still open what they signed.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The key in use.
    pub current: SecretString,
    /// Earlier ones.
    pub fallbacks: Vec<SecretString>,
}

impl Keys {
    /// The key in use, then the earlier ones.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, KeyUsed)> {
        let fallbacks = self.fallbacks.iter();
        std::iter::once((&self.current, KeyUsed::Current))
            .chain(fallbacks.map(|key| (key, KeyUsed::Fallback)))
            .map(|(key, used)| (key.expose_secret(), used))
    }
}

/// Which key verified a signature. Text that only a fallback verifies should be signed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUsed {
    /// `SECRET_KEY`
    Current,
    /// One of `SECRET_KEY_FALLBACKS`
    Fallback,
}

/// The hash function of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Django 3.0's.
    Sha1,
    /// That of all later releases.
    Sha256,
}

/// HMAC of a value under a key that is derived from a salt and a secret.
pub fn salted_hmac(key_salt: &str, value: &[u8], secret: &[u8], algorithm: Algorithm) -> Vec<u8> {
    match algorithm {
        Algorithm::Sha1 => {
            let key = Sha1::new_with_prefix(key_salt).chain_update(secret);
            hmac::<Hmac<Sha1>>(&key.finalize(), value)
        }
        Algorithm::Sha256 => {
            let key = Sha256::new_with_prefix(key_salt).chain_update(secret);
            hmac::<Hmac<Sha256>>(&key.finalize(), value)
        }
    }
}

fn hmac<M: Mac + KeyInit>(key: &[u8], value: &[u8]) -> Vec<u8> {
    let hmac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    hmac.chain_update(value).finalize().into_bytes().to_vec()
}

/// The same in hexadecimal.
pub fn salted_hmac_hex(
    key_salt: &str,
    value: &[u8],
    secret: &[u8],
    algorithm: Algorithm,
) -> String {
    let hmac = salted_hmac(key_salt, value, secret, algorithm);
    hmac.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn is_same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// Why signed text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// There is no signature, or one by another key or for another purpose.
    #[error("the signature is not ours")]
    Forged,
    /// It was signed too long ago.
    #[error("the signature is too old")]
    Expired,
    /// The signature is ours, but the content cannot be read.
    #[error("what was signed cannot be read")]
    Unreadable,
}

/// Something that was signed, and the key that opened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedValue<T> {
    /// What was signed.
    pub value: T,
    /// By which key.
    pub key: KeyUsed,
}

/// Signs text for one purpose, its salt.
#[derive(Debug, Clone)]
pub struct Signer {
    keys: Vec<(SecretSlice<u8>, KeyUsed)>,
    key_salt: String,
    algorithm: Algorithm,
}

impl Signer {
    /// For a purpose.
    pub fn new(keys: &Keys, salt: &str) -> Self {
        Self::with_prefix(keys, salt, b"")
    }

    /// For a purpose, in a cookie.
    pub fn for_cookie(keys: &Keys, salt: &str) -> Self {
        Self::with_prefix(keys, salt, COOKIE_KEY_PREFIX)
    }

    fn with_prefix(keys: &Keys, salt: &str, prefix: &[u8]) -> Self {
        let prefixed = |key: &str| SecretSlice::from([prefix, key.as_bytes()].concat());
        Self {
            keys: keys
                .each()
                .map(|(key, used)| (prefixed(key), used))
                .collect(),
            key_salt: format!("{salt}signer"),
            algorithm: Algorithm::Sha256,
        }
    }

    /// The same with another hash function.
    #[must_use]
    pub fn with(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    /// `value:signature`
    pub fn sign(&self, value: &str) -> String {
        let (current, _) = &self.keys[0];
        format!("{value}:{}", self.signature(value, current))
    }

    /// What stands before the signature, when that is right.
    pub fn unsign<'a>(&self, signed: &'a str) -> Result<VerifiedValue<&'a str>, BadSignature> {
        let (value, signature) = signed.rsplit_once(':').ok_or(BadSignature::Forged)?;
        let mut keys = self.keys.iter();
        let key = keys.find(|(key, _)| is_same(&self.signature(value, key), signature));
        let (_, key) = key.ok_or(BadSignature::Forged)?;
        Ok(VerifiedValue { value, key: *key })
    }

    /// `value:time:signature`, Django's `TimestampSigner`.
    pub fn sign_at(&self, value: &str, time: DateTime<Utc>) -> String {
        self.sign(&format!("{value}:{}", base62::encode(time.timestamp())))
    }

    /// What stands before time and signature, unless it was signed before a time.
    pub fn unsign_since<'a>(
        &self,
        signed: &'a str,
        oldest: Option<DateTime<Utc>>,
    ) -> Result<VerifiedValue<&'a str>, BadSignature> {
        let VerifiedValue { value, key } = self.unsign(signed)?;
        let (value, time) = value.rsplit_once(':').ok_or(BadSignature::Unreadable)?;
        let time = base62::decode(time).ok_or(BadSignature::Unreadable)?;
        if let Some(oldest) = oldest {
            let time = DateTime::from_timestamp(time, 0).ok_or(BadSignature::Unreadable)?;
            if time < oldest {
                return Err(BadSignature::Expired);
            }
        }
        Ok(VerifiedValue { value, key })
    }

    /// An object as JSON, compressed where that is asked for and helps, signed with the time.
    pub fn dumps(&self, object: &Value, compress: Compress, time: DateTime<Utc>) -> String {
        self.sign_at(&pack(&to_ascii(object), compress), time)
    }

    /// The object of [`Self::dumps`], unless it was signed before a time.
    pub fn loads(
        &self,
        signed: &str,
        oldest: Option<DateTime<Utc>>,
    ) -> Result<VerifiedValue<Value>, BadSignature> {
        let VerifiedValue { value, key } = self.unsign_since(signed, oldest)?;
        let json = unpack(value).ok_or(BadSignature::Unreadable)?;
        let value = serde_json::from_slice(&json).map_err(|_| BadSignature::Unreadable)?;
        Ok(VerifiedValue { value, key })
    }

    fn signature(&self, value: &str, key: &SecretSlice<u8>) -> String {
        let hmac = salted_hmac(
            &self.key_salt,
            value.as_bytes(),
            key.expose_secret(),
            self.algorithm,
        );
        URL_SAFE_NO_PAD.encode(hmac)
    }
}

/// Whether an object is compressed before it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compress {
    /// It is not compressed.
    No,
    /// Where the result is shorter.
    IfShorter,
}

/// base64, with a dot before what is compressed.
fn pack(json: &str, compress: Compress) -> String {
    let compressed = match compress {
        Compress::No => None,
        Compress::IfShorter => {
            let mut compressed = Vec::new();
            ZlibEncoder::new(json.as_bytes(), Compression::default())
                .read_to_end(&mut compressed)
                .ok()
                .filter(|_| compressed.len() + 1 < json.len())
                .map(|_| compressed)
        }
    };
    match compressed {
        Some(compressed) => format!(".{}", URL_SAFE_NO_PAD.encode(compressed)),
        None => URL_SAFE_NO_PAD.encode(json),
    }
}

fn unpack(packed: &str) -> Option<Vec<u8>> {
    let Some(packed) = packed.strip_prefix('.') else {
        return URL_SAFE_NO_PAD.decode(packed).ok();
    };
    let compressed = URL_SAFE_NO_PAD.decode(packed).ok()?;
    let mut bytes = Vec::new();
    let mut decoder = ZlibDecoder::new(&compressed[..]).take(MAX_OBJECT_BYTES as u64 + 1);
    decoder.read_to_end(&mut bytes).ok()?;
    (bytes.len() <= MAX_OBJECT_BYTES).then_some(bytes)
}

#[cfg(test)]
pub(crate) mod tests;
