//! The fields of the form that takes nights of a home, changes what was taken, or frees it.

use chrono::{Days, NaiveDate};
use db::{Database, Integer};
use sea_orm::EntityTrait as _;
use web::form::Form;

use super::admin_frame::FormField;
use crate::domain::letting;
use crate::domain::stay::{self, Period, parse_day};
use crate::frame::Frame;

/// A letting whose nights are seen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its key.
    pub id: Integer,
    /// Its title.
    pub title: String,
}

impl Subject {
    /// The letting of a key; `None` if there is none.
    pub async fn find(db: &Database, id: Integer) -> web::Result<Option<Self>> {
        let letting = letting::Entity::find_by_id(id).one(db).await?;
        Ok(letting.map(|letting| Self {
            id: letting.id,
            title: letting.title,
        }))
    }
}

/// The form with what stands in it.
#[derive(Debug)]
pub struct StayFields {
    /// Whose nights.
    pub subject: Subject,
    /// The stay that is changed; `None` for a new one.
    pub stay: Option<Integer>,
    /// When that was last changed, so that whoever saves another state is told.
    pub state: String,
    /// Whether another site says it: it is changed there.
    pub is_imported: bool,
    /// The day of the first night.
    pub arrival: FormField,
    /// The day after the last night.
    pub departure: FormField,
    /// Why the nights are taken.
    pub kind: &'static str,
    /// What staff notes.
    pub note: FormField,
}

impl StayFields {
    /// For a night that nobody has taken.
    pub fn new(subject: Subject, night: NaiveDate) -> Self {
        Self {
            subject,
            stay: None,
            state: String::new(),
            is_imported: false,
            arrival: filled(night),
            departure: filled(night + Days::new(1)),
            kind: stay::BLOCK,
            note: FormField::default(),
        }
    }

    /// For a stay.
    pub fn of(subject: Subject, stay: &stay::Model) -> Self {
        Self {
            subject,
            stay: Some(stay.id),
            state: state_of(stay),
            is_imported: stay.feed_id.is_some(),
            arrival: filled(stay.arrival),
            departure: filled(stay.departure),
            kind: kind_of(&stay.kind),
            note: FormField {
                value: stay.note.clone(),
                errors: Vec::new(),
            },
        }
    }

    /// With what was sent, and what is wrong with it.
    #[must_use]
    pub fn typed(self, frame: &Frame, form: &Form) -> Self {
        let sent = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
        let day = |name: &str| {
            let value = sent(name);
            let is_day = parse_day(&value).is_some();
            let error = (!is_day).then(|| frame.text("search-wrong-day"));
            FormField {
                value,
                errors: error.into_iter().collect(),
            }
        };
        let (arrival, mut departure) = (day("arrival"), day("departure"));
        if let (Some(from), Some(to)) = (parse_day(&arrival.value), parse_day(&departure.value))
            && to <= from
        {
            departure.errors.push(frame.text("stay-backwards"));
        }
        Self {
            arrival,
            departure,
            kind: kind_of(&sent("kind")),
            note: FormField::optional(frame, &sent("note"), form.flaw("note")),
            ..self
        }
    }

    /// Whether something is wrong.
    pub fn has_errors(&self) -> bool {
        let fields = [&self.arrival, &self.departure, &self.note];
        fields.iter().any(|field| !field.errors.is_empty())
    }

    /// The nights that were typed, if they are some.
    pub fn period(&self) -> Option<Period> {
        let arrival = parse_day(&self.arrival.value)?;
        let departure = parse_day(&self.departure.value)?;
        Some(Period { arrival, departure })
    }
}

fn filled(day: NaiveDate) -> FormField {
    FormField {
        value: day.to_string(),
        errors: Vec::new(),
    }
}

fn kind_of(kind: &str) -> &'static str {
    if kind == stay::BOOKING {
        stay::BOOKING
    } else {
        stay::BLOCK
    }
}

/// A stay as it was when a form was made.
pub fn state_of(stay: &stay::Model) -> String {
    stay.changed_at.timestamp_micros().to_string()
}
