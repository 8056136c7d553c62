//! The nights of events that repeat, within bounds.

use calcard::common::timezone::Tz as NamedZone;
use calcard::common::{PartialDateTime, timezone};
use calcard::icalendar::dates::{CalendarEvent, TimeOrDelta};
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarFrequency, ICalendarProperty,
    ICalendarRecurrenceRule, ICalendarValue,
};
use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta};

use super::calendar::{Reader, horizon};
use super::event::{Found, Moment, Unreadable, Writer, at_home, between, takes_nothing};

/// How often an event may be repeated: each day for more than twenty years.
const REPETITIONS_MAX: usize = 8_000;

/// How many events of a calendar may repeat.
const SERIES_MAX: usize = 100;

/// What may still be spent on one calendar.
#[derive(Debug)]
pub(super) struct Budget {
    series: usize,
    repetitions: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            series: SERIES_MAX,
            repetitions: 4 * REPETITIONS_MAX,
        }
    }
}

/// Whether an event repeats, or says something of one that does.
pub(super) fn concerns(component: &ICalendarComponent) -> bool {
    let properties = [
        ICalendarProperty::Rrule,
        ICalendarProperty::Rdate,
        ICalendarProperty::RecurrenceId,
    ];
    properties
        .iter()
        .any(|property| component.has_property(property))
}

/// The nights of an event that repeats, given with what is changed about single repetitions.
pub(super) fn nights(
    mut events: Vec<ICalendarComponent>,
    reader: Reader,
    budget: &mut Budget,
) -> Result<Vec<Found>, Unreadable> {
    budget.series = budget.series.checked_sub(1).ok_or(Unreadable)?;
    for event in &mut events {
        bound_rules(event, horizon(reader.today))?;
    }
    let limit = REPETITIONS_MAX.min(budget.repetitions);
    let calendar = calendar_of(events);
    // Days have no zone, and where one is named its clock is the home's.
    let expanded = calendar.expand_dates(NamedZone::Floating, limit);
    if !expanded.errors.is_empty() || expanded.events.len() >= limit {
        return Err(Unreadable);
    }
    budget.repetitions -= expanded.events.len();
    let mut found = Vec::new();
    for repetition in expanded.events {
        let component = calendar
            .component_by_id(repetition.comp_id)
            .ok_or(Unreadable)?;
        if !takes_nothing(component) {
            found.extend(nights_of_one(&repetition, component, reader)?);
        }
    }
    Ok(found)
}

type Repetition =
    CalendarEvent<DateTime<timezone::Tz>, TimeOrDelta<DateTime<timezone::Tz>, TimeDelta>>;

fn nights_of_one(
    repetition: &Repetition,
    component: &ICalendarComponent,
    reader: Reader,
) -> Result<Option<Found>, Unreadable> {
    let entry = component
        .property(&ICalendarProperty::Dtstart)
        .ok_or(Unreadable)?;
    let Some(ICalendarValue::PartialDateTime(written)) = entry.values.first() else {
        return Err(Unreadable);
    };
    let start = repetition.start.naive_local();
    let end = match &repetition.end {
        TimeOrDelta::Time(end) => end.naive_local(),
        TimeOrDelta::Delta(length) => start.checked_add_signed(*length).ok_or(Unreadable)?,
    };
    let (start, end) = if written.hour.is_none() {
        (Moment::Day(start.date()), Moment::Day(end.date()))
    } else {
        let writer = Writer::of(entry, written);
        let time = |time| at_home(time, writer, reader).map(Moment::Time);
        (time(start)?, time(end)?)
    };
    let has_end = component.has_property(&ICalendarProperty::Dtend)
        || component.has_property(&ICalendarProperty::Duration);
    between(start, has_end.then_some(end))
}

/// Makes rules end that do not, and refuses those that repeat within a day, or that nobody understands.
fn bound_rules(event: &mut ICalendarComponent, horizon: NaiveDate) -> Result<(), Unreadable> {
    for rule in event.properties_mut(&ICalendarProperty::Rrule) {
        let Some(ICalendarValue::RecurrenceRule(rule)) = rule.values.first_mut() else {
            return Err(Unreadable);
        };
        if !is_bounded(rule) {
            return Err(Unreadable);
        }
        let ends = rule.until.as_ref().and_then(PartialDateTime::to_date_time);
        if rule.count.is_none() && ends.is_none_or(|ends| ends.date_time.date() > horizon) {
            rule.until = Some(PartialDateTime {
                year: u16::try_from(horizon.year()).ok(),
                month: u8::try_from(horizon.month()).ok(),
                day: u8::try_from(horizon.day()).ok(),
                ..PartialDateTime::default()
            });
        }
    }
    Ok(())
}

/// Whether a rule is of the kind that calendars of homes have. Each of its turns has a day, so that
/// following it cannot take long; "each 30 February" would be looked for until the end of all years.
fn is_bounded(rule: &ICalendarRecurrenceRule) -> bool {
    let by_the_clock = [&rule.bysecond, &rule.byminute, &rule.byhour];
    let simple = by_the_clock.iter().all(|parts| parts.is_empty())
        && rule.byyearday.is_empty()
        && rule.byweekno.is_empty()
        && rule.bysetpos.is_empty()
        && rule.rscale.is_none()
        && rule.count.unwrap_or(0) as usize <= REPETITIONS_MAX;
    let interval = rule.interval.unwrap_or(1);
    let weekdays_alone = rule.byday.iter().all(|day| day.ordwk.is_none());
    let first_weeks = rule
        .byday
        .iter()
        .all(|day| day.ordwk.is_none_or(|week| (-4..=4).contains(&week)));
    let days_of_any_month = rule.bymonthday.iter().all(|day| (-28..=28).contains(day));
    let (no_weekday, no_day, no_month) = (
        rule.byday.is_empty(),
        rule.bymonthday.is_empty(),
        rule.bymonth.is_empty(),
    );
    simple
        && match rule.freq {
            ICalendarFrequency::Daily => {
                no_day && no_month && (no_weekday || (weekdays_alone && interval < 7))
            }
            ICalendarFrequency::Weekly => no_day && no_month && weekdays_alone,
            ICalendarFrequency::Monthly => {
                no_month && (no_day || no_weekday) && days_of_any_month && first_weeks
            }
            ICalendarFrequency::Yearly => no_weekday && days_of_any_month && no_day == no_month,
            _ => false,
        }
}

fn calendar_of(events: Vec<ICalendarComponent>) -> ICalendar {
    let mut root = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    root.component_ids = (1..).take(events.len()).collect();
    let mut components = vec![root];
    components.extend(events);
    ICalendar { components }
}
