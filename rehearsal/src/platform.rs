//! A stand-in for Render: it takes a digest, pulls the image, starts a container beside the one
//! that serves, and switches when it is healthy. Render's own names and times are in its
//! documentation (render.com/docs/deploys, /health-checks); a comment says where a time is shorter
//! here.

mod api;
mod deploys;
mod instance;
mod state;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use self::deploys::Status;
pub(crate) use self::instance::Template;
pub(crate) use self::state::Config;
use self::state::Shared;
use crate::http::Server;
use crate::proxy::Proxy;

/// The running platform; dropping it ends it with its instances.
pub(crate) struct Platform {
    shared: Arc<Shared>,
    server: Option<Server>,
    worker: Option<std::thread::JoinHandle<()>>,
}

impl Platform {
    /// Starts the platform without an instance.
    pub(crate) fn start(folder: &Path, config: Config) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared::new(config, Proxy::new(folder)?));
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

    /// The address of its API.
    pub(crate) fn api_url(&self) -> String {
        let server = self.server.as_ref();
        server.map(Server::url).unwrap_or_default()
    }

    /// The port for visitors.
    pub(crate) fn site_port(&self) -> u16 {
        self.shared.lock().proxy.port
    }

    /// The lines of the log since the last call.
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.lock().log)
    }

    /// How long the live deployment took, from the order to the switch.
    pub(crate) fn deployment_time(&self) -> Option<Duration> {
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
        // The API ends first, so that no deployment is ordered meanwhile.
        self.server = None;
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}
