//! How many passwords somebody may try: failures are counted in the database, so that all
//! instances count together and a restart forgets nothing. Knows no password.
//!
//! An attempt *reserves* its place in every count before its password is looked at, and *settles* it
//! afterwards: only a wrong password becomes a failure. Attempts beyond what is left wait for those
//! that are under way. Counts have a window of their own that begins with the first failure:
//!
//! | count | failures |
//! |---|---|
//! | of an account from one address | [`MAX_FOR_ACCOUNT`] |
//! | of an address | [`MAX_FOR_ADDRESS`] |
//! | of both from an IPv6 /48, of which an address is a /64 | [`SITE_FACTOR`] times as many |
//! | of an account from everywhere | no end; from [`BRAKE_AFTER`] on, one attempt at a time |
//! | of a device that has logged in before ([`crate::device`]) | [`MAX_FOR_ACCOUNT`] |
//!
//! A known device obeys its own count alone, until that is full: then it is a stranger like any
//! other, whose failures have been counted with all others.

mod counts;
mod limits;
mod lines;
mod reservation;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use tokio::time::Instant;

pub use self::counts::{WINDOW, former_table, sweep, table};
pub use self::limits::{Attempt, Lock, MAX_FOR_ACCOUNT, MAX_FOR_ADDRESS, SITE_FACTOR, Scope};
use self::limits::{lock_of, network, obeyed};
pub use self::lines::Throttle;
use self::reservation::PATIENCE;
pub use self::reservation::{BRAKE, BRAKE_AFTER, Reservation, Turn};
use crate::device::Caller;

/// How long somebody stands in the line of an address while those before them get their places: an
/// office that begins its day.
const LONGEST_LINE: Duration = Duration::from_secs(10);
/// Reserves an attempt's place, and waits for it where others are under way.
pub async fn reserve(
    throttle: &Throttle,
    attempt: Attempt<'_>,
    time: DateTime<Utc>,
) -> Result<Turn, DbErr> {
    if attempt.device.is_some() {
        match reserve_as(throttle, attempt, time, Caller::Known).await? {
            // The device has had its own failures, whoever holds its cookie now.
            Turn::Locked(_) => {}
            turn => return Ok(turn),
        }
    }
    reserve_as(throttle, attempt, time, Caller::Stranger).await
}

async fn reserve_as(
    throttle: &Throttle,
    attempt: Attempt<'_>,
    time: DateTime<Utc>,
    caller: Caller,
) -> Result<Turn, DbErr> {
    let lines = &throttle.lines;
    // Before anything is asked of the database: a flood must not take its connections either.
    let crowd = match caller {
        Caller::Known => None,
        Caller::Stranger => match Arc::clone(&lines.crowd).try_acquire_owned() {
            Ok(place) => Some(place),
            Err(_) => return Ok(Turn::Busy),
        },
    };
    let keys = throttle.counts_of(attempt, caller);
    // Read first: whoever is locked out costs no write.
    let rows = throttle.counts.read(&obeyed(&keys), time).await?;
    if let Some(lock) = lock_of(&keys, &rows, time) {
        return Ok(Turn::Locked(lock));
    }
    let start = Instant::now();
    let reservation = Reservation {
        throttle: throttle.clone(),
        keys,
        time,
        caller,
        is_slowed: false,
        _crowd: crowd,
        // Until the counts have it.
        is_settled: true,
    };
    if caller == Caller::Known {
        return reservation.wait(start).await;
    }
    // The name first: whoever keeps the line of an address waiting then does it to a name that is
    // under attack, and not the other way round.
    let name = throttle.line(&lines.names, attempt.username);
    let Some(_name) = name.enter(start + PATIENCE).await else {
        return Ok(Turn::Busy);
    };
    let address = network(attempt.address).to_string();
    let address = throttle.line(&lines.addresses, &address);
    let Some(_address) = address.enter(start + LONGEST_LINE).await else {
        return Ok(Turn::Busy);
    };
    reservation.wait(start).await
}
