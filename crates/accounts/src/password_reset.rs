//! Links by which somebody who has forgotten their password sets another
//! (`Django 5.2 contrib/auth/tokens.py`, `contrib/auth/views.py`). Knows no letter and no page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use db::Integer;
use sea_orm::{ConnectionTrait, DbErr};
use secrecy::ExposeSecret as _;

use crate::signing::{Algorithm, Keys, is_same, salted_hmac_hex};
use crate::user;

/// `PASSWORD_RESET_TIMEOUT`: how long a link works.
pub const LIFETIME: TimeDelta = TimeDelta::days(3);

/// The key in a session under which the token waits while the form is filled in, so that it does not
/// stand in the address (`INTERNAL_RESET_SESSION_TOKEN`).
pub const SESSION_KEY: &str = "_password_reset_token";

/// What stands in the address in place of the token then.
pub const IN_SESSION: &str = "set-password";

/// The purpose of the HMAC.
const SALT: &str = "django.contrib.auth.tokens.PasswordResetTokenGenerator";

/// 2001-01-01T00:00:00Z, from which Django counts the seconds of its tokens, by the clock of its
/// `TIME_ZONE`. Ours is UTC: a link of a Django that is set otherwise lives some hours less or more.
const START: i64 = 978_307_200;

/// The longest time that Django reads, in digits (`Django 5.2 utils/http.py`, `base36_to_int`).
const MAX_DIGITS: usize = 13;

/// The part of a link that says whose it is: the user's key in base64.
pub fn uid(user: &user::Model) -> String {
    URL_SAFE_NO_PAD.encode(user.id.0.to_string())
}

/// The key that [`uid`] has made.
pub fn parse_uid(uid: &str) -> Option<Integer> {
    let bytes = URL_SAFE_NO_PAD.decode(uid.trim_end_matches('=')).ok()?;
    let text = std::str::from_utf8(&bytes).ok()?;
    text.parse().ok().map(Integer)
}

/// The token of a link. It works until the user logs in, or password or e-mail address change.
pub fn make_token(keys: &Keys, user: &user::Model, time: DateTime<Utc>) -> String {
    let key = keys.current.expose_secret();
    signed(key, user, time.timestamp() - START)
}

/// Whether a token is this user's, and not too old. Those that an earlier secret key has made count, too.
pub fn check_token(keys: &Keys, user: &user::Model, token: &str, time: DateTime<Utc>) -> bool {
    let Some(made) = token
        .split_once('-')
        .filter(|(time, _)| time.len() <= MAX_DIGITS)
        .and_then(|(time, _)| i64::from_str_radix(time, 36).ok())
    else {
        return false;
    };
    let is_ours = keys
        .each()
        .any(|(key, _)| is_same(&signed(key, user, made), token));
    is_ours && time.timestamp() - START - made <= LIFETIME.num_seconds()
}

/// Stores a new password's hash for whoever has come by a link, unless the password was changed since
/// the user was read. Two who come by the same link at the same moment cannot both set one.
pub async fn set_password(
    db: &impl ConnectionTrait,
    user: &user::Model,
    encoded: &str,
) -> Result<bool, DbErr> {
    user::replace_password(db, user, encoded).await
}

/// Time and HMAC of a token, as `_make_token_with_timestamp` writes them.
fn signed(key: &str, user: &user::Model, made: i64) -> String {
    let last_login = user.last_login.map(|time| time.format("%Y-%m-%d %H:%M:%S"));
    let last_login = last_login.map_or_else(String::new, |time| time.to_string());
    let user::Model {
        id,
        password,
        email,
        ..
    } = user;
    let value = format!("{id}{password}{last_login}{made}{email}");
    let hmac = salted_hmac_hex(SALT, value.as_bytes(), key.as_bytes(), Algorithm::Sha256);
    let half: String = hmac.chars().step_by(2).collect();
    format!("{}-{half}", base36(made))
}

fn base36(number: i64) -> String {
    let mut rest = u64::try_from(number).unwrap_or(0);
    let mut digits = Vec::new();
    loop {
        let digit = u8::try_from(rest % 36).unwrap_or(0);
        digits.push(match digit {
            0..=9 => b'0' + digit,
            _ => b'a' + digit - 10,
        });
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    digits
        .iter()
        .rev()
        .map(|digit| char::from(*digit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::tests::{fallback_keys, keys};

    fn user() -> user::Model {
        user::Model {
            id: Integer(42),
            password: "pbkdf2_sha256$1$salt$hash".to_owned(),
            last_login: DateTime::from_timestamp(1_700_000_000, 123_456_000),
            is_superuser: false,
            username: "ann".to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            email: "ann@example.com".to_owned(),
            is_staff: true,
            is_active: true,
            date_joined: DateTime::UNIX_EPOCH,
        }
    }

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_100 + seconds, 0).unwrap()
    }

    #[test]
    fn a_token_works_for_three_days_and_one_state_of_the_account() {
        let token = make_token(&keys(), &user(), time(0));
        assert!(
            token.starts_with("bxodt0-") && token.len() == 7 + 32,
            "{token}"
        );
        for (seconds, is_valid) in [(0, true), (259_200, true), (259_201, false)] {
            assert_eq!(
                check_token(&keys(), &user(), &token, time(seconds)),
                is_valid
            );
        }
        let changes: [fn(&mut user::Model); 4] = [
            |user| user.password.push('x'),
            |user| user.last_login = None,
            |user| user.email.clear(),
            |user| user.id = Integer(43),
        ];
        for change in changes {
            let mut other = user();
            change(&mut other);
            assert!(!check_token(&keys(), &other, &token, time(0)));
        }
        assert!(check_token(&fallback_keys(), &user(), &token, time(0)));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let token = make_token(&keys(), &user(), time(0));
        let (made, hmac) = token.split_once('-').unwrap();
        for bad in [
            "",
            "-",
            hmac,
            &format!("{made}-"),
            &format!("{}-{hmac}", made.to_uppercase()),
            &format!("0{made}-{hmac}"),
            &format!("-{made}-{hmac}"),
            &format!("{made}-{hmac}-"),
            &format!("zzzzzzzzzzzzzz-{hmac}"),
            &format!("-1-{hmac}"),
            IN_SESSION,
        ] {
            assert!(!check_token(&keys(), &user(), bad, time(0)), "{bad}");
        }
    }

    #[test]
    fn a_uid_is_the_key_in_base64() {
        assert_eq!(uid(&user()), "NDI");
        for (text, id) in [
            ("NDI", Some(42)),
            ("NDI=", Some(42)),
            ("", None),
            ("!", None),
            ("YQ", None),
        ] {
            assert_eq!(parse_uid(text).map(|Integer(id)| id), id, "{text}");
        }
        assert_eq!(base36(0), "0");
        assert_eq!(base36(36 * 36 - 1), "zz");
    }
}
