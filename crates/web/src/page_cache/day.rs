//! The day, as a part of a page's key.

use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Tells the number of the day where the site is: another each day. Clones share it.
#[derive(Clone)]
pub struct DayClock(Arc<dyn Fn() -> i32 + Send + Sync>);

impl DayClock {
    /// By a function, which is asked with each request.
    pub fn new(day: impl Fn() -> i32 + Send + Sync + 'static) -> Self {
        Self(Arc::new(day))
    }

    /// Appends the number to a key. No address holds a space, so that different keys are different texts.
    pub(super) fn push_number(&self, key: &mut String) {
        // Writing to a text never fails.
        let _ = write!(key, " {}", (self.0)());
    }
}

impl fmt::Debug for DayClock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DayClock")
    }
}
