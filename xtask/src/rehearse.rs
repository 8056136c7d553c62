//! The way of a release from a push to the live site, played on this machine before anything real
//! is touched: with the project's own pipeline, Dockerfile and commands, and with stand-ins for
//! GitLab's runner, Docker Hub and Render.

mod advice;
mod advisories;
mod bases;
mod engine;
mod front;
mod guide;
mod http;
mod image;
mod jobs;
mod load;
mod pipeline;
mod platform;
mod plays;
mod registry;
mod replaced;
mod scan;
mod table;
mod wait;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;

use self::advisories::Advisories;
use self::engine::Engine;
use self::pipeline::{Checkout, Runner, Variables};
use self::platform::{Config, Platform, Template};
use self::registry::Registry;
use self::table::Table;
use crate::postgres::Postgres;
use crate::{output, process, setup};

/// What outlives a run, so that the next one is quick.
const FOLDER: &str = "target/rehearsal";

const SERVICE: &str = "srv-rehearsal0000";

/// Everything that is played with. Fields are dropped in this order: the platform's instances need
/// the engine to be removed.
struct Stage {
    platform: Platform,
    registry: Registry,
    runner: Runner,
    clone: Checkout,
    advisories: Advisories,
    variables: Variables,
    /// Where a project on GitLab will be.
    project: PathBuf,
    /// How long each job took when it first ran.
    times: RefCell<BTreeMap<String, String>>,
    /// The live site's database, as seen from this machine.
    database_url: String,
    engine: Engine,
    _postgres: Postgres,
    _folder: tempfile::TempDir,
}

/// Writes what the guide says of the rehearsal.
pub(crate) fn write_table() -> anyhow::Result<()> {
    replaced::write()
}

/// `cargo xtask rehearse`.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    setup::for_rehearsal()?;
    let stage = Stage::set().context("the rehearsal cannot be played here")?;
    let mut table = Table::default();
    let verdict = plays::play_all(stage, &mut table);
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    output::line(&format!("the rehearsal took {minutes:.1} minutes"));
    output::line(&table.to_string());
    verdict?;
    Ok(if table.is_green() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Stage {
    fn set() -> anyhow::Result<Self> {
        let lasting = process::repository().join(FOLDER);
        fs::create_dir_all(&lasting).context("make the rehearsal's folder")?;
        let folder = tempfile::Builder::new()
            .prefix("oc-lettings-rehearsal-")
            .tempdir()
            .context("make a folder for the rehearsal")?;
        // The database's user and the site's have to get through.
        process::read(process::command("chmod", &["a+x"]).arg(folder.path()))?;
        let engine = Engine::start(folder.path(), &lasting)?;
        bases::prepare(&engine, folder.path())?;
        let advisories = Advisories::publish(folder.path())?;
        let registry = Registry::start(folder.path())?;
        registry.log_in(&engine)?;
        let runner = Runner::install(&lasting, &advisories)?;
        let clone = Checkout::of_repository(&lasting)?;
        let postgres = Postgres::start()?;
        let key = random()?;
        let config = Config {
            service: SERVICE.to_owned(),
            key: key.clone(),
            image: registry.image(),
            template: template(folder.path(), &engine, &postgres)?,
        };
        let platform = Platform::start(folder.path(), config)?;
        let client = folder.path().join("bin");
        Engine::link_client(&client)?;
        let variables = Variables {
            shell: shell(&engine, &client),
            jobs: jobs_variables(&registry, &platform, &key),
        };
        Ok(Self {
            platform,
            registry,
            runner,
            clone,
            advisories,
            variables,
            project: folder.path().join("project.git"),
            times: RefCell::default(),
            database_url: postgres.url(),
            engine,
            _postgres: postgres,
            _folder: folder,
        })
    }
}

/// What the platform starts every instance with.
fn template(folder: &Path, engine: &Engine, postgres: &Postgres) -> anyhow::Result<Template> {
    let socket = postgres.open_socket()?;
    let url = format!(
        "postgres://postgres@localhost:{}/postgres?host=/postgres",
        postgres.port()
    );
    let template = process::repository().join("rehearsal/service.env");
    let environment = fs::read_to_string(template)
        .context("read the service's environment")?
        .replace("@DATABASE_URL@", &url)
        .replace("@SECRET_KEY@", &format!("{}{}", random()?, random()?));
    // Docker's --env-file knows comments, but no more than that.
    let env_file = folder.join("service.env");
    fs::write(&env_file, environment)?;
    Ok(Template {
        environment: engine.environment().into(),
        env_file,
        volume: format!("{}:/postgres", socket.display()),
        health_path: "/healthz",
    })
}

/// What the shell of a job has on this machine.
fn shell(engine: &Engine, client: &Path) -> BTreeMap<String, String> {
    let path = format!("{}:{}", client.display(), process::path());
    let mut shell: BTreeMap<_, _> = engine
        .environment()
        .map(|(name, value)| (name.to_owned(), value))
        .into();
    shell.insert("PATH".to_owned(), path);
    shell
}

/// What is set under *Settings > CI/CD > Variables*, and where this machine differs.
fn jobs_variables(registry: &Registry, platform: &Platform, key: &str) -> BTreeMap<String, String> {
    [
        ("DOCKERHUB_USERNAME", registry::USER.to_owned()),
        ("DOCKERHUB_TOKEN", registry.password.clone()),
        ("IMAGE", registry.image()),
        ("RENDER_API_KEY", key.to_owned()),
        ("RENDER_SERVICE_ID", SERVICE.to_owned()),
        ("RENDER_API_URL", format!("{}/v1", platform.api_url())),
        (
            "SITE_URL",
            format!("http://127.0.0.1:{}", platform.site_port()),
        ),
        // Containers have no way out of this machine; a build borrows the machine's.
        ("BUILD_OPTIONS", "--network host".to_owned()),
        ("CARGO_HOME", process::cargo_home()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// A word that nobody can guess, of 32 hex digits.
fn random() -> anyhow::Result<String> {
    let uuid = fs::read_to_string("/proc/sys/kernel/random/uuid").context("ask for randomness")?;
    Ok(uuid.trim().replace('-', ""))
}
