//! Sends what waits in an outbox: one letter after the other, again and again until it is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use db::datetime::now;
use db::{Database, DbErr};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use crate::destination::Destination;
use crate::letter::Letter;
use crate::message::{Outgoing, Sender};
use crate::outbox::{Outbox, StoredLetter, UNREACHABLE, Waiting};
use crate::transport::{Delivery, Reason, Session, Transport, Unusable};

/// Waits and limits.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// How often the outbox is looked at for letters that other instances have queued.
    pub look: Duration,
    /// The longest time that handing over one letter takes.
    pub delivery: Duration,
    /// For how long a letter is nobody else's. Longer than a delivery and its note in the database.
    pub lease: Duration,
    /// The wait after the first failure of a letter. Each further one doubles it.
    pub first_wait: Duration,
    /// The longest wait of a letter.
    pub longest_wait: Duration,
    /// How often a letter is tried.
    pub attempts: i64,
    /// The wait after nobody was reached, for all letters. It doubles, too.
    pub first_pause: Duration,
    /// The longest such wait.
    pub longest_pause: Duration,
    /// How long letters are kept that were sent and belong to no record.
    pub kept: Duration,
}

impl Timing {
    /// Those of a site: waits of a minute, two, four… up to four hours are two days after the
    /// twentieth attempt.
    pub const fn production() -> Self {
        Self {
            look: Duration::from_secs(2),
            delivery: Duration::from_secs(150),
            lease: Duration::from_mins(4),
            first_wait: Duration::from_mins(1),
            longest_wait: Duration::from_hours(4),
            attempts: 20,
            first_pause: Duration::from_secs(5),
            longest_pause: Duration::from_mins(1),
            kept: Duration::from_hours(30 * 24),
        }
    }

    /// The wait after an attempt that failed; `None` after the last one.
    fn wait_after(&self, attempts: i64) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or(u32::MAX);
        let factor = 2_u32.checked_pow(doublings).unwrap_or(u32::MAX);
        Some(
            self.first_wait
                .saturating_mul(factor)
                .min(self.longest_wait),
        )
    }
}

/// How the letters of an outbox are sent.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where they wait.
    pub outbox: Outbox,
    /// Whom they are from.
    pub sender: Sender,
    /// Where they go; `None` where nobody has said so yet: then they wait.
    pub destination: Option<Destination>,
    /// Waits and limits.
    pub timing: Timing,
}

/// What became of letters, since the start, and what waited when that was last looked at.
#[derive(Debug, Default)]
pub struct Stats {
    sent: AtomicU64,
    deferred: AtomicU64,
    given_up: AtomicU64,
    waiting: AtomicU64,
    /// Seconds since 1970, or 0.
    oldest: AtomicI64,
}

impl Stats {
    /// Letters that were sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Attempts that failed and are repeated.
    pub fn deferred(&self) -> u64 {
        self.deferred.load(Ordering::Relaxed)
    }

    /// Letters that were given up.
    pub fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Letters that wait in the database, of all instances.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// For how long the oldest of them has waited, in seconds.
    pub fn oldest_seconds(&self) -> u64 {
        let oldest = self.oldest.load(Ordering::Relaxed);
        let age = now().timestamp() - oldest;
        if oldest == 0 {
            0
        } else {
            u64::try_from(age).unwrap_or(0)
        }
    }

    fn set_waiting(&self, waiting: Waiting) {
        let oldest = waiting.oldest.map_or(0, |time| time.timestamp());
        self.waiting.store(waiting.letters, Ordering::Relaxed);
        self.oldest.store(oldest, Ordering::Relaxed);
    }
}

/// Sends the letters of an outbox. Clones share it.
#[derive(Debug, Clone)]
pub struct Mailing(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Database,
    config: Config,
    transport: Option<Transport>,
    stats: Stats,
    wake: Notify,
    is_stopped: AtomicBool,
}

/// How one look at the outbox ended.
enum Round {
    /// Nothing is due any more.
    Done,
    /// Nobody could be reached.
    Unreachable,
}

/// How often old letters are deleted.
const SWEEP: Duration = Duration::from_hours(1);

/// The wait between two tries to note that a letter was sent.
const NOTE_AGAIN: Duration = Duration::from_millis(500);

