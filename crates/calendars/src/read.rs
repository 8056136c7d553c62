//! Calendars of other sites as nights that are taken.

mod calendar;
mod event;
mod lines;
mod recurrence;

use std::collections::{BTreeMap, HashSet};

use calcard::icalendar::{ICalendar, ICalendarComponent};
use calcard::{Entry, Parser};
use chrono::{Days, NaiveDate};
use sha2::{Digest as _, Sha256};

use calendar::horizon;
pub use calendar::{Busy, Calendar, ReadError, Reader};
use event::Found;
pub use lines::{BYTES_MAX, EVENTS_MAX};

/// How long nights that have passed are still told.
const PAST_DAYS: u64 = 31;

/// How many bytes of a UID are kept as they are. Of longer ones the hash is.
const UID_BYTES_MAX: usize = 200;

/// Reads a calendar within bounds: of bytes, events, repetitions and years.
pub fn read(bytes: &[u8], reader: Reader) -> Result<Calendar, ReadError> {
    let text = lines::events_alone(bytes)?;
    let Entry::ICalendar(calendar) = Parser::new(&text).entry() else {
        return Err(ReadError::NotACalendar);
    };
    let Events { single, series } = sort(calendar);
    let mut unread = 0;
    let mut found = Vec::new();
    for (uid, component) in single {
        match event::nights(&component, reader) {
            Ok(nights) => found.extend(nights.map(|nights| (uid, nights))),
            Err(event::Unreadable) => unread += 1,
        }
    }
    let mut budget = recurrence::Budget::default();
    for (uid, components) in series {
        match recurrence::nights(components, reader, &mut budget) {
            Ok(nights) => {
                let named = nights.into_iter();
                found.extend(
                    named.map(|nights| (Some(format!("{uid}/{}", nights.arrival)), nights)),
                );
            }
            Err(event::Unreadable) => unread += 1,
        }
    }
    found.retain(|(_, nights)| is_near(*nights, reader.today));
    Ok(Calendar {
        busy: merge(found),
        unread,
    })
}

/// The events of a calendar.
struct Events {
    /// Those that happen once, with their UIDs.
    single: Vec<(Option<String>, ICalendarComponent)>,
    /// Those that repeat, with what is changed about single repetitions, by UID.
    series: BTreeMap<String, Vec<ICalendarComponent>>,
}

fn sort(calendar: ICalendar) -> Events {
    let mut events = Events {
        single: Vec::new(),
        series: BTreeMap::new(),
    };
    let components = calendar.components.into_iter();
    let components: Vec<_> = components
        .filter(|component| component.component_type.is_event())
        .collect();
    let repeated: HashSet<String> = components
        .iter()
        .filter(|component| recurrence::concerns(component))
        .map(|component| component.uid().unwrap_or_default().to_owned())
        .collect();
    for component in components {
        let uid = component.uid().unwrap_or_default();
        if repeated.contains(uid) && (!uid.is_empty() || recurrence::concerns(&component)) {
            events
                .series
                .entry(uid.to_owned())
                .or_default()
                .push(component);
        } else {
            let uid = Some(uid.to_owned()).filter(|uid| !uid.is_empty());
            events.single.push((uid, component));
        }
    }
    events
}

fn is_near(nights: Found, today: NaiveDate) -> bool {
    let first = today
        .checked_sub_days(Days::new(PAST_DAYS))
        .unwrap_or(NaiveDate::MIN);
    let last = horizon(today);
    nights.departure > first && nights.arrival <= last
}

/// Makes one of those that overlap, since some sites write a stay as several events, and gives each a
/// name of its own.
fn merge(mut found: Vec<(Option<String>, Found)>) -> Vec<Busy> {
    found.sort_by(|(uid, nights), (other_uid, other)| {
        let key = (nights.arrival, nights.departure, uid);
        key.cmp(&(other.arrival, other.departure, other_uid))
    });
    let mut merged: Vec<(Option<String>, Found)> = Vec::new();
    for (uid, nights) in found {
        match merged.last_mut() {
            Some((last_uid, last)) if nights.arrival < last.departure => {
                last.departure = last.departure.max(nights.departure);
                if last_uid.is_none() {
                    *last_uid = uid;
                }
            }
            _ => merged.push((uid, nights)),
        }
    }
    let mut taken = HashSet::new();
    let named = merged.into_iter().map(|(uid, nights)| {
        let uid = uid.map(|uid| bounded(&uid)).filter(|uid| !uid.is_empty());
        let mut uid = uid.unwrap_or_else(|| nights.arrival.to_string());
        if !taken.insert(uid.clone()) {
            uid = bounded(&format!("{uid}/{}", nights.arrival));
            taken.insert(uid.clone());
        }
        Busy {
            uid,
            arrival: nights.arrival,
            departure: nights.departure,
        }
    });
    named.collect()
}

/// A UID that can be stored.
fn bounded(uid: &str) -> String {
    let uid: String = uid
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    let uid = uid.trim();
    if uid.len() <= UID_BYTES_MAX {
        return uid.to_owned();
    }
    let hash = Sha256::digest(uid.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
