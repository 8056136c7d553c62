//! The counts of an attempt, and when one of them locks.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::counts::{Row, WINDOW};

/// Failures that an account may have from one address within the window.
pub const MAX_FOR_ACCOUNT: i64 = 5;
/// Failures that an address may have within the window, whatever the accounts.
pub const MAX_FOR_ADDRESS: i64 = 20;
/// The factor of an IPv6 /48's limits: it may be one household, a company, or thousands of people in a
/// mobile network.
pub const SITE_FACTOR: i64 = 4;

/// An attempt to log in.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The name as it is looked up.
    pub username: &'a str,
    /// The client's address.
    pub address: IpAddr,
    /// The nonce of the device, if it has logged in to this account before.
    pub device: Option<&'a str>,
}

/// A lock, during which every attempt is refused unseen.
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

/// One of the counts of an attempt.
#[derive(Debug, Clone)]
pub(super) struct Count {
    pub(super) key: String,
    pub(super) rule: Rule,
    /// Whether the attempt makes a reservation in it and obeys its limit. A known device obeys only its
    /// own count; its failures are added to the others.
    pub(super) is_obeyed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The most failures and reservations together.
    Limit(Scope, i64),
    /// One attempt at a time after many failures.
    OneAtATime,
}

/// The keys that an attempt obeys.
pub(super) fn obeyed(counts: &[Count]) -> Vec<&str> {
    let counts = counts.iter().filter(|count| count.is_obeyed);
    counts.map(|count| count.key.as_str()).collect()
}

/// The keys in which an attempt's failures are only counted.
pub(super) fn only_counted(counts: &[Count]) -> Vec<&str> {
    let counts = counts.iter().filter(|count| !count.is_obeyed);
    counts.map(|count| count.key.as_str()).collect()
}

/// The counts that an attempt obeys, with their rows.
pub(super) fn matching<'a>(
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
pub(super) fn lock_of(counts: &[Count], rows: &[Row], time: DateTime<Utc>) -> Option<Lock> {
    let locks = matching(counts, rows).filter_map(|(count, row)| match count.rule {
        Rule::Limit(scope, max) if row.failures >= max => Some(lock(scope, row, time)),
        _ => None,
    });
    locks.max_by_key(|lock| (lock.retry_after, lock.scope == Scope::Address))
}

pub(super) fn lock(scope: Scope, row: &Row, time: DateTime<Utc>) -> Lock {
    let retry_after = (row.since + WINDOW - time).to_std().unwrap_or_default();
    Lock { scope, retry_after }
}

/// The network that counts as one address: a whole IPv4 address, and the /64 of an IPv6 one, which is
/// the least that a subscriber has.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            [a, b, c, d, 0, 0, 0, 0].into()
        }
    }
}

/// The /48 that an IPv6 address is in.
pub(super) fn site(address: IpAddr) -> Option<Ipv6Addr> {
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
