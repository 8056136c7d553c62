//! How often an address may do something that is no login. Such counts are rows beside those of logins; the
//! keys keep them apart.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use db::Integer;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use super::counts::WINDOW;
use super::limits::{SITE_FACTOR, network, site};
use super::queues::Throttle;

/// A number of times within a while, for a whole IPv4 address or an IPv6 /64; four times as many for a /48.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// What is counted: a word that no other count has.
    pub what: &'static str,
    /// How many times.
    pub most: i64,
    /// The while, from the first time on.
    pub window: TimeDelta,
}

impl Throttle {
    /// Counts one more time within a transaction, and tells whether it was one too many: then the transaction
    /// has to be rolled back, so that refusals count nothing.
    pub async fn exceeds(
        &self,
        db: &impl ConnectionTrait,
        quota: Quota,
        (address, time): (IpAddr, DateTime<Utc>),
    ) -> Result<bool, DbErr> {
        let mut places = vec![(network(address).to_string(), quota.most)];
        if let Some(site) = site(address) {
            places.push((format!("{site}/48"), quota.most * SITE_FACTOR));
        }
        for (place, most) in places {
            let key = self.hide(quota.what, &place, "");
            if self.count(db, &key, (quota.window, time)).await? > most {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn count(
        &self,
        db: &impl ConnectionTrait,
        key: &str,
        (window, time): (TimeDelta, DateTime<Utc>),
    ) -> Result<i64, DbErr> {
        let table = self.table();
        // Rows end [`WINDOW`] after `since`, for the sweep too: for another window it is that much off.
        let sql = format!(
            "INSERT INTO {table} (key, failures, since, pending, pending_since) \
             VALUES ($1, 1, $2, 0, $2) ON CONFLICT (key) DO UPDATE SET \
             failures = CASE WHEN {table}.since <= $3 THEN 1 ELSE {table}.failures + 1 END, \
             since = CASE WHEN {table}.since <= $3 THEN $2 ELSE {table}.since END \
             RETURNING failures"
        );
        let values: [Value; 3] = [
            key.into(),
            (time + window - WINDOW).into(),
            (time - WINDOW).into(),
        ];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let row = db.query_one_raw(statement).await?;
        let row = row.ok_or(DbErr::RecordNotInserted)?;
        let Integer(count) = row.try_get_by_index(0)?;
        Ok(count)
    }
}
