//! What Django itself has answered, release by release: `tests/data`, which
//! `bench/peers/django/vectors.py` has written.

use std::collections::BTreeSet;
use std::path::Path;

use accounts::csrf::CsrfSecret;
use accounts::messages::{self, Message};
use accounts::signing::{Algorithm, Compress, Keys, Signer, salted_hmac_hex};
use accounts::{hashers, login, session};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

const RELEASES: [&str; 5] = ["3.0", "3.2", "4.2", "5.2", "6.1"];

/// What one release recorded.
struct Release {
    name: &'static str,
    recorded: Value,
    keys: Keys,
    now: DateTime<Utc>,
}

impl Release {
    fn all() -> [Self; 5] {
        RELEASES.map(|name| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
            let text = std::fs::read_to_string(path.join(format!("django-{name}.json"))).unwrap();
            let recorded: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(recorded["release"], name);
            Self {
                name,
                keys: keys(&recorded["secret_key"]),
                now: DateTime::from_timestamp(recorded["now"].as_i64().unwrap(), 0).unwrap(),
                recorded,
            }
        })
    }

    /// The records under a name, of which there are some.
    fn list(&self, pointer: &str) -> &[Value] {
        let list = self.recorded.pointer(pointer).and_then(Value::as_array);
        let list = list.unwrap_or_else(|| panic!("{}: {pointer}", self.name));
        assert!(!list.is_empty(), "{}: {pointer}", self.name);
        list
    }

    fn algorithm(&self) -> Algorithm {
        if self.is_oldest() {
            Algorithm::Sha1
        } else {
            Algorithm::Sha256
        }
    }

    fn is_oldest(&self) -> bool {
        self.name == "3.0"
    }
}

