//! One-time messages in Django's forms: a signed cookie, and the session for those that do not fit
//! into the cookie (`Django 5.2 contrib/messages/storage/`). Knows no request.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::signing::{
    Algorithm, Compress, KeyUsed, Keys, Signer, VerifiedValue, is_same, salted_hmac_hex, to_ascii,
};

/// The purpose of the cookie's signature.
const SALT: &str = "django.contrib.messages";

/// The longest cookie that is made; what does not fit goes to the session.
const MAX_COOKIE_LENGTH: usize = 2048;

/// The last element in a cookie that does not hold all messages.
const NOT_FINISHED: &str = "__messagesnotfinished__";

/// The first element of each message.
const MESSAGE_KEY: &str = "__json_message";

/// Django's levels; others may be used beside them.
pub mod level {
    /// For developers.
    pub const DEBUG: i64 = 10;
    /// Something to know.
    pub const INFO: i64 = 20;
    /// Something was done.
    pub const SUCCESS: i64 = 25;
    /// Something may go wrong.
    pub const WARNING: i64 = 30;
    /// Something was not done.
    pub const ERROR: i64 = 40;
}

/// A message that is shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One of [`level`].
    pub level: i64,
    /// What it says.
    pub text: String,
    /// Whether the text is HTML and to be shown as it is.
    pub is_html: bool,
    /// Classes beside that of the level.
    pub extra_tags: Option<String>,
}

/// Messages as they are stored until the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessages {
    /// The cookie's value; `None` without messages.
    pub cookie: Option<String>,
    /// The later messages, which do not fit into the cookie: see [`to_session`].
    pub rest: Vec<Message>,
}

/// Messages that came with a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieMessages {
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// Whether the session holds more.
    pub has_more: bool,
}

/// Puts as many messages as there is room for into a cookie's value.
pub fn keep(keys: &Keys, messages: &[Message], now: DateTime<Utc>) -> StoredMessages {
    let signer = Signer::for_cookie(keys, SALT);
    let cookie = |first: usize| {
        let mut list = to_json(&messages[..first]);
        if first < messages.len() {
            list.push(NOT_FINISHED.into());
        }
        signer.dumps(&list.into(), Compress::IfShorter, now)
    };
    if messages.is_empty() {
        return StoredMessages {
            cookie: None,
            rest: Vec::new(),
        };
    }
    let mut first = messages.len();
    let mut value = cookie(first);
    while value.len() > MAX_COOKIE_LENGTH && first > 0 {
        first -= 1;
        value = cookie(first);
    }
    StoredMessages {
        cookie: Some(value),
        rest: messages[first..].to_vec(),
    }
}

/// Reads the cookie of any release of Django since 3.0. `None` if the signature is not ours.
pub fn find(keys: &Keys, cookie: &str) -> Option<CookieMessages> {
    let signer = Signer::for_cookie(keys, SALT);
    let list = match signer.loads(cookie, None) {
        Ok(VerifiedValue { value, .. }) => value,
        Err(_) => serde_json::from_str(&find_older(keys, &signer, cookie)?).ok()?,
    };
    let list = list.as_array()?;
    let end = list.last().and_then(Value::as_str);
    Some(CookieMessages {
        messages: list.iter().filter_map(from_json).collect(),
        has_more: end == Some(NOT_FINISHED),
    })
}

/// The JSON of a cookie of Django 3.1 (signed as it stands), or 3.0 (behind its HMAC).
fn find_older(keys: &Keys, signer: &Signer, cookie: &str) -> Option<String> {
    if let Ok(VerifiedValue { value, .. }) = signer.unsign_since(cookie, None) {
        return Some(value.to_owned());
    }
    let (signature, json) = cookie.split_once('$')?;
    let is_ours = |(key, _): (&str, KeyUsed)| {
        let expected = salted_hmac_hex(SALT, json.as_bytes(), key.as_bytes(), Algorithm::Sha1);
        is_same(&expected, signature)
    };
    keys.each().any(is_ours).then(|| json.to_owned())
}

/// What the session holds under `_messages`.
pub fn to_session(messages: &[Message]) -> Value {
    to_ascii(&to_json(messages).into()).into()
}

/// The messages of the session; none where it holds something else.
pub fn from_session(value: &Value) -> Vec<Message> {
    let list = value
        .as_str()
        .and_then(|json| serde_json::from_str(json).ok());
    let list: Vec<Value> = list.unwrap_or_default();
    list.iter().filter_map(from_json).collect()
}

