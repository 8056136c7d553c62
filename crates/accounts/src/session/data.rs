//! What a session holds, under Django's names; names that we do not know are kept.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use db::Integer;
use serde_json::{Map, Value};

use crate::messages::{self, Message};

/// `SESSION_COOKIE_AGE`: two weeks.
const LIFETIME: TimeDelta = TimeDelta::weeks(2);

const USER_ID: &str = "_auth_user_id";
const BACKEND: &str = "_auth_user_backend";
const AUTH_HASH: &str = "_auth_user_hash";
const EXPIRY: &str = "_session_expiry";
const MESSAGES: &str = "_messages";

/// The only backend that we know. A session that another backend has made has no user here.
const MODEL_BACKEND: &str = "django.contrib.auth.backends.ModelBackend";

/// What a session holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data(Map<String, Value>);

/// How long a session's cookie lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the browser is closed.
    Browser,
    /// For this long.
    Age(TimeDelta),
}

impl Data {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Puts a value under a name.
    pub fn insert(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Takes the value of a name out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// About what it takes in memory, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.0
            .iter()
            .map(|(name, value)| name.len() + size(value))
            .sum()
    }

    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of the user and the HMAC that binds the session to their password; `None` unless all three
    /// of Django's entries are valid.
    pub(crate) fn login(&self) -> Option<(Integer, &str)> {
        let text = |name: &str| self.get(name).and_then(Value::as_str);
        if text(BACKEND)? != MODEL_BACKEND {
            return None;
        }
        let id = text(USER_ID)?;
        if !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some((Integer(id.parse().ok()?), text(AUTH_HASH)?))
    }

    pub(crate) fn set_login(&mut self, id: Integer, auth_hash: String) {
        self.insert(USER_ID, id.to_string().into());
        self.insert(BACKEND, MODEL_BACKEND.into());
        self.insert(AUTH_HASH, auth_hash.into());
    }

    /// Adds messages for which the cookie has no room.
    pub fn set_messages(&mut self, messages: &[Message]) {
        if messages.is_empty() {
            self.remove(MESSAGES);
        } else {
            self.insert(MESSAGES, messages::to_session(messages));
        }
    }

    /// Takes them out, for a page that shows them.
    pub fn take_messages(&mut self) -> Vec<Message> {
        let value = self.remove(MESSAGES);
        value
            .as_ref()
            .map(messages::from_session)
            .unwrap_or_default()
    }

    /// How long the cookie lasts, from now on.
    pub fn lifetime(&self, now: DateTime<Utc>) -> Lifetime {
        match self.get(EXPIRY) {
            Some(Value::Number(zero)) if zero.as_i64() == Some(0) => Lifetime::Browser,
            _ => Lifetime::Age((self.expires(now) - now).max(TimeDelta::zero())),
        }
    }

    /// When the session is over, if nothing is written until then
    /// (`Django 5.2 contrib/sessions/backends/base.py`, `get_expiry_date`).
    pub fn expires(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let set = match self.get(EXPIRY) {
            Some(Value::Number(seconds)) => seconds
                .as_i64()
                .filter(|seconds| *seconds != 0)
                .and_then(TimeDelta::try_seconds)
                .and_then(|age| now.checked_add_signed(age)),
            Some(Value::String(time)) => parse_time(time),
            _ => None,
        };
        // The year 9999 is the last that both databases and Django can hold.
        let last = DateTime::from_timestamp(253_402_300_799, 0);
        let expires = set.unwrap_or(now + LIFETIME);
        last.map_or(expires, |last| expires.min(last))
    }
}

fn size(value: &Value) -> usize {
    let inner: usize = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(size).sum(),
        Value::Object(values) => values
            .iter()
            .map(|(name, value)| name.len() + size(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inner
}

/// Python's `isoformat`, with a zone or in UTC.
fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let with_zone = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let without = || text.parse::<NaiveDateTime>().map(|time| time.and_utc());
    with_zone.or_else(|_| without()).ok()
}

impl From<Map<String, Value>> for Data {
    fn from(map: Map<String, Value>) -> Self {
        Self(map)
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self::Object(data.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::signing::tests::now;

    fn data(value: Value) -> Data {
        let Value::Object(map) = value else {
            panic!("{value}");
        };
        map.into()
    }

    #[test]
    fn a_session_lasts_two_weeks_unless_it_says_otherwise() {
        let weeks = now() + TimeDelta::weeks(2);
        let tomorrow = now() + TimeDelta::days(1);
        let age = |seconds| Lifetime::Age(TimeDelta::seconds(seconds));
        for (value, expires, lifetime) in [
            (json!({}), weeks, age(1_209_600)),
            (json!({"_session_expiry": 0}), weeks, Lifetime::Browser),
            (json!({"_session_expiry": 86_400}), tomorrow, age(86_400)),
            (
                json!({"_session_expiry": -60}),
                now() - TimeDelta::minutes(1),
                age(0),
            ),
            (json!({"_session_expiry": "x"}), weeks, age(1_209_600)),
            (json!({"_session_expiry": i64::MAX}), weeks, age(1_209_600)),
            (
                json!({"_session_expiry": tomorrow.to_rfc3339()}),
                tomorrow,
                age(86_400),
            ),
            (
                json!({"_session_expiry": tomorrow.naive_utc().to_string().replace(' ', "T")}),
                tomorrow,
                age(86_400),
            ),
        ] {
            let data = data(value);
            assert_eq!(data.expires(now()), expires, "{data:?}");
            assert_eq!(data.lifetime(now()), lifetime, "{data:?}");
        }
    }

    #[test]
    fn a_login_is_whole_or_none() {
        let mut whole = Data::default();
        whole.set_login(Integer(7), "hash".to_owned());
        assert_eq!(whole.login(), Some((Integer(7), "hash")));
        for name in [USER_ID, BACKEND, AUTH_HASH] {
            let mut part = whole.clone();
            part.remove(name);
            assert_eq!(part.login(), None, "without {name}");
            part.insert(name, json!("-1"));
            assert!(name == AUTH_HASH || part.login().is_none(), "{name}");
            part.insert(name, json!(1));
            assert_eq!(part.login(), None, "{name}");
        }
    }

    #[test]
    fn messages_are_put_in_and_taken_out() {
        let mut data = Data::default();
        let message = Message {
            level: messages::level::INFO,
            text: "Saved.".to_owned(),
            is_html: false,
            extra_tags: Some("tag".to_owned()),
        };
        data.set_messages(std::slice::from_ref(&message));
        assert_eq!(data.take_messages(), [message]);
        assert!(data.is_empty());
        data.set_messages(&[]);
        assert!(data.is_empty());
    }
}
