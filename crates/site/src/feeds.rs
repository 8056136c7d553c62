//! Reads the calendars of other sites: each every half hour, a few at a time, by one instance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use accounts::hashers::random;
use calendars::fetch::{
    Address, AddressError, Config, FetchError, Fetched, Fetcher, Reach, Version,
};
use calendars::read::{Calendar as Nights, ReadError, Reader};
use chrono::{DateTime, TimeDelta, Utc};
use db::{Database, DbErr, Transaction};
use futures_util::StreamExt as _;
use futures_util::stream;
use mail::Mailing;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::calendar::Calendar;
use crate::domain::feed::{self, Attempt, UNREAD};
use crate::domain::lease;
use crate::feed_alarm::AlarmLetters;
use crate::release::VERSION;

/// How often each is read.
const INTERVAL: TimeDelta = TimeDelta::minutes(30);

/// How long nobody could read one before staff is told.
const ALARM_AFTER: TimeDelta = TimeDelta::hours(24);

/// How often it is looked whether there is one to read.
const PAUSE: Duration = Duration::from_mins(1);

/// How long one may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How many are read at a time: each takes a few megabytes while it is.
const AT_A_TIME: usize = 4;

/// How many are read before that is noted: each commit empties the cache of pages.
const BATCH: u64 = 20;

/// The name of the lease.
const LEASE: &str = "feeds";

/// How long a lease lasts: longer than a batch takes.
const LEASE_LENGTH: TimeDelta = TimeDelta::minutes(3);

/// Reads calendars. Clones share it.
#[derive(Clone, Debug)]
pub struct Feeds(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Database,
    calendar: Calendar,
    fetcher: Fetcher,
    reach: Reach,
    letters: AlarmLetters,
    mailing: Mailing,
    /// The name of this instance.
    holder: String,
    turns: Semaphore,
    counts: Counts,
}

/// What [`Feeds`] works with, beside the database.
#[derive(Debug)]
pub struct Parts {
    /// Tells the day and the time.
    pub calendar: Calendar,
    /// Where calendars may lie.
    pub reach: Reach,
    /// Tells owners of what cannot be read.
    pub letters: AlarmLetters,
    /// Sends that.
    pub mailing: Mailing,
}

/// What was counted since the start.
#[derive(Debug, Default)]
pub struct Counts {
    changed: AtomicU64,
    unchanged: AtomicU64,
    failed: AtomicU64,
    alarmed: AtomicU64,
}

impl Counts {
    /// How many attempts there were, by what became of them.
    pub fn attempts(&self) -> [(&'static str, u64); 3] {
        [
            ("changed", self.changed.load(Relaxed)),
            ("unchanged", self.unchanged.load(Relaxed)),
            ("failed", self.failed.load(Relaxed)),
        ]
    }

    /// How many calendars could not be read for a day.
    pub fn alarmed(&self) -> u64 {
        self.alarmed.load(Relaxed)
    }
}

/// What one attempt has brought.
enum Brought {
    Unchanged,
    Changed { nights: Nights, version: Version },
    Nothing(Problem),
}

/// Why nothing came, or nothing that can be read.
enum Problem {
    Fetch(FetchError),
    Read(ReadError),
    /// The library that reads has failed: it is its fault, and ours.
    Broken,
}

impl Feeds {
    /// With a name for this instance that no other has.
    pub fn new(db: Database, parts: Parts) -> Self {
        let Parts {
            calendar,
            reach,
            letters,
            mailing,
        } = parts;
        let config = Config {
            time_limit: TIME_LIMIT,
            reach,
            user_agent: format!("OC-Lettings/{VERSION}"),
        };
        Self(Arc::new(Shared {
            db,
            calendar,
            fetcher: Fetcher::new(config),
            reach,
            letters,
            mailing,
            holder: random::text(random::LOWER_AND_DIGITS, 32),
            turns: Semaphore::new(AT_A_TIME),
            counts: Counts::default(),
        }))
    }

    /// What was counted.
    pub fn counts(&self) -> &Counts {
        &self.0.counts
    }

