//! Tests of `Range`.

use proptest::prelude::*;

use super::ByteRange::{Part, Unsatisfiable, Whole};
use super::*;

#[test]
fn ranges_are_those_of_rfc_9110() {
    let part = |first, last| Part { first, last };
    let cases = [
        ("bytes=0-0", part(0, 0)),
        ("bytes=0-", part(0, 9)),
        ("bytes=3-5", part(3, 5)),
        ("bytes=9-9", part(9, 9)),
        ("bytes=3-99", part(3, 9)),
        ("bytes=3-99999999999999999999999999", part(3, 9)),
        ("bytes=-1", part(9, 9)),
        ("bytes=-3", part(7, 9)),
        ("bytes=-99", part(0, 9)),
        ("bytes=-99999999999999999999999999", part(0, 9)),
        ("BYTES=003-0005", part(3, 5)),
        ("bytes= 3-5 ", part(3, 5)),
        ("bytes=,3-5,,", part(3, 5)),
        ("bytes=10-", Unsatisfiable),
        ("bytes=10-12", Unsatisfiable),
        ("bytes=99999999999999999999999999-", Unsatisfiable),
        ("bytes=5-2", Unsatisfiable),
        ("bytes=-0", Unsatisfiable),
        ("bytes=0-1,3-4", Whole),
        ("bytes=0-1,", part(0, 1)),
        ("bytes=", Whole),
        ("bytes=-", Whole),
        ("bytes=--1", Whole),
        ("bytes=a-b", Whole),
        ("bytes=1", Whole),
        ("bytes=1-2-3", Whole),
        ("bytes=+1-2", Whole),
        ("bytes=1 - 2", Whole),
        ("bytes =1-2", Whole),
        ("items=1-2", Whole),
        ("bytes", Whole),
        ("by", Whole),
        ("", Whole),
        ("bytes:1-2", Whole),
    ];
    for (value, expected) in cases {
        assert_eq!(parse(value.as_bytes(), 10), expected, "{value}");
    }
}

#[test]
fn an_empty_content_has_no_part() {
    let cases = [
        ("bytes=0-", Unsatisfiable),
        ("bytes=-1", Whole),
        ("bytes=-0", Unsatisfiable),
    ];
    for (value, expected) in cases {
        assert_eq!(parse(value.as_bytes(), 0), expected, "{value}");
    }
}

/// The bytes that a range covers, one by one.
fn covered(first: Option<u128>, last: Option<u128>, length: u64) -> Option<(u64, u64)> {
    let is_in = |position: &u64| {
        let position = u128::from(*position);
        match (first, last) {
            (Some(first), Some(last)) => first <= position && position <= last,
            (Some(first), None) => first <= position,
            (None, Some(count)) => position + count >= u128::from(length),
            (None, None) => false,
        }
    };
    let mut positions = (0..length).filter(is_in);
    let begin = positions.next()?;
    Some((begin, positions.next_back().unwrap_or(begin)))
}

fn number() -> impl Strategy<Value = Option<u128>> {
    proptest::option::of(prop_oneof![
        0..40_u128,
        Just(u128::from(u64::MAX)),
        any::<u128>()
    ])
}

proptest! {
    #[test]
    fn a_range_is_the_bytes_it_covers(
        first in number(),
        last in number(),
        zeros in "0{0,3}",
        length in 0..32_u64,
    ) {
        let text = |number: Option<u128>| number.map(|number| format!("{zeros}{number}"));
        let [from, to] = [first, last].map(|number| text(number).unwrap_or_default());
        let expected = match covered(first, last, length) {
            _ if first.is_none() && last.is_none() => Whole,
            Some((first, last)) => Part { first, last },
            None if length == 0 && first.is_none() && last != Some(0) => Whole,
            None => Unsatisfiable,
        };
        prop_assert_eq!(parse(format!("bytes={from}-{to}").as_bytes(), length), expected);
    }

    #[test]
    fn garbage_is_the_whole_or_within_it(value: Vec<u8>, length: u64, is_close: bool) {
        let mut value = value;
        if is_close {
            value.splice(0..0, *b"bytes=");
        }
        if let Part { first, last } = parse(&value, length) {
            prop_assert!(first <= last && last < length);
        }
    }

    #[test]
    fn what_is_almost_a_range_stays_within(value in "bytes=[0-9, -]{0,24}", length: u64) {
        match parse(value.as_bytes(), length) {
            Part { first, last } => prop_assert!(first <= last && last < length),
            Unsatisfiable => prop_assert!(value.contains('-')),
            Whole => {}
        }
    }
}
