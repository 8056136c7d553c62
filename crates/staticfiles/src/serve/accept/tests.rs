//! Tests of `Accept-Encoding`.

use http::HeaderValue;
use proptest::prelude::*;

use super::*;

fn read(lines: &[&[u8]]) -> Preferences {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(ACCEPT_ENCODING, HeaderValue::from_bytes(line).unwrap());
    }
    Preferences::read(&headers)
}

/// The weights of identity, br, zstd and gzip, a dash for a refusal.
fn weights(preferences: Preferences) -> String {
    [
        None,
        Some(Encoding::Brotli),
        Some(Encoding::Zstd),
        Some(Encoding::Gzip),
    ]
    .map(|encoding| match preferences.weight(encoding) {
        Some(weight) => weight.to_string(),
        None => "-".to_owned(),
    })
    .join(" ")
}

#[test]
fn preferences_are_those_of_rfc_9110() {
    let cases = [
        ("", "0 - - -"),
        (" , ,", "0 - - -"),
        ("gzip, deflate, br, zstd", "0 1000 1000 1000"),
        ("GZip", "0 - - 1000"),
        ("x-gzip", "0 - - 1000"),
        ("gzip;q=0", "0 - - -"),
        ("gzip;q=0.000, br", "0 1000 - -"),
        ("gzip ; q=0.5 , br ;Q=0.125", "0 125 - 500"),
        ("gzip;q=1.000,identity;q=0.5", "500 - - 1000"),
        ("identity", "1000 - - -"),
        ("identity;q=0", "- - - -"),
        ("identity;q=0, br", "- 1000 - -"),
        ("deflate", "0 - - -"),
        // `*` alone is for clients that do not look into what they get.
        ("*", "0 - - -"),
        ("*;q=0.1", "0 - - -"),
        ("*;q=0", "- - - -"),
        ("br, *;q=0", "- 1000 - -"),
        ("identity, *;q=0", "1000 - - -"),
        ("br, *;q=0.2", "200 1000 200 200"),
        ("gzip;q=0, *", "1000 1000 1000 -"),
        // A refusal stands.
        ("gzip, x-gzip;q=0", "0 - - -"),
        ("gzip;q=0, gzip", "0 - - -"),
        // A member with a malformed weight is ignored.
        ("gzip;q=2", "0 - - -"),
        ("gzip;q=", "0 - - -"),
        ("gzip;q=1.001", "0 - - -"),
        ("gzip;q=0.1234, br", "0 1000 - -"),
        ("gzip;q=-1", "0 - - -"),
        ("gzip;q=.5", "0 - - -"),
        ("gzip;q=1.", "0 - - 1000"),
        ("identity;q=none", "0 - - -"),
        ("gzip;level=9;q=0.3", "0 - - 300"),
        ("gzip;;q=0.3;", "0 - - 300"),
        ("gzip br", "0 - - -"),
        ("gzipped", "0 - - -"),
        ("\u{e9}gzip", "0 - - -"),
    ];
    for (value, expected) in cases {
        assert_eq!(weights(read(&[value.as_bytes()])), expected, "{value}");
    }
}

#[test]
fn lines_are_one_list_and_none_is_silence() {
    assert_eq!(read(&[]), Preferences::NO_HEADER);
    assert_eq!(weights(read(&[b"gzip;q=0.5", b"*;q=0"])), "- - - 500");
    assert_eq!(weights(read(&[b"*", b"br;q=0"])), "1000 - 1000 1000");
}

/// A generated member, from which both the header and the expected answer are made.
#[derive(Debug, Clone)]
struct Member {
    token: &'static str,
    thousandths: Option<u16>,
    spaces: (&'static str, &'static str),
}

impl Member {
    fn text(&self) -> String {
        let (before, after) = self.spaces;
        let weight = match self.thousandths {
            None => String::new(),
            Some(1000) => format!("{after};{before}q=1.0"),
            Some(thousandths) => format!("{before};{after}q=0.{thousandths:03}"),
        };
        format!("{before}{}{weight}{after}", self.token)
    }
}

fn members() -> impl Strategy<Value = Vec<Member>> {
    let tokens = [
        "br", "zstd", "gzip", "x-gzip", "identity", "*", "deflate", "GZIP", "Br",
    ];
    let token = proptest::sample::select(tokens.to_vec());
    let thousandths = proptest::option::of(prop_oneof![Just(0), Just(1000), 0..=1000_u16]);
    let space = || proptest::sample::select(vec!["", " ", "\t", " \t "]);
    let member =
        (token, thousandths, (space(), space())).prop_map(|(token, thousandths, spaces)| Member {
            token,
            thousandths,
            spaces,
        });
    proptest::collection::vec(member, 0..6)
}

/// RFC 9110, 12.5.3, step by step, for one encoding.
fn expected(members: &[Member], name: &str) -> Option<u16> {
    let weight_of = |name: &str| {
        let same = |member: &&Member| {
            let token = member.token.to_lowercase();
            token == name || token == format!("x-{name}")
        };
        let weights = members.iter().filter(same);
        weights
            .map(|member| member.thousandths.unwrap_or(1000))
            .min()
    };
    let is_silent = matches!(members, [only] if only.token == "*" && only.thousandths != Some(0));
    let named = weight_of(name)
        .or_else(|| weight_of("*"))
        .filter(|_| !is_silent);
    match named {
        Some(0) => None,
        Some(weight) => Some(weight),
        None => (name == "identity").then_some(0),
    }
}

proptest! {
    #[test]
    fn a_list_means_what_its_members_mean(members in members(), split in 0..6_usize) {
        let texts: Vec<_> = members.iter().map(Member::text).collect();
        let (first, second) = texts.split_at(split.min(texts.len()));
        let lines = [first.join(","), second.join(" , ")];
        let preferences = read(&[lines[0].as_bytes(), lines[1].as_bytes()]);
        let encodings = [None, Some(Encoding::Brotli), Some(Encoding::Zstd), Some(Encoding::Gzip)];
        for encoding in encodings {
            let name = encoding.map_or("identity", token);
            let weight = preferences.weight(encoding);
            prop_assert_eq!(weight, expected(&members, name), "{} in {:?}", name, lines);
        }
    }

    #[test]
    fn garbage_is_read_as_something(line in "[ -~\u{80}-\u{ff}\t]{0,60}") {
        let preferences = read(&[line.as_bytes()]);
        // An encoding that the header does not name is not accepted.
        let line = line.to_lowercase();
        let is_any = line.contains('*');
        prop_assert!(preferences.brotli.is_none() || is_any || line.contains("br"));
        prop_assert!(preferences.zstd.is_none() || is_any || line.contains("zstd"));
        prop_assert!(preferences.gzip.is_none() || is_any || line.contains("gzip"));
        prop_assert!(preferences.accepts_identity() || is_any || line.contains("identity"));
    }
}
