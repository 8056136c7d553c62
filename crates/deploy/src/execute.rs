//! Carries a plan out at Render: starts a deployment, follows it, verifies the site, and rolls back
//! a release that fails. Each outcome says what is live in the end.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use crate::clock::{Interrupted, seconds};
use crate::context::{Context, Event};
use crate::history::{Deployment, History, Phase, Status};
use crate::image::{Commit, Digest, Image};
use crate::plan::{FirstStep, Plan};
use crate::render::{Failure, Render};
use crate::verify::{Expectations, verify};

/// How a run ended. Its text says what is live now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The release is live and verified.
    Verified {
        /// What is live.
        image: Image,
    },
    /// The release did not become live; what was live before still is.
    NotLive {
        /// The id of its deployment, or words for it if there is no id.
        release: String,
        /// Why not, to be read after that.
        why: String,
        /// What is live.
        live: String,
    },
    /// The release was live and failed its verification; the one before was deployed again and
    /// verified.
    RolledBack {
        /// The deployment of the release.
        release: String,
        /// The deployment of the one before.
        by: String,
        /// What is live again.
        to: Digest,
    },
    /// A newer deployment took the place of this one.
    Overtaken {
        /// The deployment of this run.
        release: String,
        /// The newer one.
        by: String,
        /// The image of the newer one, if Render tells it.
        digest: Option<Digest>,
    },
    /// Nothing was done.
    NothingDone {
        /// Why.
        why: String,
        /// Whether it is an error of usage, and not of the present state.
        is_usage: bool,
    },
    /// It failed, and is not undone: somebody has to look.
    NeedsAttention {
        /// What is known of the state that it is in.
        state: String,
    },
}

/// Where a plan is carried out.
#[derive(Debug, Clone, Copy)]
pub struct RenderRun<'a> {
    /// The surroundings.
    pub ctx: Context<'a>,
    /// The API.
    pub render: &'a Render,
    /// What is expected of the site.
    pub expectations: &'a Expectations,
}

/// Waits until somebody else's deployment has ended, whichever way.
pub fn await_end(run: RenderRun<'_>, id: &str, digest: Option<&Digest>) -> Result<(), Outcome> {
    (run.ctx.observe)(&Event::Awaiting { id, digest });
    let limit = run.ctx.limits.deployment;
    let why = match run.follow(id, limit) {
        Ok(Some(_)) => return Ok(()),
        Ok(None) => format!("{id} is still under way after {}", seconds(limit)),
        Err(failure) => format!("{id} could not be followed: {failure}"),
    };
    Err(Outcome::NothingDone {
        why,
        is_usage: false,
    })
}

/// Carries out a plan that was made from this history.
pub fn execute(run: RenderRun<'_>, plan: &Plan, history: &History) -> Outcome {
    run.release(plan, history).unwrap_or_else(|outcome| outcome)
}

