//! `deploy run` and `deploy rollback`: gathers facts from Render, the registry, the site and git, has
//! a plan made of them, and has the plan carried out.

use std::path::Path;

use deploy::context::{Context, Event};
use deploy::execute::{self, RenderRun, await_end};
use deploy::history::History;
use deploy::hook::{self, Hook};
use deploy::image::{Commit, Image};
use deploy::order::{CommitOrder, order};
use deploy::plan::{
    CurrentState, Decision, Intent, ReleaseRequest, RenderState, Target, plan, roll_back_to,
};
use deploy::registry::{self, Credentials, presence};
use deploy::render::{Render, WebApplication};
use deploy::verify::{Expectations, WakeResult, wake};

use super::arguments::{RollbackArgs, RollbackTarget, RunArgs, SharedArgs};
use super::expectations::expectations;
use super::result::{
    DeployResult, api, api_failed, checked_url, failed, refused, result_of, site_url, wrong_usage,
};
use crate::cli::Failure;
use crate::settings;

/// Which image is to be live.
#[derive(Debug, Clone)]
enum ImageChoice {
    /// The image that was named.
    Given(Image),
    /// One that was live before.
    FromHistory(Target),
}

/// What `deploy run` or `deploy rollback` was told on the command line.
#[derive(Debug)]
struct ReleaseCommand<'a> {
    image_choice: ImageChoice,
    commit: Option<Commit>,
    intent: Intent,
    shared: &'a SharedArgs,
}

pub(super) fn run(ctx: Context<'_>, args: &RunArgs, settings: &settings::Deploy) -> DeployResult {
    let command = ReleaseCommand {
        image_choice: ImageChoice::Given(args.image.clone()),
        commit: args.commit.clone(),
        intent: Intent::Release,
        shared: &args.shared,
    };
    command.carry_out(ctx, settings)
}

pub(super) fn roll_back(
    ctx: Context<'_>,
    args: &RollbackArgs,
    settings: &settings::Deploy,
) -> DeployResult {
    let command = ReleaseCommand {
        image_choice: match &args.to {
            RollbackTarget::Previous => ImageChoice::FromHistory(Target::Previous),
            RollbackTarget::Digest(digest) => {
                ImageChoice::FromHistory(Target::Digest(digest.clone()))
            }
            RollbackTarget::Image(image) => ImageChoice::Given(image.clone()),
        },
        commit: args.commit.clone(),
        intent: Intent::RollBack,
        shared: &args.shared,
    };
    command.carry_out(ctx, settings)
}

