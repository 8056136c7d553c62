//! A device that has logged in to an account before, by a signed cookie (OWASP, "Slow Down Online
//! Guessing Attacks with Device Cookies"). Knows no HTTP.
//!
//! The cookie is a nonce and the time, signed for one account, whose name it does not hold. It grants
//! no access. It only makes attempts from the account's own devices count separately from strangers'.

use chrono::{DateTime, TimeDelta, Utc};

use crate::signing::{Keys, Signer};
pub use hashers::Caller;
use hashers::random;

/// How long a device is known after its last login.
pub const AGE: TimeDelta = TimeDelta::days(365);

/// Characters of a nonce: 131 bits.
const NONCE_LENGTH: usize = 22;

/// The cookie for a device that has just logged in to an account.
pub fn issue(keys: &Keys, username: &str, time: DateTime<Utc>) -> String {
    let nonce = random::text(random::LETTERS_AND_DIGITS, NONCE_LENGTH);
    signer(keys, username).sign_at(&nonce, time)
}

/// The nonce of a device, if its cookie was issued for this account and is not too old.
pub fn recognise<'a>(
    keys: &Keys,
    username: &str,
    cookie: &'a str,
    time: DateTime<Utc>,
) -> Option<&'a str> {
    let opened = signer(keys, username).unsign_since(cookie, Some(time - AGE));
    opened.ok().map(|opened| opened.value)
}

fn signer(keys: &Keys, username: &str) -> Signer {
    Signer::for_cookie(keys, &format!("accounts.device\n{username}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::tests::{fallback_keys, keys};

    #[test]
    fn a_device_is_known_to_its_account_alone_and_for_a_year() {
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let cookie = issue(&keys(), "ann", start);
        assert!(!cookie.contains("ann"), "{cookie}");
        let nonce = recognise(&keys(), "ann", &cookie, start + AGE).unwrap();
        assert_eq!(nonce.len(), NONCE_LENGTH);
        assert_eq!(
            recognise(&fallback_keys(), "ann", &cookie, start),
            Some(nonce)
        );
        for (name, time) in [
            ("Ann", start),
            ("ann\n", start),
            ("bob", start),
            ("ann", start + AGE + TimeDelta::seconds(1)),
        ] {
            assert_eq!(recognise(&keys(), name, &cookie, time), None, "{name}");
        }
        for forged in ["", ":", "a:b:c", &cookie[1..], &cookie[..cookie.len() - 1]] {
            assert_eq!(recognise(&keys(), "ann", forged, start), None, "{forged}");
        }
    }
}
