//! Waiting for something that can be seen, never for a time.

use std::time::{Duration, Instant};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks until it is so; tells whether it came to be in time.
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
