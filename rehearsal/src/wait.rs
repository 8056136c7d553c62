//! Waits for conditions, never for a fixed time.

use std::time::{Duration, Instant};

/// The pause between two checks.
const PAUSE: Duration = Duration::from_millis(50);

/// Checks a condition until it holds. Returns false if it does not within the time.
pub(crate) fn until(timeout: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if started.elapsed() > timeout {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
}