    /// Checks an address that staff has typed.
    pub fn check(&self, address: &str) -> Result<Address, AddressError> {
        Address::parse(address, self.0.reach)
    }

    /// Reads what is due, again and again.
    pub async fn run(self) {
        loop {
            if let Err(error) = self.read_due().await {
                // The next time it may be there again; what cannot be reached tells of itself elsewhere.
                tracing::debug!(%error, "calendars of other sites could not be read or noted");
            }
            sleep(PAUSE).await;
        }
    }

    /// Reads what is due, unless another instance does: how many were asked for.
    pub async fn read_due(&self) -> Result<usize, DbErr> {
        let Shared {
            db,
            calendar,
            counts,
            ..
        } = &*self.0;
        let mut asked = 0;
        loop {
            // Looking costs no commit, which every minute would empty the cache of pages.
            let due = feed::due(db, calendar.now() - INTERVAL, BATCH).await?;
            if due.is_empty() || !self.has_lease().await? {
                break;
            }
            asked += due.len();
            self.read(due).await?;
        }
        counts
            .alarmed
            .store(feed::count_alarmed(db).await?, Relaxed);
        Ok(asked)
    }

    async fn has_lease(&self) -> Result<bool, DbErr> {
        let now = self.0.calendar.now();
        let wanted = lease::Model {
            name: LEASE.to_owned(),
            holder: self.0.holder.clone(),
            expires_at: now + LEASE_LENGTH,
        };
        lease::take(&self.0.db, wanted, now).await
    }

    /// Reads some, whether they are due or not, and notes what came of it.
    pub async fn read(&self, feeds: Vec<feed::Model>) -> Result<(), DbErr> {
        let db = &self.0.db;
        let brought = stream::iter(feeds).map(|feed| async {
            let brought = self.fetch(&feed).await;
            (feed, brought)
        });
        let mut brought = brought.buffer_unordered(AT_A_TIME);
        let mut attempts = Vec::new();
        while let Some((feed, brought)) = brought.next().await {
            attempts.push(self.keep(feed, brought).await?);
        }
        let transaction = db.begin().await?;
        let mut alarmed = Vec::new();
        for attempt in &attempts {
            if self.is_to_be_told(&transaction, attempt).await? {
                self.0
                    .letters
                    .queue(&transaction, attempt, self.0.calendar.zone())
                    .await?;
                alarmed.push(attempt);
            }
            feed::note(&transaction, attempt).await?;
        }
        transaction.commit().await?;
        for attempt in alarmed {
            sound_alarm(attempt);
            self.0.mailing.wake();
        }
        Ok(())
    }

    /// Whether an attempt is the first to find that one fails for long.
    async fn is_to_be_told(&self, db: &Transaction, attempt: &Attempt) -> Result<bool, DbErr> {
        match (attempt.feed.alarmed_at, attempt.alarmed_at) {
            (None, Some(at)) => feed::claim_alarm(db, attempt.feed.id, at).await,
            _ => Ok(false),
        }
    }

    /// Fetches one and reads it, on a thread for work that takes its time.
    async fn fetch(&self, feed: &feed::Model) -> Brought {
        let Shared {
            calendar,
            fetcher,
            turns,
            ..
        } = &*self.0;
        let address = match self.check(&feed.url) {
            Ok(address) => address,
            Err(error) => return Brought::Nothing(Problem::Fetch(error.into())),
        };
        let mark = |mark: &str| Some(mark.to_owned()).filter(|mark| !mark.is_empty());
        let known = Version {
            etag: mark(&feed.etag),
            last_modified: mark(&feed.last_modified),
        };
        let reader = Reader {
            today: calendar.today(),
            zone: calendar.zone(),
        };
        let fetcher = fetcher.clone();
        // Nobody closes the semaphore.
        let _turn = turns.acquire().await;
        let work = tokio::task::spawn_blocking(move || match fetcher.fetch(&address, &known) {
            Ok(Fetched::Unchanged) => Brought::Unchanged,
            Ok(Fetched::Changed { bytes, version }) => match calendars::read(&bytes, reader) {
                Ok(nights) => Brought::Changed { nights, version },
                Err(error) => Brought::Nothing(Problem::Read(error)),
            },
            Err(error) => Brought::Nothing(Problem::Fetch(error)),
        });
        work.await.unwrap_or(Brought::Nothing(Problem::Broken))
    }

