//! Time, which tests replace, and the interruption of a run from outside.

use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// A clock that only goes forward, and the one place where a run waits.
pub trait Clock: fmt::Debug {
    /// The time since a fixed moment before the run.
    fn now(&self) -> Duration;

    /// Waits. Fails at once if the run is interrupted, during the wait or before it.
    fn wait(&self, duration: Duration) -> Result<(), Interrupted>;
}

/// The run was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// The clock of the system.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
    interruption: Receiver<()>,
    is_interrupted: std::cell::Cell<bool>,
}

impl SystemClock {
    /// A clock whose waits all fail once there is a message in the channel.
    pub fn new(interruption: Receiver<()>) -> Self {
        Self {
            start: Instant::now(),
            interruption,
            is_interrupted: std::cell::Cell::new(false),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wait(&self, duration: Duration) -> Result<(), Interrupted> {
        if self.is_interrupted.get() {
            return Err(Interrupted);
        }
        match self.interruption.recv_timeout(duration) {
            Ok(()) => {
                // The message is gone now, but later waits have to fail, too.
                self.is_interrupted.set(true);
                Err(Interrupted)
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
            // The sender is gone, so that nobody can interrupt the run any more.
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(duration);
                Ok(())
            }
        }
    }
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds == 0 {
        format!("{} ms", duration.as_millis())
    } else if seconds > 60 && seconds.is_multiple_of(60) {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn an_interruption_ends_every_wait() {
        let (interrupt, interruption) = channel();
        let clock = SystemClock::new(interruption);
        assert_eq!(clock.wait(Duration::ZERO), Ok(()));
        interrupt.send(()).unwrap();
        for _ in 0..2 {
            assert_eq!(clock.wait(Duration::from_mins(9)), Err(Interrupted));
        }
        assert!(clock.now() < Duration::from_mins(1));
    }

    #[test]
    fn where_nobody_can_interrupt_it_waits() {
        let (interrupt, interruption) = channel();
        drop(interrupt);
        let clock = SystemClock::new(interruption);
        let before = clock.now();
        assert_eq!(clock.wait(Duration::from_millis(2)), Ok(()));
        assert!(clock.now() >= before + Duration::from_millis(2));
    }
}
