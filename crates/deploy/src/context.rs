//! The surroundings of a run, which every step of it needs: clock, limits, and an observer with the
//! events that it is told of.

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
    /// The clock, by which the run also waits.
    pub clock: &'a dyn Clock,
    /// The limits on time.
    pub limits: &'a Limits,
    /// The observer, which is called with each event.
    pub observe: &'a dyn Fn(&Event<'_>),
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Context");
        shown.field("clock", &self.clock);
        shown.field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What happens during a run. Its text is for people.
#[derive(Debug)]
pub enum Event<'a> {
    /// A request failed for a reason that may pass, and is repeated.
    Repeating {
        /// The host that was asked.
        host: &'a str,
        /// What went wrong, to be read after the host.
        why: &'a str,
        /// How long until the next attempt.
        pause: Duration,
    },
    /// A decision was made.
    Planned(&'a Decision),
    /// Another deployment is under way, and the run waits for its end.
    Awaiting {
        /// Its id.
        id: &'a str,
        /// Its image, if Render tells it.
        digest: Option<&'a Digest>,
    },
    /// Render has accepted a deployment.
    Started {
        /// Its id, which a deploy hook does not tell.
        id: Option<&'a str>,
        /// Its image.
        image: &'a Image,
    },
    /// A deployment that an earlier run started is followed.
    Resumed {
        /// Its id.
        id: &'a str,
    },
    /// A deployment has another status than when it was last looked at.
    Changed {
        /// Its id.
        id: &'a str,
        /// Its present status.
        status: &'a Status,
        /// The time since the run began to follow it.
        elapsed: Duration,
    },
    /// A deployment still has the same status. An observer can show by this that time passes.
    Unchanged {
        /// Its id.
        id: &'a str,
        /// Its status.
        status: &'a Status,
        /// The time since the run began to follow it.
        elapsed: Duration,
    },
    /// A deployment takes longer than [`Limits::deployment`], and is cancelled.
    Cancelling {
        /// Its id.
        id: &'a str,
    },
    /// The site is asked for its commit until it answers with the right one.
    AwaitingCommit {
        /// The right commit.
        commit: &'a Commit,
        /// What the site answers as yet, in words.
        response: &'a str,
        /// The time since the site was first asked.
        elapsed: Duration,
    },
    /// The site is verified.
    Verifying {
        /// Its address.
        url: &'a str,
    },
    /// A check failed, and is repeated until it passes or [`Limits::settling`] is over.
    FailedForNow(&'a Row),
    /// A verification is over, with these results.
    Verified(&'a Table),
    /// The release failed its verification, and the one before is deployed again.
    RollingBack {
        /// The image of the one before.
        to: &'a Image,
    },
}

impl Event<'_> {
    /// Whether it only says that time passes, and so does not belong into a log.
    pub fn is_tick(&self) -> bool {
        match self {
            Self::Unchanged { .. } | Self::AwaitingCommit { .. } => true,
            Self::Repeating { .. }
            | Self::Planned(_)
            | Self::Awaiting { .. }
            | Self::Started { .. }
            | Self::Resumed { .. }
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
            Self::Resumed { id } => write!(
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
                response,
                elapsed,
            } => {
                let elapsed = seconds(*elapsed);
                write!(
                    formatter,
                    "Waiting for commit {commit}: {response} ({elapsed})"
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