fn keys(secret: &Value) -> Keys {
    Keys {
        current: text(secret).into(),
        fallbacks: Vec::new(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn passwords_are_verified() {
    // Releases share most of them.
    let mut seen = BTreeSet::new();
    for release in Release::all() {
        for vector in release.list("/passwords") {
            let encoded = text(&vector["encoded"]);
            let password = text(&vector["password"]);
            if !seen.insert((encoded.to_owned(), password.to_owned())) {
                continue;
            }
            let is_known = vector["algorithm"] != "md5";
            assert_eq!(
                hashers::verify(password, Some(encoded)),
                is_known,
                "{encoded}"
            );
            let rounds = vector["iterations"].as_u64();
            if vector["algorithm"] == "pbkdf2_sha256" {
                let is_weak = hashers::must_update(encoded);
                assert_eq!(
                    is_weak,
                    rounds <= Some(600_000) && is_djangos_reason(vector),
                    "{encoded}"
                );
            }
        }
        for vector in release.list("/refused_passwords") {
            let encoded = text(&vector["encoded"]);
            let password = text(&vector["password"]);
            assert!(!hashers::verify(password, Some(encoded)), "{encoded}");
            let is_usable = vector["is_usable"].as_bool();
            assert_eq!(Some(hashers::is_usable(encoded)), is_usable, "{encoded}");
        }
        let length = release.recorded["unusable_length"].as_u64().unwrap();
        assert_eq!(hashers::unusable().len() as u64, length);
        let summary = &release.recorded["summary"];
        let rounds = u32::try_from(summary["iterations"].as_u64().unwrap()).unwrap();
        let (password, salt) = (text(&summary["password"]), text(&summary["salt"]));
        let encoded = hashers::encode_with(password, salt, rounds);
        let hashers::Summary::Known(fields) = hashers::Summary::of(&encoded) else {
            panic!("{encoded}");
        };
        for (field, value) in fields {
            assert_eq!(summary["fields"][field.id()], value);
        }
    }
}

/// Django 4.2, whose rounds are ours, renews any hash of other rounds or with a shorter salt.
fn is_djangos_reason(vector: &Value) -> bool {
    vector["iterations"] != 600_000 || text(&vector["salt"]).len() < 22
}

#[test]
fn text_is_signed_alike() {
    for release in Release::all() {
        for vector in release.list("/hmacs") {
            let algorithm = match text(&vector["algorithm"]) {
                "sha1" => Algorithm::Sha1,
                _ => Algorithm::Sha256,
            };
            let value = text(&vector["value"]).as_bytes();
            let secret = text(&vector["secret"]).as_bytes();
            let hex = salted_hmac_hex(text(&vector["key_salt"]), value, secret, algorithm);
            assert_eq!(vector["hex"], hex);
        }
        let signer = |vector: &Value| {
            Signer::new(&release.keys, text(&vector["salt"])).with(release.algorithm())
        };
        for vector in release.list("/signed") {
            let ours = signer(vector).sign(text(&vector["value"]));
            assert_eq!(vector["signed"], ours, "{}", release.name);
        }
        for vector in release.list("/signed_with_time") {
            let ours = signer(vector).sign_at(text(&vector["value"]), release.now);
            assert_eq!(vector["signed"], ours, "{}", release.name);
        }
        for vector in release.list("/signed_for_cookie") {
            let signer = Signer::for_cookie(&release.keys, text(&vector["salt"]));
            let signer = signer.with(release.algorithm());
            let ours = signer.sign_at(text(&vector["value"]), release.now);
            assert_eq!(vector["signed"], ours, "{}", release.name);
        }
        let numbers = release.recorded["base62"].as_object().unwrap();
        assert!(!numbers.is_empty());
        for (number, expected) in numbers {
            // Base 62 shows in the time of a signature.
            let time = DateTime::from_timestamp(number.parse().unwrap(), 0).unwrap();
            let stamped = Signer::new(&release.keys, "x").sign_at("", time);
            assert_eq!(stamped.split(':').nth(1), expected.as_str());
        }
    }
}

#[test]
fn objects_are_packed_alike() {
    for release in Release::all() {
        for vector in release.list("/objects") {
            let keys = keys(&vector["key"]);
            let signer = Signer::new(&keys, text(&vector["salt"])).with(release.algorithm());
            let loaded = signer.loads(text(&vector["value"]), None);
            assert_eq!(loaded.unwrap().value, vector["object"]);
            // The order of names and the bytes of compression are the library's own.
            let has_one_order = vector["object"]
                .as_object()
                .is_none_or(|object| object.len() < 2);
            if vector["is_compressed"] == false && has_one_order {
                let dumped = signer.dumps(&vector["object"], Compress::No, release.now);
                assert_eq!(vector["value"], dumped);
            }
        }
    }
}

#[test]
fn sessions_are_read_and_written_alike() {
    for release in Release::all() {
        for vector in release.list("/sessions/kept") {
            let keys = keys(&vector["key"]);
            let opened = session::decode(&keys, text(&vector["encoded"])).unwrap();
            assert_eq!(Value::from(opened.value.clone()), vector["data"]);
            let written = session::encode(&keys, &opened.value, release.now);
            let again = session::decode(&keys, &written).unwrap();
            assert_eq!(again.value, opened.value);
            if !release.is_oldest() && !text(&vector["encoded"]).starts_with('.') {
                assert_eq!(vector["encoded"], written);
            }
        }
        for encoded in release.list("/sessions/broken") {
            let opened = session::decode(&release.keys, text(encoded));
            assert!(opened.is_none(), "{encoded} of {}", release.name);
        }
        // Only some releases read what Django 3.0 wrote; we always do.
        let of_before = &release.recorded["sessions"]["of_before"];
        let of_before = of_before.as_array().unwrap();
        assert_eq!(!of_before.is_empty(), release.name == "3.2");
        for vector in of_before {
            let opened = session::decode(&release.keys, text(&vector["encoded"])).unwrap();
            assert_eq!(opened.value.get("_auth_user_id"), Some(&json!("1")));
        }
        for vector in release.list("/auth_hashes") {
            let keys = keys(&vector["secret"]);
            let (field, hash) = (text(&vector["password_field"]), text(&vector["hash"]));
            let must_renew = vector["algorithm"] == "sha1";
            assert_eq!(login::check_auth_hash(&keys, field, hash), Some(must_renew));
            if !must_renew {
                assert_eq!(login::auth_hash(&keys, field), hash);
            }
        }
    }
}

#[test]
fn tokens_of_forms_are_masked_alike() {
    for release in Release::all() {
        for vector in release.list("/form_tokens") {
            let secret = CsrfSecret::parse(text(&vector["secret"])).unwrap();
            let token = text(&vector["token"]);
            assert_eq!(CsrfSecret::parse(token), Some(secret.clone()));
            assert!(secret.matches(token));
        }
    }
}

#[test]
fn messages_are_kept_alike() {
    for release in Release::all() {
        for vector in release.list("/message_cookies") {
            let cookie = text(&vector["cookie"]);
            let found = messages::find(&release.keys, cookie).unwrap();
            let expected = vector["messages"]
                .as_array()
                .unwrap()
                .iter()
                .map(|message| Message {
                    level: message["level"].as_i64().unwrap(),
                    text: text(&message["text"]).to_owned(),
                    is_html: message["is_html"].as_bool().unwrap(),
                    extra_tags: message["extra_tags"].as_str().map(str::to_owned),
                });
            let expected: Vec<_> = expected.collect();
            assert_eq!(found.messages, expected);
            let written = messages::keep(&release.keys, &expected, release.now);
            let ours = written.cookie.unwrap();
            let again = messages::find(&release.keys, &ours).unwrap();
            assert_eq!(again.messages, expected);
            if !release.is_oldest() && !cookie.starts_with('.') {
                assert_eq!(cookie, ours);
            }
        }
    }
}

/// Nothing here sends such tokens; they show that a signature of ours is one of Django's.
#[test]
fn tokens_of_password_resets_are_signed_alike() {
    let salt = "django.contrib.auth.tokens.PasswordResetTokenGenerator";
    for release in Release::all() {
        let vector = &release.recorded["reset_token"];
        let time = &vector["timestamp"];
        let (password, login) = (text(&vector["password"]), text(&vector["last_login"]));
        // Since 3.1 the address takes part.
        let email = if release.is_oldest() {
            ""
        } else {
            text(&vector["email"])
        };
        let value = format!("{}{password}{login}{time}{email}", vector["pk"]);
        let key = release.keys.current.expose_secret().as_bytes();
        let hex = salted_hmac_hex(salt, value.as_bytes(), key, release.algorithm());
        let every_second: String = hex.chars().step_by(2).collect();
        let (_, signature) = text(&vector["token"]).split_once('-').unwrap();
        assert_eq!(signature, every_second, "{}", release.name);
    }
}
