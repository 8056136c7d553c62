//! Calendars as other sites write them, hostile ones, and the addresses that may be asked.

mod addresses;
mod dialects;
mod feeds;
mod hostile;
mod written;

use calendars::read::{Calendar, Reader};
use chrono::NaiveDate;

/// A home in California, on a day in autumn.
fn reader() -> Reader {
    Reader {
        today: day("2026-11-01"),
        zone: chrono_tz::America::Los_Angeles,
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Lines as RFC 5545 ends them, between those that every calendar has.
fn calendar(lines: &str) -> Vec<u8> {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{lines}\nEND:VCALENDAR\n")
        .replace('\n', "\r\n")
        .into_bytes()
}

/// A calendar with one event.
fn event(lines: &str) -> Vec<u8> {
    calendar(&format!("BEGIN:VEVENT\nUID:one\n{lines}\nEND:VEVENT"))
}

/// A calendar as a list that can be read.
fn told(calendar: &Calendar) -> Vec<String> {
    let mut lines: Vec<String> = calendar
        .busy
        .iter()
        .map(|busy| format!("{} to {} {}", busy.arrival, busy.departure, busy.uid))
        .collect();
    if calendar.unread > 0 {
        lines.push(format!("unread: {}", calendar.unread));
    }
    lines
}

/// What a calendar says.
fn read(bytes: &[u8]) -> Vec<String> {
    told(&calendars::read(bytes, reader()).expect("a calendar"))
}
