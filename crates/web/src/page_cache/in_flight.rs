//! Pages that are being rendered. Of several requests for a page one renders it, and the others wait.
//!
//! A request that comes after a commit does not wait for a page that was begun before the commit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::changes::Generation;
use tokio::sync::watch;

use super::page::CachedPage;

/// The rendered page, or `None` if the answer must not be shared.
type Outcome = Option<Arc<CachedPage>>;

/// The pages that are being rendered, by their keys.
#[derive(Default)]
pub(super) struct InFlight(Mutex<HashMap<String, Entry>>);

struct Entry {
    /// `None` for a page that does not depend on the database.
    generation: Option<Generation>,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// Whether a request renders the page or waits for it.
pub(super) enum Role<'a> {
    Maker(Flight<'a>),
    Waiter(Waiter),
}

/// Held by the request that renders a page. If it is dropped unfinished, one of the waiting requests
/// takes over.
pub(super) struct Flight<'a> {
    pages: &'a InFlight,
    key: String,
    outcome: watch::Sender<Option<Outcome>>,
}

/// Held by a request that waits for another one's page.
pub(super) struct Waiter(watch::Receiver<Option<Outcome>>);

impl InFlight {
    pub(super) fn enter(&self, key: &str, generation: Option<Generation>) -> Role<'_> {
        let mut entries = self.lock();
        if let Some(entry) = entries.get(key)
            && entry.generation == generation
            // A dropped sender means that its request is about to remove the entry.
            && entry.outcome.has_changed().is_ok()
        {
            return Role::Waiter(Waiter(entry.outcome.clone()));
        }
        let (sender, outcome) = watch::channel(None);
        let new = Entry {
            generation,
            outcome,
        };
        entries.insert(key.to_owned(), new);
        Role::Maker(Flight {
            pages: self,
            key: key.to_owned(),
            outcome: sender,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight<'_> {
    /// Wakes the waiting requests.
    pub(super) fn finish(self, outcome: Outcome) {
        self.outcome.send_replace(Some(outcome));
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut entries = self.pages.lock();
        // A request of a later generation may have replaced the entry: then it stays.
        let own = self.outcome.subscribe();
        if entries
            .get(&self.key)
            .is_some_and(|entry| entry.outcome.same_channel(&own))
        {
            entries.remove(&self.key);
        }
    }
}

impl Waiter {
    /// The outcome; `None` if the other request was dropped before it had one.
    pub(super) async fn outcome(mut self) -> Option<Outcome> {
        let outcome = self.0.wait_for(Option::is_some).await.ok()?;
        outcome.clone()
    }
}
