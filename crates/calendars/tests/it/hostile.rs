//! Calendars that mean harm.

use calendars::read::{BYTES_MAX, Calendar, EVENTS_MAX, ReadError};
use proptest::prelude::*;

use crate::{calendar, event, read, reader};

#[test]
fn what_is_too_large_is_refused() {
    let mut bytes = calendar("");
    bytes.resize(BYTES_MAX + 1, b' ');
    assert_eq!(calendars::read(&bytes, reader()), Err(ReadError::TooLarge));
    let many = "BEGIN:VEVENT\nDTSTART:20261201\nEND:VEVENT\n".repeat(EVENTS_MAX);
    assert_eq!(
        read(&calendar(&many)),
        ["2026-12-01 to 2026-12-02 2026-12-01"]
    );
    let many = format!("{many}BEGIN:VEVENT\nEND:VEVENT");
    assert_eq!(
        calendars::read(&calendar(&many), reader()),
        Err(ReadError::TooManyEvents)
    );
}

#[test]
fn parts_of_an_event_are_counted() {
    for lines in [
        "UID:x\n".repeat(110_000),
        format!("EXDATE:{}\n", "1,".repeat(8_000)).repeat(13),
        format!("DTSTART{}:20261201", ";A=1".repeat(100_000)),
        format!("DTSTART:{}", "1".repeat(500_000)),
    ] {
        let read = calendars::read(&event(&lines), reader());
        assert_eq!(read, Err(ReadError::TooManyEvents), "{}", &lines[..20]);
    }
}

#[test]
fn components_within_components_cost_nothing() {
    let deep = "BEGIN:A\n".repeat(60_000) + &"END:A\n".repeat(60_000);
    assert!(read(&calendar(&deep)).is_empty());
    let deep = "BEGIN:VEVENT\n".repeat(30_000) + &"END:VEVENT\n".repeat(30_000);
    assert_eq!(read(&calendar(&deep)), ["unread: 1"]);
}

#[test]
fn rules_that_lead_nowhere_end_soon() {
    let rules = [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=SU",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=6;COUNT=8000",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMONTHDAY=31;BYMONTH=2;COUNT=8000",
    ];
    let series = |number: usize| {
        let rule = rules[number % rules.len()];
        format!("BEGIN:VEVENT\nUID:{number}\nDTSTART:20261201\nRRULE:{rule}\nEND:VEVENT\n")
    };
    let events: String = (0..EVENTS_MAX).map(series).collect();
    assert_eq!(read(&calendar(&events)), ["unread: 5000"]);
    // Rules of the kind that is followed, more of them than are followed.
    let series = |number: usize| {
        format!(
            "BEGIN:VEVENT\nUID:{number}\nDTSTART:20200101\nRRULE:FREQ=DAILY;COUNT=2000\nEND:VEVENT\n"
        )
    };
    let events: String = (0..EVENTS_MAX).map(series).collect();
    let told = read(&calendar(&events));
    assert_eq!(told.last().map(String::as_str), Some("unread: 4985"));
}

/// Pieces that calendars are made of, and some that they are not.
fn piece() -> impl Strategy<Value = String> {
    let lines = prop::sample::select(vec![
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VTIMEZONE",
        "END:VTIMEZONE",
        "UID:a",
        "DTSTART;VALUE=DATE:20261201",
        "DTSTART:20261201T100000Z",
        "DTSTART;TZID=America/New_York:20261101T013000",
        "DTSTART;TZID=Nowhere:99991231T235959",
        "DTEND;VALUE=DATE:20261205",
        "DTEND:00010101T000000Z",
        "DTEND:99991231T235959+1400",
        "DURATION:P4294967295W",
        "DURATION:-P1D",
        "RRULE:FREQ=DAILY;COUNT=10",
        "RRULE:FREQ=YEARLY;BYYEARDAY=-366,366;BYSETPOS=-366",
        "RRULE:FREQ=MONTHLY;BYDAY=-5SU,+5MO;WKST=SU",
        "RRULE:FREQ=WEEKLY;INTERVAL=65535;UNTIL=99991231",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "EXDATE;VALUE=DATE:20261202,20261203",
        "RDATE;VALUE=PERIOD:20261201T100000Z/PT5H,20261203T100000Z/20261204T100000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261202",
        "RECURRENCE-ID:20261201T100000Z",
        "STATUS:CANCELLED",
        "SEQUENCE:-9223372036854775808",
        "SUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-7:=",
        "SUMMARY;ENCODING=BASE64:////",
        "DTSTART;VALUE=DATE;ENCODING=BASE64:MjAyNjEyMDE=",
        " ",
        "\t:;=\"\\",
    ]);
    prop_oneof![
        8 => lines.prop_map(str::to_owned),
        1 => "[A-Z-]{1,12}[;:=,\"\\\\]{0,4}[ -~]{0,30}",
        1 => "(DTSTART|DTEND|RRULE|DURATION|EXDATE)[:;][A-Z0-9:;=,+-]{0,40}",
    ]
}

fn sensible(calendar: &Calendar) {
    for busy in &calendar.busy {
        assert!(busy.arrival < busy.departure);
        assert!(busy.uid.len() <= 200);
    }
    for pair in calendar.busy.windows(2) {
        assert!(pair[0].departure <= pair[1].arrival);
        assert_ne!(pair[0].uid, pair[1].uid);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_do_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = calendars::read(&bytes, reader());
        let within = [b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", &bytes[..], b"\nEND:VEVENT\nEND:VCALENDAR"].concat();
        if let Ok(calendar) = calendars::read(&within, reader()) {
            sensible(&calendar);
        }
    }

    #[test]
    fn no_lines_do_harm(lines in prop::collection::vec(piece(), 0..30), cut in any::<prop::sample::Index>()) {
        let text = format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{}\nEND:VEVENT\nEND:VCALENDAR\n", lines.join("\n"));
        if let Ok(calendar) = calendars::read(text.as_bytes(), reader()) {
            sensible(&calendar);
        }
        let cut = cut.index(text.len());
        let _ = calendars::read(&text.as_bytes()[..cut], reader());
    }
}
