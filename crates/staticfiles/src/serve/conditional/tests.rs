//! Tests of conditional requests.

use proptest::prelude::*;

use super::Verdict::{Failed, NotModified, Proceed};
use super::*;

/// 2023-11-14 22:13:20.
const MODIFIED: u64 = 1_700_000_000;
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const BEFORE: &str = "Tue, 14 Nov 2023 22:13:19 GMT";
const AFTER: &str = "Tue, 14 Nov 2023 22:13:21 GMT";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

#[track_caller]
fn check(lines: &[(HeaderName, &str)], expected: Verdict) {
    let modified = LastModified::new(at(MODIFIED), at(MODIFIED + 9)).unwrap();
    let validators = Validators {
        etag: &HeaderValue::from_static("\"a\""),
        modified: Some(&modified),
    };
    assert_eq!(evaluate(&headers(lines), validators), expected, "{lines:?}");
}

#[test]
fn tags_are_compared_weakly_for_none_match() {
    let cases = [
        ("\"a\"", NotModified),
        ("W/\"a\"", NotModified),
        ("*", NotModified),
        (" * ", NotModified),
        ("\"b\", \"a\"", NotModified),
        ("\"b\",W/\"a\" ,\"c\"", NotModified),
        (",, \"a\"", NotModified),
        ("\"x,\", \"a\"", NotModified),
        ("\"b\"", Proceed),
        ("\"A\"", Proceed),
        ("\"\"", Proceed),
        ("a", Proceed),
        ("w/\"a\"", Proceed),
        ("W/ \"a\"", Proceed),
        ("\"*\"", Proceed),
        ("*, \"b\"", Proceed),
        ("\"a", Proceed),
        ("\"a\"x", Proceed),
        ("\"b\" \"a\"", Proceed),
        ("x, \"a\"", Proceed),
        ("", Proceed),
    ];
    for (value, expected) in cases {
        check(&[(IF_NONE_MATCH, value)], expected);
    }
    check(
        &[(IF_NONE_MATCH, "\"b\""), (IF_NONE_MATCH, "\"a\"")],
        NotModified,
    );
}

#[test]
fn tags_are_compared_strongly_for_match() {
    let cases = [
        ("\"a\"", Proceed),
        ("\"b\", \"a\"", Proceed),
        ("*", Proceed),
        ("W/\"a\"", Failed),
        ("\"b\"", Failed),
        ("a", Failed),
        ("", Failed),
    ];
    for (value, expected) in cases {
        check(&[(IF_MATCH, value)], expected);
    }
}

#[test]
fn dates_are_compared_to_the_second() {
    let cases = [
        (DATE, NotModified),
        (AFTER, NotModified),
        ("Fri, 01 Jan 2100 00:00:00 GMT", NotModified),
        // The two old forms (RFC 9110, 5.6.7).
        ("Tuesday, 14-Nov-23 22:13:20 GMT", NotModified),
        ("Tue Nov 14 22:13:20 2023", NotModified),
        (BEFORE, Proceed),
        ("Thu, 01 Jan 1970 00:00:00 GMT", Proceed),
        // What Firefox 91 sent (WhiteNoise's own test).
        ("Mon, 19 Jul 2021 14:12:47 UTC+0000", Proceed),
        ("Tue, 14 Nov 2023 22:13:20 +0000", Proceed),
        ("1700000000", Proceed),
        ("", Proceed),
        ("\u{e9}", Proceed),
    ];
    for (value, expected) in cases {
        check(&[(IF_MODIFIED_SINCE, value)], expected);
    }
    // A repeated date is ignored (RFC 9110, 13.1.3).
    check(
        &[(IF_MODIFIED_SINCE, DATE), (IF_MODIFIED_SINCE, DATE)],
        Proceed,
    );
    check(&[(IF_UNMODIFIED_SINCE, DATE)], Proceed);
    check(&[(IF_UNMODIFIED_SINCE, AFTER)], Proceed);
    check(&[(IF_UNMODIFIED_SINCE, "yesterday")], Proceed);
    check(&[(IF_UNMODIFIED_SINCE, BEFORE)], Failed);
}

#[test]
fn a_tag_overrules_its_date_and_a_refusal_comes_first() {
    check(
        &[(IF_NONE_MATCH, "\"b\""), (IF_MODIFIED_SINCE, DATE)],
        Proceed,
    );
    check(
        &[(IF_NONE_MATCH, "\"a\""), (IF_MODIFIED_SINCE, BEFORE)],
        NotModified,
    );
    check(
        &[(IF_MATCH, "\"a\""), (IF_UNMODIFIED_SINCE, BEFORE)],
        Proceed,
    );
    check(&[(IF_MATCH, "\"b\""), (IF_NONE_MATCH, "\"a\"")], Failed);
    check(
        &[(IF_MATCH, "\"a\""), (IF_NONE_MATCH, "\"a\"")],
        NotModified,
    );
}

#[test]
fn a_file_without_a_time_has_no_date_to_compare() {
    let etag = HeaderValue::from_static("\"a\"");
    let validators = Validators {
        etag: &etag,
        modified: None,
    };
    for name in [IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE] {
        assert_eq!(evaluate(&headers(&[(name, AFTER)]), validators), Proceed);
    }
    assert!(!permits_range(&headers(&[(IF_RANGE, DATE)]), validators));
}

