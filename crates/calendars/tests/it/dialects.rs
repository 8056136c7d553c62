//! Calendars as the large sites and others write them.

use calendars::read::ReadError;

use crate::{calendar, event, read, reader};

#[test]
fn airbnb() {
    let bytes = calendar(
        "PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN\nCALSCALE:GREGORIAN\n\
         BEGIN:VEVENT\nDTEND;VALUE=DATE:20261215\nDTSTART;VALUE=DATE:20261210\n\
         UID:1418fb94e984-aa49b3b6.1@airbnb.com\nSUMMARY:Reserved\n\
         DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/de\n tails/HMABCDEFGH\\n\
         Phone Number (Last 4 Digits): 1234\nEND:VEVENT\n\
         BEGIN:VEVENT\nDTEND;VALUE=DATE:20261103\nDTSTART;VALUE=DATE:20261101\n\
         SUMMARY:Airbnb (Not available)\nUID:7f662ec65913-f23e.2@airbnb.com\nEND:VEVENT",
    );
    assert_eq!(
        read(&bytes),
        [
            "2026-11-01 to 2026-11-03 7f662ec65913-f23e.2@airbnb.com",
            "2026-12-10 to 2026-12-15 1418fb94e984-aa49b3b6.1@airbnb.com",
        ]
    );
}

#[test]
fn booking_com() {
    let bytes = calendar(
        "PRODID:-//admin.booking.com//NONSGML Booking.com//EN\n\
         BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261120\nDTEND;VALUE=DATE:20261122\n\
         UID:b0ac1b4e@booking.com\nSUMMARY:CLOSED - Not available\nEND:VEVENT",
    );
    assert_eq!(
        read(&bytes),
        ["2026-11-20 to 2026-11-22 b0ac1b4e@booking.com"]
    );
}

#[test]
fn vrbo_and_no_name_is_kept() {
    let bytes = calendar(
        "PRODID:-//HomeAway.com, Inc.//EN\nBEGIN:VEVENT\nUID:8d4b-11\nDTSTAMP:20261001T000000Z\n\
         DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261231\nSUMMARY:Reserved - Marguerite\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:8d4b-12\nDTSTART;VALUE=DATE:20270101\nDTEND;VALUE=DATE:20270102\n\
         SUMMARY:Blocked\nEND:VEVENT",
    );
    let told = read(&bytes);
    assert_eq!(
        told,
        [
            "2026-12-24 to 2026-12-31 8d4b-11",
            "2027-01-01 to 2027-01-02 8d4b-12",
        ]
    );
    let calendar = calendars::read(&bytes, reader()).expect("a calendar");
    assert!(!format!("{calendar:?}").contains("Marguerite"));
}

#[test]
fn google_with_zones_and_repetitions() {
    let bytes = calendar(
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN\nX-WR-TIMEZONE:America/Los_Angeles\n\
         BEGIN:VTIMEZONE\nTZID:America/Los_Angeles\nBEGIN:STANDARD\nTZOFFSETFROM:-0700\nTZOFFSETTO:-0800\n\
         DTSTART:19701101T020000\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nDTSTART:20261203T010000Z\nDTEND:20261205T180000Z\nUID:timed@google.com\n\
         SUMMARY:Anna\nEND:VEVENT\n\
         BEGIN:VEVENT\nDTSTART;TZID=America/Los_Angeles:20261106T150000\n\
         DTEND;TZID=America/Los_Angeles:20261108T110000\nRRULE:FREQ=WEEKLY;COUNT=4\n\
         EXDATE;TZID=America/Los_Angeles:20261113T150000\nUID:weekly@google.com\nSUMMARY:Ours\n\
         BEGIN:VALARM\nTRIGGER:-P1D\nDTSTART:20300101\nEND:VALARM\nEND:VEVENT\n\
         BEGIN:VEVENT\nDTSTART;TZID=America/Los_Angeles:20261121T150000\n\
         DTEND;TZID=America/Los_Angeles:20261123T110000\n\
         RECURRENCE-ID;TZID=America/Los_Angeles:20261120T150000\nUID:weekly@google.com\nEND:VEVENT",
    );
    assert_eq!(
        read(&bytes),
        [
            "2026-11-06 to 2026-11-08 weekly@google.com/2026-11-06",
            "2026-11-21 to 2026-11-23 weekly@google.com/2026-11-21",
            "2026-11-27 to 2026-11-29 weekly@google.com/2026-11-27",
            // Five in the afternoon of the second, where the home is.
            "2026-12-02 to 2026-12-05 timed@google.com",
        ]
    );
}

