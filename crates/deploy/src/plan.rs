//! The decision what to do, made from what was asked and what was found. It is pure: it does
//! nothing, and the same input has the same result.

use std::fmt;

use crate::history::History;
use crate::image::{Commit, Digest, Image, Presence, Repository};
use crate::order::CommitOrder;

/// What was asked for.
#[derive(Debug, Clone)]
pub struct ReleaseRequest {
    /// The image to deploy.
    pub image: Image,
    /// The commit it was built from, which the site then has to answer with.
    pub commit: Option<Commit>,
    /// Why it is deployed.
    pub intent: Intent,
}

/// Why an image is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// As a new release: its commit has to come after the live one.
    Release,
    /// As a roll-back: the order of commits is not checked.
    RollBack,
}

/// What was found before anything is done.
#[derive(Debug, Clone)]
pub struct CurrentState {
    /// What Render tells of the web application; `None` if there is only a deploy hook.
    pub render: Option<RenderState>,
    /// What the registry says of the image.
    pub presence: Presence,
    /// The commit that the site answers with.
    pub running: Option<Commit>,
    /// The order of the commit that is asked for and that one.
    pub order: CommitOrder,
}

/// What Render tells of a web application.
#[derive(Debug, Clone)]
pub struct RenderState {
    /// The image's name in the settings of the web application.
    pub repository: Option<Repository>,
    /// Whether somebody stopped it.
    pub is_suspended: bool,
    /// Its deployments.
    pub history: History,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A plan is to be carried out.
    Execute(Plan),
    /// Another deployment is under way: what is to be done depends on its end.
    Await {
        /// Its id.
        id: String,
        /// Its image, if Render tells it.
        digest: Option<Digest>,
    },
}

/// A release, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The image that is to be live in the end.
    pub image: Image,
    /// The commit that the site has to answer with.
    pub commit: Option<Commit>,
    /// How it begins.
    pub first_step: FirstStep,
    /// What is deployed again if the release is live and fails its verification.
    pub fallback: Option<Fallback>,
    /// What is worth knowing beforehand.
    pub notes: Vec<Note>,
}

/// How a release begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstStep {
    /// A deployment is started.
    Start,
    /// A deployment of this image is under way, from a run that was interrupted: it is followed.
    Resume {
        /// Its id.
        id: String,
    },
    /// The image is live already: nothing is started.
    Keep,
}

/// The release that a roll-back deploys again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// Its image.
    pub digest: Digest,
    /// The commit that it answered with, if that is known.
    pub commit: Option<Commit>,
}

/// A remark on a plan, which does not stop it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// The image was live before, or a roll-back was asked for.
    RollBack,
    /// The registry does not tell whether it has the image.
    PresenceUnknown(String),
    /// Whether the commit is older than the live one is not known.
    OrderUnknown(CommitOrder),
    /// Only a deploy hook: no status, no way back.
    HookOnly,
    /// Nothing was live before, so that there is nothing to put back.
    NoFallback,
}

/// Why nothing is done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The web application is made of an image of another name.
    #[error(
        "the web application is made of {expected}, not of {requested}: Render takes no other name"
    )]
    OtherRepository {
        /// Its name.
        expected: Repository,
        /// The name that was asked for.
        requested: Repository,
    },
    /// Somebody stopped the web application.
    #[error("the web application is suspended: resume it on Render's dashboard first")]
    Suspended,
    /// The registry says that it does not have the image.
    #[error("the registry has no {0}: was it pushed?")]
    NotInRegistry(Image),
    /// The image is live, and was built from another commit.
    #[error(
        "the image is live and answers as commit {live}, not {requested}: is --commit right? \
         if it is, the image is not: roll it back"
    )]
    OtherCommit {
        /// The commit that was asked for.
        requested: Commit,
        /// The commit that answers.
        live: Commit,
    },
    /// The commit is older than the live one, as that of a pipeline that ends late.
    #[error(
        "commit {requested} is older than {live}, which is live, and its image was never live: \
         a roll-back takes an image that was"
    )]
    Older {
        /// The commit that was asked for.
        requested: Commit,
        /// The commit that is live.
        live: Commit,
    },
    /// Neither commit comes after the other: they are of two branches.
    #[error(
        "commit {requested} does not come after {live}, which is live: what is in that one alone \
         would be lost"
    )]
    Diverged {
        /// The commit that was asked for.
        requested: Commit,
        /// The commit that is live.
        live: Commit,
    },
    /// The repository lacks a part of its history, or is another one.
    #[error(
        "the repository here does not hold {0}, so that it does not tell which commit is older: \
         fetch its whole history (GIT_DEPTH: 0), or go without --commit, unchecked"
    )]
    NotInRepository(Commit),
    /// The site does not answer, so that the live commit is not known.
    #[error(
        "the site does not answer, so that nobody knows whether commit {requested} is older than the \
         one that is live: try again once it answers; if it is down, {alternative}"
    )]
    SiteSilent {
        /// The commit that was asked for.
        requested: Commit,
        /// What can be done all the same.
        alternative: &'static str,
    },
    /// There is no commit by which a new release would be told from the old one.
    #[error(
        "with a deploy hook alone --commit is needed: nothing else tells that the release is live"
    )]
    HookNeedsCommit,
    /// Render lists no other image that was live before.
    #[error("Render's history holds no image that was live before the present one")]
    NoPrevious,
    /// A roll-back was asked for, to an image that was never live.
    #[error("{0} was never live by Render's history: `deploy run` deploys what is new")]
    NeverLive(Digest),
}

