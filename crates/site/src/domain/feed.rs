//! Calendars of other sites that are read for a letting: the table `oc_lettings_feed`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use calendars::read::Busy;
use chrono::{DateTime, Utc};
use db::{Database, Integer, Transaction, rules};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};

use super::stay;

/// How many a letting may have.
pub const MOST: usize = 10;
/// How long a name may be, in characters.
pub const NAME: RangeInclusive<usize> = 1..=64;
/// How long an address may be, in characters.
pub const URL: RangeInclusive<usize> = 1..=2000;
/// The word of a problem that is no failure: some of the events could not be read.
pub const UNREAD: &str = "unread";

/// How many rows one statement deletes or inserts.
const CHUNK: usize = 100;

/// A row of `oc_lettings_feed`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_feed")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Whose nights it tells of.
    pub letting_id: Integer,
    /// What staff calls it.
    pub name: String,
    /// Its address, a secret of the other site's.
    pub url: String,
    /// When it was last asked for.
    pub attempted_at: Option<DateTime<Utc>>,
    /// When it was last read.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// When staff was told that it cannot be read; empty while it can.
    pub alarmed_at: Option<DateTime<Utc>>,
    /// A word for what went wrong the last time; empty if nothing did.
    pub error: String,
    /// What belongs to the word, such as a status.
    pub error_detail: String,
    /// `ETag` of what was read last; may be empty.
    pub etag: String,
    /// `Last-Modified` of it; may be empty.
    pub last_modified: String,
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
        if let Set(name) = &self.name {
            rules::text("name", name, NAME)?;
        }
        if let Set(url) = &self.url {
            rules::text("url", url, URL)?;
        }
        Ok(self)
    }
}

/// Those of a letting, in the order in which they were added.
pub async fn of_letting(db: &impl ConnectionTrait, letting: Integer) -> Result<Vec<Model>, DbErr> {
    let query = Entity::find().filter(Column::LettingId.eq(letting));
    query.order_by_asc(Column::Id).all(db).await
}

/// At most `limit` of those that were not asked for since a moment.
pub async fn due(db: &Database, since: DateTime<Utc>, limit: u64) -> Result<Vec<Model>, DbErr> {
    let is_due = Condition::any()
        .add(Column::AttemptedAt.is_null())
        .add(Column::AttemptedAt.lte(since));
    let query = Entity::find().filter(is_due).order_by_asc(Column::Id);
    query.limit(limit).all(db).await
}

/// How many have failed for so long that staff was told.
pub async fn count_alarmed(db: &Database) -> Result<u64, DbErr> {
    let alarmed = Entity::find().filter(Column::AlarmedAt.is_not_null());
    alarmed.count(db).await
}

/// Adds one to a letting.
pub async fn add(
    db: &Transaction,
    letting: Integer,
    name: &str,
    url: &str,
) -> Result<Model, DbErr> {
    let empty = || Set(String::new());
    let new = ActiveModel {
        id: NotSet,
        letting_id: Set(letting),
        name: Set(name.to_owned()),
        url: Set(url.to_owned()),
        attempted_at: Set(None),
        succeeded_at: Set(None),
        alarmed_at: Set(None),
        error: empty(),
        error_detail: empty(),
        etag: empty(),
        last_modified: empty(),
    };
    new.insert(db).await
}

/// Removes one with the nights that it told of.
pub async fn remove(db: &Transaction, feed: Integer) -> Result<(), DbErr> {
    let stays = stay::Entity::delete_many().filter(stay::Column::FeedId.eq(feed));
    stays.exec(db).await?;
    Entity::delete_by_id(feed).exec(db).await?;
    Ok(())
}

/// What came of asking for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The one that was asked for, as it was before.
    pub feed: Model,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it was read.
    pub has_succeeded: bool,
    /// A word for what is wrong, and what belongs to it; both may be empty.
    pub problem: (&'static str, String),
    /// `ETag` and `Last-Modified`, if it has others now.
    pub version: Option<(String, String)>,
    /// When staff was told that it cannot be read.
    pub alarmed_at: Option<DateTime<Utc>>,
}

