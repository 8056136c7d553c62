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
mod reservation;

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use db::Database;
use sea_orm::DbErr;
use secrecy::ExposeSecret as _;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use self::counts::{Counts, Row};
pub use self::counts::{former_table, sweep, table};
pub use self::reservation::Reservation;
use crate::device::Caller;
use crate::signing::{Algorithm, Keys, salted_hmac};

/// Failures that an account may have from one address within the window.
pub const MAX_FOR_ACCOUNT: i64 = 5;
/// Failures that an address may have within the window, whatever the accounts.
pub const MAX_FOR_ADDRESS: i64 = 20;
/// How many times as many an IPv6 /48 may have: it is a house or a company, and of a mobile network
/// thousands of people.
pub const SITE_FACTOR: i64 = 4;
/// Failures of an account from everywhere after which strangers are slowed down.
pub const BRAKE_AFTER: i64 = 10;
/// How long an attempt takes at least that is slowed down; the next one begins when it is over.
pub const BRAKE: Duration = Duration::from_millis(500);
/// How long failures count.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// How long the first in a line waits for a place among those that are under way.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long somebody stands in the line of an address while those before them get their places: an
/// office that begins its day.
const LONGEST_LINE: Duration = Duration::from_secs(10);
/// Strangers whose attempts are under way. Further ones are sent away at once, so that a flood takes
/// neither the requests in flight that pages need nor the connections to the database. More than are
/// hashed within two seconds.
const CROWD: usize = 64;
/// Those of them in one line: a flood of guesses at one account keeps nobody else out.
const PLACES: usize = 32;
/// How often the first in a line looks whether another instance has settled an attempt.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Lines for names, and as many for addresses. Whose line it is depends on the secret key, so that
/// nobody can choose to stand in another's.
const LINES: usize = 256;

/// What names and addresses are hidden with.
const SALT: &str = "accounts.throttle";

/// Where attempts are counted. Cheap to clone; all clones take turns.
#[derive(Debug, Clone)]
pub struct Throttle {
    counts: Counts,
    keys: Keys,
    lines: Arc<Lines>,
}

#[derive(Debug)]
struct Lines {
    crowd: Arc<Semaphore>,
    names: Vec<Line>,
    addresses: Vec<Line>,
    /// Whoever waits to write has a connection in the hand, and pages need those: of many attempts
    /// at the same moment one is written at a time, of strangers and of known devices each.
    strangers: Semaphore,
    devices: Semaphore,
    /// Told when an attempt of this process has settled.
    settled: Notify,
}

/// Those who want a place in the same counts, one after the other.
#[derive(Debug)]
struct Line {
    places: Semaphore,
    first: Semaphore,
}

impl Line {
    /// Waits to be the first; not when the line is full, or it takes too long.
    async fn enter(&self, deadline: Instant) -> Option<[SemaphorePermit<'_>; 2]> {
        let place = self.places.try_acquire().ok()?;
        let first = timeout_at(deadline, self.first.acquire()).await.ok()?;
        Some([first.ok()?, place])
    }
}

impl Throttle {
    /// In a database, never a transaction, which would forget what it counted; in the [`table`] of
    /// that name, under keys that hide what is counted.
    pub fn new(db: Database, table: &'static str, keys: Keys) -> Self {
        let line = |_| Line {
            places: Semaphore::new(PLACES),
            first: Semaphore::new(1),
        };
        let lines = || (0..LINES).map(line).collect();
        Self {
            counts: Counts { db, table },
            keys,
            lines: Arc::new(Lines {
                crowd: Arc::new(Semaphore::new(CROWD)),
                names: lines(),
                addresses: lines(),
                strangers: Semaphore::new(1),
                devices: Semaphore::new(1),
                settled: Notify::new(),
            }),
        }
    }

    /// What the counts are hidden with.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }
}

/// A password that is to be tried: for which account, from where.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The name as it is looked up.
    pub username: &'a str,
    /// The client's address.
    pub address: IpAddr,
    /// The mark of the device, if it has logged in to this account before.
    pub device: Option<&'a str>,
}

/// Nobody gets in before it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// What is locked.
    pub scope: Scope,
    /// How long it lasts.
    pub retry_after: Duration,
}

/// What a lock is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// An account, for one address or one device.
    Account,
    /// An address, for all accounts.
    Address,
}

/// Whether a password may be looked at.
#[derive(Debug)]
pub enum Turn {
    /// It may: afterwards the reservation is settled.
    Reserved(Reservation),
    /// Too many have failed.
    Locked(Lock),
    /// Too many are under way.
    Busy,
}

/// One of the counts of an attempt.
#[derive(Debug, Clone)]
struct Count {
    key: String,
    rule: Rule,
    /// Whether the attempt has a place in it, and obeys it. A known device's failures are counted
    /// elsewhere as well.
    is_obeyed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// So many failures and attempts under way, and no more.
    Limit(Scope, i64),
    /// One at a time, once many have failed.
    Brake,
}

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

