//! What every step of a run needs beside its subject, and what a run tells on its way.

use std::fmt;
use std::time::Duration;

use crate::clock::{Clock, seconds};
use crate::history::Status;
use crate::image::{Commit, Digest, Image};
use crate::limits::Limits;
use crate::plan::Decision;
use crate::verify::table::{Row, Table};

/// The surroundings of a run.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Where time comes from.
    pub clock: &'a dyn Clock,
    /// How long everything may take.
    pub limits: &'a Limits,
    /// Who wants to know how far it is.
    pub tell: &'a dyn Fn(&Event<'_>),
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Context");
        shown.field("clock", &self.clock);
        shown.field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What happens during a run. Its text is a line for people.
#[derive(Debug)]
pub enum Event<'a> {
    /// A request failed in passing and is made again.
    Repeating {
        /// Whom it was sent to.
        host: &'a str,
        /// What went wrong, to be read after the name.
        why: &'a str,
        /// How long until the next attempt.
        pause: Duration,
    },
    /// It was decided what to do.
    Planned(&'a Decision),
    /// Another deployment is under way, and its end is awaited.
    Awaiting {
        /// Its id.
        id: &'a str,
        /// Its image.
        digest: Option<&'a Digest>,
    },
    /// Render took on a deployment.
    Started {
        /// Its id, where Render told it.
        id: Option<&'a str>,
        /// What it deploys.
        image: &'a Image,
    },
    /// A deployment that an earlier run started is followed.
    TakenUp {
        /// Its id.
        id: &'a str,
    },
    /// A deployment has another status than when it was last looked at.
    Changed {
        /// Its id.
        id: &'a str,
        /// What it is now.
        status: &'a Status,
        /// Since it is followed.
        elapsed: Duration,
    },
    /// A deployment was looked at, and nothing changed. For those who show that time passes.
    Unchanged {
        /// Its id.
        id: &'a str,
        /// What it still is.
        status: &'a Status,
        /// Since it is followed.
        elapsed: Duration,
    },
    /// A deployment takes too long.
    Cancelling {
        /// Its id.
        id: &'a str,
    },
    /// The site is asked for its commit until it answers with the right one.
    AwaitingCommit {
        /// The right one.
        commit: &'a Commit,
        /// What is answered until then.
        answer: &'a str,
        /// Since it is waited for.
        elapsed: Duration,
    },
    /// The site is verified.
    Verifying {
        /// Where it is.
        url: &'a str,
    },
    /// A check failed, and is made again until it passes or the time for it is over.
    FailedForNow(&'a Row),
    /// A verification is over, and this is what it found.
    Verified(&'a Table),
    /// The release is not good, and the one before is put back.
    RollingBack {
        /// What is put back.
        to: &'a Image,
    },
}

impl Event<'_> {
    /// Whether it only says that time passes: nothing for a log.
    pub fn is_tick(&self) -> bool {
        match self {
            Self::Unchanged { .. } | Self::AwaitingCommit { .. } => true,
            Self::Repeating { .. }
            | Self::Planned(_)
            | Self::Awaiting { .. }
            | Self::Started { .. }
            | Self::TakenUp { .. }
            | Self::Changed { .. }
            | Self::Cancelling { .. }
            | Self::Verifying { .. }
            | Self::FailedForNow(_)
            | Self::Verified(_)
            | Self::RollingBack { .. } => false,
        }
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeating { host, why, pause } => {
                write!(formatter, "{host} {why}; again in {}", seconds(*pause))
            }
            Self::Planned(decision) => decision.fmt(formatter),
            Self::Awaiting { id, digest } => {
                let image = digest.map_or("another image", Digest::as_str);
                write!(
                    formatter,
                    "Waiting for the end of {id}, which deploys {image}"
                )
            }
            Self::Started {
                id: Some(id),
                image,
            } => {
                write!(formatter, "Render deploys {image} as {id}")
            }
            Self::Started { id: None, image } => {
                write!(formatter, "Render was asked to deploy {image}")
            }
            Self::TakenUp { id } => write!(
                formatter,
                "{id} deploys this image already: it is followed, no other is started"
            ),
            Self::Changed {
                id,
                status,
                elapsed,
            }
            | Self::Unchanged {
                id,
                status,
                elapsed,
            } => {
                write!(formatter, "{id}: {status} ({})", seconds(*elapsed))?;
                match status {
                    Status::Unknown(_) => {
                        formatter.write_str("; a status that is not known here: it is waited on")
                    }
                    _ => Ok(()),
                }
            }
            Self::Cancelling { id } => {
                write!(
                    formatter,
                    "{id} takes too long: Render is asked to cancel it"
                )
            }
            Self::AwaitingCommit {
                commit,
                answer,
                elapsed,
            } => {
                let elapsed = seconds(*elapsed);
                write!(
                    formatter,
                    "Waiting for commit {commit}: {answer} ({elapsed})"
                )
            }
            Self::Verifying { url } => write!(formatter, "Verifying {url}"),
            Self::FailedForNow(row) => {
                write!(formatter, "Not yet: {}: {}", row.name, row.verdict)
            }
            Self::Verified(table) => table.fmt(formatter),
            Self::RollingBack { to } => write!(formatter, "Rolling back to {to}"),
        }
    }
}
