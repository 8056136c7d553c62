//! A stand-in for Render: takes a digest, pulls it, starts the container beside the one that
//! serves, and switches when it is healthy. Render's own words and times are in its documentation
//! (render.com/docs/deploys, /health-checks); where a time is shorter here, that is said.

mod api;
mod deploys;
mod instance;

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;

use self::deploys::{Deploy, Status};
use self::instance::Instance;
pub(crate) use self::instance::Template;
use super::front::Front;
use super::http::Server;

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

/// The running platform; dropping it ends it with its instances.
pub(crate) struct Platform {
    shared: Arc<Shared>,
    server: Option<Server>,
    worker: Option<std::thread::JoinHandle<()>>,
}

/// What the API and the deploying thread have in common.
struct Shared {
    config: Config,
    state: Mutex<State>,
    /// Something is to be done.
    wake: Condvar,
}

struct State {
    front: Front,
    deploys: Vec<Deploy>,
    live: Option<Instance>,
    is_over: bool,
    /// What happened, for whoever looks for a cause.
    log: Vec<String>,
}

impl Platform {
    /// Starts without any instance.
    pub(crate) fn start(folder: &Path, config: Config) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared {
            config,
            state: Mutex::new(State {
                front: Front::new(folder)?,
                deploys: Vec::new(),
                live: None,
                is_over: false,
                log: Vec::new(),
            }),
            wake: Condvar::new(),
        });
        let for_api = Arc::clone(&shared);
        let server = Server::start(move |request| api::answer(&for_api, request))
            .context("start the platform's API")?;
        let for_worker = Arc::clone(&shared);
        let worker = std::thread::spawn(move || for_worker.work());
        Ok(Self {
            shared,
            server: Some(server),
            worker: Some(worker),
        })
    }

    /// Where its API is.
    pub(crate) fn api_url(&self) -> String {
        let server = self.server.as_ref();
        server.map(Server::url).unwrap_or_default()
    }

    /// The port at which visitors come in.
    pub(crate) fn site_port(&self) -> u16 {
        self.shared.lock().front.port
    }

    /// What happened since the last call.
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().log)
    }

    /// How long the deployment took that is live, from the order to the switch.
    pub(crate) fn live_after(&self) -> Option<Duration> {
        let state = self.shared.lock();
        let live = state
            .deploys
            .iter()
            .rev()
            .find(|deploy| deploy.status == Status::Live);
        live.and_then(|deploy| deploy.took)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.wake.notify_all();
        // Nobody may order while it ends.
        self.server = None;
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deploys what was ordered, one after the other.
    fn work(&self) {
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
