//! Known answers of Django and of Python's standard library, what is refused, and what is weak.

use proptest::prelude::*;

use super::*;
use crate::encoded::Encoded;

const PASSWORD: &str = "Abc123456!";

/// Of each format that is verified, with the cost that a test has time for.
const KNOWN: [&str; 6] = [
    "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$GKYMb+pI8oiN9jlLhzr/QyWA7o4Nyo4mZUhy2nDjKro=",
    "pbkdf2_sha1$1000$salt$qVFP/XY9I3gyXEx/wYRoqnM3fkk=",
    "argon2$argon2i$v=19$m=512,t=2,p=2$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg\
     $mT1xtmcxljXKOGIty8+6Rj64XRyOzyEmIkf7OCGKEI4",
    "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW",
    "scrypt$16$abcdefghijklmnopqrstuv$8$1$VOKHahy6M3XujtAQyerDRkAF1hyJr3V2xajGvMif5M7EbOEkq9gMPF\
     +JFbMcpnCmgf/MgdftBR+Owi+hYNRoeQ==",
    "bcrypt_sha256$$2y$04$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW",
];

#[test]
fn the_password_and_no_other_opens_each_format() {
    for encoded in KNOWN {
        assert!(verify(PASSWORD, Some(encoded)), "{encoded}");
        assert!(must_update(encoded), "{encoded}");
    }
    for wrong in ["abc123456!", "Abc123456! ", "Abc123456", ""] {
        assert!(!verify(wrong, Some(KNOWN[0])), "{wrong}");
    }
}

/// HMAC fills a short key up with zeros: the hashes below are the same with NULs behind the password.
#[test]
fn a_password_with_a_control_character_opens_nothing() {
    for encoded in KNOWN {
        for control in ["\0", "\0\0\0\0\0\0\0", "\n", "\u{7f}", "\u{80}"] {
            assert!(!verify(&format!("{PASSWORD}{control}"), Some(encoded)));
        }
    }
    let with_tab = encode_with("a\tb", "salt", 1);
    assert!(!verify("a\tb", Some(&with_tab)));
    assert!(is_possible("correct horse – 日本") && is_possible(""));
}

#[test]
fn any_other_last_character_opens_nothing() {
    for encoded in KNOWN {
        let changed = match encoded.strip_suffix('=') {
            Some(_) => encoded.trim_end_matches('=').to_owned(),
            None => encoded[..encoded.len() - 1].to_owned(),
        };
        assert!(!verify(PASSWORD, Some(&changed)), "{changed}");
        let longer = format!("{encoded}A");
        assert!(!verify(PASSWORD, Some(&longer)), "{longer}");
    }
}

#[test]
fn a_new_hash_is_djangos_with_our_rounds() {
    let encoded = encode("pâsswörd-€-日本");
    let parts: Vec<_> = encoded.split('$').collect();
    let [algorithm, rounds, salt, _] = parts[..] else {
        panic!("{encoded}");
    };
    assert_eq!(
        (algorithm, rounds, salt.len()),
        ("pbkdf2_sha256", "600000", 22)
    );
    assert!(encoded.len() <= 128, "the column has 128 characters");
    assert!(verify("pâsswörd-€-日本", Some(&encoded)) && !must_update(&encoded));
    assert_eq!(
        encode_with("pâsswörd-€-日本", "abcdefghijklmnopqrstuv", 1000),
        "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$AOGPhjv/Vu0pK2yccFcRFNF9TKaVI4HkBukhHJqnZeY="
    );
}

#[test]
fn an_unusable_password_is_djangos() {
    let encoded = unusable();
    assert!(encoded.len() == 41 && !is_usable(&encoded));
    assert_ne!(encoded, unusable());
    assert!(!verify(&encoded, Some(&encoded)));
    assert_eq!(Summary::of(&encoded), Summary::Unusable);
    assert!(is_usable(""), "as Django has it");
}

/// A row that would cost minutes or gigabytes, or that is in no format at all.
const REFUSED: [&str; 26] = [
    "",
    "$",
    "plain",
    "unknown$1$salt$hash",
    "md5$abcdefghijklmnopqrstuv$f220637edf7f7d7f328347959a183d31",
    "bcrypt$$2b$04$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW",
    "pbkdf2_sha256$0$salt$hash",
    "pbkdf2_sha256$-1$salt$hash",
    "pbkdf2_sha256$+1$salt$hash",
    "pbkdf2_sha256$1$$hash",
    "pbkdf2_sha256$1$salt",
    "pbkdf2_sha256$10000001$salt$hash",
    "pbkdf2_sha1$4294967295$salt$hash",
    "argon2$argon2id$v=19$m=262145,t=1,p=1$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA",
    "argon2$argon2id$v=19$m=262144,t=5,p=1$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA",
    "argon2$argon2id$v=19$m=512,t=2,p=65$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA",
    "argon2$argon2id$v=19$m=512,t=2,p=2,x=1$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA",
    "argon2$argon2x$v=19$m=512,t=2,p=2$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA",
    "argon2$argon2id$v=18$m=512,t=2,p=2$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA",
    "argon2$argon2id$v=19$m=1,t=1,p=1$YWJj$aGFzaA",
    "bcrypt_sha256$$2b$16$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW",
    "bcrypt_sha256$$2b$03$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW",
    "bcrypt_sha256$$2b$04$short",
    "scrypt$131072$salt$8$1$hash",
    "scrypt$1000$salt$8$1$hash",
    "scrypt$16384$salt$8$33$hash",
];

