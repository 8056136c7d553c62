//! The nights of one event.

use std::str::FromStr as _;

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz as NamedZone;
use calcard::icalendar::{
    ICalendarComponent, ICalendarEntry, ICalendarProperty, ICalendarStatus, ICalendarTransparency,
    ICalendarValue,
};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};

use super::calendar::{Reader, is_sensible};

/// How many days after the last sensible one an end may lie that means "for ever".
const LAST: Option<NaiveDate> = NaiveDate::from_ymd_opt(2100, 1, 1);

/// Nights that were found, still without a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub arrival: NaiveDate,
    pub departure: NaiveDate,
}

/// An event that could not be read.
#[derive(Debug)]
pub(super) struct Unreadable;

/// When an event begins or ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    Day(NaiveDate),
    /// By the clock where the home is.
    Time(NaiveDateTime),
}

impl Moment {
    fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Time(time) => time.date(),
        }
    }

    fn time(self) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN),
            Self::Time(time) => time,
        }
    }
}

/// The nights that an event takes, if any.
pub(super) fn nights(
    component: &ICalendarComponent,
    reader: Reader,
) -> Result<Option<Found>, Unreadable> {
    if takes_nothing(component) {
        return Ok(None);
    }
    let start = moment(component, &ICalendarProperty::Dtstart, reader)?.ok_or(Unreadable)?;
    let end = match moment(component, &ICalendarProperty::Dtend, reader)? {
        Some(end) => Some(end),
        None => match component.property(&ICalendarProperty::Duration) {
            Some(entry) => Some(after(start, duration(entry)?)?),
            None => None,
        },
    };
    between(start, end)
}

/// The nights between two moments: those between the days that they belong to.
pub(super) fn between(start: Moment, end: Option<Moment>) -> Result<Option<Found>, Unreadable> {
    let arrival = start.day();
    let mut departure = match (start, end) {
        (_, Some(end)) => end.day(),
        (Moment::Day(day), None) => day.checked_add_days(Days::new(1)).ok_or(Unreadable)?,
        // RFC 5545, 3.6.1: it ends when it begins.
        (Moment::Time(_), None) => return Ok(None),
    };
    if is_last_minute(end) && start.time().time() == NaiveTime::MIN {
        // Whole days, written as times.
        departure = departure.checked_add_days(Days::new(1)).ok_or(Unreadable)?;
    }
    if departure == arrival && matches!(start, Moment::Day(_)) {
        // Some sites write the last night as the end.
        departure = arrival.checked_add_days(Days::new(1)).ok_or(Unreadable)?;
    }
    if let Some(last) = LAST {
        departure = departure.min(last);
    }
    if !is_sensible(arrival) || departure < arrival {
        return Err(Unreadable);
    }
    Ok((departure > arrival).then_some(Found { arrival, departure }))
}

fn is_last_minute(end: Option<Moment>) -> bool {
    let last_minute = NaiveTime::from_hms_opt(23, 59, 0);
    matches!(end, Some(Moment::Time(end)) if Some(end.time()) >= last_minute)
}

/// Whether an event leaves its nights free.
pub(super) fn takes_nothing(component: &ICalendarComponent) -> bool {
    matches!(component.status(), Some(ICalendarStatus::Cancelled))
        || matches!(
            component.transparency(),
            Some(ICalendarTransparency::Transparent)
        )
}

/// When a property says that an event begins or ends: nothing where there is no such property.
pub(super) fn moment(
    component: &ICalendarComponent,
    property: &ICalendarProperty,
    reader: Reader,
) -> Result<Option<Moment>, Unreadable> {
    let Some(entry) = component.property(property) else {
        return Ok(None);
    };
    let Some(ICalendarValue::PartialDateTime(written)) = entry.values.first() else {
        return Err(Unreadable);
    };
    if is_day(written) {
        let time = written.to_date_time().ok_or(Unreadable)?;
        return Ok(Some(Moment::Day(time.date_time.date())));
    }
    let time = written.to_date_time().ok_or(Unreadable)?.date_time;
    Ok(Some(Moment::Time(at_home(
        time,
        Writer::of(entry, written),
        reader,
    )?)))
}

fn is_day(written: &PartialDateTime) -> bool {
    written.hour.is_none()
}

/// By which clock a time was written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Writer {
    /// That of the home: where a site names a zone, or none, it means the place itself.
    Home,
    /// So many seconds east of Greenwich.
    Offset(i32),
}

impl Writer {
    pub(super) fn of(entry: &ICalendarEntry, written: &PartialDateTime) -> Self {
        if let Some(offset) = written.to_date_time().and_then(|time| time.offset) {
            return Self::Offset(offset.local_minus_utc());
        }
        let zone = entry
            .tz_id()
            .and_then(|name| NamedZone::from_str(name).ok());
        if zone.is_some_and(|zone| zone.is_utc()) {
            return Self::Offset(0);
        }
        Self::Home
    }
}

/// A time by the clock where the home is.
pub(super) fn at_home(
    time: NaiveDateTime,
    writer: Writer,
    reader: Reader,
) -> Result<NaiveDateTime, Unreadable> {
    let Writer::Offset(seconds) = writer else {
        return Ok(time);
    };
    let in_utc = time
        .checked_sub_signed(TimeDelta::seconds(seconds.into()))
        .ok_or(Unreadable)?;
    if !is_sensible(in_utc.date()) {
        return Ok(in_utc);
    }
    Ok(Utc
        .from_utc_datetime(&in_utc)
        .with_timezone(&reader.zone)
        .naive_local())
}

fn duration(entry: &ICalendarEntry) -> Result<TimeDelta, Unreadable> {
    let Some(ICalendarValue::Duration(duration)) = entry.values.first() else {
        return Err(Unreadable);
    };
    duration.to_time_delta().ok_or(Unreadable)
}

/// The moment so much later: a day stays a day.
pub(super) fn after(start: Moment, duration: TimeDelta) -> Result<Moment, Unreadable> {
    let end = start
        .time()
        .checked_add_signed(duration)
        .ok_or(Unreadable)?;
    Ok(match start {
        Moment::Day(_) => Moment::Day(end.date()),
        Moment::Time(_) => Moment::Time(end),
    })
}
