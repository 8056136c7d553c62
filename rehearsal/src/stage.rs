//! The stage: the stand-ins, and the clone that is pushed from.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use xtask::postgres::Postgres;
use xtask::process;

use crate::advisories::Advisories;
use crate::engine::Engine;
use crate::pipeline::{Checkout, Pipeline, Runner, Variables};
use crate::platform::{Config, Platform, Template};
use crate::registry::{self, Registry};
use crate::{base_images, http, random};

/// The folder that is kept between runs, so that the next one is quick.
const FOLDER: &str = "target/rehearsal";

const SERVICE: &str = "srv-rehearsal0000";

/// The artifact of the job `build`: the image by its digest.
const IMAGE_ENV: &str = "target/image/image.env";

/// Everything that the plays use. The fields are dropped in this order: the engine must outlive the
/// platform, to remove its instances.
pub(crate) struct Stage {
    pub(crate) platform: Platform,
    pub(crate) registry: Registry,
    pub(crate) runner: Runner,
    pub(crate) clone: Checkout,
    pub(crate) advisories: Advisories,
    variables: Variables,
    /// The path of the project on GitLab, which step 0 of the guide creates.
    pub(crate) project: PathBuf,
    /// How long each job took when it first ran.
    pub(crate) times: RefCell<BTreeMap<String, String>>,
    /// The live site's database, as seen from this machine.
    pub(crate) database_url: String,
    pub(crate) engine: Engine,
    _postgres: Postgres,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// Starts everything.
    pub(crate) fn set_up() -> anyhow::Result<Self> {
        let lasting = process::repository().join(FOLDER);
        fs::create_dir_all(&lasting).context("make the rehearsal's folder")?;
        let folder = tempfile::Builder::new()
            .prefix("oc-lettings-rehearsal-")
            .tempdir()
            .context("make a folder for the rehearsal")?;
        // The users of the database and of the site need access to the folder.
        process::read(process::command("chmod", &["a+x"]).arg(folder.path()))?;
        let engine = Engine::start(folder.path(), &lasting)?;
        base_images::prepare(&engine, folder.path())?;
        let advisories = Advisories::publish(folder.path())?;
        let registry = Registry::start(folder.path())?;
        registry.log_in(&engine)?;
        let runner = Runner::install(&lasting, &advisories)?;
        let clone = Checkout::of_repository(&lasting)?;
        let postgres = Postgres::start()?;
        let key = random::word()?;
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

    /// Runs the pipeline of the checked-out commit, or these of its jobs. The time of a job is
    /// noted when it runs for the first time.
    pub(crate) fn play(&self, jobs: &[&str]) -> anyhow::Result<Pipeline> {
        let pipeline = self.runner.play(&self.clone, &self.variables, jobs)?;
        // A failed job has not done all of its work: its time says nothing.
        let times = pipeline.is_green.then(|| pipeline.times());
        for (job, time) in times.unwrap_or_default() {
            let mut times = self.times.borrow_mut();
            times.entry(job.to_owned()).or_insert(time.to_owned());
        }
        Ok(pipeline)
    }

    pub(crate) fn retry(&self, job: &str, commit: &str, digest: &str) -> anyhow::Result<Pipeline> {
        let now = self.clone.head()?;
        self.clone.git(&["reset", "--quiet", "--hard", commit])?;
        // A job that runs again has the artifacts of its own pipeline.
        let reports = ".gitlab-ci-local/artifacts/build/.gitlab-ci-reports/dotenv";
        let handed_on = self.clone.folder.join(reports).join(IMAGE_ENV);
        fs::write(handed_on, format!("IMAGE_DIGEST={digest}\n"))
            .context("hand on the image of the past")?;
        let pipeline = self.play(&[job]);
        self.clone.git(&["reset", "--quiet", "--hard", &now])?;
        pipeline
    }

    /// Commits a Dockerfile that bases an image on another one.
    pub(crate) fn commit_image(&self, what: &str, base: &str) -> anyhow::Result<String> {
        let dockerfile = format!("FROM {base}\nLABEL rehearsal=\"{what}\"\n");
        self.clone.commit("Dockerfile", &dockerfile)
    }

    /// The image that was pushed last, by digest.
    pub(crate) fn digest(&self) -> anyhow::Result<String> {
        let text = self.clone.read(IMAGE_ENV)?;
        let digest = text
            .lines()
            .find_map(|line| line.strip_prefix("IMAGE_DIGEST="));
        Ok(digest.context("image.env names no digest")?.to_owned())
    }

    /// The environment for `make` by hand: the variables of jobs and of the shell.
    pub(crate) fn make_environment(&self) -> BTreeMap<String, String> {
        let mut environment = self.variables.shell.clone();
        environment.extend(self.variables.jobs.clone());
        environment
    }

    /// Fails unless visitors are answered by this commit.
    pub(crate) fn expect_live(&self, commit: &str) -> anyhow::Result<()> {
        let port = self.platform.site_port();
        let health = http::get(port, "/healthz")?;
        ensure!(
            health.status == 200,
            "/healthz is answered {}",
            health.status
        );
        ensure!(
            health.body.contains(commit),
            "the live commit is not {commit}: {}",
            health.body
        );
        let page = http::get(port, "/lettings/")?;
        ensure!(page.status == 200, "/lettings/ is answered {}", page.status);
        Ok(())
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
        .replace(
            "@SECRET_KEY@",
            &format!("{}{}", random::word()?, random::word()?),
        );
    // Docker's `--env-file` understands comments, but no quotes or other syntax.
    let env_file = folder.join("service.env");
    fs::write(&env_file, environment)?;
    Ok(Template {
        environment: engine.environment().into(),
        env_file,
        volume: format!("{}:/postgres", socket.display()),
        health_path: "/healthz",
    })
}

/// The environment of a job's shell on this machine.
fn shell(engine: &Engine, client: &Path) -> BTreeMap<String, String> {
    let path = format!("{}:{}", client.display(), process::path());
    let mut shell: BTreeMap<_, _> = engine
        .environment()
        .map(|(name, value)| (name.to_owned(), value))
        .into();
    shell.insert("PATH".to_owned(), path);
    shell
}

/// The variables under *Settings > CI/CD > Variables*, and those that differ on this machine.
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
        // Containers of this engine reach nothing outside, so that a build uses the machine's
        // network.
        ("BUILD_OPTIONS", "--network host".to_owned()),
        ("CARGO_HOME", process::cargo_home()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}