impl RenderRun<'_> {
    fn release(self, plan: &Plan, history: &History) -> Result<Outcome, Outcome> {
        let id = match &plan.first_step {
            FirstStep::Start => {
                let id = self.start(&plan.image, history)?;
                self.await_live(&id).map_err(Outcome::with_retry_hint)?;
                id
            }
            FirstStep::Resume { id } => {
                (self.ctx.observe)(&Event::Resumed { id });
                self.await_live(id).map_err(Outcome::with_retry_hint)?;
                id.clone()
            }
            FirstStep::Keep => history
                .live()
                .map_or_else(String::new, |live| live.id.clone()),
        };
        let is_good = self.verify(plan.commit.as_ref()).map_err(|Interrupted| {
            Outcome::NeedsAttention {
                state: format!(
                    "interrupted: {id} is live and not verified; the same command again verifies it"
                ),
            }
        })?;
        if is_good {
            return Ok(Outcome::Verified {
                image: plan.image.clone(),
            });
        }
        self.roll_back(plan, &id)
    }

    fn start(self, image: &Image, history: &History) -> Result<String, Outcome> {
        let known: BTreeSet<String> = history.iter().map(|one| one.id.clone()).collect();
        let started = self.render.start(self.ctx, image, &known);
        let started = started.map_err(|error| {
            if error.may_have_started {
                Outcome::NeedsAttention {
                    state: format!(
                        "{error}; Render may have started the deployment of {} all the same; the \
                         same command again finds it",
                        image.digest
                    ),
                }
            } else {
                Outcome::NothingDone {
                    why: format!("the deployment was not started: {error}"),
                    is_usage: error.failure.is_usage(),
                }
            }
        })?;
        (self.ctx.observe)(&Event::Started {
            id: Some(&started.id),
            image,
        });
        Ok(started.id)
    }

    /// Waits until a deployment is live.
    fn await_live(self, id: &str) -> Result<(), Outcome> {
        let limit = self.ctx.limits.deployment;
        match self.follow(id, limit) {
            Ok(Some(ended)) => self.expect_live(&ended, &format!("ended as {}", ended.status)),
            Ok(None) => self.give_up(id, limit),
            Err(failure) => Err(lost_track(id, &failure)),
        }
    }

    /// Ends a deployment that takes too long, so that it does not become live unwatched.
    fn give_up(self, id: &str, limit: Duration) -> Result<(), Outcome> {
        (self.ctx.observe)(&Event::Cancelling { id });
        let cancelled = self.render.cancel(self.ctx, id);
        let followed = cancelled.and_then(|()| self.follow(id, self.ctx.limits.cancellation));
        match followed {
            Ok(Some(ended)) => {
                let why = format!(
                    "was not live after {}, was cancelled and ended as {}",
                    seconds(limit),
                    ended.status
                );
                self.expect_live(&ended, &why)
            }
            Ok(None) => Err(Outcome::NeedsAttention {
                state: format!(
                    "{id} was not live after {}, and does not end although Render was asked to \
                     cancel it: it may become live unverified",
                    seconds(limit)
                ),
            }),
            Err(failure) => Err(lost_track(id, &failure)),
        }
    }

    fn expect_live(self, ended: &Deployment, why: &str) -> Result<(), Outcome> {
        let phase = ended.phase();
        if phase == Phase::Live {
            return Ok(());
        }
        let history = self.render.history(self.ctx).ok();
        let newer = history.as_ref().and_then(|all| all.newer_than(&ended.id));
        // A deployment that was replaced or cancelled has not failed if there is a newer one.
        let may_be_overtaken = phase == Phase::Replaced || ended.status == Status::Canceled;
        if let Some(newer) = newer.filter(|_| may_be_overtaken) {
            return Err(overtaken(&ended.id, newer));
        }
        let live = match history.as_ref().map(|all| all.live()) {
            Some(Some(live)) => match &live.digest {
                Some(digest) => format!("{digest} is still live"),
                None => format!("{} is still live", live.id),
            },
            Some(None) => "nothing is live".to_owned(),
            None => "Render did not tell what is live".to_owned(),
        };
        Err(Outcome::NotLive {
            release: ended.id.clone(),
            why: why.to_owned(),
            live,
        })
    }

    /// Looks at a deployment at intervals until it has ended; `None` if the limit is over before.
    fn follow(self, id: &str, limit: Duration) -> Result<Option<Deployment>, Failure> {
        let Context {
            clock,
            observe,
            limits,
        } = self.ctx;
        let start = clock.now();
        let mut last = None;
        loop {
            match self.render.deployment(self.ctx, id) {
                Ok(found) => {
                    let elapsed = clock.now().saturating_sub(start);
                    let status = &found.status;
                    observe(&if last.as_ref() == Some(status) {
                        Event::Unchanged {
                            id,
                            status,
                            elapsed,
                        }
                    } else {
                        Event::Changed {
                            id,
                            status,
                            elapsed,
                        }
                    });
                    if found.phase() != Phase::UnderWay {
                        return Ok(Some(found));
                    }
                    last = Some(found.status);
                }
                // The observer knows already. The deployment goes on although Render does not
                // answer, so that it is followed until the limit.
                Err(Failure::Unavailable { .. }) => {}
                Err(failure) => return Err(failure),
            }
            if clock.now().saturating_sub(start) >= limit {
                return Ok(None);
            }
            clock.wait(limits.poll_interval)?;
        }
    }

    fn verify(self, commit: Option<&Commit>) -> Result<bool, Interrupted> {
        let expectations = Expectations {
            commit: commit.cloned(),
            ..self.expectations.clone()
        };
        let table = verify(self.ctx, &expectations, self.ctx.limits.switch)?;
        Ok(table.is_passed())
    }

    /// Deploys the former release again, unless there is a newer deployment than ours.
    fn roll_back(self, plan: &Plan, id: &str) -> Result<Outcome, Outcome> {
        let open = |state: &str| Outcome::NeedsAttention {
            state: format!("{id} is live and fails its verification; {state}"),
        };
        let history = self
            .render
            .history(self.ctx)
            .map_err(|failure| open(&format!("it was not rolled back: {failure}")))?;
        if let Some(newer) = history.newer_than(id) {
            return Err(overtaken(id, newer));
        }
        let Some(fallback) = &plan.fallback else {
            return Err(open("there is no image to roll back to"));
        };
        let digest = &fallback.digest;
        let to = plan.image.repository.with_digest(digest);
        (self.ctx.observe)(&Event::RollingBack { to: &to });
        // If the roll-back does not become live, the release that failed still is.
        let still_bad = |outcome| match outcome {
            Outcome::Overtaken { .. } => outcome,
            Outcome::NotLive { release, why, .. } => open(&format!(
                "the roll-back to {digest} failed: {release} {why}"
            )),
            outcome => open(&format!("the roll-back to {digest}: {}", outcome.state())),
        };
        let by = self.start(&to, &history).map_err(still_bad)?;
        self.await_live(&by).map_err(still_bad)?;
        let rolled_back = format!("rolled back to {digest} by {by}");
        let verified = self.verify(fallback.commit.as_ref());
        let is_good = verified.map_err(|Interrupted| Outcome::NeedsAttention {
            state: format!("interrupted: {rolled_back}, which is live and not verified"),
        })?;
        if !is_good {
            return Err(Outcome::NeedsAttention {
                state: format!("{rolled_back}, which fails its verification too"),
            });
        }
        Ok(Outcome::RolledBack {
            release: id.to_owned(),
            by,
            to: digest.clone(),
        })
    }
}

