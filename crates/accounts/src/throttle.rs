//! How many passwords somebody may try: failures are counted in the database, so that all
//! instances count together and a restart forgets nothing. Knows no password.
//!
//! Two counts, each with a window of its own that begins with its first failure: one for an
//! account as tried from one address, one for the address. An account that is locked for one
//! address stays open for every other.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use db::schema::{Column, Index, Kind, Table};
use db::{Database, DbBackend, Integer};
use sea_orm::{ConnAcquireErr, ConnectionTrait, DbErr, Statement};
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;

use crate::signing::{Algorithm, Keys, salted_hmac};

/// Failures that an account may have from one address within the window.
pub const MAX_FOR_ACCOUNT: i64 = 5;
/// Failures that an address may have within the window, whatever the accounts.
pub const MAX_FOR_ADDRESS: i64 = 20;
/// How long failures count.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// What names and addresses are hidden with.
const SALT: &str = "accounts.throttle";

/// Rows that one sweep removes at most.
const SWEEP: u64 = 1_000;

/// The table of the counts, for the schema of the application, which names it. It holds neither
/// names nor addresses: whoever types a password in the place of the name leaves nothing that
/// could be guessed without the secret key.
pub const fn table(name: &'static str) -> Table {
    Table {
        name,
        columns: COLUMNS,
        unique_together: &[],
    }
}

const COLUMNS: &[Column] = &[
    Column::new("key", Kind::CharField(43)).index(Index::PrimaryKey),
    Column::new("failures", Kind::BigIntegerField),
    Column::new("since", Kind::DateTimeField).index(Index::Plain),
];

/// How long an attempt waits for those before it to be counted, as for a connection.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Where failures are counted. Cheap to clone; all clones take turns.
#[derive(Debug, Clone)]
pub struct Throttle {
    db: Database,
    table: &'static str,
    keys: Keys,
    /// Whoever waits to write has a connection in the hand, and pages need those: of many attempts
    /// at the same moment one is counted at a time.
    turn: Arc<Semaphore>,
}

impl Throttle {
    /// In a database, never a transaction, which would forget what it counted; in the [`table`] of
    /// that name, under keys that hide what is counted.
    pub fn new(db: Database, table: &'static str, keys: Keys) -> Self {
        Self {
            db,
            table,
            keys,
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

/// A password that is to be tried: for which account, from where.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The name as it is looked up.
    pub username: &'a str,
    /// The client's address.
    pub address: IpAddr,
}

/// Nobody gets in before it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// What is locked.
    pub scope: Scope,
    /// How long it lasts.
    pub retry_after: Duration,
    /// Whether this attempt is the first that it refuses: to be logged once.
    pub has_begun: bool,
}

/// What a lock is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// An account, for one address.
    Account,
    /// An address, for all accounts.
    Address,
}

/// Counts an attempt as a failure, before its password is looked at, and tells whether it may be
/// looked at. Both in one statement, which takes the address's row first: of any number at once,
/// no more get through than may.
pub async fn count(
    throttle: &Throttle,
    attempt: Attempt<'_>,
    time: DateTime<Utc>,
) -> Result<Option<Lock>, DbErr> {
    let keys = RowKeys::of(throttle, attempt);
    let statement = Statement::from_sql_and_values(
        throttle.db.get_database_backend(),
        count_sql(throttle.table),
        [
            keys.address.as_str().into(),
            keys.account.as_str().into(),
            time.into(),
            (time - WINDOW).into(),
            MAX_FOR_ADDRESS.into(),
            MAX_FOR_ACCOUNT.into(),
        ],
    );
    let turn = tokio::time::timeout(PATIENCE, throttle.turn.acquire()).await;
    let _turn = turn.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?;
    let mut counts = Vec::new();
    for row in throttle.db.query_all_raw(statement).await? {
        let key: String = row.try_get("", "key")?;
        let Integer(failures) = row.try_get("", "failures")?;
        let since: DateTime<Utc> = row.try_get("", "since")?;
        counts.push((key, failures, since));
    }
    let lock = |key: &str, scope, max| {
        let (_, failures, since) = counts.iter().find(|(row, _, _)| row == key)?;
        (*failures > max).then(|| Lock {
            scope,
            retry_after: (*since + WINDOW - time).to_std().unwrap_or_default(),
            has_begun: *failures == max + 1,
        })
    };
    let address = lock(&keys.address, Scope::Address, MAX_FOR_ADDRESS);
    let account = || lock(&keys.account, Scope::Account, MAX_FOR_ACCOUNT);
    let lock = address.or_else(account);
    let is_first = counts
        .iter()
        .any(|(key, failures, _)| *key == keys.address && *failures == 1);
    if is_first {
        sweep(&throttle.db, throttle.table, time).await?;
    }
    Ok(lock)
}

