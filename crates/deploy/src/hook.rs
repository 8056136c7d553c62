//! A deploy hook: a secret address that starts a deployment and tells nothing more. Only the
//! verification tells whether the release is good, and nothing can be rolled back.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use ureq::http::Method;

use crate::clock::seconds;
use crate::context::{Context, Event};
use crate::execute::Outcome;
use crate::http::{Client, Failure, Sent};
use crate::image::{Commit, Image};
use crate::plan::{Begin, Plan};
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
    let mut patience = ctx.limits.switch;
    if plan.begin == Begin::Start {
        let called = match ctx.clock.wait(Duration::ZERO) {
            Ok(()) => hook
                .call(ctx, &plan.image)
                .map_err(|failure| not_started(&failure)),
            Err(interrupted) => Err(nothing_done(&interrupted.into())),
        };
        if let Err(outcome) = called {
            return outcome;
        }
        (ctx.tell)(&Event::Started {
            id: None,
            image: &plan.image,
        });
        // No status tells when the release is live: its commit may take as long as a deployment.
        patience = ctx.limits.deployment;
    }
    let expectations = Expectations {
        commit: plan.commit.clone(),
        ..expectations.clone()
    };
    let Ok(table) = verify(ctx, &expectations, patience) else {
        let state = "interrupted: the deploy hook was called, and what comes of it is not \
                     verified; the same command again verifies it"
            .to_owned();
        return Outcome::Open { state };
    };
    if table.is_passed() {
        Outcome::Verified {
            image: plan.image.clone(),
        }
    } else {
        let now = running_commit(ctx, &expectations);
        judge(plan, running, now.as_ref(), &seconds(patience))
    }
}

fn not_started(failure: &Failure) -> Outcome {
    match failure {
        // An interruption comes between two calls, and the first may have had its effect.
        Failure::Interrupted(_)
        | Failure::Unavailable {
            may_have_arrived: true,
            ..
        } => Outcome::Open {
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
fn judge(plan: &Plan, before: Option<&Commit>, now: Option<&Commit>, patience: &str) -> Outcome {
    let same = |a: Option<&Commit>, b: Option<&Commit>| a.zip(b).is_some_and(|(a, b)| a.is(b));
    if same(now, plan.commit.as_ref()) {
        return Outcome::Open {
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
            why: format!("was not live after {patience}"),
            live: "the commit that was live before still answers".to_owned(),
        };
    }
    let answers = match now {
        Some(now) => format!("the site answers as {now}"),
        None => "the site does not tell its commit".to_owned(),
    };
    Outcome::Open {
        state: format!(
            "{answers}, {patience} after the deploy hook was called for {}",
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
        let sent = Sent {
            method: Method::POST,
            url: format!("{url}{separator}imgURL={encoded}").into(),
            ..Sent::get("")
        };
        let answer = Client::new().ask_patiently(ctx, &sent)?;
        if (200..300).contains(&answer.status) {
            Ok(())
        } else {
            // Without the answer's message, which might repeat the address with the key.
            Err(Failure::Refused {
                host: sent.host(),
                status: answer.status,
                message: String::new(),
            })
        }
    }
}
