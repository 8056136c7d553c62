//! Known answers, computed with Python's standard library, and what is refused.

use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const KEY: &str = "a-bookshop-secret-key-for-tests-0123456789-abcdefghij";

/// The key that made the known answers.
pub(crate) fn keys() -> Keys {
    Keys {
        current: KEY.into(),
        fallbacks: Vec::new(),
    }
}

/// The same as an earlier key.
pub(crate) fn fallback_keys() -> Keys {
    Keys {
        current: "another-key".into(),
        fallbacks: vec!["a-third-key".into(), KEY.into()],
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_800_000, 0).unwrap()
}

#[test]
fn hmacs_are_those_of_django() {
    let hex = |algorithm| salted_hmac_hex("salt", b"value", KEY.as_bytes(), algorithm);
    assert_eq!(
        hex(Algorithm::Sha1),
        "4fe46e9e74a67880de8018b80665b2185b9e39ea"
    );
    assert_eq!(
        hex(Algorithm::Sha256),
        "a3d6a67a0f501b973d64f39dc57f0572b8d70e0b5b636b79266d3337ea9769bb"
    );
}

#[test]
fn text_is_signed_for_one_purpose() {
    let shop = Signer::new(&keys(), "shop");
    let signed = "hello:7l5p40P2AaF5thl4xUqygdrH7uvuOgzwxpve6Vv7VNc";
    assert_eq!(shop.sign("hello"), signed);
    let opened = |value, key| Ok(VerifiedValue { value, key });
    assert_eq!(shop.unsign(signed), opened("hello", KeyUsed::Current));
    let later = Signer::new(&fallback_keys(), "shop");
    assert_eq!(later.unsign(signed), opened("hello", KeyUsed::Fallback));
    assert_eq!(shop.unsign(&later.sign("hello")), Err(BadSignature::Forged));
    let cookie = Signer::for_cookie(&keys(), "shop");
    let signed_cookie = "hello:sHik-IibTpgq2H7TxCBxaQGwAn2pXU022kA09hHIRIM";
    assert_eq!(cookie.sign("hello"), signed_cookie);
    for text in [
        "",
        ":",
        "hello",
        "hello:",
        signed_cookie,
        &signed[1..],
        &signed[..signed.len() - 1],
        &signed.to_lowercase(),
    ] {
        assert_eq!(shop.unsign(text), Err(BadSignature::Forged), "{text}");
    }
}

#[test]
fn a_signature_may_grow_too_old() {
    let shop = Signer::new(&keys(), "shop");
    let signed = shop.sign_at("hello", now());
    assert_eq!(
        signed,
        "hello:1vMix6:2VKLkZyr7sl7Rp8VYOZ9xXzPRbXGzaC1ihQfNsnFuy8"
    );
    let after = |seconds: i64, max_age| {
        let oldest = now() + TimeDelta::seconds(seconds - max_age);
        let opened = shop.unsign_since(&signed, Some(oldest));
        opened.map(|opened| opened.value)
    };
    assert_eq!(after(60, 60), Ok("hello"));
    assert_eq!(after(61, 60), Err(BadSignature::Expired));
    assert_eq!(after(-60, 60), Ok("hello"));
    for value in ["hello", "hello:", "hello:é", "hello:zzzzzzzzzz"] {
        let signed = shop.sign(value);
        let opened = shop.unsign_since(&signed, Some(now()));
        assert_eq!(opened, Err(BadSignature::Unreadable), "{value}");
    }
}

#[test]
fn objects_are_packed_as_django_packs_them() {
    let shop = Signer::new(&keys(), DUMPS_SALT);
    let small = shop.dumps(&json!({"a": 1}), Compress::IfShorter, now());
    assert_eq!(
        small,
        "eyJhIjoxfQ:1vMix6:bxensJxZ45t6Cc-ga-Aoo1HmkVau1gU-EQVxcYTnZ6A"
    );
    // Compressed by Python; our compression need not give the same bytes.
    let large = json!({"book": "ab".repeat(200)});
    let theirs = ".eJyrVkrKz89WslJKTBqFgwkq1QIA9UKbvg:1vMix6:\
                  DD-TaUW6YPXHsm-rR3V307w60TGDnSYL30BOUn0wTz0";
    let ours = shop.dumps(&large, Compress::IfShorter, now());
    assert!(ours.starts_with('.') && ours.len() < 200, "{ours}");
    for signed in [theirs, &ours, &shop.dumps(&large, Compress::No, now())] {
        assert_eq!(shop.loads(signed, None).unwrap().value, large);
    }
}

#[test]
fn what_is_signed_and_yet_nothing_is_refused() {
    let shop = Signer::new(&keys(), DUMPS_SALT);
    // Two megabytes of one letter, in two kilobytes.
    let mut large = Vec::new();
    let json = json!("a".repeat(2 << 20)).to_string();
    let mut encoder = ZlibEncoder::new(json.as_bytes(), Compression::best());
    encoder.read_to_end(&mut large).unwrap();
    let large = format!(".{}", URL_SAFE_NO_PAD.encode(large));
    for value in ["", ".", "é", "e30=", ".e30", "e", "eyJhIjo", large.as_str()] {
        let signed = shop.sign_at(value, now());
        let loaded = shop.loads(&signed, None);
        assert_eq!(loaded, Err(BadSignature::Unreadable), "{value:.20}");
    }
}

#[test]
fn keys_and_secrets_are_not_shown() {
    let shown = format!("{:?} {:?}", fallback_keys(), Signer::new(&keys(), "shop"));
    assert!(!shown.contains("key-for"), "{shown}");
}

proptest! {
    #[test]
    fn every_text_comes_back(value: String, salt: String) {
        let shop = Signer::new(&keys(), &salt);
        let signed = shop.sign_at(&value, now());
        prop_assert_eq!(shop.unsign_since(&signed, None).unwrap().value, value);
    }

    #[test]
    fn every_object_comes_back(texts: Vec<String>, number: i64) {
        let object = json!({"texts": texts, "number": number});
        let shop = Signer::new(&keys(), DUMPS_SALT);
        for compress in [Compress::No, Compress::IfShorter] {
            let signed = shop.dumps(&object, compress, now());
            prop_assert_eq!(&shop.loads(&signed, None).unwrap().value, &object);
        }
    }

    #[test]
    fn no_text_is_too_much(text: String) {
        let shop = Signer::new(&keys(), DUMPS_SALT);
        prop_assert!(shop.loads(&text, None).is_err());
        let signed = shop.sign(&text);
        let _ = shop.loads(&signed, Some(now()));
    }
}
