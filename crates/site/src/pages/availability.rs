//! Which nights of a home are free: twelve months, each a table that says in words what is taken.

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};

use super::dates::{self, WEEKDAYS};
use crate::domain::stay::Period;
use crate::frame::Frame;

/// How many months are shown.
const MONTHS_SHOWN: u32 = 12;

/// How many months ahead nights are known to be taken.
const MONTHS_KNOWN: u32 = 120;

/// The nights of the next months.
#[derive(Debug)]
pub struct Availability {
    /// The days of a week in words, in full and in short, in the order of the columns.
    pub weekdays: Vec<(String, String)>,
    /// The months.
    pub months: Vec<Month>,
}

/// A month.
#[derive(Debug)]
pub struct Month {
    /// "July 2027"
    pub name: String,
    /// Its weeks.
    pub weeks: Vec<Week>,
}

/// A week of a month, as far as it is in it.
#[derive(Debug)]
pub struct Week {
    /// How many days before its first one are of the month before.
    pub blank: u32,
    /// Its days.
    pub days: Vec<Day>,
}

/// A day, and the night that begins on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Its number in the month.
    pub number: u32,
    /// What it is.
    pub state: DayState,
}

/// What the night that begins on a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayState {
    /// Over.
    Past,
    /// To be had.
    Free,
    /// Taken.
    Taken,
}

/// The nights from a day on that a page has to know of: more than are shown, since a price may be asked for
/// any.
pub fn known(today: NaiveDate) -> Period {
    Period {
        arrival: today,
        departure: later(today, MONTHS_KNOWN),
    }
}

impl Availability {
    /// From the month of a day on.
    pub fn new(frame: &Frame, today: NaiveDate, taken: &[Period]) -> Self {
        let first_weekday = first_weekday(frame);
        let column = first_weekday.num_days_from_monday() as usize;
        let weekdays = WEEKDAYS.iter().cycle().skip(column).take(WEEKDAYS.len());
        let weekdays = weekdays.map(|(full, short)| (frame.text(full), frame.text(short)));
        let first = first_of_month(today);
        let months = (0..MONTHS_SHOWN).map(|number| {
            let first = later(first, number);
            Month {
                name: dates::month(frame, first),
                weeks: weeks(first, first_weekday, |day| state(day, today, taken)),
            }
        });
        Self {
            weekdays: weekdays.collect(),
            months: months.collect(),
        }
    }
}

fn state(day: NaiveDate, today: NaiveDate, taken: &[Period]) -> DayState {
    let is_in = |period: &Period| period.arrival <= day && day < period.departure;
    if day < today {
        DayState::Past
    } else if taken.iter().any(is_in) {
        DayState::Taken
    } else {
        DayState::Free
    }
}

/// The weeks of the month that begins on a day.
fn weeks(
    first: NaiveDate,
    first_weekday: Weekday,
    state: impl Fn(NaiveDate) -> DayState,
) -> Vec<Week> {
    let mut weeks: Vec<Week> = Vec::new();
    for day in first
        .iter_days()
        .take_while(|day| day.month() == first.month())
    {
        let blank = day.weekday().days_since(first_weekday);
        let shown = Day {
            number: day.day(),
            state: state(day),
        };
        match weeks.last_mut() {
            Some(week) if blank > 0 => week.days.push(shown),
            _ => weeks.push(Week {
                blank,
                days: vec![shown],
            }),
        }
    }
    weeks
}

/// The first day of the week: by the reader's language, Sunday in English, Monday in French.
fn first_weekday(frame: &Frame) -> Weekday {
    match frame.texts().language().language.as_str() {
        "en" => Weekday::Sun,
        _ => Weekday::Mon,
    }
}

/// The first day of a day's month.
pub fn first_of_month(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.day0()))
}

/// Some months later; the same day at the end of time.
pub fn later(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_night_is_taken_up_to_the_morning_of_the_departure() {
        let taken = [Period {
            arrival: date("2027-07-10"),
            departure: date("2027-07-17"),
        }];
        for (day, expected) in [
            ("2027-07-04", DayState::Past),
            ("2027-07-05", DayState::Free),
            ("2027-07-09", DayState::Free),
            ("2027-07-10", DayState::Taken),
            ("2027-07-16", DayState::Taken),
            ("2027-07-17", DayState::Free),
        ] {
            assert_eq!(
                state(date(day), date("2027-07-05"), &taken),
                expected,
                "{day}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_day_of_a_month_stands_below_its_weekday(month in 0..2_400_u32, sunday: bool) {
            let first = later(date("1970-01-01"), month);
            let start = if sunday { Weekday::Sun } else { Weekday::Mon };
            let weeks = weeks(first, start, |_| DayState::Free);
            let mut expected = first;
            for week in &weeks {
                prop_assert!(week.blank as usize + week.days.len() <= 7);
                for (place, day) in (week.blank..).zip(&week.days) {
                    prop_assert_eq!(day.number, expected.day());
                    prop_assert_eq!(place, expected.weekday().days_since(start));
                    expected = expected + Days::new(1);
                }
            }
            prop_assert_eq!(expected, later(first, 1));
        }
    }
}
