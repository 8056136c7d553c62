//! When something was changed last, as far as Django's log of the admin tells. A change that nobody noted
//! there, by SQL or by `loaddata`, is not known.

use std::collections::HashMap;

use accounts::content_type;
use admin::schema::LOG_ENTRY;
use chrono::{DateTime, Utc};
use db::{Integer, stored};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, JoinType, Order, Query};
use sea_orm::{ConnectionTrait, DbErr};

/// So many entries are read, the latest: what was changed longer ago is not worth a search engine's visit.
const ENTRIES: u64 = 10_000;

/// The latest change of each thing that has one.
#[derive(Debug)]
pub struct LastChanges(HashMap<(String, String), DateTime<Utc>>);

impl LastChanges {
    /// Reads the log.
    pub async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let log = |column| Expr::col((Alias::new("log"), Alias::new(column)));
        let mut query = Query::select();
        query
            .column((content_type::Entity, content_type::Column::Model))
            .expr(log("object_id"))
            .expr(log("action_time"))
            .from_as(Alias::new(LOG_ENTRY.name), Alias::new("log"))
            .join(
                JoinType::InnerJoin,
                content_type::Entity,
                Expr::col((content_type::Entity, content_type::Column::Id))
                    .eq(log("content_type_id")),
            )
            .order_by((Alias::new("log"), Alias::new("id")), Order::Desc)
            .limit(ENTRIES);
        let mut latest = HashMap::new();
        for row in db.query_all(&query).await? {
            let thing = (stored::shown(&row, 0)?, stored::shown(&row, 1)?);
            if let Some(time) = stored::time(&row, 2)?.value() {
                latest.entry(thing).or_insert(time);
            }
        }
        Ok(Self(latest))
    }

    /// Of a letting with its address; what it offers is noted as a change of the letting.
    pub fn of_letting(&self, id: Integer, address: Integer) -> Option<DateTime<Utc>> {
        std::cmp::max(self.of("letting", id), self.of("address", address))
    }

    /// Of a profile.
    pub fn of_profile(&self, id: Integer) -> Option<DateTime<Utc>> {
        self.of("profile", id)
    }

    fn of(&self, model: &str, id: Integer) -> Option<DateTime<Utc>> {
        self.0.get(&(model.to_owned(), id.0.to_string())).copied()
    }
}

/// When the tables were made, or changed last by a migration: no row is known to be older.
pub async fn of_tables(db: &impl ConnectionTrait) -> Result<DateTime<Utc>, DbErr> {
    let mut query = Query::select();
    query
        .column("applied")
        .from("django_migrations")
        .order_by("id", Order::Desc)
        .limit(1);
    let row = db.query_one(&query).await?;
    let time = row.map(|row| stored::time(&row, 0)).transpose()?;
    Ok(time
        .and_then(stored::Stored::value)
        .unwrap_or(DateTime::UNIX_EPOCH))
}
