//! The state that the platform's API shares with its deploying thread, and the work of that thread.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::deploys::{Deploy, Status};
use super::instance::{Instance, Template};
use crate::proxy::Proxy;

/// The settings of the platform.
pub(crate) struct Config {
    /// `srv-…`.
    pub(crate) service: String,
    /// The key for the API and the deploy hook.
    pub(crate) key: String,
    /// The image without tag and digest. Other images are refused.
    pub(crate) image: String,
    /// What every instance is started with.
    pub(crate) template: Template,
}

/// The state that the API and the deploying thread share.
pub(super) struct Shared {
    pub(super) config: Config,
    state: Mutex<State>,
    /// Notified when a deployment is ordered, and at the end.
    pub(super) wake: Condvar,
}

pub(super) struct State {
    pub(super) proxy: Proxy,
    pub(super) deploys: Vec<Deploy>,
    live: Option<Instance>,
    pub(super) is_over: bool,
    /// What happened, to find the cause of a failure.
    pub(super) log: Vec<String>,
}

impl Shared {
    pub(super) fn new(config: Config, proxy: Proxy) -> Self {
        Self {
            config,
            state: Mutex::new(State {
                proxy,
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

    /// Carries out the ordered deployments, one after the other, until the end.
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
            // The lock is released during the start, so that the API answers meanwhile. The
            // instance before serves.
            let started = Instance::start(&self.config.template, &reference);
            self.settle(next, started);
        }
    }

    /// Sends visitors to a healthy instance, and only then ends the one before.
    fn settle(&self, number: usize, started: anyhow::Result<Instance>) {
        let mut state = self.lock();
        if state.deploys[number].has_ended() {
            // The deployment was cancelled during the start: drop its instance.
            return;
        }
        let switched = started.and_then(|instance| {
            state.proxy.switch(instance.port)?;
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
            deploy.deactivate();
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
