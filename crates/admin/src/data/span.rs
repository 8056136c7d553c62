//! Spans of days, in UTC: those relative to today, and a year, a month or a day
//! (`Django 5.2 contrib/admin/filters.py`, `DateFieldListFilter`).
//!
//! A *date prefix* is a year, a month or a day by its numbers: `[2024, 3]` is a March.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, Utc};

/// A span of time, whose end does not belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: DateTime<Utc>,
    /// `None` if the end is beyond the last day that the databases hold.
    pub(crate) end: Option<DateTime<Utc>>,
}

impl Span {
    fn new(start: NaiveDate, end: Option<NaiveDate>) -> Self {
        let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
        Self {
            start: midnight(start),
            end: end.filter(|end| end.year() <= MAX_YEAR).map(midnight),
        }
    }
}

const MAX_YEAR: i32 = 9999;

/// Year, month and day; and how many characters of a date in ISO 8601 reach to the end of each.
pub(crate) const DATE_PARTS: usize = 3;
pub(crate) const ISO_LENGTHS: [i32; DATE_PARTS] = [4, 7, 10];

/// The values of a filter of times, and the keys of their names. They are relative to the day on
/// which the link is followed; Django's addresses hold bounds as of the day on which they were
/// made.
pub(crate) const DATE_CHOICES: [(&str, &str); 6] = [
    ("today", "admin-within-today"),
    ("week", "admin-within-week"),
    ("month", "admin-within-month"),
    ("year", "admin-within-year"),
    ("none", "admin-within-none"),
    ("any", "admin-within-any"),
];

/// How many of [`DATE_CHOICES`] are spans. The others, which follow them, are for times that may be
/// null.
pub(crate) const SPAN_CHOICES: usize = 4;

/// The span of a choice; for a month or a year it is the whole one, the coming days included.
pub(crate) fn span_of_choice(choice: &str, today: NaiveDate) -> Option<Span> {
    let tomorrow = today.checked_add_days(Days::new(1));
    match choice {
        "today" => Some(Span::new(today, tomorrow)),
        "week" => Some(Span::new(today.checked_sub_days(Days::new(7))?, tomorrow)),
        "month" => date_span(today.year(), Some(today.month()), None),
        "year" => date_span(today.year(), None, None),
        _ => None,
    }
}

fn date_span(year: i32, month: Option<u32>, day: Option<u32>) -> Option<Span> {
    let start = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
    let end = match (month, day) {
        (None, _) => start.checked_add_months(Months::new(12)),
        (_, None) => start.checked_add_months(Months::new(1)),
        _ => start.checked_add_days(Days::new(1)),
    };
    (1..=MAX_YEAR)
        .contains(&year)
        .then(|| Span::new(start, end))
}

/// The span of a date prefix; `None` if there is no such date.
pub(crate) fn span_of_date(date_prefix: &[u32]) -> Option<Span> {
    let [year, month, day] = [0, 1, 2].map(|index| date_prefix.get(index).copied());
    date_span(i32::try_from(year?).ok()?, month, day)
}

/// The date prefix that [`iso_date`] has written; `None` if a part is no number.
pub(crate) fn parse_date_prefix(text: &str) -> Option<Vec<u32>> {
    text.split('-').map(|part| part.parse().ok()).collect()
}

/// A date prefix as ISO 8601 has it: `2024-03`.
pub(crate) fn iso_date(date_prefix: &[u32]) -> String {
    let parts = date_prefix.iter().enumerate();
    let parts = parts.map(|(depth, part)| {
        if depth == 0 {
            format!("{part:04}")
        } else {
            format!("{part:02}")
        }
    });
    parts.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bounds of a span, to the day.
    fn days(span: Span) -> String {
        let end = span.end.map(|end| end.date_naive().to_string());
        format!("{} {}", span.start.date_naive(), end.unwrap_or_default())
    }

    #[test]
    fn spans_go_with_the_day() {
        for (today, choice, expected) in [
            ("2024-02-29", "today", "2024-02-29 2024-03-01"),
            ("2024-03-05", "week", "2024-02-27 2024-03-06"),
            ("2024-02-29", "month", "2024-02-01 2024-03-01"),
            ("2024-12-31", "month", "2024-12-01 2025-01-01"),
            ("2024-12-31", "year", "2024-01-01 2025-01-01"),
            ("9999-12-31", "today", "9999-12-31 "),
        ] {
            let span = span_of_choice(choice, today.parse().unwrap()).unwrap();
            assert_eq!(days(span), expected, "{today} {choice}");
        }
        assert_eq!(span_of_choice("yesterday", NaiveDate::default()), None);
    }

    #[test]
    fn a_date_prefix_is_a_span() {
        let at = |date_prefix: &[u32]| span_of_date(date_prefix).map(days);
        for (date_prefix, expected) in [
            (&[2024][..], "2024-01-01 2025-01-01"),
            (&[2024, 12], "2024-12-01 2025-01-01"),
            (&[2024, 2, 29], "2024-02-29 2024-03-01"),
            (&[9999], "9999-01-01 "),
        ] {
            assert_eq!(
                at(date_prefix),
                Some(expected.to_owned()),
                "{date_prefix:?}"
            );
        }
        for date_prefix in [
            &[][..],
            &[0],
            &[10_000],
            &[2024, 13],
            &[2024, 0],
            &[2023, 2, 29],
            &[u32::MAX],
        ] {
            assert_eq!(at(date_prefix), None, "{date_prefix:?}");
        }
    }
}