impl Refusal {
    /// Whether it is an error of usage, and not of the present state.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::OtherRepository { .. } | Self::HookNeedsCommit => true,
            Self::Suspended
            | Self::NotInRegistry(_)
            | Self::OtherCommit { .. }
            | Self::Older { .. }
            | Self::Diverged { .. }
            | Self::NotInRepository(_)
            | Self::SiteSilent { .. }
            | Self::NoPrevious
            | Self::NeverLive(_) => false,
        }
    }
}

/// Where a roll-back leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To what was live before.
    Previous,
    /// To one image.
    Digest(Digest),
}

/// The image that a roll-back puts live.
pub fn roll_back_to(history: &History, target: &Target) -> Result<Digest, Refusal> {
    match target {
        Target::Previous => history.previous().cloned().ok_or(Refusal::NoPrevious),
        Target::Digest(digest) if history.was_live(digest) => Ok(digest.clone()),
        Target::Digest(digest) => Err(Refusal::NeverLive(digest.clone())),
    }
}

/// Decides what to do. The error says why nothing is done.
pub fn plan(request: &ReleaseRequest, current: &CurrentState) -> Result<Decision, Refusal> {
    let mut notes = Vec::new();
    match &current.presence {
        Presence::Present => {}
        Presence::Missing => return Err(Refusal::NotInRegistry(request.image.clone())),
        Presence::Unknown(why) => notes.push(Note::PresenceUnknown(why.clone())),
    }
    match &current.render {
        Some(render) => plan_at_render(request, current, render, notes),
        None => plan_with_hook(request, current, notes),
    }
}

fn plan_at_render(
    request: &ReleaseRequest,
    current: &CurrentState,
    render: &RenderState,
    mut notes: Vec<Note>,
) -> Result<Decision, Refusal> {
    let Image { repository, digest } = &request.image;
    if let Some(expected) = &render.repository
        && expected != repository
    {
        return Err(Refusal::OtherRepository {
            expected: expected.clone(),
            requested: repository.clone(),
        });
    }
    if render.is_suspended {
        return Err(Refusal::Suspended);
    }
    let history = &render.history;
    let live = history.live().and_then(|live| live.digest.as_ref());
    // A deployment that is under way comes first: what is to be done depends on its end.
    let first_step = match history.under_way() {
        Some(other) if other.digest.as_ref() != Some(digest) => {
            return Ok(Decision::Await {
                id: other.id.clone(),
                digest: other.digest.clone(),
            });
        }
        Some(own) => FirstStep::Resume { id: own.id.clone() },
        None if live == Some(digest) => {
            check_commit(request, current)?;
            FirstStep::Keep
        }
        None if history.was_live(digest) => {
            notes.push(Note::RollBack);
            FirstStep::Start
        }
        None => {
            notes.extend(check_order(request, current)?);
            FirstStep::Start
        }
    };
    // The live release; if that is of this image, or there is none, the one before in the history.
    let fallback = match live {
        Some(live) if live != digest => Some(Fallback {
            digest: live.clone(),
            commit: current.running.clone(),
        }),
        _ => history
            .previous()
            .filter(|previous| *previous != digest)
            .map(|previous| Fallback {
                digest: previous.clone(),
                commit: None,
            }),
    };
    if fallback.is_none() {
        notes.push(Note::NoFallback);
    }
    Ok(Decision::Execute(Plan {
        image: request.image.clone(),
        commit: request.commit.clone(),
        first_step,
        fallback,
        notes,
    }))
}

fn plan_with_hook(
    request: &ReleaseRequest,
    current: &CurrentState,
    mut notes: Vec<Note>,
) -> Result<Decision, Refusal> {
    let Some(commit) = &request.commit else {
        return Err(Refusal::HookNeedsCommit);
    };
    let is_running = current
        .running
        .as_ref()
        .is_some_and(|running| running.is_same_as(commit));
    let first_step = if is_running {
        FirstStep::Keep
    } else {
        notes.extend(check_order(request, current)?);
        FirstStep::Start
    };
    notes.push(Note::HookOnly);
    Ok(Decision::Execute(Plan {
        image: request.image.clone(),
        commit: request.commit.clone(),
        first_step,
        fallback: None,
        notes,
    }))
}

