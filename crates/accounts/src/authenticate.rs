//! Verifies a name and a password: throttled, and without telling why a login is refused.

use std::net::IpAddr;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use db::Database;
use db::datetime::now;
use sea_orm::DbErr;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::device;
use crate::hashers::{Hashing, HashingSlot, Verification, memory_bytes};
use crate::throttle::{self, Admission, Attempt, Lock, Reservation, Throttle};
use crate::user;

/// Everything that a login needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LoginGate {
    /// Where the users are.
    pub db: Database,
    /// Where hashes are computed.
    pub hashing: Hashing,
    /// Where failures are counted.
    pub throttle: Throttle,
    /// When the stored hashes were last read, and how long that took.
    last_learning: Arc<Mutex<Option<LastLearning>>>,
}

#[derive(Debug, Clone, Copy)]
struct LastLearning {
    at: Instant,
    took: Duration,
}

/// The stored hashes are read again after this time at the earliest. They are also read again only
/// after this many times what the last reading took, so that many users cost a percent of the time.
const LEARN_AGAIN: Duration = Duration::from_secs(1);
const LEARN_AGAIN_FACTOR: u32 = 100;

impl LoginGate {
    /// A gate that has not read the stored hashes yet.
    pub fn new(db: Database, hashing: Hashing, throttle: Throttle) -> Self {
        Self {
            db,
            hashing,
            throttle,
            last_learning: Arc::default(),
        }
    }

    /// Reads which hashes are stored, so that refusals take as long as the dearest of them, and returns
    /// the memory in bytes that a login takes at most. A server calls this before it accepts
    /// connections; otherwise the first attempt does it.
    pub async fn learn(&self) -> Result<u64, DbErr> {
        let mut last_learning = self.last_learning.lock().await;
        let at = Instant::now();
        let stored = user::stored_hashes(&self.db).await?;
        let took = at.elapsed();
        let memory = stored.iter().map(|encoded| memory_bytes(encoded)).max();
        self.hashing.learn(stored).await;
        *last_learning = Some(LastLearning { at, took });
        Ok(memory.unwrap_or(0))
    }

    /// Reads the stored hashes again if that was long ago, since another program may have stored a dearer
    /// one.
    async fn learn_if_stale(&self) -> Result<(), DbErr> {
        let mut last_learning = self.last_learning.lock().await;
        let Some(last) = &mut *last_learning else {
            drop(last_learning);
            return self.learn().await.map(drop);
        };
        if last.at.elapsed() > LEARN_AGAIN.max(last.took * LEARN_AGAIN_FACTOR) {
            // In the background, so that no login waits for it. Setting the time first keeps others
            // from starting the same.
            last.at = Instant::now();
            let login_gate = self.clone();
            tokio::spawn(async move { login_gate.learn().await });
        }
        Ok(())
    }
}

/// What a visitor typed, and where from.
#[derive(Debug)]
pub struct Credentials<'a> {
    /// The name of the account.
    pub username: &'a str,
    /// The password.
    pub password: SecretString,
    /// The client's address.
    pub address: IpAddr,
    /// The cookie of [`device::issue`], if the client sent one.
    pub device: Option<&'a str>,
    /// Which accounts this login accepts.
    pub open_to: OpenTo,
}

/// Which accounts a login accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenTo {
    /// Every active account.
    Everybody,
    /// Active accounts of staff.
    Staff,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Name and password are this user's. The session is made by [`crate::login::log_in`].
    Authenticated {
        /// The user, with the hash that is stored now.
        user: user::Model,
        /// Whether the hash was made anew, which ends the user's other sessions.
        is_rehashed: bool,
    },
    /// The login is refused. The visitor must not be told why.
    Refused {
        /// Why, for the log.
        refusal: Refusal,
        /// The lock that begins with this failure: to be logged once.
        begins: Option<Lock>,
    },
    /// Too many attempts have failed.
    Locked(Lock),
    /// Too many attempts are under way. Nothing was counted.
    Busy,
}

/// Why a login was refused. For the log only: the visitor gets the same answer for all reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A name or a password that is too long, or holds control characters. Nothing was counted.
    Malformed,
    /// No account has that name.
    UnknownUser,
    /// The password is wrong, or the account has no usable one.
    WrongPassword,
    /// The password is right; the account may not be used.
    Inactive,
    /// The password is right; the account is not staff's.
    NotStaff,
}

