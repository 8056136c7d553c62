//! The queues in which attempts wait, and the counts that each attempt belongs to.

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

/// The most attempts of strangers under way; further ones are refused at once. So a flood takes neither
/// all requests in flight nor all connections to the database. It is more than can be hashed within two
/// seconds.
const MAX_STRANGERS: usize = 64;
/// The most of them in one queue, so that a flood of guesses at one account keeps nobody else out.
const MAX_IN_QUEUE: usize = 32;
/// The number of queues for names, and for addresses. The secret key decides which queue a name uses, so
/// that nobody can choose a name in order to block another's queue.
const QUEUES: usize = 256;

/// The salt of the HMACs of names and addresses.
const SALT: &str = "accounts.throttle";

/// Counts attempts. Cheap to clone; all clones share the queues.
#[derive(Debug, Clone)]
pub struct Throttle {
    pub(super) counts: Counts,
    keys: Keys,
    purpose: &'static str,
    pub(super) queues: Arc<Queues>,
}

#[derive(Debug)]
pub(super) struct Queues {
    pub(super) stranger_permits: Arc<Semaphore>,
    pub(super) names: Vec<Queue>,
    pub(super) addresses: Vec<Queue>,
    /// One permit each. An attempt that waits for the database's lock holds a connection, which pages
    /// need: so only one stranger and one known device write counts at a time.
    pub(super) strangers: Semaphore,
    pub(super) devices: Semaphore,
    /// Notified when a reservation of this process is settled.
    pub(super) settled: Notify,
}

/// A queue of attempts at the same counts, which are tried one after the other.
#[derive(Debug)]
pub(super) struct Queue {
    places: Semaphore,
    first: Semaphore,
}

impl Queue {
    /// Waits to be the first; `None` if the queue is full or the deadline passes.
    pub(super) async fn enter(&self, deadline: Instant) -> Option<[SemaphorePermit<'_>; 2]> {
        let place = self.places.try_acquire().ok()?;
        let first = timeout_at(deadline, self.first.acquire()).await.ok()?;
        Some([first.ok()?, place])
    }
}

impl Throttle {
    /// Counts in the [`super::table`] of that name, under HMACs by these keys. It takes a database and not
    /// a transaction, since a rollback would forget failures.
    pub fn new(db: Database, table: &'static str, keys: Keys) -> Self {
        let queue = |_| Queue {
            places: Semaphore::new(MAX_IN_QUEUE),
            first: Semaphore::new(1),
        };
        let queues = || (0..QUEUES).map(queue).collect();
        Self {
            counts: Counts { db, table },
            keys,
            purpose: "",
            queues: Arc::new(Queues {
                stranger_permits: Arc::new(Semaphore::new(MAX_STRANGERS)),
                names: queues(),
                addresses: queues(),
                strangers: Semaphore::new(1),
                devices: Semaphore::new(1),
                settled: Notify::new(),
            }),
        }
    }

    /// The same with counts of its own in the same table, for attempts at something else than a login.
    #[must_use]
    pub fn for_purpose(self, purpose: &'static str) -> Self {
        Self { purpose, ..self }
    }

    pub(super) fn table(&self) -> &'static str {
        self.counts.table
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }
}

impl Throttle {
    pub(super) fn write_permit(&self, caller: Caller) -> &Semaphore {
        match caller {
            Caller::Stranger => &self.queues.strangers,
            Caller::KnownDevice => &self.queues.devices,
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
        add("everywhere", "", username, Rule::OneAtATime);
        if let (Some(device), Caller::KnownDevice) = (attempt.device, caller) {
            counts.push(Count {
                key: self.hide("device", "", device),
                rule: Rule::Limit(Scope::Account, MAX_FOR_ACCOUNT),
                is_obeyed: true,
            });
        }
        counts
    }

    pub(super) fn hide(&self, kind: &str, place: &str, name: &str) -> String {
        // A line break separates the parts, since neither a kind nor an address holds one.
        let purpose = self.purpose;
        let text = format!("{purpose}{kind}\n{place}\n{name}");
        let secret = self.keys.current.expose_secret().as_bytes();
        let hmac = salted_hmac(SALT, text.as_bytes(), secret, Algorithm::Sha256);
        URL_SAFE_NO_PAD.encode(hmac)
    }

    pub(super) fn queue<'a>(&self, queues: &'a [Queue], name: &str) -> &'a Queue {
        let secret = self.keys.current.expose_secret().as_bytes();
        let hmac = salted_hmac(SALT, name.as_bytes(), secret, Algorithm::Sha256);
        &queues[usize::from(hmac[0]) % queues.len()]
    }
}