/// Notes that staff is told of one that cannot be read. `false` if that was noted before: whoever reads the
/// same one at the same time comes second here.
pub async fn claim_alarm(
    db: &Transaction,
    feed: Integer,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let claimed = Entity::update_many()
        .col_expr(Column::AlarmedAt, Expr::val(at))
        .filter(Column::Id.eq(feed))
        .filter(Column::AlarmedAt.is_null())
        .exec(db)
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// Notes what came of asking.
pub async fn note(db: &Transaction, attempt: &Attempt) -> Result<(), DbErr> {
    let (error, detail) = &attempt.problem;
    let mut query = Entity::update_many()
        .filter(Column::Id.eq(attempt.feed.id))
        .col_expr(Column::AttemptedAt, Expr::val(attempt.at))
        .col_expr(Column::Error, Expr::val(*error))
        .col_expr(Column::ErrorDetail, Expr::val(detail))
        .col_expr(Column::AlarmedAt, Expr::val(attempt.alarmed_at));
    if attempt.has_succeeded {
        query = query.col_expr(Column::SucceededAt, Expr::val(attempt.at));
    }
    if let Some((etag, last_modified)) = &attempt.version {
        query = query
            .col_expr(Column::Etag, Expr::val(etag))
            .col_expr(Column::LastModified, Expr::val(last_modified));
    }
    query.exec(db).await?;
    Ok(())
}

/// Makes the nights of a feed those that it tells of: what has the same UID moves, what is gone is free
/// again. Writes nothing when nothing has changed.
pub async fn replace_stays(
    db: &Database,
    feed: &Model,
    busy: &[Busy],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    if Difference::between(&stays_of(db, feed.id).await?, busy).is_empty() {
        return Ok(());
    }
    let transaction = db.begin().await?;
    // Whoever reads the same feed waits here.
    let locked = Entity::update_many()
        .col_expr(Column::AttemptedAt, Expr::col(Column::AttemptedAt))
        .filter(Column::Id.eq(feed.id))
        .exec(&transaction)
        .await?;
    if locked.rows_affected == 0 {
        // It was removed meanwhile.
        return transaction.rollback().await;
    }
    let stored = stays_of(&transaction, feed.id).await?;
    let Difference { gone, moved, new } = Difference::between(&stored, busy);
    for gone in gone.chunks(CHUNK) {
        let stays =
            stay::Entity::delete_many().filter(stay::Column::Id.is_in(gone.iter().copied()));
        stays.exec(&transaction).await?;
    }
    for (id, busy) in moved {
        let moved = stay::ActiveModel {
            id: Set(id),
            arrival: Set(busy.arrival),
            departure: Set(busy.departure),
            changed_at: Set(now),
            ..Default::default()
        };
        moved.update(&transaction).await?;
    }
    for new in new.chunks(CHUNK) {
        let rows = new.iter().map(|busy| stay::ActiveModel {
            id: NotSet,
            letting_id: Set(feed.letting_id),
            arrival: Set(busy.arrival),
            departure: Set(busy.departure),
            kind: Set(stay::IMPORTED.to_owned()),
            feed_id: Set(Some(feed.id)),
            uid: Set(busy.uid.clone()),
            note: Set(String::new()),
            changed_at: Set(now),
        });
        stay::Entity::insert_many(rows)
            .exec_without_returning(&transaction)
            .await?;
    }
    transaction.commit().await
}

async fn stays_of(db: &impl ConnectionTrait, feed: Integer) -> Result<Vec<stay::Model>, DbErr> {
    let query = stay::Entity::find().filter(stay::Column::FeedId.eq(feed));
    query.all(db).await
}

/// What has to be written.
struct Difference<'a> {
    gone: Vec<Integer>,
    moved: Vec<(Integer, &'a Busy)>,
    new: Vec<&'a Busy>,
}

impl<'a> Difference<'a> {
    fn between(stored: &[stay::Model], busy: &'a [Busy]) -> Self {
        let mut new: BTreeMap<&str, &Busy> =
            busy.iter().map(|busy| (busy.uid.as_str(), busy)).collect();
        let mut difference = Self {
            gone: Vec::new(),
            moved: Vec::new(),
            new: Vec::new(),
        };
        for stay in stored {
            match new.remove(stay.uid.as_str()) {
                None => difference.gone.push(stay.id),
                Some(busy) if (busy.arrival, busy.departure) != (stay.arrival, stay.departure) => {
                    difference.moved.push((stay.id, busy));
                }
                Some(_) => {}
            }
        }
        difference.new = new.into_values().collect();
        difference
    }

    fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.moved.is_empty() && self.new.is_empty()
    }
}