#[test]
fn a_time_is_one_that_can_be_sent() {
    let now = at(MODIFIED);
    assert_eq!(LastModified::new(UNIX_EPOCH, now), None);
    assert_eq!(
        LastModified::new(UNIX_EPOCH - Duration::from_secs(5), now),
        None
    );
    assert_eq!(
        LastModified::new(UNIX_EPOCH + Duration::from_millis(900), now),
        None
    );
    let header = |time| LastModified::new(time, now).unwrap().header().clone();
    assert_eq!(header(now + Duration::from_millis(900)), DATE);
    assert_eq!(header(at(MODIFIED + 99)), DATE);
    assert_eq!(header(at(MODIFIED - 1)), BEFORE);
}

#[test]
fn a_range_holds_for_the_strong_tag_or_the_very_date() {
    let modified = LastModified::new(at(MODIFIED), at(MODIFIED)).unwrap();
    let validators = Validators {
        etag: &HeaderValue::from_static("\"a\""),
        modified: Some(&modified),
    };
    let cases = [
        ("\"a\"", true),
        (DATE, true),
        ("Tue Nov 14 22:13:20 2023", true),
        ("W/\"a\"", false),
        ("\"b\"", false),
        ("*", false),
        ("\"a\", \"b\"", false),
        (BEFORE, false),
        (AFTER, false),
        ("", false),
    ];
    for (value, expected) in cases {
        let headers = headers(&[(IF_RANGE, value)]);
        assert_eq!(permits_range(&headers, validators), expected, "{value}");
    }
    assert!(permits_range(&headers(&[]), validators));
    let twice = headers(&[(IF_RANGE, DATE), (IF_RANGE, DATE)]);
    assert!(!permits_range(&twice, validators));
}

/// A generated condition.
#[derive(Debug, Clone)]
enum Condition {
    Any,
    Tags(Vec<(bool, &'static str)>),
}

impl Condition {
    fn text(&self) -> String {
        match self {
            Self::Any => "*".to_owned(),
            Self::Tags(tags) => {
                let tag = |(is_weak, tag): &(bool, &str)| {
                    format!("{}\"{tag}\"", if *is_weak { "W/" } else { "" })
                };
                tags.iter().map(tag).collect::<Vec<_>>().join(" ,, ")
            }
        }
    }

    /// As `If-Match` compares.
    fn holds_strongly(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.contains(&(false, "a")),
        }
    }

    /// As `If-None-Match` compares.
    fn holds_weakly(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|(_, tag)| *tag == "a"),
        }
    }
}

fn condition() -> impl Strategy<Value = Option<Condition>> {
    let tag = proptest::sample::select(vec!["a", "b", "", "W/", "*", "a, b", "\u{e9}"]);
    let tags = proptest::collection::vec((any::<bool>(), tag), 0..4);
    proptest::option::of(prop_oneof![
        1 => Just(Condition::Any),
        4 => tags.prop_map(Condition::Tags),
    ])
}

fn seconds() -> impl Strategy<Value = Option<u64>> {
    proptest::option::of(prop_oneof![
        MODIFIED - 2..MODIFIED + 3,
        0..4_000_000_000_u64,
    ])
}

proptest! {
    #[test]
    fn conditions_are_weighed_in_order(
        wanted in condition(),
        unwanted in condition(),
        since in seconds(),
        until in seconds(),
    ) {
        // RFC 9110, 13.2.2, step by step.
        let expected = match (&wanted, until) {
            (Some(wanted), _) if !wanted.holds_strongly() => Failed,
            (None, Some(until)) if MODIFIED > until => Failed,
            _ => match (&unwanted, since) {
                (Some(unwanted), _) if unwanted.holds_weakly() => NotModified,
                (None, Some(since)) if MODIFIED <= since => NotModified,
                _ => Proceed,
            },
        };
        let date = |seconds: u64| httpdate::fmt_http_date(at(seconds));
        let lines = [
            (IF_MATCH, wanted.map(|condition| condition.text())),
            (IF_NONE_MATCH, unwanted.map(|condition| condition.text())),
            (IF_MODIFIED_SINCE, since.map(date)),
            (IF_UNMODIFIED_SINCE, until.map(date)),
        ];
        let lines: Vec<_> = lines
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_deref()?)))
            .collect();
        check(&lines, expected);
    }

    #[test]
    fn garbage_is_no_condition_that_holds(
        tags in "[ -~\t\u{80}-\u{ff}]{0,40}",
        date in "[ -~]{0,40}",
    ) {
        let modified = LastModified::new(at(MODIFIED), at(MODIFIED)).unwrap();
        let validators = Validators {
            etag: &HeaderValue::from_static("\"unlikely to be met\""),
            modified: Some(&modified),
        };
        let evaluate = |name, value| evaluate(&headers(&[(name, value)]), validators);
        if tags.trim() != "*" {
            prop_assert_eq!(evaluate(IF_NONE_MATCH, &tags), Proceed);
            prop_assert_eq!(evaluate(IF_MATCH, &tags), Failed);
            prop_assert!(!permits_range(&headers(&[(IF_RANGE, &*tags)]), validators));
        }
        prop_assert_eq!(evaluate(IF_MODIFIED_SINCE, &date), Proceed);
        prop_assert_eq!(evaluate(IF_UNMODIFIED_SINCE, &date), Proceed);
    }
}