fn to_json(messages: &[Message]) -> Vec<Value> {
    let list = messages.iter().map(|message| {
        let is_html = i64::from(message.is_html);
        match &message.extra_tags {
            Some(tags) => json!([MESSAGE_KEY, is_html, message.level, message.text, tags]),
            None => json!([MESSAGE_KEY, is_html, message.level, message.text]),
        }
    });
    list.collect()
}

fn from_json(value: &Value) -> Option<Message> {
    let [key, is_html, level, text, tags @ ..] = value.as_array()?.as_slice() else {
        return None;
    };
    if key != MESSAGE_KEY {
        return None;
    }
    Some(Message {
        level: level.as_i64()?,
        text: text.as_str()?.to_owned(),
        is_html: is_html.as_i64()? != 0,
        extra_tags: tags.first().and_then(Value::as_str).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::signing::tests::{keys, now};

    fn message(text: &str) -> Message {
        Message {
            level: level::SUCCESS,
            text: text.to_owned(),
            is_html: false,
            extra_tags: None,
        }
    }

    #[test]
    fn what_has_no_room_in_the_cookie_goes_to_the_session() {
        assert_eq!(keep(&keys(), &[], now()).cookie, None);
        // Text that no compression shortens.
        let long = |seed: u64| {
            let digits = (0..60_u64)
                .map(|n| format!("{:x}", (n + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            message(&digits.collect::<String>())
        };
        let messages: Vec<_> = (0..4).map(|n| long(n * 1000)).collect();
        let kept = keep(&keys(), &messages, now());
        let cookie = kept.cookie.unwrap();
        assert!(cookie.len() <= MAX_COOKIE_LENGTH);
        let found = find(&keys(), &cookie).unwrap();
        assert!(found.has_more && !found.messages.is_empty());
        let rest = from_session(&to_session(&kept.rest));
        assert_eq!([found.messages, rest].concat(), messages);
        let one = keep(&keys(), &messages[..1], now()).cookie.unwrap();
        assert!(!find(&keys(), &one).unwrap().has_more);
    }

    /// Computed with Python's standard library, from the descriptions in Django 3.0 and 3.1.
    #[test]
    fn cookies_of_older_releases_are_read() {
        let found = |cookie| find(&keys(), cookie).unwrap().messages;
        let of_3_0 = "d581ac56caf42f48f26c27195a249af34effba86$\
                      [[\"__json_message\",0,25,\"Saved.\"]]";
        assert_eq!(found(of_3_0), [message("Saved.")]);
        let of_3_1 = "[[\"__json_message\",1,30,\"<b>Saved</b>\",\"tag\"]]:1vMix6:\
                      DMc4vZlzScbJ4Mtd8UgGrDAQlUvYS1DQbDGj3c-56nU";
        let marked = Message {
            level: level::WARNING,
            text: "<b>Saved</b>".to_owned(),
            is_html: true,
            extra_tags: Some("tag".to_owned()),
        };
        assert_eq!(found(of_3_1), [marked]);
    }

    #[test]
    fn what_nobody_signed_is_no_message() {
        let kept = keep(&keys(), &[message("Saved.")], now());
        let cookie = kept.cookie.unwrap();
        let forged = cookie.replacen('W', "X", 1);
        for cookie in [&forged[..], "", "$", "a$[]", "::", "[]:1:a"] {
            assert_eq!(find(&keys(), cookie), None, "{cookie}");
        }
        assert_eq!(from_session(&json!([1])), []);
        assert_eq!(from_session(&json!("[[\"__json_message\",0]]")), []);
    }

    proptest! {
        #[test]
        fn every_message_comes_back(
            text: String, level: i64, is_html: bool, extra_tags: Option<String>,
        ) {
            let message = Message { level, text, is_html, extra_tags };
            let kept = keep(&keys(), std::slice::from_ref(&message), now());
            let mut found = find(&keys(), &kept.cookie.unwrap()).unwrap().messages;
            found.extend(kept.rest);
            prop_assert_eq!(found, [message]);
        }

        #[test]
        fn no_cookie_is_too_much(cookie: String) {
            prop_assert_eq!(find(&keys(), &cookie), None);
        }
    }
}
