//! The instances, their database and their proxy, as the guide has them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tempfile::TempDir;
use xtask::guard::Guard;
use xtask::postgres::Postgres;
use xtask::{output, process};

use crate::wait::until;
use crate::{guide, http, random};

const GUIDE: &str = "docs/en/running/several-instances.md";

/// The guide's configuration of nginx, and what it stands in here.
const UPSTREAM: &str = "docs/nginx/oc-lettings.conf";
const AROUND: &str = "rehearsal/behind-nginx.conf";

/// The ports of the guide. Here they are others, which nobody on this machine has.
const GUIDE_PORTS: [u16; 3] = [8001, 8002, 8003];

/// How long an instance may take to start, or to end.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The account of the staff.
pub(super) const STAFF: &str = "ann";
pub(super) const PASSWORD: &str = "tulip-anchor-9";

/// Three instances behind a proxy. The fields are dropped in this order.
pub(super) struct Site {
    proxy: Proxy,
    instances: Vec<Instance>,
    place: Place,
    _postgres: Postgres,
}

impl Site {
    /// Runs the commands of the guide with a program, and starts the proxy.
    pub(super) fn start(program: &Path) -> anyhow::Result<Self> {
        let postgres = Postgres::start()?;
        let place = Place::new(program, &postgres.url())?;
        let guide = fs::read_to_string(process::repository().join(GUIDE))?;
        let mut instances = Vec::new();
        for (_, command) in guide::commands(&guide) {
            output::line(&format!("   $ {command}"));
            let command = place.with_ports_of(&command);
            if command.contains(" serve ") {
                instances.push(Instance::start(&place, &command)?);
            } else {
                process::read(&mut place.shell(&command))?;
            }
        }
        ensure!(
            instances.len() == 3,
            "{GUIDE} starts {} instances",
            instances.len()
        );
        let mut account = place.shell("oc-lettings createsuperuser --noinput");
        account
            .env("DJANGO_SUPERUSER_USERNAME", STAFF)
            .env("DJANGO_SUPERUSER_PASSWORD", PASSWORD);
        process::read(&mut account)?;
        Ok(Self {
            proxy: Proxy::start(&place)?,
            instances,
            place,
            _postgres: postgres,
        })
    }

    /// The ports of the instances.
    pub(super) fn ports(&self) -> [u16; 3] {
        self.place.ports
    }

    /// The port for visitors.
    pub(super) fn proxy_port(&self) -> u16 {
        self.proxy.port
    }

    /// Ends an instance by a signal, and waits for its end.
    pub(super) fn end(&mut self, number: usize, signal: &str) -> anyhow::Result<()> {
        self.instances[number].end(signal)
    }

    /// Starts an instance that has ended, and waits until it is ready.
    pub(super) fn start_again(&mut self, number: usize) -> anyhow::Result<()> {
        let command = self.instances[number].command.clone();
        self.instances[number] = Instance::start(&self.place, &command)?;
        Ok(())
    }
}

/// The folder that all of it runs in.
struct Place {
    folder: TempDir,
    ports: [u16; 3],
}

