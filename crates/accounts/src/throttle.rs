//! Limits on failed logins. Failures are counted in the database, so that all instances count together
//! and a restart forgets nothing. Knows no password.
//!
//! An attempt *reserves* one failure in every count before its password is verified, and *settles* the
//! reservation afterwards: only a wrong password becomes a failure. If failures and reservations
//! together reach a limit, further attempts wait until one is settled. The window of each count begins
//! with its first failure:
//!
//! | count | failures |
//! |---|---|
//! | of an account from one address | [`MAX_FOR_ACCOUNT`] |
//! | of an address | [`MAX_FOR_ADDRESS`] |
//! | of both from an IPv6 /48, of which an address is a /64 | [`SITE_FACTOR`] times as many |
//! | of an account from everywhere | no limit; from [`SLOWED_AFTER`] on, one attempt at a time |
//! | of a device that has logged in before ([`crate::device`]) | [`MAX_FOR_ACCOUNT`] |
//!
//! A known device obeys only its own count, until that is full. Then it is treated as a stranger. Its
//! failures were counted in all other counts too.

mod counts;
mod limits;
mod queues;
mod quota;
mod reservation;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use tokio::time::Instant;

pub use self::counts::{WINDOW, former_table, sweep, table};
pub use self::limits::{Attempt, Lock, MAX_FOR_ACCOUNT, MAX_FOR_ADDRESS, SITE_FACTOR, Scope};
use self::limits::{lock_of, network, obeyed};
pub use self::queues::Throttle;
pub use self::quota::Quota;
use self::reservation::PATIENCE;
pub use self::reservation::{Admission, Reservation, SLOWED_AFTER, SLOWED_ATTEMPT};
use crate::device::Caller;

/// How long an attempt waits in the queue of its address: many people of one office may log in at the
/// same time.
const LONGEST_QUEUE: Duration = Duration::from_secs(10);

/// Makes an attempt's reservation; waits if others have to be settled first.
pub async fn reserve(
    throttle: &Throttle,
    attempt: Attempt<'_>,
    time: DateTime<Utc>,
) -> Result<Admission, DbErr> {
    if attempt.device.is_some() {
        match reserve_as(throttle, attempt, time, Caller::KnownDevice).await? {
            // The device's own count is full: from here on it is a stranger.
            Admission::Locked(_) => {}
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
) -> Result<Admission, DbErr> {
    let queues = &throttle.queues;
    // Before any query: a flood of attempts must not take the connections that pages need.
    let stranger_permits = match caller {
        Caller::KnownDevice => None,
        Caller::Stranger => match Arc::clone(&queues.stranger_permits).try_acquire_owned() {
            Ok(place) => Some(place),
            Err(_) => return Ok(Admission::Busy),
        },
    };
    let keys = throttle.counts_of(attempt, caller);
    // Read first: an attempt that is locked out must not cost a write.
    let rows = throttle.counts.read(&obeyed(&keys), time).await?;
    if let Some(lock) = lock_of(&keys, &rows, time) {
        return Ok(Admission::Locked(lock));
    }
    let start = Instant::now();
    let reservation = Reservation {
        throttle: throttle.clone(),
        keys,
        time,
        caller,
        is_slowed: false,
        _stranger_permit: stranger_permits,
        // Nothing is reserved yet, so that a drop has nothing to give back.
        is_settled: true,
    };
    if caller == Caller::KnownDevice {
        return reservation.wait(start).await;
    }
    // The queue of the name first. In the other order, attempts that wait for a name under attack would
    // hold up the queue of an address, and with it other names.
    let name = throttle.queue(&queues.names, attempt.username);
    let Some(_name) = name.enter(start + PATIENCE).await else {
        return Ok(Admission::Busy);
    };
    let address = network(attempt.address).to_string();
    let address = throttle.queue(&queues.addresses, &address);
    let Some(_address) = address.enter(start + LONGEST_QUEUE).await else {
        return Ok(Admission::Busy);
    };
    reservation.wait(start).await
}
