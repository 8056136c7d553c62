//! Days and times in words, in the reader's language.

use chrono::{Datelike as _, NaiveDate};

use crate::frame::Frame;

/// The key of each month's name.
const MONTHS: [&str; 12] = [
    "month-january",
    "month-february",
    "month-march",
    "month-april",
    "month-may",
    "month-june",
    "month-july",
    "month-august",
    "month-september",
    "month-october",
    "month-november",
    "month-december",
];

/// The keys of the days of a week, from Monday on: in full and in short.
pub const WEEKDAYS: [(&str, &str); 7] = [
    ("weekday-monday", "weekday-short-monday"),
    ("weekday-tuesday", "weekday-short-tuesday"),
    ("weekday-wednesday", "weekday-short-wednesday"),
    ("weekday-thursday", "weekday-short-thursday"),
    ("weekday-friday", "weekday-short-friday"),
    ("weekday-saturday", "weekday-short-saturday"),
    ("weekday-sunday", "weekday-short-sunday"),
];

/// A day with its year: "July 3, 2027".
pub fn day(frame: &Frame, date: NaiveDate) -> String {
    let values = [
        ("date", day_of_month(frame, date).into()),
        ("year", date.year().to_string().into()),
    ];
    frame.texts().with("date-with-year", values)
}

/// From one day to another: "July 3 to July 10, 2027".
pub fn span(frame: &Frame, first: NaiveDate, last: NaiveDate) -> String {
    if first == last {
        return day(frame, first);
    }
    let start = if first.year() == last.year() {
        day_of_month(frame, first)
    } else {
        day(frame, first)
    };
    let values = [("first", start.into()), ("last", day(frame, last).into())];
    frame.texts().with("date-span", values)
}

/// A time such as `15:00`: with 12 hours in English where the country is the United States, otherwise as
/// it is stored.
pub fn time(frame: &Frame, country: &str, time: &str) -> String {
    let is_english = frame.texts().language().language.as_str() == "en";
    if !is_english || country != "USA" {
        return time.to_owned();
    }
    in_twelve_hours(time).unwrap_or_else(|| time.to_owned())
}

/// A month with its year: "July 2027".
pub fn month(frame: &Frame, date: NaiveDate) -> String {
    let values = [
        ("month", frame.text(month_key(date)).into()),
        ("year", date.year().to_string().into()),
    ];
    frame.texts().with("date-month", values)
}

/// The weekday of a day in two letters or so: "Mo".
pub fn weekday_letters(frame: &Frame, date: NaiveDate) -> String {
    let day = date.weekday().num_days_from_monday() as usize;
    let (_, short) = WEEKDAYS.get(day).unwrap_or(&WEEKDAYS[0]);
    frame.text(short)
}

fn month_key(date: NaiveDate) -> &'static str {
    MONTHS.get(date.month0() as usize).unwrap_or(&MONTHS[0])
}

fn day_of_month(frame: &Frame, date: NaiveDate) -> String {
    let values = [
        ("day", date.day().into()),
        ("month", frame.text(month_key(date)).into()),
    ];
    frame.texts().with("date-day", values)
}

fn in_twelve_hours(time: &str) -> Option<String> {
    let (hour, minute) = time.split_once(':')?;
    let hour: u32 = hour.parse().ok()?;
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = match hour % 12 {
        0 => 12,
        hour => hour,
    };
    Some(match minute {
        "00" => format!("{hour}\u{a0}{half}"),
        minute => format!("{hour}:{minute}\u{a0}{half}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_hours_begin_with_twelve() {
        for (time, expected) in [
            ("00:00", Some("12\u{a0}AM")),
            ("00:30", Some("12:30\u{a0}AM")),
            ("09:05", Some("9:05\u{a0}AM")),
            ("12:00", Some("12\u{a0}PM")),
            ("15:00", Some("3\u{a0}PM")),
            ("23:59", Some("11:59\u{a0}PM")),
            ("noon", None),
            ("x:00", None),
        ] {
            assert_eq!(in_twelve_hours(time).as_deref(), expected, "{time}");
        }
    }
}
