//! What the platform's API and its deploying thread have in common, and what that thread does.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::deploys::{Deploy, Status};
use super::instance::{Instance, Template};
use crate::front::Front;

/// How the platform is set up.
pub(crate) struct Config {
    /// `srv-…`.
    pub(crate) service: String,
    /// The key that opens the API.
    pub(crate) key: String,
    /// The image without tag and digest; others are refused.
    pub(crate) image: String,
    /// What every instance is started with.
    pub(crate) template: Template,
}

/// What the API and the deploying thread have in common.
pub(super) struct Shared {
    pub(super) config: Config,
    state: Mutex<State>,
    /// Something is to be done.
    pub(super) wake: Condvar,
}

pub(super) struct State {
    pub(super) front: Front,
    pub(super) deploys: Vec<Deploy>,
    live: Option<Instance>,
    pub(super) is_over: bool,
    /// What happened, for whoever looks for a cause.
    pub(super) log: Vec<String>,
}

impl Shared {
    pub(super) fn new(config: Config, front: Front) -> Self {
        Self {
            config,
            state: Mutex::new(State {
                front,
                deploys: Vec::new(),
                live: None,
                is_over: false,
                log: Vec::new(),
            }),
            wake: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deploys what was ordered, one after the other.
    pub(super) fn work(&self) {
        loop {
            let mut state = self.lock();
            let next = loop {
                if state.is_over {
                    return;
                }
                let next = state.deploys.iter().position(Deploy::is_waiting);
                match next {
                    Some(next) => break next,
                    None => {
                        state = self
                            .wake
                            .wait(state)
                            .unwrap_or_else(PoisonError::into_inner);
                    }
                }
            };
            state.deploys[next].begin();
            let reference = state.deploys[next].reference.clone();
            drop(state);
            // Meanwhile the API answers, and the instance before serves.
            let started = Instance::start(&self.config.template, &reference);
            self.settle(next, started);
        }
    }

    /// Sends visitors to a healthy instance, and only then ends the one before.
    fn settle(&self, number: usize, started: anyhow::Result<Instance>) {
        let mut state = self.lock();
        if state.deploys[number].has_ended() {
            // Canceled meanwhile: the instance is dropped.
            return;
        }
        let switched = started.and_then(|instance| {
            state.front.switch(instance.port)?;
            Ok(instance)
        });
        let instance = match switched {
            Ok(instance) => instance,
            Err(error) => {
                let deploy = &mut state.deploys[number];
                deploy.end(Status::UpdateFailed);
                let line = format!("{} failed: {error:#}", deploy.id);
                state.log.push(line);
                return;
            }
        };
        for deploy in &mut state.deploys {
            deploy.give_way();
        }
        state.deploys[number].end(Status::Live);
        let line = format!("{} is live", state.deploys[number].id);
        state.log.push(line);
        let former = state.live.replace(instance);
        drop(state);
        if let Some(former) = former {
            let line = former.stop();
            self.lock().log.push(line);
        }
    }
}
