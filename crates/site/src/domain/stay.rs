//! Taken nights: the table `oc_lettings_stay`. A stay takes the nights from its arrival to the one before its
//! departure, so that one guest may leave on the day on which another comes.

use chrono::{DateTime, Utc};
use db::Integer;
use db::rules::{self, BrokenRule};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

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