impl Outcome {
    /// Adds that the same command, repeated, follows the deployment.
    fn with_retry_hint(self) -> Self {
        match self {
            Self::NeedsAttention { state } => Self::NeedsAttention {
                state: format!("{state}; the same command again takes it up"),
            },
            other => other,
        }
    }

    /// The text of the outcome, without the word that it begins with.
    fn state(&self) -> String {
        match self {
            Self::NeedsAttention { state } => state.clone(),
            Self::NothingDone { why, .. } => why.clone(),
            other => other.to_string(),
        }
    }
}

fn overtaken(id: &str, newer: &Deployment) -> Outcome {
    Outcome::Overtaken {
        release: id.to_owned(),
        by: newer.id.clone(),
        digest: newer.digest.clone(),
    }
}

/// The outcome if a deployment can no longer be followed.
fn lost_track(id: &str, failure: &Failure) -> Outcome {
    Outcome::NeedsAttention {
        state: format!(
            "{failure}: {id} goes on at Render, which makes it live once it is healthy, and until \
             then what was live still is"
        ),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified { image } => write!(formatter, "live and verified: {image}"),
            Self::NotLive { release, why, live } => {
                write!(formatter, "failed: {release} {why}; {live}")
            }
            Self::RolledBack { release, by, to } => write!(
                formatter,
                "failed and rolled back: {release} was live and failed its verification; {by} put \
                 {to} back, which is live and verified"
            ),
            Self::Overtaken {
                release,
                by,
                digest,
            } => {
                let image = digest.as_ref().map_or("another image", Digest::as_str);
                write!(
                    formatter,
                    "overtaken: the newer {by}, which deploys {image}, took the place of \
                     {release}; nothing was rolled back"
                )
            }
            Self::NothingDone { why, .. } => write!(formatter, "nothing was done: {why}"),
            Self::NeedsAttention { state } => {
                write!(formatter, "FAILED, AND NOT UNDONE: {state}")
            }
        }
    }
}