/// Verifies credentials. Refusals take the same time whatever the reason: the same statements, the
/// same queue, and the time of the dearest stored hash. Only a successful login may be answered sooner,
/// or later when its hash is renewed: its time tells nothing, since its answer already tells that the
/// password is right.
pub async fn authenticate(
    login_gate: &LoginGate,
    credentials: Credentials<'_>,
) -> Result<Outcome, DbErr> {
    let LoginGate {
        db,
        hashing,
        throttle,
        ..
    } = login_gate;
    // Malformed input is refused without a query or a wait. That tells nothing about an account, since
    // no account can have such a name or password.
    let password = credentials.password.expose_secret();
    let is_typed = user::TYPED_PASSWORD.flaw(password).is_none();
    let username = user::normalize_username(credentials.username);
    let (Ok(username), true) = (username, is_typed) else {
        return Ok(Outcome::Refused {
            refusal: Refusal::Malformed,
            begins: None,
        });
    };
    login_gate.learn_if_stale().await?;
    let time = now();
    let device = credentials.device.and_then(|cookie| {
        let keys = throttle.keys();
        device::recognise(keys, &username, cookie, time)
    });
    let attempt = Attempt {
        username: &username,
        address: credentials.address,
        device,
    };
    let reservation = match throttle::reserve(throttle, attempt, time).await? {
        Admission::Reserved(reservation) => reservation,
        Admission::Locked(lock) => return Ok(Outcome::Locked(lock)),
        Admission::Busy => return Ok(Outcome::Busy),
    };
    // Only after the reservation: a flood of attempts must not reach the table of users.
    let user = user::find_by_username(db, &username).await?;
    let encoded = user.as_ref().map(|user| user.password.clone());
    let Ok(slot) = hashing.acquire_slot(reservation.caller(), encoded).await else {
        reservation.release().await?;
        return Ok(Outcome::Busy);
    };
    let password = credentials.password;
    let admitted = AdmittedAttempt {
        hashing: hashing.clone(),
        reservation,
        slot,
        user,
        open_to: credentials.open_to,
    };
    let verdict = admitted.decide_in_a_task(password.clone()).await?;
    let (mut user, must_update) = match verdict {
        Ok(right) => right,
        Err(outcome) => return Ok(outcome),
    };
    let mut is_rehashed = false;
    if must_update {
        let encoded = hashing.encode(password).await;
        // Hashing takes a tenth of a second: the password may have been changed meanwhile, and the
        // changed one must stay.
        if user::replace_password(db, &user, &encoded).await? {
            user.password = encoded;
            is_rehashed = true;
        }
    }
    Ok(Outcome::Authenticated { user, is_rehashed })
}

/// An attempt that has its reservation and its hashing slot.
struct AdmittedAttempt {
    hashing: Hashing,
    reservation: Reservation,
    slot: HashingSlot,
    user: Option<user::Model>,
    open_to: OpenTo,
}

impl AdmittedAttempt {
    /// Decides in a task of its own. If the client disconnects, the task still runs to its end and
    /// counts a failure.
    async fn decide_in_a_task(
        self,
        password: SecretString,
    ) -> Result<Result<(user::Model, bool), Outcome>, DbErr> {
        match tokio::spawn(self.decide(password)).await {
            Ok(verdict) => verdict,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The task is only cancelled when the runtime shuts down, which drops this future too.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// The user and whether their hash is weak, or the refusal. A refusal first waits until its time,
    /// and then settles its reservation. If it settled sooner, the waiting time of another attempt
    /// would tell what this one has found.
    async fn decide(
        self,
        password: SecretString,
    ) -> Result<Result<(user::Model, bool), Outcome>, DbErr> {
        let began = self.slot.began();
        let verification = self.slot.verify(password).await;
        let refusal = match (self.user, verification) {
            (None, _) => Refusal::UnknownUser,
            (Some(_), Verification::Wrong) => Refusal::WrongPassword,
            (Some(user), Verification::Right { .. }) if !user.is_active => Refusal::Inactive,
            (Some(user), Verification::Right { .. })
                if self.open_to == OpenTo::Staff && !user.is_staff =>
            {
                Refusal::NotStaff
            }
            (Some(user), Verification::Right { must_update }) => {
                self.reservation.succeed().await?;
                return Ok(Ok((user, must_update)));
            }
        };
        let least = self.reservation.least_duration();
        self.hashing.wait_to_refuse(began, least).await;
        let begins = self.reservation.fail().await?;
        Ok(Err(Outcome::Refused { refusal, begins }))
    }
}
