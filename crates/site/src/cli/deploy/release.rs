//! `deploy run` and `deploy rollback`: asks Render, the registry, the site and git, has a plan made
//! of what they say, and has that carried out.

use std::path::Path;

use deploy::context::{Context, Event};
use deploy::execute::{self, AtRender, await_end};
use deploy::history::History;
use deploy::hook::{self, Hook};
use deploy::image::{Commit, Image};
use deploy::order::{Order, order};
use deploy::plan::{Asked, Decision, Found, FoundAtRender, Intent, Target, plan, roll_back_to};
use deploy::registry::{self, Credentials, presence};
use deploy::render::{Render, WebApplication};
use deploy::verify::{Awake, Expectations, wake};

use super::arguments::{RollbackArgs, RunArgs, SharedArgs, To};
use super::end::{Said, api, checked_url, end, failed, misused, refused, site_url, unasked};
use super::expectations::expectations;
use crate::cli::Failure;
use crate::settings;

/// What is to be live.
#[derive(Debug, Clone)]
enum Wanted {
    Image(Image),
    Target(Target),
}

/// A release or a roll-back, as it was asked for.
#[derive(Debug)]
struct Wish<'a> {
    wanted: Wanted,
    commit: Option<Commit>,
    intent: Intent,
    shared: &'a SharedArgs,
}

pub(super) fn run(ctx: Context<'_>, args: &RunArgs, settings: &settings::Deploy) -> Said {
    let wish = Wish {
        wanted: Wanted::Image(args.image.clone()),
        commit: args.commit.clone(),
        intent: Intent::Release,
        shared: &args.shared,
    };
    wish.carry_out(ctx, settings)
}

pub(super) fn roll_back(
    ctx: Context<'_>,
    args: &RollbackArgs,
    settings: &settings::Deploy,
) -> Said {
    let wish = Wish {
        wanted: match &args.to {
            To::Previous => Wanted::Target(Target::Previous),
            To::Digest(digest) => Wanted::Target(Target::Digest(digest.clone())),
            To::Image(image) => Wanted::Image(image.clone()),
        },
        commit: args.commit.clone(),
        intent: Intent::RollBack,
        shared: &args.shared,
    };
    wish.carry_out(ctx, settings)
}

impl Wish<'_> {
    fn carry_out(&self, ctx: Context<'_>, settings: &settings::Deploy) -> Said {
        if let Some(render) = api(settings) {
            return self.carry_out_at(ctx, &render, settings);
        }
        match settings.hook_url.clone() {
            Some(url) => self.carry_out_by(ctx, &Hook { url }, settings),
            None => Err(misused("there is no way to Render")),
        }
    }

    fn carry_out_at(&self, ctx: Context<'_>, render: &Render, settings: &settings::Deploy) -> Said {
        loop {
            // Everything is asked anew after a deployment that was under way: its end may have
            // changed what is live.
            let application = render.application(ctx).map_err(|error| unasked(&error))?;
            let url = site_url(self.shared.url.as_deref(), application.url.as_deref())?;
            let expected = expectations(&url);
            let history = render.history(ctx).map_err(|error| unasked(&error))?;
            let asked = Asked {
                image: self.image(&application, &history)?,
                commit: self.commit.clone(),
                intent: self.intent,
            };
            let at_render = FoundAtRender {
                repository: application.repository,
                is_suspended: application.is_suspended,
                history: history.clone(),
            };
            let found = look_around(ctx, &asked, Some(at_render), &expected, settings)?;
            let at = AtRender {
                ctx,
                render,
                expectations: &expected,
            };
            match self.decide(ctx, &asked, &found)? {
                None => return Ok(String::new()),
                Some(Decision::Carry(plan)) => {
                    return end(&execute::execute(at, &plan, &history));
                }
                Some(Decision::Await { id, digest }) => {
                    await_end(at, &id, digest.as_ref())
                        .or_else(|outcome| end(&outcome).map(drop))?;
                }
            }
        }
    }

    fn carry_out_by(&self, ctx: Context<'_>, hook: &Hook, settings: &settings::Deploy) -> Said {
        let url = self.shared.url.as_deref();
        let missing = "a deploy hook does not tell where the site is: give its address with --url";
        let url = checked_url(url.ok_or_else(|| misused(missing))?)?;
        let expected = expectations(&url);
        let Wanted::Image(image) = &self.wanted else {
            let nameless = "a deploy hook knows no history: give --to a name and its digest";
            return Err(misused(nameless));
        };
        let asked = Asked {
            image: image.clone(),
            commit: self.commit.clone(),
            intent: self.intent,
        };
        let found = look_around(ctx, &asked, None, &expected, settings)?;
        let Some(Decision::Carry(plan)) = self.decide(ctx, &asked, &found)? else {
            return Ok(String::new());
        };
        let running = found.running.as_ref();
        end(&hook::execute(ctx, hook, &expected, &plan, running))
    }

    /// Prints the decision, and returns it; `None` where `--dry-run` asks for no more.
    fn decide(
        &self,
        ctx: Context<'_>,
        asked: &Asked,
        found: &Found,
    ) -> Result<Option<Decision>, Failure> {
        let decision = plan(asked, found).map_err(|refusal| refused(&refusal))?;
        (ctx.tell)(&Event::Planned(&decision));
        Ok(Some(decision).filter(|_| !self.shared.dry_run))
    }

    /// The image to deploy. A roll-back leads only to what was live.
    fn image(&self, application: &WebApplication, history: &History) -> Result<Image, Failure> {
        let target = match (&self.wanted, self.intent) {
            (Wanted::Image(image), Intent::Release) => return Ok(image.clone()),
            (Wanted::Image(image), Intent::RollBack) => Target::Digest(image.digest.clone()),
            (Wanted::Target(target), _) => target.clone(),
        };
        let digest = roll_back_to(history, &target).map_err(|refusal| refused(&refusal))?;
        match (&self.wanted, &application.repository) {
            (Wanted::Image(image), _) => Ok(image.clone()),
            (Wanted::Target(_), Some(repository)) => Ok(repository.at(&digest)),
            (Wanted::Target(_), None) => {
                let nameless = "Render does not tell the image's name: give it with --to";
                Err(misused(nameless))
            }
        }
    }
}

/// What the registry, the site and git say.
fn look_around(
    ctx: Context<'_>,
    asked: &Asked,
    render: Option<FoundAtRender>,
    expected: &Expectations,
    settings: &settings::Deploy,
) -> Result<Found, Failure> {
    let registry = registry::Config {
        base_url: None,
        credentials: settings
            .registry_username
            .clone()
            .zip(settings.registry_token.clone())
            .map(|(username, password)| Credentials { username, password }),
    };
    let interrupted = |_| failed("interrupted: nothing was done");
    let presence = presence(ctx, &registry, &asked.image).map_err(interrupted)?;
    // A site that was never live does not answer, however long it is asked.
    let was_live = |render: &FoundAtRender| render.history.live().is_some();
    let awake = if render.as_ref().is_none_or(was_live) {
        wake(ctx, expected).map_err(interrupted)?
    } else {
        Awake::Untold
    };
    let (running, order) = match awake {
        Awake::Commit(running) => {
            let order = order(Path::new("."), asked.commit.as_ref(), Some(&running));
            (Some(running), order)
        }
        Awake::Untold => (None, order(Path::new("."), asked.commit.as_ref(), None)),
        Awake::Silent(_) => (None, Order::LiveSilent),
    };
    Ok(Found {
        render,
        presence,
        running,
        order,
    })
}
