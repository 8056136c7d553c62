//! The settings: every environment variable, read once, checked together. The only place that
//! reads the environment.

mod commands;
pub mod document;
mod dotenv;
mod environment;
mod grammar;
mod log;
mod mail;
mod sentry;
pub mod variables;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ::mail::Destination;
use accounts::signing::Keys;
use calendars::fetch::Reach;
use chrono_tz::Tz;
use fluent_templates::LanguageIdentifier;
use http::HeaderName;
use secrecy::SecretString;
use server::{DEFAULT_REQUEST_MEMORY_BYTES, Trusted};
use telemetry::log::{Colours, Format};
use tracing::Level;
use web::forwarded::{self, AddressHeader};
use web::host::AllowedHosts;

pub use self::commands::{Deploy, Superuser};
pub(crate) use self::dotenv::decode;
pub use self::environment::{Environment, SettingProblem, SettingProblems};
pub use self::log::Log;
pub use self::mail::Mail;
pub use self::sentry::Sentry;
use self::variables as variable;
use crate::calendar::Calendar;
use crate::money::Currency;
use crate::release::UNKNOWN_COMMIT;
use crate::schema::DERIVED;

/// The key of development. It is used only in debug mode, while every allowed host is local.
const DEVELOPMENT_KEY: &str = "oc-lettings-development-key-which-everybody-knows-0123456789";

/// Everything that can be set from outside.
#[derive(Debug)]
pub struct Settings {
    /// The commit that the program was built from, as the build was told: by `main.rs`, so that
    /// another commit of the same sources compiles that file alone.
    pub commit: &'static str,
    /// This program, which starts itself for each photo.
    pub program: PathBuf,
    /// `DEBUG`
    pub debug: bool,
    /// `SECRET_KEY`, or the key of development; `None` only for a command that signs nothing.
    pub secret_key: Option<SecretString>,
    /// `SECRET_KEY_FALLBACKS`
    pub secret_key_fallbacks: Vec<SecretString>,
    /// `ALLOWED_HOSTS`, with those that debug mode and Render add.
    pub allowed_hosts: AllowedHosts,
    /// `DATABASE_URL`, `SQLITE_SYNCHRONOUS`
    pub database: db::Config,
    /// Whether `DATABASE_URL` is set; otherwise `database` is the default.
    pub is_database_chosen: bool,
    /// `PORT`
    pub port: u16,
    /// `STATIC_ROOT`
    pub static_root: PathBuf,
    /// `STATICFILES_DIRS`
    pub staticfiles_dirs: Vec<PathBuf>,
    /// `DEMO_DATA`
    pub demo_data: bool,
    /// `PROFILE_EMAIL_PUBLIC`; where it is not set, the database's origin decides.
    pub profile_email_public: Option<bool>,
    /// The `SENTRY_…` variables.
    pub sentry: Sentry,
    /// `CSRF_TRUSTED_ORIGINS`
    pub csrf_trusted_origins: Vec<String>,
    /// `FORWARDED_ALLOW_IPS`, `FORWARDED_HOPS`, `CLIENT_IP_HEADER`
    pub forwarded: forwarded::Config,
    /// `REQUEST_MEMORY`
    pub request_memory_bytes: usize,
    /// `PAGE_CACHE_SIZE`
    pub page_cache_bytes: usize,
    /// `SHUTDOWN_DELAY`
    pub shutdown_delay: Duration,
    /// `WEB_CONCURRENCY`
    pub web_concurrency: NonZeroUsize,
    /// `LOG_LEVEL`, `LOG_FORMAT`, `NO_COLOR`
    pub log: Log,
    /// `METRICS_TOKEN`
    pub metrics_token: Option<SecretString>,
    /// `LANGUAGE_CODE`
    pub language: LanguageIdentifier,
    /// `CURRENCY`
    pub currency: Currency,
    /// `TIME_ZONE`, by the clock of the machine.
    pub calendar: Calendar,
    /// `EMAIL_URL`, `DEFAULT_FROM_EMAIL`, `ENQUIRY_EMAIL`, `ENQUIRY_RETENTION`
    pub mail: Mail,
    /// Where the calendars of other sites may lie. No variable changes it: on this machine
    /// is for tests (`examples/loopback.rs`).
    pub feed_reach: Reach,
    /// `RENDER_EXTERNAL_HOSTNAME`: set on Render, and nowhere else.
    pub render_hostname: Option<String>,
    /// What `createsuperuser` need not ask.
    pub superuser: Superuser,
    /// What `deploy` needs.
    pub deploy: Deploy,
    /// What was noticed while reading. It is logged once the log has started.
    pub warnings: Vec<String>,
}

