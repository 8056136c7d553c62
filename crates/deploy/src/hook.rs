//! A deploy hook: a secret address that starts a deployment and tells nothing more. Only the
//! verification tells whether the release is good, and nothing can be rolled back.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use ureq::http::Method;

use crate::clock::seconds;
use crate::context::{Context, Event};
use crate::execute::Outcome;
use crate::http::{Client, Failure, HttpRequest};
use crate::image::{Commit, Image};
use crate::plan::{FirstStep, Plan};
use crate::verify::{Expectations, running_commit, verify};

/// A deploy hook.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its address, which contains its key.
    pub url: SecretString,
}

/// Carries out a plan; `running` is the commit that answered before.
pub fn execute(
    ctx: Context<'_>,
    hook: &Hook,
    expectations: &Expectations,
    plan: &Plan,
    running: Option<&Commit>,
) -> Outcome {
    let mut commit_timeout = ctx.limits.switch;
    if plan.first_step == FirstStep::Start {
        let called = match ctx.clock.wait(Duration::ZERO) {
            Ok(()) => hook
                .call(ctx, &plan.image)
                .map_err(|failure| not_started(&failure)),
            Err(interrupted) => Err(nothing_done(&interrupted.into())),
        };
        if let Err(outcome) = called {
            return outcome;
        }
        (ctx.observe)(&Event::Started {
            id: None,
            image: &plan.image,
        });
        // No status tells when the release is live: its commit may take as long as a deployment.
        commit_timeout = ctx.limits.deployment;
    }
    let expectations = Expectations {
        commit: plan.commit.clone(),
        ..expectations.clone()
    };
    let Ok(table) = verify(ctx, &expectations, commit_timeout) else {
        let state = "interrupted: the deploy hook was called, and what comes of it is not \
                     verified; the same command again verifies it"
            .to_owned();
        return Outcome::NeedsAttention { state };
    };
    if table.is_passed() {
        Outcome::Verified {
            image: plan.image.clone(),
        }
    } else {
        let now = running_commit(ctx, &expectations);
        judge(plan, running, now.as_ref(), &seconds(commit_timeout))
    }
}

fn not_started(failure: &Failure) -> Outcome {
    match failure {
        // An interruption comes between two calls, and the first may have had its effect.
        Failure::Interrupted(_)
        | Failure::Unavailable {
            may_have_arrived: true,
            ..
        } => Outcome::NeedsAttention {
            state: format!(
                "{failure}: whether the deploy hook started the deployment is not known; the same \
                 command again is safe"
            ),
        },
        failure => nothing_done(failure),
    }
}

fn nothing_done(failure: &Failure) -> Outcome {
    Outcome::NothingDone {
        why: format!("the deploy hook started nothing: {failure}"),
        is_usage: failure.is_usage(),
    }
}

/// The outcome of a verification that failed, judged by the commits that answered before and now.
fn judge(
    plan: &Plan,
    before: Option<&Commit>,
    now: Option<&Commit>,
    commit_timeout: &str,
) -> Outcome {
    let same =
        |a: Option<&Commit>, b: Option<&Commit>| a.zip(b).is_some_and(|(a, b)| a.is_same_as(b));
    if same(now, plan.commit.as_ref()) {
        return Outcome::NeedsAttention {
            state: format!(
                "{} is live and fails its verification; a deploy hook cannot tell what was live \
                 before: call for that image with `deploy rollback --to NAME@sha256:… --commit …`",
                plan.image
            ),
        };
    }
    if same(now, before) {
        return Outcome::NotLive {
            release: format!("the deployment of {}", plan.image.digest),
            why: format!("was not live after {commit_timeout}"),
            live: "the commit that was live before still answers".to_owned(),
        };
    }
    let answers = match now {
        Some(now) => format!("the site answers as {now}"),
        None => "the site does not tell its commit".to_owned(),
    };
    Outcome::NeedsAttention {
        state: format!(
            "{answers}, {commit_timeout} after the deploy hook was called for {}",
            plan.image
        ),
    }
}

impl Hook {
    fn call(&self, ctx: Context<'_>, image: &Image) -> Result<(), Failure> {
        let url = self.url.expose_secret();
        let separator = if url.contains('?') { '&' } else { '?' };
        let text = image.to_string();
        let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC);
        let request = HttpRequest {
            method: Method::POST,
            url: format!("{url}{separator}imgURL={encoded}").into(),
            ..HttpRequest::get("")
        };
        let response = Client::new().send_with_retries(ctx, &request)?;
        if (200..300).contains(&response.status) {
            Ok(())
        } else {
            // Without the answer's message, which might repeat the address with the key.
            Err(Failure::Refused {
                host: request.host(),
                status: response.status,
                message: String::new(),
            })
        }
    }
}
