//! Whether somebody is who he says he is: throttled, verified, refused without a difference.

use std::net::IpAddr;

use db::Database;
use db::datetime::now;
use sea_orm::DbErr;
use secrecy::{ExposeSecret as _, SecretString};

use crate::hashers::{Hashing, Verification};
use crate::throttle::{self, Attempt, Lock, Throttle};
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
    /// It is not, or he may not come in here. The visitor is told no more than that.
    Refused(Refusal),
    /// Too many have failed.
    Locked(Lock),
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
/// statements, and the work of one hash. Only a right password that lets somebody in is stored
/// anew, so that nothing can be learned from the time that takes.
pub async fn authenticate(
    entrance: &Entrance,
    credentials: Credentials<'_>,
) -> Result<Outcome, DbErr> {
    let Entrance {
        db,
        hashing,
        throttle,
    } = entrance;
    // What no account can have costs nothing: pages refuse it at their forms.
    let password = credentials.password.expose_secret();
    let is_typed = user::TYPED_PASSWORD.flaw(password).is_none();
    let username = user::normalize_username(credentials.username);
    let (Ok(username), true) = (username, is_typed) else {
        return Ok(Outcome::Refused(Refusal::Malformed));
    };
    let attempt = Attempt {
        username: &username,
        address: credentials.address,
    };
    if let Some(lock) = throttle::count(throttle, attempt, now()).await? {
        return Ok(Outcome::Locked(lock));
    }
    let user = user::find_by_username(db, &username).await?;
    let encoded = user.as_ref().map(|user| user.password.clone());
    let password = credentials.password;
    let verification = hashing.verify(password.clone(), encoded).await;
    let Some(mut user) = user else {
        return Ok(Outcome::Refused(Refusal::UnknownUser));
    };
    let Verification::Right { must_update } = verification else {
        return Ok(Outcome::Refused(Refusal::WrongPassword));
    };
    if !user.is_active {
        return Ok(Outcome::Refused(Refusal::Inactive));
    }
    if credentials.open_to == OpenTo::Staff && !user.is_staff {
        return Ok(Outcome::Refused(Refusal::NotStaff));
    }
    throttle::reset(throttle, attempt).await?;
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