    /// Keeps the nights of one that was read, and marks one that fails for long.
    async fn keep(&self, feed: feed::Model, brought: Brought) -> Result<Attempt, DbErr> {
        let Shared {
            db,
            calendar,
            counts,
            ..
        } = &*self.0;
        let at = calendar.now();
        let mut attempt = Attempt {
            at,
            has_succeeded: true,
            problem: ("", String::new()),
            version: None,
            alarmed_at: None,
            feed,
        };
        match brought {
            Brought::Unchanged => {
                counts.unchanged.fetch_add(1, Relaxed);
                // What could not be read before is still there.
                if attempt.feed.error == UNREAD {
                    attempt.problem = (UNREAD, attempt.feed.error_detail.clone());
                }
            }
            Brought::Changed { nights, version } => {
                counts.changed.fetch_add(1, Relaxed);
                feed::replace_stays(db, &attempt.feed, &nights.busy, at).await?;
                if nights.unread > 0 {
                    attempt.problem = (UNREAD, nights.unread.to_string());
                }
                attempt.version = Some(stored(version));
            }
            Brought::Nothing(problem) => {
                counts.failed.fetch_add(1, Relaxed);
                attempt.has_succeeded = false;
                attempt.problem = problem.words();
                attempt.alarmed_at = attempt.feed.alarmed_at;
                if is_alarming(&attempt.feed, at) {
                    attempt.alarmed_at = Some(at);
                }
            }
        }
        Ok(attempt)
    }
}

/// What columns take of the marks of a version: one that is longer cannot be asked with.
fn stored(version: Version) -> (String, String) {
    let mark =
        |mark: Option<String>, most| mark.filter(|mark| mark.len() <= most).unwrap_or_default();
    (mark(version.etag, 255), mark(version.last_modified, 64))
}

/// Whether nobody has been told yet that one fails: for a day, or from the beginning.
fn is_alarming(feed: &feed::Model, now: DateTime<Utc>) -> bool {
    let long_ago = match feed.succeeded_at {
        Some(succeeded_at) => succeeded_at + ALARM_AFTER <= now,
        None => feed.attempted_at.is_some(),
    };
    feed.alarmed_at.is_none() && long_ago
}

/// Tells the log and Sentry. The address is a secret, and the name staff's own.
fn sound_alarm(attempt: &Attempt) {
    tracing::error!(
        letting.id = attempt.feed.letting_id.0,
        feed.id = attempt.feed.id.0,
        feed.problem = attempt.problem.0,
        "a calendar of another site could not be read for a day, or never"
    );
}

impl Problem {
    /// A word, and what belongs to it.
    fn words(&self) -> (&'static str, String) {
        let word = match self {
            Self::Fetch(FetchError::Address(AddressError::NotPublic) | FetchError::NotPublic) => {
                "not-public"
            }
            Self::Fetch(FetchError::Address(_)) => "address",
            Self::Fetch(FetchError::UnknownHost) => "unknown-host",
            Self::Fetch(FetchError::NoAnswer) => "no-answer",
            Self::Fetch(FetchError::Certificate) => "certificate",
            Self::Fetch(FetchError::TooSlow) => "too-slow",
            Self::Fetch(FetchError::TooManyRedirects) => "redirects",
            Self::Fetch(FetchError::Status(status)) => return ("status", status.to_string()),
            Self::Fetch(FetchError::TooLarge) | Self::Read(ReadError::TooLarge) => "too-large",
            Self::Read(ReadError::TooManyEvents) => "too-many-events",
            Self::Read(ReadError::NotACalendar) => "not-a-calendar",
            Self::Read(ReadError::CutOff) => "cut-off",
            Self::Fetch(FetchError::Broken) | Self::Broken => "broken",
        };
        (word, String::new())
    }
}