/// Refuses a commit that the live image does not answer with. Otherwise a mistyped commit would
/// fail the verification, and a good release would be rolled back.
fn check_commit(request: &ReleaseRequest, current: &CurrentState) -> Result<(), Refusal> {
    match (&request.commit, &current.running) {
        (Some(requested), Some(live)) if !requested.is_same_as(live) => Err(Refusal::OtherCommit {
            requested: requested.clone(),
            live: live.clone(),
        }),
        _ => Ok(()),
    }
}

/// Refuses a commit that does not come after the live one. If that is not known, there is a note.
fn check_order(request: &ReleaseRequest, current: &CurrentState) -> Result<Option<Note>, Refusal> {
    if request.intent == Intent::RollBack {
        return Ok(Some(Note::RollBack));
    }
    let Some(requested) = request.commit.clone() else {
        return Ok(Some(Note::OrderUnknown(CommitOrder::NotRequested)));
    };
    let Some(live) = current.running.clone() else {
        return match (current.order, &current.render) {
            (CommitOrder::SiteSilent, None) => Err(Refusal::SiteSilent {
                requested,
                alternative: "`deploy rollback --to NAME@sha256:… --commit …` deploys any image, \
                              unchecked",
            }),
            // Render knows whether something is live. If nothing is, no commit can be older.
            (CommitOrder::SiteSilent, Some(render)) if render.history.live().is_some() => {
                Err(Refusal::SiteSilent {
                    requested,
                    alternative: "go without --commit, unchecked",
                })
            }
            _ => Ok(Some(Note::OrderUnknown(CommitOrder::LiveUnknown))),
        };
    };
    match current.order {
        CommitOrder::Same | CommitOrder::Newer => Ok(None),
        CommitOrder::Older => Err(Refusal::Older { requested, live }),
        CommitOrder::Diverged => Err(Refusal::Diverged { requested, live }),
        CommitOrder::LiveNotInRepository => Err(Refusal::NotInRepository(live)),
        CommitOrder::RequestedNotInRepository => Err(Refusal::NotInRepository(requested)),
        CommitOrder::NoRepository
        | CommitOrder::NotRequested
        | CommitOrder::LiveUnknown
        | CommitOrder::SiteSilent => Ok(Some(Note::OrderUnknown(current.order))),
    }
}

impl Plan {
    /// The steps, each a sentence.
    fn steps(&self) -> Vec<String> {
        let mut steps = Vec::new();
        let by_hook = self.notes.contains(&Note::HookOnly);
        match &self.first_step {
            FirstStep::Start if by_hook => {
                steps.push(format!("call the deploy hook for {}", self.image));
            }
            FirstStep::Start => {
                steps.push(format!("start a deployment of {}", self.image));
                steps.push("follow it until it is live".to_owned());
            }
            FirstStep::Resume { id } => {
                steps.push(format!(
                    "follow {id}, which deploys {} already, until it is live",
                    self.image
                ));
            }
            FirstStep::Keep => steps.push(format!("start nothing: {} is live", self.image)),
        }
        steps.push(match &self.commit {
            Some(commit) => format!("verify the site, which has to answer as commit {commit}"),
            None => "verify the site, whatever its commit".to_owned(),
        });
        steps.push(match &self.fallback {
            Some(fallback) => format!(
                "if that fails: roll back to {}, and verify again",
                fallback.digest
            ),
            None => "if that fails: say so, since there is nothing to roll back to".to_owned(),
        });
        steps
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Plan:")?;
        for (number, step) in (1..).zip(self.steps()) {
            write!(formatter, "\n  {number}. {step}")?;
        }
        for note in &self.notes {
            write!(formatter, "\nNote: {note}.")?;
        }
        Ok(())
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Execute(plan) => plan.fmt(formatter),
            Self::Await { id, digest } => {
                let image = digest.as_ref().map_or("another image", Digest::as_str);
                write!(
                    formatter,
                    "Plan:\n  1. wait for the end of {id}, which deploys {image}\n  \
                     2. plan anew with what is live then"
                )
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::RollBack => "this is a roll-back: the order of commits is not checked",
            Self::PresenceUnknown(why) => {
                return write!(
                    formatter,
                    "whether the registry has the image is not known: {why}"
                );
            }
            Self::OrderUnknown(CommitOrder::NotRequested) => {
                "without --commit neither the order of commits nor the running one is checked"
            }
            Self::OrderUnknown(CommitOrder::LiveUnknown) => {
                "the site does not tell its commit, so the order of commits is not checked"
            }
            Self::OrderUnknown(_) => {
                "there is no git repository here, so the order of commits is not checked"
            }
            Self::HookOnly => {
                "a deploy hook tells no status and brings nothing back: verification alone decides"
            }
            Self::NoFallback => "no other image was live before, so nothing can be put back",
        };
        formatter.write_str(text)
    }
}
