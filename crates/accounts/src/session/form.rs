//! The two forms of a session's row: that of Django 3.1 and later, which is written, and that of
//! 3.0, which is read too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Data;
use crate::signing::{
    Algorithm, Compress, KeyUsed, Keys, Signer, VerifiedValue, is_same, salted_hmac_hex,
};

/// The purpose of the signature.
const SALT: &str = "django.contrib.sessions.SessionStore";
/// The salt of Django 3.0.
const LEGACY_SALT: &str = "django.contrib.sessionsSessionStore";

/// What a row holds for a session.
pub fn encode(keys: &Keys, data: &Data, now: DateTime<Utc>) -> String {
    let value = Value::from(data.clone());
    Signer::new(keys, SALT).dumps(&value, Compress::IfShorter, now)
}

/// The session of a row in either form; `None` for what is not signed by us. How old it may be is
/// said beside it in the row.
pub fn decode(keys: &Keys, encoded: &str) -> Option<VerifiedValue<Data>> {
    let signer = Signer::new(keys, SALT);
    let VerifiedValue { value, key } = signer
        .loads(encoded, None)
        .ok()
        .or_else(|| decode_legacy(keys, encoded))?;
    match value {
        Value::Object(map) => Some(VerifiedValue {
            value: map.into(),
            key,
        }),
        _ => None,
    }
}

/// base64 of `hmac:json` (`Django 3.0 contrib/sessions/backends/base.py`).
fn decode_legacy(keys: &Keys, encoded: &str) -> Option<VerifiedValue<Value>> {
    let decoded = STANDARD.decode(encoded).ok()?;
    let decoded = std::str::from_utf8(&decoded).ok()?;
    let (signature, json) = decoded.split_once(':')?;
    let opens = |(key, _): &(&str, KeyUsed)| {
        let json = json.as_bytes();
        let expected = salted_hmac_hex(LEGACY_SALT, json, key.as_bytes(), Algorithm::Sha1);
        is_same(&expected, signature)
    };
    let (_, key) = keys.each().find(opens)?;
    let value = serde_json::from_str(json).ok()?;
    Some(VerifiedValue { value, key })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::signing::tests::{fallback_keys, keys, now};

    fn data() -> Data {
        let mut data = Data::default();
        data.insert("cart", json!({"book": 3, "é": [1.5, null]}));
        data
    }

    #[test]
    fn a_session_comes_back_with_the_key_that_opened_it() {
        let encoded = encode(&keys(), &data(), now());
        let opened = decode(&keys(), &encoded).unwrap();
        assert_eq!((opened.value, opened.key), (data(), KeyUsed::Current));
        let opened = decode(&fallback_keys(), &encoded).unwrap();
        assert_eq!((opened.value, opened.key), (data(), KeyUsed::Fallback));
    }

    /// Computed with Python's standard library, from the description in Django 3.0.
    #[test]
    fn the_older_form_is_read() {
        let encoded =
            "ZTg5ZWU5OTYwYTQzOTEyOGI1ZjIwOWYzMDJiODlhODRlNzU5ZmViODp7InUiOiJcdTAwZTlcdTIwYWMifQ==";
        for (keys, key) in [
            (keys(), KeyUsed::Current),
            (fallback_keys(), KeyUsed::Fallback),
        ] {
            let opened = decode(&keys, encoded).unwrap();
            assert_eq!(Value::from(opened.value), json!({"u": "é€"}));
            assert_eq!(opened.key, key);
        }
    }

    #[test]
    fn what_is_not_ours_is_no_session() {
        let encoded = encode(&keys(), &data(), now());
        let list = Signer::new(&keys(), SALT).dumps(&json!([1]), Compress::No, now());
        let foreign = Signer::new(&keys(), "other").dumps(&json!({}), Compress::No, now());
        let cut = &encoded[..encoded.len() - 1];
        for text in [cut, &list, &foreign, "", "a:b:c", "ZZZZ", "Og==", "e30="] {
            assert!(decode(&keys(), text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_row_is_too_much(text: String) {
            prop_assert!(decode(&keys(), &text).is_none());
            prop_assert!(decode(&keys(), &STANDARD.encode(&text)).is_none());
        }
    }
}
