//! A clock that waits in no time, and interrupts at a given one.

use std::cell::Cell;
use std::time::Duration;

use deploy::clock::{Clock, Interrupted};

#[derive(Debug, Default)]
pub(crate) struct TestClock {
    now: Cell<Duration>,
    /// Every wait that would end at this time or later is interrupted.
    interrupt_at: Cell<Option<Duration>>,
}

impl TestClock {
    /// Interrupts in a while.
    pub(crate) fn interrupt_in(&self, duration: Duration) {
        self.interrupt_at.set(Some(self.now.get() + duration));
    }
}

impl Clock for TestClock {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn wait(&self, duration: Duration) -> Result<(), Interrupted> {
        let end = self.now.get() + duration;
        match self.interrupt_at.get() {
            Some(moment) if end >= moment => {
                self.now.set(self.now.get().max(moment));
                Err(Interrupted)
            }
            _ => {
                self.now.set(end);
                Ok(())
            }
        }
    }
}
