//! What is wrong with the calendars of other sites, in words.

use web::i18n::Texts;

/// What went wrong the last time that a calendar was asked for, and what to do about it, from the word for it
/// and what belongs to that. `None` if nothing did.
pub fn sentence(texts: &Texts, (problem, detail): (&str, &str)) -> Option<String> {
    let key = match problem {
        "" => return None,
        "unread" => {
            let count: u32 = detail.parse().unwrap_or(1);
            return Some(texts.with("feed-problem-unread", [("count", count.into())]));
        }
        "status" => return Some(texts.with("feed-problem-status", [("status", detail.into())])),
        "not-public" => "feed-problem-not-public",
        "address" => "feed-problem-address",
        "unknown-host" => "feed-problem-unknown-host",
        "no-answer" => "feed-problem-no-answer",
        "certificate" => "feed-problem-certificate",
        "too-slow" => "feed-problem-too-slow",
        "redirects" => "feed-problem-redirects",
        "too-large" => "feed-problem-too-large",
        "too-many-events" => "feed-problem-too-many-events",
        "not-a-calendar" => "feed-problem-not-a-calendar",
        "cut-off" => "feed-problem-cut-off",
        _ => "feed-problem-broken",
    };
    Some(texts.get(key))
}
