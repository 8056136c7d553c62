//! Taken nights: the table `oc_lettings_stay`. A stay takes the nights from its arrival to the one before its
//! departure, so that one guest may leave on the day on which another comes.

pub mod clash;
pub mod month;

use chrono::{DateTime, NaiveDate, Utc};
use db::Integer;
use db::datetime::now;
use db::rules::{self, BrokenRule};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};

/// Guests come.
pub const BOOKING: &str = "booking";
/// Nobody may come.
pub const BLOCK: &str = "block";
/// Another site says so.
pub const IMPORTED: &str = "imported";
/// Why nights are taken.
pub const KINDS: &[&str] = &[BOOKING, BLOCK, IMPORTED];
/// The most characters of what staff notes about a stay.
pub const NOTE: usize = 200;
/// The most characters of an identifier.
pub const UID: usize = 255;

/// A row of `oc_lettings_stay`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_stay")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Whose nights are taken.
    pub letting_id: Integer,
    /// The day of the first night.
    pub arrival: Date,
    /// The day after the last night.
    pub departure: Date,
    /// One of [`KINDS`].
    pub kind: String,
    /// The calendar of another site that says so; empty for our own.
    pub feed_id: Option<Integer>,
    /// What calendars call it (RFC 5545, 3.8.4.7): the same as long as it is the same stay.
    pub uid: String,
    /// What staff notes about it; in no calendar that is given away.
    pub note: String,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        if let Set(kind) = &self.kind {
            rules::choice("kind", kind, KINDS)?;
        }
        if let Set(note) = &self.note {
            rules::text("note", note, 0..=NOTE)?;
        }
        if let Set(uid) = &self.uid {
            rules::text("uid", uid, 1..=UID)?;
        }
        if let (Set(arrival), Set(departure)) = (&self.arrival, &self.departure)
            && departure <= arrival
        {
            let (field, other) = ("departure", "arrival");
            return Err(BrokenRule::Order { field, other }.into());
        }
        Ok(self)
    }
}

/// Nights, from the day of the first to the day after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The day of the first night.
    pub arrival: NaiveDate,
    /// The day after the last night.
    pub departure: NaiveDate,
}

impl Period {
    /// Whether a night is in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.arrival < other.departure && other.arrival < self.departure
    }
}

/// A day as forms send it: `2027-07-03`. Others, such as years of five digits, are none.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    is_plain.then(|| text.parse().ok()).flatten()
}

/// The nights of a letting that are taken and have to do with a period, whoever says so, in the order of
/// their arrivals.
pub async fn taken(
    db: &impl ConnectionTrait,
    letting: Integer,
    period: Period,
) -> Result<Vec<Period>, DbErr> {
    let rows: Vec<(Date, Date)> = Entity::find()
        .select_only()
        .columns([Column::Arrival, Column::Departure])
        .filter(Column::LettingId.eq(letting))
        .filter(within(period))
        .order_by_asc(Column::Arrival)
        .into_tuple()
        .all(db)
        .await?;
    let period = |(arrival, departure)| Period { arrival, departure };
    Ok(rows.into_iter().map(period).collect())
}

/// Of stays that share a night with a period.
pub fn within(period: Period) -> Condition {
    Condition::all()
        .add(Column::Departure.gt(period.arrival))
        .add(Column::Arrival.lt(period.departure))
}

/// A stay of our own that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStay {
    /// Of which letting.
    pub letting: Integer,
    /// Which nights.
    pub period: Period,
    /// [`BOOKING`] or [`BLOCK`].
    pub kind: &'static str,
    /// What staff notes.
    pub note: String,
}

/// Why nights could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// One of them is taken already, by us or on another site.
    #[error("some of these nights are taken")]
    Taken,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Takes nights. In a transaction that has to be given up if this fails.
pub async fn add(db: &impl ConnectionTrait, new: NewStay) -> Result<Model, AddError> {
    refuse_taken(db, new.letting, new.period, None).await?;
    let stay = ActiveModel {
        id: NotSet,
        letting_id: Set(new.letting),
        arrival: Set(new.period.arrival),
        departure: Set(new.period.departure),
        kind: Set(new.kind.to_owned()),
        feed_id: Set(None),
        uid: Set(new_uid()),
        note: Set(new.note),
        changed_at: Set(now()),
    };
    stay.insert(db).await.map_err(taken_meanwhile)
}

/// Changes a stay of our own: other nights, another kind or note.
pub async fn change(
    db: &impl ConnectionTrait,
    stay: Model,
    to: NewStay,
) -> Result<Model, AddError> {
    refuse_taken(db, stay.letting_id, to.period, Some(stay.id)).await?;
    let stay = ActiveModel {
        arrival: Set(to.period.arrival),
        departure: Set(to.period.departure),
        kind: Set(to.kind.to_owned()),
        note: Set(to.note),
        changed_at: Set(now()),
        ..stay.into()
    };
    stay.update(db).await.map_err(taken_meanwhile)
}

/// What another site says counts as well, though the database lets it pass.
async fn refuse_taken(
    db: &impl ConnectionTrait,
    letting: Integer,
    period: Period,
    besides: Option<Integer>,
) -> Result<(), AddError> {
    let mut others = Entity::find()
        .filter(Column::LettingId.eq(letting))
        .filter(within(period));
    if let Some(id) = besides {
        others = others.filter(Column::Id.ne(id));
    }
    match others.one(db).await? {
        Some(_) => Err(AddError::Taken),
        None => Ok(()),
    }
}

/// Somebody else took a night between the question and the row: the database has refused it.
fn taken_meanwhile(error: DbErr) -> AddError {
    if db::refusal(&error).is_some_and(|message| message.contains(STAY_OVERLAP)) {
        AddError::Taken
    } else {
        AddError::Database(error)
    }
}

/// What both databases name when they refuse nights that are taken.
const STAY_OVERLAP: &str = "oc_lettings_stay_overlap";

/// An identifier that no other stay has.
fn new_uid() -> String {
    format!("{}@oc-lettings", uuid::Uuid::new_v4().simple())
}