/// A row for the address, and, unless that is locked, one for the account: else whoever is locked
/// out could fill the table. While the account is locked, nothing is tried, and nothing is counted
/// against the address.
fn count_sql(table: &str) -> String {
    format!(
        "INSERT INTO {table} (key, failures, since) \
         SELECT attempt.key, 1, $3 FROM (\
         SELECT $1 AS key UNION ALL \
         SELECT $2 WHERE NOT EXISTS (SELECT 1 FROM {table} AS locked \
         WHERE locked.key = $1 AND locked.since > $4 AND locked.failures >= $5)\
         ) AS attempt WHERE true \
         ON CONFLICT (key) DO UPDATE SET \
         failures = CASE WHEN {table}.since <= $4 THEN 1 \
         WHEN {table}.key = $1 AND EXISTS (SELECT 1 FROM {table} AS locked \
         WHERE locked.key = $2 AND locked.since > $4 AND locked.failures >= $6) \
         THEN {table}.failures ELSE {table}.failures + 1 END, \
         since = CASE WHEN {table}.since <= $4 THEN $3 ELSE {table}.since END \
         RETURNING key, failures, since"
    )
}

/// Takes back what [`count`] counted, after the right password: the account's count begins anew,
/// the address's is one less.
pub async fn reset(throttle: &Throttle, attempt: Attempt<'_>) -> Result<(), DbErr> {
    let Throttle { db, table, .. } = throttle;
    let keys = RowKeys::of(throttle, attempt);
    let backend = db.get_database_backend();
    let account = format!("DELETE FROM {table} WHERE key = $1");
    let address =
        format!("UPDATE {table} SET failures = failures - 1 WHERE key = $1 AND failures > 0");
    for (sql, key) in [(account, keys.account), (address, keys.address)] {
        let statement = Statement::from_sql_and_values(backend, sql, [key.into()]);
        db.execute_raw(statement).await?;
    }
    Ok(())
}

/// Removes counts whose window is over, a limited number of them, and tells how many. Whoever
/// counts does it at the beginning of a window.
pub async fn sweep(db: &Database, table: &str, time: DateTime<Utc>) -> Result<u64, DbErr> {
    let backend = db.get_database_backend();
    // A row that somebody is counting in is not waited for: two who wait for each other's rows
    // would be a deadlock.
    let skip = match backend {
        DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let sql = format!(
        "DELETE FROM {table} WHERE key IN \
         (SELECT key FROM {table} WHERE since <= $1 LIMIT {SWEEP}{skip})"
    );
    let statement = Statement::from_sql_and_values(backend, sql, [(time - WINDOW).into()]);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// The keys of an attempt's two rows.
struct RowKeys {
    address: String,
    account: String,
}

impl RowKeys {
    fn of(throttle: &Throttle, attempt: Attempt<'_>) -> Self {
        let address = network(attempt.address).to_string();
        let secret = throttle.keys.current.expose_secret().as_bytes();
        let key = |kind: &str, text: &str| {
            // No address holds a line break.
            let text = format!("{kind}\n{address}\n{text}");
            let hmac = salted_hmac(SALT, text.as_bytes(), secret, Algorithm::Sha256);
            URL_SAFE_NO_PAD.encode(hmac)
        };
        Self {
            address: key("address", ""),
            account: key("account", attempt.username),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_ipv4_address_or_the_network_of_a_subscriber() {
        for (address, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
        ] {
            let network = network(address.parse().unwrap());
            assert_eq!(network.to_string(), expected);
        }
    }
}
