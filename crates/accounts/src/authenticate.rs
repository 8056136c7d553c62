//! Whether somebody is who they say they are: throttled, verified, refused without a difference.

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
use crate::hashers::{Hashing, Place, Verification, memory_bytes};
use crate::throttle::{self, Attempt, Lock, Reservation, Throttle, Turn};
use crate::user;

/// What is needed to let somebody in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// Where the users are.
    pub db: Database,
    /// Where hashes are computed.
    pub hashing: Hashing,
    /// Where failures are counted.
    pub throttle: Throttle,
    /// When the database was asked which hashes it holds.
    asked: Arc<Mutex<Option<Asked>>>,
}

#[derive(Debug, Clone, Copy)]
struct Asked {
    at: Instant,
    took: Duration,
}

/// The database is asked again for its hashes after this at the earliest, and after so many times
/// what the last answer took: of many users it takes a percent of the time.
const ASK_AGAIN: Duration = Duration::from_secs(1);
const ASK_AGAIN_FACTOR: u32 = 100;

impl Entrance {
    /// One that has not been asked by anybody yet.
    pub fn new(db: Database, hashing: Hashing, throttle: Throttle) -> Self {
        Self {
            db,
            hashing,
            throttle,
            asked: Arc::default(),
        }
    }

    /// Learns from the database what its dearest hash costs, for the first who is refused, and tells
    /// the memory in bytes that a login takes by it. Whoever serves does this before anybody can
    /// ask; otherwise the first attempt does.
    pub async fn learn(&self) -> Result<u64, DbErr> {
        let mut asked = self.asked.lock().await;
        let at = Instant::now();
        let stored = user::stored_hashes(&self.db).await?;
        let took = at.elapsed();
        let memory = stored.iter().map(|encoded| memory_bytes(encoded)).max();
        self.hashing.learn(stored).await;
        *asked = Some(Asked { at, took });
        Ok(memory.unwrap_or(0))
    }

    /// The same when it was long ago. Another program may have stored a dearer hash meanwhile.
    async fn learn_by_and_by(&self) -> Result<(), DbErr> {
        let mut asked = self.asked.lock().await;
        let Some(last) = &mut *asked else {
            drop(asked);
            return self.learn().await.map(drop);
        };
        if last.at.elapsed() > ASK_AGAIN.max(last.took * ASK_AGAIN_FACTOR) {
            // Nobody else asks while this is under way, and nobody waits for it.
            last.at = Instant::now();
            let entrance = self.clone();
            tokio::spawn(async move { entrance.learn().await });
        }
        Ok(())
    }
}

/// What somebody typed, and where from.
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
    /// Who may come in here.
    pub open_to: OpenTo,
}

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenTo {
    /// Every active account.
    Everybody,
    /// Active accounts of staff.
    Staff,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is this user. Nobody is logged in yet: see [`crate::login::log_in`].
    In {
        /// The user, with the hash that is stored now.
        user: user::Model,
        /// Whether the hash was made anew, which ends the user's other sessions.
        is_rehashed: bool,
    },
    /// It is not, or they may not come in here. The visitor is told no more than that.
    Refused {
        /// Why, for the log.
        refusal: Refusal,
        /// The lock that begins with this failure: to be logged once.
        begins: Option<Lock>,
    },
    /// Too many have failed.
    Locked(Lock),
    /// Too many are at it at this moment; nothing was counted.
    Busy,
}

/// Why somebody was refused, for the log alone: every one of them gets the same answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A name or a password that is too long, or holds control characters. Nothing was counted.
    Malformed,
    /// Nobody has that name.
    UnknownUser,
    /// The password is another, or none opens the account.
    WrongPassword,
    /// The password is right; the account may not be used.
    Inactive,
    /// The password is right; the account is not staff's.
    NotStaff,
}

/// Finds out who somebody is. A refusal takes about as long whatever its reason: the same
/// statements, the same line, and the time of the dearest hash that is stored. Only a right password
/// that lets somebody in is answered sooner, and stored anew, so that nothing can be learned from
/// the time that takes.
pub async fn authenticate(
    entrance: &Entrance,
    credentials: Credentials<'_>,
) -> Result<Outcome, DbErr> {
    let Entrance {
        db,
        hashing,
        throttle,
        ..
    } = entrance;
    // What no account can have costs nothing: pages refuse it at their forms.
    let password = credentials.password.expose_secret();
    let is_typed = user::TYPED_PASSWORD.flaw(password).is_none();
    let username = user::normalize_username(credentials.username);
    let (Ok(username), true) = (username, is_typed) else {
        return Ok(Outcome::Refused {
            refusal: Refusal::Malformed,
            begins: None,
        });
    };
    entrance.learn_by_and_by().await?;
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
        Turn::Reserved(reservation) => reservation,
        Turn::Locked(lock) => return Ok(Outcome::Locked(lock)),
        Turn::Busy => return Ok(Outcome::Busy),
    };
    let user = user::find_by_username(db, &username).await?;
    let encoded = user.as_ref().map(|user| user.password.clone());
    let Ok(place) = hashing.enter(reservation.caller(), encoded).await else {
        reservation.release().await?;
        return Ok(Outcome::Busy);
    };
    let password = credentials.password;
    let verdict = Verdict {
        hashing: hashing.clone(),
        reservation,
        place,
        user,
        open_to: credentials.open_to,
    };
    let verdict = verdict.reach_to_the_end(password.clone()).await?;
    let (mut user, must_update) = match verdict {
        Ok(right) => right,
        Err(outcome) => return Ok(outcome),
    };
    let mut is_rehashed = false;
    if must_update {
        let encoded = hashing.encode(password).await;
        // Not when the password was changed just now: that must last.
        if user::replace_password(db, &user, &encoded).await? {
            user.password = encoded;
            is_rehashed = true;
        }
    }
    Ok(Outcome::In { user, is_rehashed })
}

/// An attempt whose turn has come.
struct Verdict {
    hashing: Hashing,
    reservation: Reservation,
    place: Place,
    user: Option<user::Model>,
    open_to: OpenTo,
}

impl Verdict {
    /// To its end even when the client leaves: a failure counts whether anybody waits to hear of it.
    async fn reach_to_the_end(
        self,
        password: SecretString,
    ) -> Result<Result<(user::Model, bool), Outcome>, DbErr> {
        match tokio::spawn(self.reach(password)).await {
            Ok(verdict) => verdict,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is going down and drops this future too.
                Err(_) => std::future::pending().await,
            },
        }
    }

    /// The user, and whether their hash is weak, or what the visitor is to be told. A refusal is
    /// settled at the time at which all are: until then a place in the counts is taken, so that not
    /// even another attempt's wait tells what this one found.
    async fn reach(
        self,
        password: SecretString,
    ) -> Result<Result<(user::Model, bool), Outcome>, DbErr> {
        let began = self.place.began();
        let verification = self.place.verify(password).await;
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