/// The keys that an attempt obeys.
fn obeyed(counts: &[Count]) -> Vec<&str> {
    let counts = counts.iter().filter(|count| count.is_obeyed);
    counts.map(|count| count.key.as_str()).collect()
}

/// The keys in which an attempt's failures are only counted.
fn only_counted(counts: &[Count]) -> Vec<&str> {
    let counts = counts.iter().filter(|count| !count.is_obeyed);
    counts.map(|count| count.key.as_str()).collect()
}

/// The counts that an attempt obeys, with their rows.
fn matching<'a>(
    counts: &'a [Count],
    rows: &'a [Row],
) -> impl Iterator<Item = (&'a Count, &'a Row)> {
    let obeyed = counts.iter().filter(|count| count.is_obeyed);
    obeyed.filter_map(|count| {
        let row = rows.iter().find(|row| row.key == count.key)?;
        Some((count, row))
    })
}

/// The lock that lasts longest.
fn lock_of(counts: &[Count], rows: &[Row], time: DateTime<Utc>) -> Option<Lock> {
    let locks = matching(counts, rows).filter_map(|(count, row)| match count.rule {
        Rule::Limit(scope, max) if row.failures >= max => Some(lock(scope, row, time)),
        _ => None,
    });
    locks.max_by_key(|lock| (lock.retry_after, lock.scope == Scope::Address))
}

fn lock(scope: Scope, row: &Row, time: DateTime<Utc>) -> Lock {
    let retry_after = (row.since + WINDOW - time).to_std().unwrap_or_default();
    Lock { scope, retry_after }
}

impl Throttle {
    fn turn(&self, caller: Caller) -> &Semaphore {
        match caller {
            Caller::Stranger => &self.lines.strangers,
            Caller::Known => &self.lines.devices,
        }
    }

    fn counts_of(&self, attempt: Attempt<'_>, caller: Caller) -> Vec<Count> {
        let Attempt {
            username, address, ..
        } = attempt;
        let mut counts = Vec::new();
        let mut add = |kind: &str, place: &str, name: &str, rule: Rule| {
            counts.push(Count {
                key: self.hide(kind, place, name),
                rule,
                is_obeyed: caller == Caller::Stranger,
            });
        };
        let here = network(address).to_string();
        let mut limit = |place: &str, factor: i64| {
            let account = Rule::Limit(Scope::Account, MAX_FOR_ACCOUNT * factor);
            add("account", place, username, account);
            let address = Rule::Limit(Scope::Address, MAX_FOR_ADDRESS * factor);
            add("address", place, "", address);
        };
        limit(&here, 1);
        if let Some(site) = site(address) {
            limit(&format!("{site}/48"), SITE_FACTOR);
        }
        add("everywhere", "", username, Rule::Brake);
        if let (Some(device), Caller::Known) = (attempt.device, caller) {
            counts.push(Count {
                key: self.hide("device", "", device),
                rule: Rule::Limit(Scope::Account, MAX_FOR_ACCOUNT),
                is_obeyed: true,
            });
        }
        counts
    }

    fn hide(&self, kind: &str, place: &str, name: &str) -> String {
        // No address holds a line break.
        let text = format!("{kind}\n{place}\n{name}");
        let secret = self.keys.current.expose_secret().as_bytes();
        let hmac = salted_hmac(SALT, text.as_bytes(), secret, Algorithm::Sha256);
        URL_SAFE_NO_PAD.encode(hmac)
    }

    fn line<'a>(&self, lines: &'a [Line], of: &str) -> &'a Line {
        let secret = self.keys.current.expose_secret().as_bytes();
        let hmac = salted_hmac(SALT, of.as_bytes(), secret, Algorithm::Sha256);
        &lines[usize::from(hmac[0]) % lines.len()]
    }
}

/// What counts as one address: all of IPv4, and of IPv6 the network that one subscriber has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

/// The /48 that an IPv6 address is in.
fn site(address: IpAddr) -> Option<Ipv6Addr> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Some([a, b, c, 0, 0, 0, 0, 0].into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_ipv4_address_or_the_network_of_a_subscriber() {
        for (address, expected, expected_site) in [
            ("192.0.2.7", "192.0.2.7", None),
            ("::ffff:192.0.2.7", "192.0.2.7", None),
            (
                "2001:db8:1:2:3:4:5:6",
                "2001:db8:1:2::",
                Some("2001:db8:1::"),
            ),
            ("2001:db8:1:2::", "2001:db8:1:2::", Some("2001:db8:1::")),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(network(address).to_string(), expected);
            let site = site(address).map(|site| site.to_string());
            assert_eq!(site.as_deref(), expected_site);
        }
    }
}
