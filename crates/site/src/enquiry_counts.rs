//! Counts what becomes of enquiries.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What became of an enquiry that somebody has sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored.
    Stored,
    /// A program has sent it, by what it filled in. It is stored as spam.
    Spam,
    /// It is stored since it was sent before.
    Repeated,
    /// Something is wrong with what was typed.
    Wrong,
    /// It came too fast for a person, or too late.
    Untimely,
    /// One of the nights is taken.
    Taken,
    /// Its sender has asked too often.
    Throttled,
}

impl Outcome {
    /// All of them, in the order of their declaration.
    const ALL: [Self; 7] = [
        Self::Stored,
        Self::Spam,
        Self::Repeated,
        Self::Wrong,
        Self::Untimely,
        Self::Taken,
        Self::Throttled,
    ];

    /// Its name among the labels of the metric.
    fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Spam => "spam",
            Self::Repeated => "repeated",
            Self::Wrong => "wrong",
            Self::Untimely => "untimely",
            Self::Taken => "taken",
            Self::Throttled => "throttled",
        }
    }
}

/// How many enquiries there were since the start, by what became of them.
#[derive(Debug, Default)]
pub struct EnquiryCounts([AtomicU64; Outcome::ALL.len()]);

impl EnquiryCounts {
    /// Counts one.
    pub fn count(&self, outcome: Outcome) {
        self.0[outcome as usize].fetch_add(1, Relaxed);
    }

    /// The numbers, by the names of the outcomes.
    pub fn read(&self) -> [(&'static str, u64); Outcome::ALL.len()] {
        Outcome::ALL.map(|outcome| (outcome.name(), self.0[outcome as usize].load(Relaxed)))
    }
}