#[test]
fn what_we_do_not_verify_is_unknown_and_never_renewed() {
    for encoded in REFUSED {
        assert!(Encoded::parse(encoded).is_none(), "{encoded}");
        assert!(!must_update(encoded), "{encoded}");
        assert_eq!(Summary::of(encoded), Summary::Unknown, "{encoded}");
    }
}

/// Hashes that no computer has made: only what they cost counts.
#[test]
fn a_hash_is_weak_when_it_took_less_work_than_a_new_one() {
    let salt = "abcdefghijklmnopqrstuv";
    let argon2 =
        |costs| format!("argon2$argon2id$v=19${costs}$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA");
    let bcrypt = |cost| {
        format!("bcrypt_sha256$$2b${cost}$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW")
    };
    for (encoded, is_weak) in [
        (format!("pbkdf2_sha256$599999${salt}$x"), true),
        (format!("pbkdf2_sha256$600000${salt}$x"), false),
        ("pbkdf2_sha256$600000$seasalt12345$x".to_owned(), true),
        (format!("pbkdf2_sha256$1500000${salt}$x"), false),
        // A short salt is no reason to take rounds away.
        ("pbkdf2_sha256$1500000$seasalt12345$x".to_owned(), false),
        (format!("pbkdf2_sha1$1299999${salt}$x"), true),
        (format!("pbkdf2_sha1$1300000${salt}$x"), false),
        (argon2("m=102400,t=2,p=8"), false),
        (argon2("m=19456,t=2,p=1"), false),
        (argon2("m=7168,t=5,p=1"), false),
        (argon2("m=7168,t=4,p=1"), true),
        (argon2("m=4096,t=20,p=1"), true),
        (
            argon2("m=102400,t=2,p=8").replace("argon2id", "argon2i"),
            true,
        ),
        (bcrypt("12"), false),
        (bcrypt("10"), false),
        (bcrypt("09"), true),
        (format!("scrypt$16384${salt}$8$5$x"), false),
        (format!("scrypt$16384${salt}$8$1$x"), true),
        (format!("scrypt$4096${salt}$8$32$x"), true),
    ] {
        assert!(Encoded::parse(&encoded).is_some(), "{encoded}");
        assert_eq!(must_update(&encoded), is_weak, "{encoded}");
    }
}

#[test]
fn a_summary_shows_costs_and_hides_secrets() {
    let shown = |encoded| match Summary::of(encoded) {
        Summary::Known(fields) => fields
            .iter()
            .map(|(field, value)| format!("{}={value}", field.id()))
            .collect::<Vec<_>>()
            .join(" "),
        other => panic!("{other:?}"),
    };
    let hidden = |shown: usize| "*".repeat(shown);
    assert_eq!(
        shown(KNOWN[0]),
        format!(
            "algorithm=pbkdf2_sha256 iterations=1000 salt=abcdef{} hash=GKYMb+{}",
            hidden(16),
            hidden(38)
        )
    );
    assert_eq!(
        shown(KNOWN[2]),
        format!(
            "algorithm=argon2 variety=argon2i version=19 memory-cost=512 time-cost=2 \
             parallelism=2 salt=YWJjZG{} hash=mT1xtm{}",
            hidden(24),
            hidden(37)
        )
    );
    assert_eq!(
        shown(KNOWN[3]),
        format!(
            "algorithm=bcrypt_sha256 work-factor=4 salt=abcdef{} checksum=VgDStK{}",
            hidden(16),
            hidden(25)
        )
    );
    assert_eq!(
        shown(KNOWN[4]),
        format!(
            "algorithm=scrypt work-factor=16 block-size=8 parallelism=1 salt=abcdef{} hash=VOKHah{}",
            hidden(16),
            hidden(82)
        )
    );
}

proptest! {
    #[test]
    fn no_stored_text_is_too_much(text: String) {
        let _ = Encoded::parse(&text);
        Summary::of(&text);
    }

    #[test]
    fn no_text_in_the_place_of_a_part_is_too_much(
        algorithm in "pbkdf2_sha256|pbkdf2_sha1|argon2|bcrypt_sha256|scrypt",
        parts in prop::collection::vec("[a-z0-9=,.$/+-]{0,12}", 0..7),
    ) {
        let text = format!("{algorithm}${}", parts.join("$"));
        let _ = Encoded::parse(&text);
        Summary::of(&text);
    }

    #[test]
    fn every_password_opens_what_was_made_of_it(password: String, salt in "[a-zA-Z0-9]{1,30}") {
        let encoded = encode_with(&password, &salt, 1);
        prop_assert!(Encoded::parse(&encoded).unwrap().verify(&password));
        let other = password + "x";
        prop_assert!(!Encoded::parse(&encoded).unwrap().verify(&other));
    }
}
