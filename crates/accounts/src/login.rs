//! Logging in: the session of a user, bound to the password's hash
//! (`Django 5.2 contrib/auth/__init__.py`). Knows no password.

use db::datetime::now;
use sea_orm::{ConnectionTrait, DbErr};
use secrecy::ExposeSecret as _;

use crate::session::{self, Data, Session};
use crate::signing::{Algorithm, KeyUsed, Keys, is_same, salted_hmac_hex};
use crate::user;

/// The purpose of the hash that binds a session to a password.
const SALT: &str = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";

/// Begins a user's session and stores the time of the login. An anonymous visitor's session keeps its
/// content and gets a new key. A session of another user is emptied.
pub async fn log_in(
    db: &impl ConnectionTrait,
    keys: &Keys,
    session: Option<Session>,
    user: &user::Model,
) -> Result<Session, DbErr> {
    let hash = auth_hash(keys, &user.password);
    let mut before = session;
    if let Some(session) = &mut before {
        let is_foreign = session
            .data
            .login()
            .is_some_and(|(id, stored)| id != user.id || !is_same(stored, &hash));
        if is_foreign {
            session.data = Data::default();
        }
        session.data.set_login(user.id, hash.clone());
    }
    // The old session may have been deleted meanwhile: then a new one is made.
    let cycled = match before {
        Some(session) => session::cycle(db, keys, session).await?,
        None => None,
    };
    let session = if let Some(session) = cycled {
        session
    } else {
        let mut data = Data::default();
        data.set_login(user.id, hash);
        session::create(db, keys, data).await?
    };
    user::record_login(db, user.id, now()).await?;
    Ok(session)
}

/// Binds the session of a user whose password was changed in it to the new one, under a new key;
/// the user's other sessions end. `None` when the session is gone.
pub async fn keep_logged_in(
    db: &impl ConnectionTrait,
    keys: &Keys,
    mut session: Session,
    user: &user::Model,
) -> Result<Option<Session>, DbErr> {
    let hash = auth_hash(keys, &user.password);
    session.data.set_login(user.id, hash);
    session::cycle(db, keys, session).await
}

/// The owner of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visitor {
    /// Nobody is logged in.
    Anonymous,
    /// A user is logged in.
    User {
        /// The user.
        user: user::Model,
        /// Whether an earlier secret key or hash function was needed: [`keep_logged_in`] and send
        /// the new key.
        must_renew: bool,
    },
    /// The user's password has changed, the user is gone or not active any more: [`session::delete`] the
    /// session.
    Stale,
}

/// Finds the user of a session.
pub async fn visitor_of(
    db: &impl ConnectionTrait,
    keys: &Keys,
    session: &Session,
) -> Result<Visitor, DbErr> {
    let Some((id, stored)) = session.data.login() else {
        return Ok(Visitor::Anonymous);
    };
    let Some(user) = user::find_by_id(db, id)
        .await?
        .filter(|user| user.is_active)
    else {
        return Ok(Visitor::Stale);
    };
    let visitor = match check_auth_hash(keys, &user.password, stored) {
        Some(must_renew) => Visitor::User { user, must_renew },
        None => Visitor::Stale,
    };
    Ok(visitor)
}

/// The HMAC of the password's hash that a session holds, so that it ends when the password changes.
pub fn auth_hash(keys: &Keys, password_hash: &str) -> String {
    let key = keys.current.expose_secret().as_bytes();
    salted_hmac_hex(SALT, password_hash.as_bytes(), key, Algorithm::Sha256)
}

/// Checks a session's HMAC against the password's hash: `None` if it does not match, otherwise whether
/// it should be renewed. Django 3.0 used SHA-1, which 3.1 and 3.2 still accepted, and so do we.
pub fn check_auth_hash(keys: &Keys, password_hash: &str, stored: &str) -> Option<bool> {
    let candidates = keys.each().flat_map(|(key, used)| {
        [Algorithm::Sha256, Algorithm::Sha1].map(|algorithm| (key, used, algorithm))
    });
    for (key, used, algorithm) in candidates {
        let expected = salted_hmac_hex(SALT, password_hash.as_bytes(), key.as_bytes(), algorithm);
        if is_same(&expected, stored) {
            return Some(used == KeyUsed::Fallback || algorithm == Algorithm::Sha1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::tests::{fallback_keys, keys};

    /// Computed with Python's standard library.
    #[test]
    fn a_session_is_bound_to_the_password_and_the_key() {
        let password = "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$\
                        GKYMb+pI8oiN9jlLhzr/QyWA7o4Nyo4mZUhy2nDjKro=";
        let sha256 = "31e7da2c913b8901f4a436a79fc14c8af3d4079309a22986fd8aa8718947b0c2";
        let sha1 = "a942a30cbae24b04a2f840384f515927b1930ebb";
        assert_eq!(auth_hash(&keys(), password), sha256);
        for (keys, stored, expected) in [
            (keys(), sha256, Some(false)),
            (keys(), sha1, Some(true)),
            (fallback_keys(), sha256, Some(true)),
            (fallback_keys(), sha1, Some(true)),
            (keys(), "", None),
            (keys(), &sha256[1..], None),
        ] {
            assert_eq!(
                check_auth_hash(&keys, password, stored),
                expected,
                "{stored}"
            );
        }
        assert_eq!(check_auth_hash(&keys(), "!other", sha256), None);
    }
}