impl Mailing {
    /// Reads what the destination names, and sends nothing yet.
    pub fn new(db: Database, config: Config) -> Result<Self, Unusable> {
        let destination = config.destination.as_ref();
        let transport = destination
            .map(|destination| Transport::new(destination, &config.sender))
            .transpose()?;
        Ok(Self(Arc::new(Shared {
            db,
            config,
            transport,
            stats: Stats::default(),
            wake: Notify::new(),
            is_stopped: AtomicBool::new(false),
        })))
    }

    /// The numbers.
    pub fn stats(&self) -> &Stats {
        &self.0.stats
    }

    /// Whether letters are sent, and do not only wait.
    pub fn has_destination(&self) -> bool {
        self.0.transport.is_some()
    }

    /// Has the outbox looked at now. For whoever has committed a letter; without it the letter is
    /// found a little later.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Ends [`Mailing::keep_sending`] after the letter under way.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
        self.0.wake.notify_one();
    }

    fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Relaxed)
    }

    /// Sends letters until [`Mailing::stop`].
    pub async fn keep_sending(&self) {
        let Shared { config, wake, .. } = &*self.0;
        let mut pause = Pause::new(config.timing);
        let mut swept: Option<Instant> = None;
        let mut is_failing = false;
        while !self.is_stopped() {
            let round = async {
                if swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
                    self.sweep().await?;
                    swept = Some(Instant::now());
                }
                self.look(&mut pause).await
            };
            match round.await {
                Ok(()) => is_failing = false,
                // Told once, and not at each look.
                Err(error) if !is_failing => {
                    tracing::warn!(%error, "the outbox cannot be read or written: {error}");
                    is_failing = true;
                }
                Err(_) => {}
            }
            tokio::select! {
                () = wake.notified() => {}
                () = sleep(config.timing.look) => {}
            }
        }
    }

    /// Sends a letter at once, past the outbox, and says what went wrong: for whoever tries the
    /// settings.
    pub async fn send_now(&self, letter: &Letter) -> Result<(), String> {
        let Shared {
            config, transport, ..
        } = &*self.0;
        let Some(transport) = transport else {
            return Err("it is not set where letters go".to_owned());
        };
        let letter = StoredLetter::unstored(letter, config.sender.address().domain());
        let mut session = transport.session();
        let delivery = self.deliver(&mut session, &letter).await;
        session.end().await;
        match delivery {
            Delivery::Taken => Ok(()),
            Delivery::Refused(reason)
            | Delivery::Deferred(reason)
            | Delivery::Unreachable(reason) => Err(reason.whole),
        }
    }

    /// Sends what is due now, and returns when nothing is, or nobody can be reached.
    pub async fn send_due(&self) -> Result<(), DbErr> {
        let mut pause = Pause::new(self.0.config.timing);
        self.look(&mut pause).await
    }

    async fn look(&self, pause: &mut Pause) -> Result<(), DbErr> {
        let Shared {
            db,
            config,
            transport,
            stats,
            ..
        } = &*self.0;
        let waiting = config.outbox.waiting(db).await?;
        stats.set_waiting(waiting);
        let is_due = waiting.next_attempt.is_some_and(|time| time <= now());
        let Some(transport) = transport.as_ref().filter(|_| is_due && pause.is_over()) else {
            return Ok(());
        };
        let mut session = transport.session();
        let round = self.send_all(&mut session, pause).await;
        session.end().await;
        match round? {
            Round::Done => {
                pause.reset();
            }
            Round::Unreachable => pause.begin(),
        }
        stats.set_waiting(config.outbox.waiting(db).await?);
        Ok(())
    }

    async fn send_all(&self, session: &mut Session<'_>, pause: &mut Pause) -> Result<Round, DbErr> {
        let Shared { db, config, .. } = &*self.0;
        let outbox = config.outbox;
        let lease = TimeDelta::from_std(config.timing.lease).unwrap_or(TimeDelta::MAX);
        let domain = config.sender.address().domain();
        while !self.is_stopped() {
            let Some(letter) = outbox.claim(db, domain, lease).await? else {
                break;
            };
            let delivery = self.deliver(session, &letter).await;
            let is_taken = matches!(delivery, Delivery::Taken);
            let is_unreachable = matches!(delivery, Delivery::Unreachable(_));
            self.note(&letter, delivery).await?;
            if is_unreachable {
                return Ok(Round::Unreachable);
            }
            if is_taken && pause.reset() {
                outbox.hasten(db).await?;
            }
        }
        Ok(Round::Done)
    }

    async fn deliver(&self, session: &mut Session<'_>, letter: &StoredLetter) -> Delivery {
        let Config { sender, timing, .. } = &self.0.config;
        match Outgoing::new(letter, sender) {
            Ok(message) => {
                let name = letter.message_id.split('@').next().unwrap_or_default();
                session.deliver(&message, name, timing.delivery).await
            }
            Err(error) => Delivery::Refused(Reason {
                whole: error.to_string(),
                logged: "the letter could not be written".to_owned(),
            }),
        }
    }

    /// Writes down what became of a letter, and logs it without saying whose it is.
    async fn note(&self, letter: &StoredLetter, delivery: Delivery) -> Result<(), DbErr> {
        let Shared {
            db, config, stats, ..
        } = &*self.0;
        let Config { outbox, timing, .. } = config;
        let (id, attempts) = (letter.id, letter.attempts);
        let (reason, error, wait) = match delivery {
            Delivery::Taken => {
                self.note_sent(letter).await?;
                stats.sent.fetch_add(1, Ordering::Relaxed);
                tracing::info!(letter.id = id, attempts, "letter {id} was sent");
                return Ok(());
            }
            Delivery::Refused(reason) => {
                let error = reason.whole.clone();
                (reason, error, None)
            }
            Delivery::Deferred(reason) => {
                let error = reason.whole.clone();
                (reason, error, timing.wait_after(attempts))
            }
            Delivery::Unreachable(reason) => {
                let error = format!("{UNREACHABLE}{}", reason.whole);
                (reason, error, timing.wait_after(attempts))
            }
        };
        let next = wait.map(|wait| now() + TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX));
        outbox.note_failure(db, letter, &error, next).await?;
        let why = reason.logged;
        if let Some(wait) = wait {
            stats.deferred.fetch_add(1, Ordering::Relaxed);
            let seconds = wait.as_secs();
            tracing::warn!(
                letter.id = id,
                attempts,
                seconds,
                "letter {id} was not sent, and is tried again in {seconds} s: {why}"
            );
        } else {
            stats.given_up.fetch_add(1, Ordering::Relaxed);
            tracing::error!(letter.id = id, attempts, "letter {id} was given up: {why}");
        }
        Ok(())
    }

    /// Notes that a letter was sent. A database that does not answer is asked again while the lease
    /// lasts, since the letter would be sent again otherwise.
    async fn note_sent(&self, letter: &StoredLetter) -> Result<(), DbErr> {
        let Shared { db, config, .. } = &*self.0;
        let Timing {
            lease, delivery, ..
        } = config.timing;
        let end = Instant::now() + lease.saturating_sub(delivery);
        loop {
            match config.outbox.note_sent(db, letter).await {
                Err(_) if Instant::now() < end => sleep(NOTE_AGAIN).await,
                result => return result,
            }
        }
    }

    /// Deletes letters that were sent long ago and belong to no record.
    pub async fn sweep(&self) -> Result<(), DbErr> {
        let Shared { db, config, .. } = &*self.0;
        let kept = TimeDelta::from_std(config.timing.kept).unwrap_or(TimeDelta::MAX);
        let deleted = config.outbox.sweep(db, now() - kept).await?;
        if deleted > 0 {
            tracing::info!("{deleted} letters were deleted that were sent long ago");
        }
        Ok(())
    }
}

/// The wait while nobody can be reached.
#[derive(Debug)]
struct Pause {
    timing: Timing,
    until: Option<Instant>,
    next: Duration,
}

impl Pause {
    fn new(timing: Timing) -> Self {
        Self {
            timing,
            until: None,
            next: timing.first_pause,
        }
    }

    fn is_over(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() >= until)
    }

    fn begin(&mut self) {
        self.until = Some(Instant::now() + self.next);
        self.next = (self.next * 2).min(self.timing.longest_pause);
    }

    /// Forgets it, and returns whether there was one.
    fn reset(&mut self) -> bool {
        let was_there = self.until.is_some();
        *self = Self::new(self.timing);
        was_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_tried_for_two_days() {
        let timing = Timing::production();
        let waits: Vec<_> = (1..=timing.attempts)
            .map_while(|attempts| timing.wait_after(attempts))
            .collect();
        assert_eq!(waits.len(), 19);
        assert_eq!(waits[0].as_secs(), 60);
        assert!(waits.is_sorted());
        let hours = waits.iter().sum::<Duration>().as_secs() / 3600;
        assert_eq!(hours, 48);
        assert!(timing.lease > timing.delivery);
        assert_eq!(timing.wait_after(i64::MAX), None);
    }
}