#[test]
fn one_stay_as_several_events_is_one() {
    // As a channel manager writes it: arrival, departure, and the whole.
    let bytes = calendar(
        "BEGIN:VEVENT\nUID:a\nDTSTART:20261201T160000\nDTEND:20261201T170000\nSUMMARY:Arrival\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:b\nDTSTART:20261205T090000\nDTEND:20261205T100000\nSUMMARY:Departure\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:c\nDTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261205\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:d\nDTSTART;VALUE=DATE:20261204\nDTEND;VALUE=DATE:20261206\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:e\nDTSTART;VALUE=DATE:20261206\nDTEND;VALUE=DATE:20261208\nEND:VEVENT",
    );
    assert_eq!(
        read(&bytes),
        ["2026-12-01 to 2026-12-06 c", "2026-12-06 to 2026-12-08 e"]
    );
}

#[test]
fn days_in_every_form() {
    for (lines, told) in [
        (
            "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261203",
            "2026-12-01 to 2026-12-03 one",
        ),
        (
            "DTSTART:20261201\nDTEND:20261203",
            "2026-12-01 to 2026-12-03 one",
        ),
        ("DTSTART:20261201", "2026-12-01 to 2026-12-02 one"),
        (
            "DTSTART:20261201\nDTEND:20261201",
            "2026-12-01 to 2026-12-02 one",
        ),
        (
            "DTSTART;VALUE=DATE:20261201\nDURATION:P3D",
            "2026-12-01 to 2026-12-04 one",
        ),
        (
            "DTSTART;VALUE=DATE:20261201\nDURATION:P1W",
            "2026-12-01 to 2026-12-08 one",
        ),
        (
            "DTSTART:20261201T150000\nDURATION:PT20H",
            "2026-12-01 to 2026-12-02 one",
        ),
        (
            "DTSTART;VALUE=DATE-TIME:20261201T150000\nDTEND:20261203T100000",
            "2026-12-01 to 2026-12-03 one",
        ),
        (
            "DTSTART:20261201T000000\nDTEND:20261202T235959",
            "2026-12-01 to 2026-12-03 one",
        ),
        // The zone of the writer is the clock of the home.
        (
            "DTSTART;TZID=Europe/Paris:20261201T160000\nDTEND;TZID=Europe/Paris:20261203T100000",
            "2026-12-01 to 2026-12-03 one",
        ),
        (
            "DTSTART;TZID=\"W. Europe Standard Time\":20261201T010000\nDTEND;TZID=\"x\":20261203T100000",
            "2026-12-01 to 2026-12-03 one",
        ),
        // But not that of Greenwich.
        (
            "DTSTART;TZID=UTC:20261201T010000\nDTEND;TZID=UTC:20261203T200000",
            "2026-11-30 to 2026-12-03 one",
        ),
        (
            "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:99991231",
            "2026-12-01 to 2100-01-01 one",
        ),
        (
            "dtstart;value=date:20261201\ndtend;value=date:20261203",
            "2026-12-01 to 2026-12-03 one",
        ),
    ] {
        assert_eq!(read(&event(lines)), [told], "{lines}");
    }
}

#[test]
fn events_that_leave_the_nights_free() {
    for lines in [
        "DTSTART;VALUE=DATE:20261201\nSTATUS:CANCELLED",
        "DTSTART;VALUE=DATE:20261201\nTRANSP:TRANSPARENT",
        "DTSTART:20261201T100000\nDTEND:20261201T120000",
        "DTSTART:20261201T100000",
        // Long ago, and in a time that nobody plans for.
        "DTSTART;VALUE=DATE:20250101\nDTEND;VALUE=DATE:20250110",
        "DTSTART;VALUE=DATE:20310101\nDTEND;VALUE=DATE:20310110",
    ] {
        assert!(read(&event(lines)).is_empty(), "{lines}");
    }
}

#[test]
fn what_cannot_be_read_is_counted_and_the_rest_is_kept() {
    for lines in [
        "DTEND;VALUE=DATE:20261203",
        "DTSTART:tomorrow",
        "DTSTART:20261301",
        "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261101",
        "DTSTART;VALUE=DATE:20261201\nDTEND:soon",
        "DTSTART;VALUE=DATE:20261201\nDURATION:long",
        "DTSTART;VALUE=DATE:20261201\nRRULE:FREQ=SECONDLY",
        "DTSTART;VALUE=DATE:20261201\nRRULE:FREQ=DAILY;COUNT=4000000000",
        "DTSTART;VALUE=DATE:20261201\nRRULE:whenever",
        "DTSTART;VALUE=DATE:02020101\nDTEND;VALUE=DATE:20261201",
    ] {
        let bytes = calendar(&format!(
            "BEGIN:VEVENT\nUID:bad\n{lines}\nEND:VEVENT\n\
             BEGIN:VEVENT\nUID:good\nDTSTART;VALUE=DATE:20261224\nEND:VEVENT"
        ));
        assert_eq!(
            read(&bytes),
            ["2026-12-24 to 2026-12-25 good", "unread: 1"],
            "{lines}"
        );
    }
}

