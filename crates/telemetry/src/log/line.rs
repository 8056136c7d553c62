//! What both forms of a line share.

use std::borrow::Cow;

use chrono::SecondsFormat;
use tracing::field::Field;

use crate::scrub::Scrubber;

/// A field's text without private values.
pub(super) fn scrubbed<'a>(scrubber: &Scrubber, field: &Field, text: &'a str) -> Cow<'a, str> {
    scrubber.header(field.name(), text)
}

/// The time of a line: UTC, to the microsecond.
pub(super) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}