impl ReleaseCommand<'_> {
    fn carry_out(&self, ctx: Context<'_>, settings: &settings::Deploy) -> DeployResult {
        if let Some(render) = api(settings) {
            return self.carry_out_with_api(ctx, &render, settings);
        }
        match settings.hook_url.clone() {
            Some(url) => self.carry_out_with_hook(ctx, &Hook { url }, settings),
            None => Err(wrong_usage("there is no way to Render")),
        }
    }

    fn carry_out_with_api(
        &self,
        ctx: Context<'_>,
        render: &Render,
        settings: &settings::Deploy,
    ) -> DeployResult {
        loop {
            // Everything is asked anew after a deployment that was under way: its end may have
            // changed what is live.
            let application = render
                .application(ctx)
                .map_err(|error| api_failed(&error))?;
            let url = site_url(self.shared.url.as_deref(), application.url.as_deref())?;
            let expected = expectations(&url);
            let history = render.history(ctx).map_err(|error| api_failed(&error))?;
            let request = ReleaseRequest {
                image: self.image(&application, &history)?,
                commit: self.commit.clone(),
                intent: self.intent,
            };
            let at_render = RenderState {
                repository: application.repository,
                is_suspended: application.is_suspended,
                history: history.clone(),
            };
            let current = gather_facts(ctx, &request, Some(at_render), &expected, settings)?;
            let run = RenderRun {
                ctx,
                render,
                expectations: &expected,
            };
            match self.decide(ctx, &request, &current)? {
                None => return Ok(String::new()),
                Some(Decision::Execute(plan)) => {
                    return result_of(&execute::execute(run, &plan, &history));
                }
                Some(Decision::Await { id, digest }) => {
                    await_end(run, &id, digest.as_ref())
                        .or_else(|outcome| result_of(&outcome).map(drop))?;
                }
            }
        }
    }

    fn carry_out_with_hook(
        &self,
        ctx: Context<'_>,
        hook: &Hook,
        settings: &settings::Deploy,
    ) -> DeployResult {
        let url = self.shared.url.as_deref();
        let missing = "a deploy hook does not tell where the site is: give its address with --url";
        let url = checked_url(url.ok_or_else(|| wrong_usage(missing))?)?;
        let expected = expectations(&url);
        let ImageChoice::Given(image) = &self.image_choice else {
            let nameless = "a deploy hook knows no history: give --to a name and its digest";
            return Err(wrong_usage(nameless));
        };
        let request = ReleaseRequest {
            image: image.clone(),
            commit: self.commit.clone(),
            intent: self.intent,
        };
        let current = gather_facts(ctx, &request, None, &expected, settings)?;
        let Some(Decision::Execute(plan)) = self.decide(ctx, &request, &current)? else {
            return Ok(String::new());
        };
        let running = current.running.as_ref();
        result_of(&hook::execute(ctx, hook, &expected, &plan, running))
    }

    /// Prints the decision, and returns it; `None` where `--dry-run` asks for no more.
    fn decide(
        &self,
        ctx: Context<'_>,
        request: &ReleaseRequest,
        current: &CurrentState,
    ) -> Result<Option<Decision>, Failure> {
        let decision = plan(request, current).map_err(|refusal| refused(&refusal))?;
        (ctx.observe)(&Event::Planned(&decision));
        Ok(Some(decision).filter(|_| !self.shared.dry_run))
    }

    /// The image to deploy. A roll-back leads only to what was live.
    fn image(&self, application: &WebApplication, history: &History) -> Result<Image, Failure> {
        let target = match (&self.image_choice, self.intent) {
            (ImageChoice::Given(image), Intent::Release) => return Ok(image.clone()),
            (ImageChoice::Given(image), Intent::RollBack) => Target::Digest(image.digest.clone()),
            (ImageChoice::FromHistory(target), _) => target.clone(),
        };
        let digest = roll_back_to(history, &target).map_err(|refusal| refused(&refusal))?;
        match (&self.image_choice, &application.repository) {
            (ImageChoice::Given(image), _) => Ok(image.clone()),
            (ImageChoice::FromHistory(_), Some(repository)) => Ok(repository.with_digest(&digest)),
            (ImageChoice::FromHistory(_), None) => {
                let nameless = "Render does not tell the image's name: give it with --to";
                Err(wrong_usage(nameless))
            }
        }
    }
}

/// Gathers what the plan depends on: from the registry, the site and git.
fn gather_facts(
    ctx: Context<'_>,
    request: &ReleaseRequest,
    render: Option<RenderState>,
    expected: &Expectations,
    settings: &settings::Deploy,
) -> Result<CurrentState, Failure> {
    let registry = registry::Config {
        base_url: None,
        credentials: settings
            .registry_username
            .clone()
            .zip(settings.registry_token.clone())
            .map(|(username, password)| Credentials { username, password }),
    };
    let interrupted = |_| failed("interrupted: nothing was done");
    let presence = presence(ctx, &registry, &request.image).map_err(interrupted)?;
    // A site that was never live does not answer, however long it is asked.
    let was_live = |render: &RenderState| render.history.live().is_some();
    let wake_result = if render.as_ref().is_none_or(was_live) {
        wake(ctx, expected).map_err(interrupted)?
    } else {
        WakeResult::NoCommit
    };
    let (running, order) = match wake_result {
        WakeResult::Commit(running) => {
            let order = order(Path::new("."), request.commit.as_ref(), Some(&running));
            (Some(running), order)
        }
        WakeResult::NoCommit => (None, order(Path::new("."), request.commit.as_ref(), None)),
        WakeResult::Silent(_) => (None, CommitOrder::SiteSilent),
    };
    Ok(CurrentState {
        render,
        presence,
        running,
        order,
    })
}