#[test]
fn repetitions_end() {
    let daily = read(&event("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=WEEKLY"));
    assert_eq!(
        daily.first().map(String::as_str),
        Some("2026-10-01 to 2026-10-02 one/2026-10-01")
    );
    assert_eq!(
        daily.last().map(String::as_str),
        Some("2029-11-01 to 2029-11-02 one/2029-11-01")
    );
    assert_eq!(
        read(&event(
            "DTSTART;VALUE=DATE:20261201\nRRULE:FREQ=MONTHLY;UNTIL=20270201\nEXDATE;VALUE=DATE:20270101"
        )),
        [
            "2026-12-01 to 2026-12-02 one/2026-12-01",
            "2027-02-01 to 2027-02-02 one/2027-02-01",
        ]
    );
    assert_eq!(
        read(&event(
            "DTSTART;VALUE=DATE:20261201\nRDATE;VALUE=DATE:20261210,20261220"
        )),
        [
            "2026-12-01 to 2026-12-02 one/2026-12-01",
            "2026-12-10 to 2026-12-11 one/2026-12-10",
            "2026-12-20 to 2026-12-21 one/2026-12-20",
        ]
    );
    let one_cancelled = calendar(
        "BEGIN:VEVENT\nUID:one\nDTSTART;VALUE=DATE:20261201\nRRULE:FREQ=DAILY;INTERVAL=2;COUNT=3\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:one\nRECURRENCE-ID;VALUE=DATE:20261203\nDTSTART;VALUE=DATE:20261203\n\
         STATUS:CANCELLED\nEND:VEVENT",
    );
    assert_eq!(
        read(&one_cancelled),
        [
            "2026-12-01 to 2026-12-02 one/2026-12-01",
            "2026-12-05 to 2026-12-06 one/2026-12-05",
        ]
    );
}

#[test]
fn names_are_given_where_there_are_none_or_two_alike() {
    let bytes = calendar(
        "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261201\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:\u{1} \nDTSTART;VALUE=DATE:20261202\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:same\nDTSTART;VALUE=DATE:20261203\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:same\nDTSTART;VALUE=DATE:20261205\nEND:VEVENT",
    );
    assert_eq!(
        read(&bytes),
        [
            "2026-12-01 to 2026-12-02 2026-12-01",
            "2026-12-02 to 2026-12-03 2026-12-02",
            "2026-12-03 to 2026-12-04 same",
            "2026-12-05 to 2026-12-06 same/2026-12-05",
        ]
    );
    let long = read(&calendar(&format!(
        "BEGIN:VEVENT\nUID:{}\nDTSTART:20261201\nEND:VEVENT",
        "x".repeat(5_000)
    )));
    assert_eq!(long[0].len(), "2026-12-01 to 2026-12-02 ".len() + 64);
}

#[test]
fn lines_end_and_are_folded_in_every_way() {
    let whole = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:h\u{e9}l\u{e8}ne@example.com\r\n\
                 DTSTART;VALUE=DATE:20261201\r\nDTEND;VALUE=DATE:20261203\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let expected = ["2026-12-01 to 2026-12-03 h\u{e9}l\u{e8}ne@example.com"];
    for end in ["\r\n", "\n", "\r"] {
        let bytes = whole.replace("\r\n", end).into_bytes();
        assert_eq!(read(&bytes), expected, "{end:?}");
        let fold = format!("{end} ").into_bytes();
        for place in 0..bytes.len() {
            // Between the end of a line and the next nothing can be folded.
            if bytes[..place]
                .last()
                .is_some_and(|byte| matches!(byte, b'\r' | b'\n'))
                || place == 0
            {
                continue;
            }
            if matches!(bytes[place], b'\r' | b'\n') {
                continue;
            }
            let folded = [&bytes[..place], &fold, &bytes[place..]].concat();
            assert_eq!(read(&folded), expected, "{end:?} at {place}");
        }
    }
    assert_eq!(read(format!("\u{feff}{whole}").as_bytes()), expected);
    assert_eq!(
        read(format!("\r\n\r\n{whole}\r\n\r\n").as_bytes()),
        expected
    );
    assert_eq!(read(&whole.replace("\r\n", " \r\n").into_bytes()), expected);
}

#[test]
fn what_is_no_whole_calendar_is_refused() {
    for (text, error) in [
        ("", ReadError::NotACalendar),
        (
            "<!DOCTYPE html><title>Log in</title>",
            ReadError::NotACalendar,
        ),
        ("BEGIN:VCARD\nEND:VCARD", ReadError::NotACalendar),
        ("BEGIN:VCALENDAR\n", ReadError::CutOff),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nEND:VCALENDAR",
            ReadError::CutOff,
        ),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261201\nEND:VEVENT",
            ReadError::CutOff,
        ),
    ] {
        let read = calendars::read(text.as_bytes(), reader());
        assert_eq!(read.expect_err(text), error, "{text}");
    }
}
