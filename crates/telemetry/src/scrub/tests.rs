//! Tests of the values that are removed, and of those that stay.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    let scrubber = Scrubber::new(["the-key-of-the-site".to_owned()]);
    assert_eq!(scrubber.text(text), expected);
    assert_eq!(scrubber.text(expected), expected, "a second time");
}

#[test]
fn values_of_private_names_go() {
    check("password=hunter2", "password=[Filtered]");
    check("a=1&csrf-token=x&b=2", "a=1&csrf-token=[Filtered]&b=2");
    check(
        "old_password: x, page: 2",
        "old_password: [Filtered], page: 2",
    );
    check(
        r#"{"api_key":"a\"b","n":1}"#,
        r#"{"api_key":"[Filtered]","n":1}"#,
    );
    check(
        r#"Login { password: "a b" }"#,
        r#"Login { password: "[Filtered]" }"#,
    );
    check(
        r#"body: "{\"passwd\": \"x\", \"city\": \"Oslo\"}""#,
        r#"body: "{\"passwd\": \"[Filtered]\", \"city\": \"Oslo\"}""#,
    );
    check(
        "Cookie: sessionid=a; csrftoken=b\nHost: c",
        "Cookie: [Filtered]\nHost: c",
    );
    check("Authorization: Basic dTpw", "Authorization: [Filtered]");
    check("auth=Token abc def", "auth=[Filtered] def");
    check("sent Bearer abc.def to it", "sent Bearer [Filtered] to it");
}

#[test]
fn encoded_names_and_separators_count() {
    check("pass%77ord=x", "pass%77ord=[Filtered]");
    check(
        "/login/?next=%2F%3Ftoken%3Dabc%26page%3D2",
        "/login/?next=%2F%3Ftoken%3D[Filtered]%26page%3D2",
    );
}

#[test]
fn credentials_of_addresses_go() {
    check(
        "cannot reach postgres://ann:hunter2@db.example:5432/site",
        "cannot reach postgres://[Filtered]@db.example:5432/site",
    );
    check(
        "https://key@sentry.example/1",
        "https://[Filtered]@sentry.example/1",
    );
}

#[test]
fn own_secrets_go_wherever_they_stand() {
    check("/x/the-key-of-the-site/", "/x/[Filtered]/");
    assert_eq!(Scrubber::new(["ab".to_owned()]).text("cab"), "cab");
}

#[test]
fn the_rest_stays() {
    for text in [
        "",
        "/books/1/",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101",
        "web::session::load: no such row",
        "the session is over",
        "https://site.example/books/?page=2",
        "id=1; city: Oslo",
        "token=",
        "password: ",
        "é=ü:ß",
    ] {
        check(text, text);
    }
}

#[test]
fn queries_are_scrubbed_by_pairs() {
    let scrubber = Scrubber::default();
    let query = "page=2&new_password1=a;b c&x&token&next=/?dsn=1";
    assert_eq!(
        scrubber.query(query),
        "page=2&new_password1=[Filtered]&x&token&next=/?dsn=[Filtered]"
    );
}

#[test]
fn json_is_scrubbed_to_its_leaves() {
    let mut value = json!({
        "message": "token=1",
        "session": {"id": "a"},
        "headers": [["Accept", "x"], {"X-Api-Key": 5}],
        "csrf": null,
        "stacktrace": {"frames": [{"function": "auth: check"}]},
    });
    Scrubber::default().json(&mut value);
    let expected = json!({
        "message": "token=[Filtered]",
        "session": "[Filtered]",
        "headers": [["Accept", "x"], {"X-Api-Key": "[Filtered]"}],
        "csrf": null,
        "stacktrace": {"frames": [{"function": "auth: check"}]},
    });
    assert_eq!(value, expected);
}

proptest! {
    #[test]
    fn nothing_panics_and_a_second_time_changes_nothing(text in "\\PC*") {
        let scrubber = Scrubber::default();
        let once = scrubber.text(&text).into_owned();
        prop_assert_eq!(scrubber.text(&once), once.as_str());
    }

    #[test]
    fn hostile_texts_keep_the_value_in(
        before in "[ -~]{0,12}",
        name in prop::sample::select(PRIVATE_NAMES.to_vec()),
        separator in prop::sample::select(vec!["=", ": ", ":", " = ", "%3D", "%3a", "\":\"", "\": \""]),
        after in "([ &;,\"'].*)?",
    ) {
        let text = format!("{before} {name}{separator}MARKER{after}");
        let scrubbed = Scrubber::default().text(&text).into_owned();
        let has_marker = scrubbed.contains("MARKER");
        prop_assert!(!has_marker, "{} became {}", text, scrubbed);
    }
}

#[test]
fn every_private_name_is_found_wherever_it_stands() {
    for name in PRIVATE_NAMES {
        let shouted = name.to_ascii_uppercase().replace('_', "-");
        for name in [name.to_owned(), format!("my-{shouted}s"), shouted] {
            assert!(is_private(&name), "{name}");
        }
    }
    assert!(is_private("pass%77ord"));
    for name in ["", "a", "path", "user_agent", "client.address", "apikez"] {
        assert!(!is_private(name), "{name}");
    }
}