impl Place {
    /// With the `.env` of all instances, and the program as `bin/oc-lettings`.
    fn new(program: &Path, database_url: &str) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("oc-lettings-instances-")
            .tempdir()
            .context("make a folder for the instances")?;
        // nginx's workers have a user of their own.
        process::read(process::command("chmod", &["a+x"]).arg(folder.path()))?;
        let program = fs::canonicalize(program)
            .with_context(|| format!("find the program {}", program.display()))?;
        fs::create_dir(folder.path().join("bin"))?;
        std::os::unix::fs::symlink(program, folder.path().join("bin/oc-lettings"))?;
        let key = format!("{}{}", random::word()?, random::word()?);
        let env = format!(
            "ALLOWED_HOSTS=127.0.0.1\nDATABASE_URL={database_url}\nSECRET_KEY={key}\n\
             DEMO_DATA=True\n"
        );
        fs::write(folder.path().join(".env"), env)?;
        let mut ports = GUIDE_PORTS;
        for port in &mut ports {
            *port = process::free_port()?;
        }
        Ok(Self { folder, ports })
    }

    /// A text of the guide with this machine's ports.
    fn with_ports_of(&self, text: &str) -> String {
        let ports = GUIDE_PORTS.iter().zip(self.ports);
        ports.fold(text.to_owned(), |text, (guide, here)| {
            text.replace(&format!("127.0.0.1:{guide}"), &format!("127.0.0.1:{here}"))
        })
    }

    fn shell(&self, command: &str) -> Command {
        // Replaced by the program, the shell is what a signal reaches.
        let mut shell = process::command("bash", &["-c", &format!("exec {command}")]);
        let path = self.path("bin");
        shell.current_dir(self.folder.path());
        process::isolate(&mut shell, &["TMPDIR"]);
        shell.env("PATH", format!("{}:{}", path.display(), process::path()));
        shell
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A running `serve`; dropping it ends it.
struct Instance {
    command: String,
    child: Child,
    _guard: Guard,
}

impl Instance {
    /// Starts it, and waits until it is ready.
    fn start(place: &Place, command: &str) -> anyhow::Result<Self> {
        let port = command.rsplit(':').next().unwrap_or_default();
        let port: u16 = port.parse().context("the command ends with a port")?;
        let log = place.path(&format!("{port}.log"));
        let child = place
            .shell(command)
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .context("start an instance")?;
        let instance = Self {
            command: command.to_owned(),
            _guard: Guard::of(&child)?,
            child,
        };
        let is_ready = || http::get(port, "/readyz").is_ok_and(|answer| answer.status == 200);
        if !until(TIMEOUT, is_ready) {
            let log = fs::read_to_string(log).unwrap_or_default();
            bail!("`{command}` was not ready within {TIMEOUT:?}:\n{log}");
        }
        Ok(instance)
    }

    fn end(&mut self, signal: &str) -> anyhow::Result<()> {
        let id = self.child.id().to_string();
        process::read(&mut process::command("kill", &["-s", signal, &id]))?;
        let has_ended = || self.child.try_wait().is_ok_and(|status| status.is_some());
        ensure!(until(TIMEOUT, has_ended), "it did not end by SIG{signal}");
        Ok(())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // One that has ended already has nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// nginx with the configuration of the guide; dropping it ends it.
struct Proxy {
    port: u16,
    child: Child,
    _guard: Guard,
}

impl Proxy {
    fn start(place: &Place) -> anyhow::Result<Self> {
        let port = process::free_port()?;
        let read = |path: &str| {
            fs::read_to_string(process::repository().join(path))
                .with_context(|| format!("read {path}"))
        };
        let upstream = read(UPSTREAM)?.replace("listen 80;", &format!("listen 127.0.0.1:{port};"));
        fs::write(
            place.path("oc-lettings.conf"),
            place.with_ports_of(&upstream),
        )?;
        let around = read(AROUND)?.replace("@FOLDER@", &place.folder.path().to_string_lossy());
        let configuration = place.path("nginx.conf");
        fs::write(&configuration, around)?;
        let nginx = process::find("nginx").context("nginx was not found")?;
        let mut command = process::command(nginx, &["-c"]);
        command
            .arg(configuration)
            .arg("-e")
            .arg(place.path("error.log"));
        let child = command
            .stdout(Stdio::null())
            .stderr(File::create(place.path("nginx.log"))?)
            .spawn()
            .context("start nginx")?;
        let proxy = Self {
            port,
            _guard: Guard::of(&child)?,
            child,
        };
        let answers = || http::get(port, "/healthz").is_ok_and(|answer| answer.status == 200);
        if !until(TIMEOUT, answers) {
            let log = fs::read_to_string(place.path("nginx.log")).unwrap_or_default();
            bail!("nginx does not answer:\n{log}");
        }
        Ok(proxy)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        process::succeeds(&mut process::command("kill", &["-TERM", &id]));
        let _ = self.child.wait();
    }
}
