//! A run in a world, as the command makes one.

use std::cell::RefCell;
use std::time::Duration;

use deploy::context::{Context, Event};
use deploy::execute::{self, Outcome, RenderRun};
use deploy::hook;
use deploy::limits::Limits;
use deploy::order::CommitOrder;
use deploy::plan::{CurrentState, Decision, Intent, ReleaseRequest, RenderState, plan};
use deploy::registry::presence;
use deploy::render::Render;
use deploy::verify::running_commit;

use super::{TestClock, World, commit, image};

/// One run in a world, and all that it said.
pub(crate) struct Run<'a> {
    pub(crate) world: &'a World,
    pub(crate) clock: TestClock,
    pub(crate) limits: Limits,
    pub(crate) order: CommitOrder,
    interrupted_after: Option<Duration>,
    said: RefCell<String>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self {
            world,
            clock: TestClock::default(),
            limits: Limits {
                // The only time that passes really, where somebody hangs.
                request: Duration::from_millis(500),
                ..Limits::production()
            },
            order: CommitOrder::Newer,
            interrupted_after: None,
            said: RefCell::default(),
        }
    }

    /// Interrupted some time after the plan was made.
    pub(crate) fn interrupted_after(world: &'a World, seconds: u64) -> Self {
        Self {
            interrupted_after: Some(Duration::from_secs(seconds)),
            ..Self::new(world)
        }
    }

    pub(crate) fn say(&self, line: &dyn std::fmt::Display) {
        let address = self.world.address.as_str();
        let line = line.to_string().replace(address, "HOST");
        *self.said.borrow_mut() += &format!("{line}\n");
    }

    pub(crate) fn said(&self) -> String {
        self.said.borrow().clone()
    }

    /// Looks, plans and carries out, as the command does.
    pub(crate) fn deploy(&self, letter: char) -> Outcome {
        self.with_context(|ctx| self.deploy_in(ctx, letter))
    }

    /// Likewise, with a deploy hook alone.
    pub(crate) fn deploy_by_hook(&self, letter: char) -> Outcome {
        self.with_context(|ctx| {
            let expectations = self.world.expectations();
            let running = running_commit(ctx, &expectations);
            let release_request = release_request(letter);
            let current = CurrentState {
                render: None,
                presence: presence(ctx, &self.world.registry(), &release_request.image).unwrap(),
                running: running.clone(),
                order: self.order,
            };
            let plan = match plan(&release_request, &current) {
                Ok(Decision::Execute(plan)) => plan,
                other => panic!("{other:?}"),
            };
            self.say(&plan);
            if let Some(duration) = self.interrupted_after {
                self.clock.interrupt_in(duration);
            }
            let hook = self.world.hook();
            let outcome = hook::execute(ctx, &hook, &expectations, &plan, running.as_ref());
            self.say(&outcome);
            outcome
        })
    }

    pub(crate) fn with_context<T>(&self, action: impl FnOnce(Context<'_>) -> T) -> T {
        let observe = |event: &Event<'_>| {
            if !event.is_tick() {
                self.say(event);
            }
        };
        action(Context {
            clock: &self.clock,
            limits: &self.limits,
            observe: &observe,
        })
    }

    fn deploy_in(&self, ctx: Context<'_>, letter: char) -> Outcome {
        let render = Render::new(self.world.config());
        let expectations = self.world.expectations();
        let run = RenderRun {
            ctx,
            render: &render,
            expectations: &expectations,
        };
        let release_request = release_request(letter);
        loop {
            let application = render.application(ctx).unwrap();
            let history = render.history(ctx).unwrap();
            let current = CurrentState {
                render: Some(RenderState {
                    repository: application.repository,
                    is_suspended: application.is_suspended,
                    history: history.clone(),
                }),
                presence: presence(ctx, &self.world.registry(), &release_request.image).unwrap(),
                running: running_commit(ctx, &expectations),
                order: self.order,
            };
            let decision = plan(&release_request, &current).unwrap();
            self.say(&decision);
            if let Some(duration) = self.interrupted_after {
                self.clock.interrupt_in(duration);
            }
            match decision {
                Decision::Execute(plan) => {
                    let outcome = execute::execute(run, &plan, &history);
                    self.say(&outcome);
                    return outcome;
                }
                Decision::Await { id, digest } => {
                    if let Err(outcome) = execute::await_end(run, &id, digest.as_ref()) {
                        self.say(&outcome);
                        return outcome;
                    }
                }
            }
        }
    }
}

pub(crate) fn release_request(letter: char) -> ReleaseRequest {
    ReleaseRequest {
        image: image(letter),
        commit: Some(commit(letter)),
        intent: Intent::Release,
    }
}
