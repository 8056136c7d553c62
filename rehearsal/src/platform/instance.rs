//! One container of the service: its start, its health checks, and its end by SIGTERM.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use xtask::process;

use crate::http;
use crate::wait::until;

/// How long an instance may take to become healthy: 15 minutes at Render. Here a good image is
/// healthy within a second.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(10);

/// The time between the switch and SIGTERM: 60 seconds at Render. Two are enough for the proxy on
/// this machine.
const DRAIN: Duration = Duration::from_secs(2);

/// The time between SIGTERM and a kill: `maxShutdownDelaySeconds` of `render.yaml`.
const GRACE_SECONDS: u32 = 45;

/// The port on which the service listens in its container: Render's default.
const PORT: u16 = 10_000;

/// What every instance is started with.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// The variables by which the client finds the engine and the registry's login.
    pub(crate) environment: BTreeMap<&'static str, String>,
    /// The environment of the service, for `--env-file`.
    pub(crate) env_file: PathBuf,
    /// A folder to mount, for `--volume`: the database's socket.
    pub(crate) volume: String,
    /// The path of the health check.
    pub(crate) health_path: &'static str,
}

impl Template {
    fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = process::command("/usr/bin/docker", arguments);
        command.envs(&self.environment);
        command
    }
}

/// A container; dropping it removes it.
#[derive(Debug)]
pub(super) struct Instance {
    template: Template,
    container: String,
    /// Its port on loopback.
    pub(super) port: u16,
}

impl Instance {
    /// Pulls the image, starts it, and waits until it is healthy.
    pub(super) fn start(template: &Template, reference: &str) -> anyhow::Result<Self> {
        process::read(&mut template.docker(&["pull", "--quiet", reference]))?;
        let port = process::free_port()?;
        let mut run = template.docker(&["run", "--detach", "--memory", "512m"]);
        run.args(["--publish", &format!("127.0.0.1:{port}:{PORT}")])
            .args(["--volume", &template.volume])
            .arg("--env-file")
            .arg(&template.env_file)
            .arg(reference);
        let container = process::read(&mut run)?.trim().to_owned();
        let instance = Self {
            template: template.clone(),
            container,
            port,
        };
        let mut end = None;
        let is_healthy = until(HEALTH_TIMEOUT, || {
            end = instance.exit_code();
            end.is_some() || instance.is_healthy()
        });
        if let Some(code) = end {
            let said = instance.last_words();
            bail!("the instance ended at its start with exit code {code}: {said}");
        }
        if !is_healthy {
            bail!(
                "the instance was not healthy at {} within {HEALTH_TIMEOUT:?}",
                template.health_path
            );
        }
        Ok(instance)
    }

    /// Ends the instance as Render does, some time after the switch. Returns a line for the log.
    pub(super) fn stop(self) -> String {
        // The proxy may still have requests under way to this instance.
        std::thread::sleep(DRAIN);
        let started = Instant::now();
        let grace = GRACE_SECONDS.to_string();
        let stopped =
            process::read(
                &mut self
                    .template
                    .docker(&["stop", "--time", &grace, &self.container]),
            );
        let took = started.elapsed();
        match (stopped, self.exit_code()) {
            (Ok(_), Some(code)) => format!(
                "the instance before ended with exit code {code}, {:.2} s after SIGTERM",
                took.as_secs_f64()
            ),
            (Err(error), _) => format!("the instance before could not be ended: {error:#}"),
            (Ok(_), None) => "the instance before goes on running".to_owned(),
        }
    }

    fn is_healthy(&self) -> bool {
        // Render accepts any 2xx and 3xx.
        http::get(self.port, self.template.health_path)
            .is_ok_and(|answered| (200..400).contains(&answered.status))
    }

    /// The exit code, if it has ended.
    fn exit_code(&self) -> Option<i32> {
        let format = "{{.State.Status}} {{.State.ExitCode}}";
        let state = process::read(&mut self.template.docker(&[
            "inspect",
            "--format",
            format,
            &self.container,
        ]))
        .ok()?;
        let (status, code) = state.trim().split_once(' ')?;
        (status == "exited").then(|| code.parse().ok())?
    }

    fn last_words(&self) -> String {
        let mut logs = self
            .template
            .docker(&["logs", "--tail", "3", &self.container]);
        let output = logs.output().context("read what the instance said");
        output.map_or_else(
            |error| format!("{error:#}"),
            |output| {
                let said = [output.stdout, output.stderr].concat();
                String::from_utf8_lossy(&said).trim().replace('\n', " | ")
            },
        )
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        process::succeeds(&mut self.template.docker(&[
            "rm",
            "--force",
            "--volumes",
            &self.container,
        ]));
    }
}
