//! Tests of names and addresses.

use proptest::prelude::*;

use super::*;

#[test]
fn names_are_decoded_once() {
    let long = "a".repeat(NAME_LIMIT);
    let longest = "\u{1f34a}".repeat(NAME_LIMIT);
    let encoded = "%F0%9F%8D%8A".repeat(NAME_LIMIT);
    let cases = [
        ("css/a.css", "css/a.css"),
        ("caf%C3%A9.css", "café.css"),
        ("caf%c3%a9.css", "café.css"),
        ("café.css", "café.css"),
        ("%63ss/a.css", "css/a.css"),
        ("a%20b", "a b"),
        ("a+b", "a+b"),
        ("%252e%252e", "%2e%2e"),
        ("..a/b..", "..a/b.."),
        ("...", "..."),
        (".hidden", ".hidden"),
        (&long, &long),
        (&encoded, &longest),
    ];
    for (encoded, expected) in cases {
        assert_eq!(name(encoded).as_deref(), Some(expected), "{encoded}");
    }
}

#[test]
fn disguises_are_no_names() {
    let long = "a".repeat(NAME_LIMIT + 1);
    let encoded = "%61".repeat(NAME_LIMIT + 1);
    let huge = "%61".repeat(1_000_000);
    let cases = [
        "",
        "/",
        "a/",
        "/a",
        "a//b",
        ".",
        "..",
        "../a",
        "a/..",
        "a/../b",
        "./a",
        "a/./b",
        "%2e%2e",
        "%2E%2e/a",
        "a/%2e%2e/b",
        ".%2e/a",
        "a%2fb",
        "a%2Fb",
        "%2f",
        "%2e%2e%2fa",
        "a\\b",
        "a%5cb",
        "..%5Ca",
        "a%00",
        "a\0b",
        "%ff",
        "%c3",
        "%c0%ae%c0%ae/a",
        "%",
        "a%",
        "a%2",
        "a%zz",
        "%+1",
        "%\u{e9}",
        "a%2\u{e9}",
        &long,
        &encoded,
        &huge,
    ];
    for encoded in cases {
        assert_eq!(name(encoded), None, "{encoded}");
    }
}

#[test]
fn a_hash_is_taken_out_of_a_name() {
    let cases: [(&str, &[&str]); 12] = [
        ("css/a.27e20196a850.css", &["css/a.css"]),
        ("a.min.27e20196a850.css", &["a.min.css"]),
        ("a.css.27e20196a850.map", &["a.css.map"]),
        ("v1.2/noext.8a4876ea55d9", &["v1.2/noext"]),
        (".htaccess.8a4876ea55d9", &[".htaccess"]),
        (
            "a.aaaaaaaaaaaa.bbbbbbbbbbbb",
            &["a.bbbbbbbbbbbb", "a.aaaaaaaaaaaa"],
        ),
        ("a.27E20196A850.css", &[]),
        ("a.27e20196a85.css", &[]),
        ("a.27e20196a8500.css", &[]),
        ("x.27e20196a850/a.css", &[]),
        (".27e20196a850.css", &[]),
        ("27e20196a850", &[]),
    ];
    for (hashed, expected) in cases {
        assert_eq!(
            plain_names(hashed).collect::<Vec<_>>(),
            expected,
            "{hashed}"
        );
    }
}

#[test]
fn prefixes_have_slashes() {
    let cases = [
        ("/static/", "/static/", "/static/"),
        ("static", "/static/", "/static/"),
        ("static/", "/static/", "/static/"),
        ("/sub/static", "/sub/static/", "/sub/static/"),
        ("/", "/", "/"),
        ("", "/", "/"),
        ("https://cdn.example/x", "/x/", "https://cdn.example/x/"),
        ("https://cdn.example", "/", "https://cdn.example/"),
        ("//cdn.example/x/", "/x/", "//cdn.example/x/"),
    ];
    for (url, prefix, address) in cases {
        let mount = Mount::new(url).unwrap();
        assert_eq!(mount.prefix(), prefix, "{url}");
        assert_eq!(mount.address("a.css"), format!("{address}a.css"));
    }
    for url in [
        "/a?b",
        "/a#b",
        "/a//b/",
        "/%61/",
        "/é/",
        "/a\\b",
        "https://a//b/",
        "/a://b",
    ] {
        assert_eq!(Mount::new(url), None, "{url}");
    }
}

proptest! {
    #[test]
    fn an_address_leads_back_to_its_name(original in "\\PC{0,40}") {
        let mount = Mount::new("/").unwrap();
        let address = mount.address(&original);
        prop_assert!(address.is_ascii());
        let expected = is_name(&original).then_some(&*original);
        let decoded = name(&address[1..]);
        prop_assert_eq!(decoded.as_deref(), expected);
    }

    #[test]
    fn no_name_leads_upwards(encoded in "([./%\\\\a\u{0}]|%2e|%2f|%5c|%00|%25|%c0%ae){0,12}") {
        if let Some(name) = name(&encoded) {
            let path = std::path::Path::new(&*name);
            let is_plain = |part| matches!(part, std::path::Component::Normal(_));
            prop_assert!(path.components().all(is_plain));
            prop_assert!(!name.contains(['\\', '\0']));
        }
    }

    #[test]
    fn hashing_a_name_can_be_undone(plain in "[a-z.]{1,8}(/[a-z.]{1,8})?") {
        let hashed = crate::hash::hashed_name(&plain, "0123456789ab");
        if plain.split('/').all(|part| part.bytes().any(|byte| byte != b'.')) {
            prop_assert!(plain_names(&hashed).any(|name| name == plain), "{}", hashed);
        }
    }
}
