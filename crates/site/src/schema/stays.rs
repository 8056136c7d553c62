//! The tables of free and taken nights: stays, the calendars they come from, and the address of ours.
//!
//! They go with their letting by the database itself: Django, which may delete it, does not know them.

use db::schema::{Column, Exclusion, Index, Kind, Table};

/// Calendars of other sites that are read for a letting.
pub(super) const FEED: Table = Table {
    name: "oc_lettings_feed",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("letting_id", Kind::BigIntegerField)
            .references("lettings_letting")
            .cascades(),
        Column::new("name", Kind::CharField(64)),
        Column::new("url", Kind::CharField(2000)),
        // When it was last asked for, and when it was last read without an error.
        Column::new("attempted_at", Kind::DateTimeField).null(),
        Column::new("succeeded_at", Kind::DateTimeField).null(),
        // When staff was last told that it cannot be read.
        Column::new("alarmed_at", Kind::DateTimeField).null(),
        // What went wrong the last time: a word, and what belongs to it; both empty if nothing did.
        Column::new("error", Kind::CharField(32)),
        Column::new("error_detail", Kind::CharField(200)),
        // What the other site wants to be asked with, so that it may answer "not modified".
        Column::new("etag", Kind::CharField(255)),
        Column::new("last_modified", Kind::CharField(64)),
    ],
    unique_together: &[],
};

/// Nights that are taken, from the arrival to the night before the departure.
pub(super) const STAY: Table = Table {
    name: "oc_lettings_stay",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("letting_id", Kind::BigIntegerField)
            .references("lettings_letting")
            .cascades(),
        Column::new("arrival", Kind::DateField),
        // The index by which the stays of a month are found, whoever's they are.
        Column::new("departure", Kind::DateField).index(Index::Plain),
        Column::new("kind", Kind::CharField(16)),
        // Empty for our own stays.
        Column::new("feed_id", Kind::BigIntegerField)
            .null()
            .references(FEED.name)
            .cascades(),
        Column::new("uid", Kind::CharField(255)),
        Column::new("note", Kind::CharField(200)),
        Column::new("changed_at", Kind::DateTimeField),
    ],
    unique_together: &[],
};

/// No night of a letting is taken twice by us. What other sites say may be: it is shown, and for people
/// to settle.
pub(super) const STAY_OVERLAP: Exclusion = Exclusion {
    table: STAY.name,
    of: "letting_id",
    from: "arrival",
    to: "departure",
    unless: "feed_id",
};

/// The secret in the address of a letting's calendar: one row, or none.
pub(super) const CALENDAR: Table = Table {
    name: "oc_lettings_calendar",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("letting_id", Kind::BigIntegerField)
            .index(Index::Unique)
            .references("lettings_letting")
            .cascades(),
        Column::new("token", Kind::CharField(64)),
    ],
    unique_together: &[],
};

/// Which instance does what only one may do at a time, and until when.
pub(super) const LEASE: Table = Table {
    name: "oc_lettings_lease",
    columns: &[
        Column::new("name", Kind::CharField(64)).index(Index::PrimaryKey),
        Column::new("holder", Kind::CharField(64)),
        Column::new("expires_at", Kind::DateTimeField),
    ],
    unique_together: &[],
};