/// Which variables a command cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredSettings {
    /// The site is served: `SECRET_KEY` and `ALLOWED_HOSTS` are required outside of debug.
    Serve,
    /// A deployment is started: the API's variables or the deploy hook are required, and no group
    /// may be half set.
    Deploy,
    /// Every value that is set must fit its grammar; none has to be set.
    Nothing,
}

impl Settings {
    /// Reads the process's environment and `.env` in the working directory.
    pub fn load(required: RequiredSettings) -> Result<Self, SettingProblems> {
        Self::from_environment(Environment::of_process(Path::new(".env")), required)
    }

    /// Reads every variable. Fails with all problems at once.
    pub fn from_environment(
        mut vars: Environment,
        required: RequiredSettings,
    ) -> Result<Self, SettingProblems> {
        // These two come first: allowed hosts, trusted proxies and the key of development depend on
        // them.
        let debug = vars.read(variable::DEBUG, false, grammar::boolean);
        let hostname = vars.read(variable::RENDER_EXTERNAL_HOSTNAME, None, |value| {
            grammar::host(value).map(Some)
        });
        let local = ["localhost", ".localhost", "127.0.0.1", "[::1]"];
        let added_hosts = local
            .into_iter()
            .filter(|_| debug)
            .chain(hostname.as_deref());
        let allowed_hosts = read_allowed_hosts(&mut vars, added_hosts);
        let mut settings = Self {
            commit: UNKNOWN_COMMIT,
            program: "/proc/self/exe".into(),
            debug,
            secret_key: None,
            secret_key_fallbacks: vars
                .get(variable::SECRET_KEY_FALLBACKS)
                .map_or_else(Vec::new, grammar::secrets),
            allowed_hosts,
            database: read_database(&mut vars),
            is_database_chosen: vars.get(variable::DATABASE_URL).is_some(),
            port: read_port(&mut vars),
            static_root: read_static_root(&vars),
            staticfiles_dirs: vars
                .get(variable::STATICFILES_DIRS)
                .map_or_else(Vec::new, grammar::folders),
            demo_data: vars.read(variable::DEMO_DATA, false, grammar::boolean),
            profile_email_public: vars.read(variable::PROFILE_EMAIL_PUBLIC, None, |value| {
                grammar::boolean(value).map(Some)
            }),
            sentry: Sentry::read(&mut vars),
            csrf_trusted_origins: vars.read(
                variable::CSRF_TRUSTED_ORIGINS,
                Vec::new(),
                grammar::origins,
            ),
            forwarded: read_forwarded(&mut vars, hostname.as_deref()),
            request_memory_bytes: read_request_memory(&mut vars),
            page_cache_bytes: read_page_cache(&mut vars),
            shutdown_delay: read_shutdown_delay(&mut vars),
            web_concurrency: read_web_concurrency(&mut vars),
            log: Log::read(&mut vars),
            metrics_token: read_metrics_token(&mut vars),
            language: vars.read(
                variable::LANGUAGE_CODE,
                crate::texts::DEFAULT,
                grammar::language,
            ),
            currency: vars.read(variable::CURRENCY, Currency::DOLLAR, grammar::currency),
            calendar: vars.read(
                variable::TIME_ZONE,
                Calendar::new(Tz::UTC),
                grammar::calendar,
            ),
            mail: Mail::read(&mut vars, debug.then_some(Destination::Console)),
            feed_reach: Reach::Public,
            render_hostname: hostname,
            superuser: Superuser::read(&vars),
            deploy: Deploy::read(&mut vars),
            warnings: Vec::new(),
        };
        settings.secret_key = read_secret_key(&mut vars, &settings);
        match required {
            RequiredSettings::Serve => settings.require_for_serving(&mut vars),
            RequiredSettings::Deploy => settings.deploy.require(&mut vars),
            RequiredSettings::Nothing => {}
        }
        settings.warnings = vars.finish(settings.log)?;
        Ok(settings)
    }

