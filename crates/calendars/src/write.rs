//! Calendars for other sites.

use std::fmt::Write as _;

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarDuration, ICalendarEntry,
    ICalendarParameter, ICalendarProperty, ICalendarValue, ICalendarValueType,
};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

/// How often others may ask again, which some programs follow.
const REFRESH_SECONDS: i64 = 30 * 60;

/// A calendar to write. Nothing in it is about guests: everybody who has its address can read it.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The name of the program, for `PRODID`.
    pub program: &'a str,
    /// What the calendar is called where it is read in.
    pub name: &'a str,
    /// Nights that are taken.
    pub stays: &'a [Stay<'a>],
}

/// Nights in a row that are taken.
#[derive(Clone, Copy, Debug)]
pub struct Stay<'a> {
    /// A name that stays when the days change, unlike any other in the world.
    pub uid: &'a str,
    /// The first night begins on this day.
    pub arrival: NaiveDate,
    /// The last night ends on this day.
    pub departure: NaiveDate,
    /// What others see, such as "Reserved".
    pub summary: &'a str,
    /// When it was last changed.
    pub changed: DateTime<Utc>,
}

/// Writes a calendar by RFC 5545 and RFC 7986.
pub fn write(calendar: &Written<'_>) -> String {
    let mut root = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    root.add_property(ICalendarProperty::Version, text("2.0"));
    root.add_property(ICalendarProperty::Prodid, text(calendar.program));
    root.add_property(ICalendarProperty::Calscale, text("GREGORIAN"));
    root.add_property(ICalendarProperty::Name, text(calendar.name));
    // Older programs know this one alone.
    root.add_property(
        ICalendarProperty::Other("X-WR-CALNAME".to_owned()),
        text(calendar.name),
    );
    root.entries.push(
        ICalendarEntry::new(ICalendarProperty::RefreshInterval)
            .with_param(ICalendarParameter::value(ICalendarValueType::Duration))
            .with_value(ICalendarValue::Duration(ICalendarDuration::from_seconds(
                REFRESH_SECONDS,
            ))),
    );
    root.component_ids = (1..).take(calendar.stays.len()).collect();
    let mut components = vec![root];
    components.extend(calendar.stays.iter().map(event));
    let mut written = String::new();
    // A `String` takes everything.
    let _ = write!(written, "{}", ICalendar { components });
    written
}

fn event(stay: &Stay<'_>) -> ICalendarComponent {
    let mut event = ICalendarComponent::new(ICalendarComponentType::VEvent);
    event.add_uid(stay.uid);
    event.add_dtstamp(PartialDateTime::from_utc_timestamp(
        stay.changed.timestamp(),
    ));
    event
        .entries
        .push(day(ICalendarProperty::Dtstart, stay.arrival));
    event
        .entries
        .push(day(ICalendarProperty::Dtend, stay.departure));
    event.add_property(ICalendarProperty::Summary, text(stay.summary));
    event.add_property(ICalendarProperty::Transp, text("OPAQUE"));
    event
}

fn day(property: ICalendarProperty, day: NaiveDate) -> ICalendarEntry {
    let value = PartialDateTime {
        year: u16::try_from(day.year()).ok(),
        month: u8::try_from(day.month()).ok(),
        day: u8::try_from(day.day()).ok(),
        ..PartialDateTime::default()
    };
    ICalendarEntry::new(property)
        .with_param(ICalendarParameter::value(ICalendarValueType::Date))
        .with_value(ICalendarValue::PartialDateTime(Box::new(value)))
}

/// A text without control characters.
fn text(value: &str) -> ICalendarValue {
    ICalendarValue::Text(
        value
            .chars()
            .filter(|character| !character.is_control())
            .collect(),
    )
}
