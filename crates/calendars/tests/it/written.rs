//! What we write for other sites.

use calendars::write::{Stay, Written};
use chrono::{DateTime, Utc};
use proptest::prelude::*;

use crate::{day, reader, told};

fn written(name: &str, stays: &[Stay<'_>]) -> String {
    calendars::write(&Written {
        program: "-//Bookshop//Calendar//EN",
        name,
        stays,
    })
}

fn changed() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("a time")
}

#[test]
fn a_calendar_as_others_read_it() {
    let stays = [
        Stay {
            uid: "stay-7@books.example.com",
            arrival: day("2026-12-01"),
            departure: day("2026-12-05"),
            summary: "Reserved",
            changed: changed(),
        },
        Stay {
            uid: "stay-9@books.example.com",
            arrival: day("2026-12-05"),
            departure: day("2026-12-06"),
            summary: "Not available",
            changed: changed(),
        },
    ];
    let text = written(
        "Caf\u{e9} by the sea; two rooms, a garden\r\nBEGIN:VEVENT \u{2026} and a name that needs folding",
        &stays,
    );
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{line}");
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        name in "\\PC{0,100}",
        nights in prop::collection::vec((0_u32..5, 1_u32..20, "[!-~]{1,100}"), 0..40),
    ) {
        let mut from = day("2026-11-01");
        let mut stays = Vec::new();
        for (number, (gap, length, uid)) in nights.into_iter().enumerate() {
            let arrival = from + chrono::Days::new(gap.into());
            from = arrival + chrono::Days::new(length.into());
            stays.push((format!("{number}{uid}"), arrival, from));
        }
        let given: Vec<Stay<'_>> = stays
            .iter()
            .map(|(uid, arrival, departure)| Stay {
                uid,
                arrival: *arrival,
                departure: *departure,
                summary: "Reserved",
                changed: changed(),
            })
            .collect();
        let text = written(&name, &given);
        let calendar = calendars::read(text.as_bytes(), reader()).expect("our own calendar");
        let expected: Vec<String> = stays
            .iter()
            .map(|(uid, arrival, departure)| format!("{arrival} to {departure} {uid}"))
            .collect();
        prop_assert_eq!(told(&calendar), expected);
    }
}