    fn require_for_serving(&self, vars: &mut Environment) {
        if self.secret_key.is_none() {
            let what = "must be set when DEBUG is off or a host that is not local is allowed";
            vars.require(variable::SECRET_KEY, what);
        }
        if self.allowed_hosts.is_empty() {
            vars.require(variable::ALLOWED_HOSTS, "must be set when DEBUG is off");
        }
    }

    /// The key that signs, and earlier keys whose signatures still count; `None` without a
    /// `secret_key`.
    pub fn keys(&self) -> Option<Keys> {
        Some(Keys {
            current: self.secret_key.clone()?,
            fallbacks: self.secret_key_fallbacks.clone(),
        })
    }

    /// The database for a command. Its statements have no limit on time: whoever runs the command
    /// sees it end, and may stop it.
    pub fn database_of_command(&self) -> db::Database {
        db::Database::new(db::Config {
            statement_limit: None,
            ..self.database.clone()
        })
    }

    /// Whether the program runs on Render, where files are lost at every deployment.
    pub fn on_render(&self) -> bool {
        self.render_hostname.is_some()
    }

    /// Whether the development key stands in for a secret one.
    pub fn has_development_key(&self) -> bool {
        use secrecy::ExposeSecret as _;
        let key = self.secret_key.as_ref();
        key.is_some_and(|key| key.expose_secret() == DEVELOPMENT_KEY)
    }
}

fn read_static_root(vars: &Environment) -> PathBuf {
    vars.get(variable::STATIC_ROOT)
        .unwrap_or("staticfiles")
        .into()
}

fn read_allowed_hosts<'a>(
    vars: &mut Environment,
    added: impl Iterator<Item = &'a str>,
) -> AllowedHosts {
    let mut hosts = vars.read(
        variable::ALLOWED_HOSTS,
        AllowedHosts::default(),
        grammar::hosts,
    );
    hosts.extend(AllowedHosts::parse(added).unwrap_or_default());
    hosts
}

fn read_database(vars: &mut Environment) -> db::Config {
    let default = db::Address::Sqlite("oc-lettings-site.sqlite3".into());
    db::Config {
        address: vars.read(variable::DATABASE_URL, default, str::parse),
        synchronous: vars.read(
            variable::SQLITE_SYNCHRONOUS,
            db::Synchronous::Full,
            |value| {
                grammar::one_of(
                    value,
                    &[
                        ("FULL", db::Synchronous::Full),
                        ("NORMAL", db::Synchronous::Normal),
                    ],
                )
            },
        ),
        max_connections: MAX_DATABASE_CONNECTIONS,
        statement_limit: Some(STATEMENT_LIMIT),
        derived: DERIVED,
    }
}

fn read_port(vars: &mut Environment) -> u16 {
    vars.read(variable::PORT, 8000, |v| grammar::number(v, 1, u16::MAX))
}

/// The memory of pages where nothing is set: some hundreds of pages in two languages.
const PAGE_CACHE_BYTES: usize = 32 * 1024 * 1024;

/// Connections to the database. More would wait for the same disk and the same two or four
/// processors; a small PostgreSQL plan has about a hundred for all its clients.
const MAX_DATABASE_CONNECTIONS: u32 = 8;

/// How long the database may work on one statement of a page. A visitor who waits longer has gone.
const STATEMENT_LIMIT: Duration = Duration::from_secs(5);

/// The header in which Cloudflare gives its client's address.
const CLOUDFLARE_CLIENT: HeaderName = HeaderName::from_static("cf-connecting-ip");

