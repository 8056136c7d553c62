//! The lines in which attempts wait for their turn, and the counts that each belongs to.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::Database;
use secrecy::ExposeSecret as _;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use super::counts::Counts;
use super::limits::{
    Attempt, Count, MAX_FOR_ACCOUNT, MAX_FOR_ADDRESS, Rule, SITE_FACTOR, Scope, network, site,
};
use crate::device::Caller;
use crate::signing::{Algorithm, Keys, salted_hmac};

/// Strangers whose attempts are under way. Further ones are sent away at once, so that a flood takes
/// neither the requests in flight that pages need nor the connections to the database. More than are
/// hashed within two seconds.
const CROWD: usize = 64;
/// Those of them in one line: a flood of guesses at one account keeps nobody else out.
const PLACES: usize = 32;
/// Lines for names, and as many for addresses. Whose line it is depends on the secret key, so that
/// nobody can choose to stand in another's.
const LINES: usize = 256;

/// What names and addresses are hidden with.
const SALT: &str = "accounts.throttle";

/// Where attempts are counted. Cheap to clone; all clones take turns.
#[derive(Debug, Clone)]
pub struct Throttle {
    pub(super) counts: Counts,
    keys: Keys,
    pub(super) lines: Arc<Lines>,
}

#[derive(Debug)]
pub(super) struct Lines {
    pub(super) crowd: Arc<Semaphore>,
    pub(super) names: Vec<Line>,
    pub(super) addresses: Vec<Line>,
    /// Whoever waits to write has a connection in the hand, and pages need those: of many attempts
    /// at the same moment one is written at a time, of strangers and of known devices each.
    pub(super) strangers: Semaphore,
    pub(super) devices: Semaphore,
    /// Told when an attempt of this process has settled.
    pub(super) settled: Notify,
}

/// Those who want a place in the same counts, one after the other.
#[derive(Debug)]
pub(super) struct Line {
    places: Semaphore,
    first: Semaphore,
}

impl Line {
    /// Waits to be the first; not when the line is full, or it takes too long.
    pub(super) async fn enter(&self, deadline: Instant) -> Option<[SemaphorePermit<'_>; 2]> {
        let place = self.places.try_acquire().ok()?;
        let first = timeout_at(deadline, self.first.acquire()).await.ok()?;
        Some([first.ok()?, place])
    }
}

impl Throttle {
    /// In a database, never a transaction, which would forget what it counted; in the [`super::table`] of
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

impl Throttle {
    pub(super) fn turn(&self, caller: Caller) -> &Semaphore {
        match caller {
            Caller::Stranger => &self.lines.strangers,
            Caller::Known => &self.lines.devices,
        }
    }

    pub(super) fn counts_of(&self, attempt: Attempt<'_>, caller: Caller) -> Vec<Count> {
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

    pub(super) fn line<'a>(&self, lines: &'a [Line], of: &str) -> &'a Line {
        let secret = self.keys.current.expose_secret().as_bytes();
        let hmac = salted_hmac(SALT, of.as_bytes(), secret, Algorithm::Sha256);
        &lines[usize::from(hmac[0]) % lines.len()]
    }
}