/// On Render the platform's proxy is the only way in and its addresses are not told, so that any
/// peer is trusted. Cloudflare stands before it: `X-Forwarded-For` is `CLIENT, EDGE`, which is two
/// hops. A variable that is set wins over these defaults.
fn read_forwarded(vars: &mut Environment, render_hostname: Option<&str>) -> forwarded::Config {
    let is_hops_set = vars.get(variable::FORWARDED_HOPS).is_some();
    let (trusted, hops, address) = match render_hostname {
        // Whoever counts hops means `X-Forwarded-For`, not Cloudflare's header.
        Some(_) if is_hops_set => (Trusted::Any, 2, AddressHeader::ForwardedFor),
        Some(_) => {
            let address = AddressHeader::NamedByPrivatePeer(CLOUDFLARE_CLIENT);
            (Trusted::Any, 2, address)
        }
        None => (Trusted::loopback(), 1, AddressHeader::ForwardedFor),
    };
    forwarded::Config {
        trusted: vars.read(variable::FORWARDED_ALLOW_IPS, trusted, grammar::proxies),
        hops: vars
            .read(variable::FORWARDED_HOPS, hops, |v| {
                grammar::number(v, 1, 100)
            })
            .into(),
        address: vars.read(variable::CLIENT_IP_HEADER, address, |value| {
            grammar::header_name(value).map(AddressHeader::Named)
        }),
    }
}

fn read_request_memory(vars: &mut Environment) -> usize {
    let default = DEFAULT_REQUEST_MEMORY_BYTES;
    vars.read(variable::REQUEST_MEMORY, default, grammar::size)
}

fn read_page_cache(vars: &mut Environment) -> usize {
    vars.read(
        variable::PAGE_CACHE_SIZE,
        PAGE_CACHE_BYTES,
        |value| match value {
            "0" => Ok(0),
            value => grammar::size(value).map_err(|error| format!("{error}, or `0`")),
        },
    )
}

fn read_metrics_token(vars: &mut Environment) -> Option<SecretString> {
    vars.read(variable::METRICS_TOKEN, None, |value| {
        grammar::visible(value).map(|token| Some(token.into()))
    })
}

fn read_shutdown_delay(vars: &mut Environment) -> Duration {
    let seconds = vars.read(variable::SHUTDOWN_DELAY, 0, |v| grammar::number(v, 0, 300));
    Duration::from_secs(seconds.into())
}

fn read_web_concurrency(vars: &mut Environment) -> NonZeroUsize {
    let default = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    vars.read(variable::WEB_CONCURRENCY, default, |value| {
        let number = grammar::number(value, 1, 512)?;
        Ok::<_, String>(NonZeroUsize::new(number.into()).unwrap_or(NonZeroUsize::MIN))
    })
}

/// The key that is set, or the development key where that is safe.
fn read_secret_key(vars: &mut Environment, settings: &Settings) -> Option<SecretString> {
    if let Some(key) = vars.get(variable::SECRET_KEY) {
        return Some(key.into());
    }
    if !settings.debug || !settings.allowed_hosts.is_local() {
        return None;
    }
    vars.warn("SECRET_KEY is not set: a development key that everybody knows stands in".to_owned());
    Some(DEVELOPMENT_KEY.into())
}

impl Log {
    fn read(vars: &mut Environment) -> Self {
        let levels = [
            ("debug", Level::DEBUG),
            ("info", Level::INFO),
            ("warning", Level::WARN),
            ("warn", Level::WARN),
            ("error", Level::ERROR),
            // Python's level above `error`. Nothing is logged at that level here, so that it means
            // `error`.
            ("critical", Level::ERROR),
        ];
        let formats = [("text", Format::Text), ("json", Format::Json)];
        Self {
            level: vars.read(variable::LOG_LEVEL, Level::INFO, |v| {
                grammar::one_of(v, &levels)
            }),
            format: vars.read(variable::LOG_FORMAT, Format::Text, |v| {
                grammar::one_of(v, &formats)
            }),
            // Any value counts: https://no-color.org.
            colours: match vars.get(variable::NO_COLOR) {
                Some(_) => Colours::Never,
                None => Colours::OnTerminal,
            },
        }
    }
}

#[cfg(test)]
mod tests;
