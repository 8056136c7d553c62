//! What handlers share.

use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::Arc;

use accounts::authenticate::LoginGate;
use accounts::hashers::Hashing;
use accounts::signing::Keys;
use accounts::throttle::Throttle;
use admin::registry::Registry;
use anyhow::Context as _;
use db::Database;
use http::HeaderMap;
use mail::{Mailing, Timing};
use secrecy::SecretString;
use server::{RequestMemory, Stats};
use staticfiles::serve::StaticFiles;
use telemetry::report::Reporter;
use web::i18n::Languages;
use web::page_cache::{self, DayClock, PageCache};
use web::visit::VisitStore;

use crate::addresses::CACHED_ROUTES;
use crate::calendar::Calendar;
use crate::enquiry_counts::EnquiryCounts;
use crate::feed_alarm::AlarmLetters;
use crate::feeds::{self, Feeds};
use crate::legal_links::LegalLinks;
use crate::money::Currency;
use crate::observability::{MetricSources, Telemetry};
use crate::photos::Photos;
use crate::registrations::registry;
use crate::schema;
use crate::settings::Settings;
use crate::static_files::{self, FileUrls};
use crate::texts::languages;

/// The state of the application. Clones share it: the router makes one for each request.
#[derive(Debug, Clone)]
pub struct AppState(Arc<SharedState>);

/// What clones of [`AppState`] share.
#[derive(Debug)]
pub struct SharedState {
    /// The database.
    pub db: Database,
    /// The languages of the pages.
    pub languages: Languages,
    /// The addresses of the files that pages name.
    pub files: Arc<FileUrls>,
    /// Who is logged in, and what is kept from page to page.
    pub visits: VisitStore,
    /// Authenticates whoever logs in to the admin.
    pub login_gate: LoginGate,
    /// Counts who asks for a new password by mail.
    pub reset_throttle: Throttle,
    /// The models of the admin.
    pub registry: Registry,
    /// How the admin names this site among others: `SENTRY_ENVIRONMENT`, or `debug` in debug mode.
    pub environment: String,
    /// `PROFILE_EMAIL_PUBLIC`; `None` where it is not set, so that the database's origin decides.
    pub profile_email_public: Option<bool>,
    /// `CURRENCY`
    pub currency: Currency,
    /// Tells which day it is where the homes are.
    pub calendar: Calendar,
    /// Where enquiries go whose home names no address: `ENQUIRY_EMAIL`.
    pub enquiry_email: Option<mail::Address>,
    /// Counts what becomes of enquiries.
    pub enquiry_counts: Arc<EnquiryCounts>,
    /// After how many months enquiries are deleted: `ENQUIRY_RETENTION`.
    pub enquiry_retention_months: u16,
    /// Which legal pages are written.
    pub legal_links: LegalLinks,
    /// The pages that are kept.
    pub page_cache: PageCache,
    /// Sends letters.
    pub mailing: Mailing,
    /// Reads the calendars of other sites.
    pub feeds: Feeds,
    /// The photos of homes.
    pub photos: Photos,
    /// The static files.
    pub static_files: StaticFiles,
    /// The metrics, the reports and the request log.
    pub telemetry: Telemetry,
    /// The token that opens `/metrics`; without one the address is a 404.
    pub metrics_token: Option<Arc<SecretString>>,
    /// The counters of the server that serves this.
    pub server: Arc<Stats>,
    /// What all requests together may keep in memory.
    pub request_memory: Arc<RequestMemory>,
}

impl Deref for AppState {
    type Target = SharedState;

    fn deref(&self) -> &SharedState {
        &self.0
    }
}

impl AppState {
    /// From the settings. Static files are read now, the database is opened by its first statement.
    /// Fails without a `SECRET_KEY`, if a static file that every page names is missing, and if the
    /// admin's models contradict each other.
    pub fn new(settings: &Settings, reporter: Option<Reporter>) -> anyhow::Result<Self> {
        let static_files = static_files::load(settings)?;
        let files = FileUrls::find(&static_files)?;
        let telemetry = Telemetry::new(settings, reporter);
        let db = telemetry.database(settings);
        let keys = settings.keys().context("SECRET_KEY is not set")?;
        let metrics_token = settings.metrics_token.clone();
        let environment = &settings.sentry.environment;
        let environment = if settings.debug { "debug" } else { environment };
        let environment = environment.to_owned();
        let registry = registry().map_err(|problems| {
            let problems = problems.iter().map(ToString::to_string);
            anyhow::anyhow!("{}", problems.collect::<Vec<_>>().join("\n"))
        })?;
        let registry = registry.with_currency_digits(settings.currency.digits());
        let languages = languages(&settings.language);
        let page_cache = PageCache::new(page_cache::Config {
            db: db.clone(),
            languages: languages.clone(),
            hosts: Arc::new(settings.allowed_hosts.clone()),
            day: {
                let calendar = settings.calendar.clone();
                DayClock::new(move || calendar.day_number())
            },
            routes: CACHED_ROUTES,
            size_bytes: settings.page_cache_bytes,
        });
        let mailing = mailing(settings, db.clone())?;
        Ok(Self(Arc::new(SharedState {
            page_cache,
            enquiry_email: settings.mail.enquiries.clone(),
            enquiry_counts: Arc::default(),
            enquiry_retention_months: settings.mail.enquiry_retention_months,
            legal_links: LegalLinks::default(),
            currency: settings.currency,
            calendar: settings.calendar.clone(),
            feeds: feeds(settings, &languages, (&db, &mailing)),
            mailing,
            photos: Photos::new(settings.program.clone()),
            registry,
            environment,
            visits: VisitStore {
                db: db.clone(),
                keys: keys.clone(),
            },
            reset_throttle: throttle(&db, &keys).for_purpose("password-reset"),
            login_gate: LoginGate::new(
                db.clone(),
                Hashing::new(hashes_at_once(settings)),
                throttle(&db, &keys),
            ),
            db,
            languages,
            files: Arc::new(files),
            profile_email_public: settings.profile_email_public,
            static_files,
            telemetry,
            metrics_token: metrics_token.map(Arc::new),
            server: Arc::default(),
            request_memory: RequestMemory::new(settings.request_memory_bytes),
        })))
    }

    /// The sources of the numbers in [`Telemetry::metrics_text`].
    pub fn metric_sources(&self) -> MetricSources {
        MetricSources {
            db: self.db.clone(),
            server: Arc::clone(&self.server),
            page_cache: self.page_cache.clone(),
            feeds: self.feeds.clone(),
            enquiries: Arc::clone(&self.enquiry_counts),
            request_memory: Arc::clone(&self.request_memory),
            mailing: self.mailing.clone(),
        }
    }
}

fn throttle(db: &Database, keys: &Keys) -> Throttle {
    Throttle::new(db.clone(), schema::LOGIN_ATTEMPT_TABLE, keys.clone())
}

/// What reads the calendars of other sites.
fn feeds(
    settings: &Settings,
    languages: &Languages,
    (db, mailing): (&Database, &Mailing),
) -> Feeds {
    let parts = feeds::Parts {
        calendar: settings.calendar.clone(),
        reach: settings.feed_reach,
        letters: AlarmLetters {
            // Staff reads them, in the language of the site.
            texts: languages.choose("/", &HeaderMap::new()),
            enquiry_email: settings.mail.enquiries.clone(),
        },
        mailing: mailing.clone(),
    };
    Feeds::new(db.clone(), parts)
}

/// The letters of a database, which nobody sends yet.
pub(crate) fn mailing(settings: &Settings, db: Database) -> anyhow::Result<Mailing> {
    let config = mail::Config {
        outbox: schema::OUTBOX,
        sender: settings.mail.sender.clone(),
        destination: settings.mail.destination.clone(),
        timing: Timing::production(),
    };
    Mailing::new(db, config).context("make ready for letters")
}

/// How many passwords are hashed at a time: half of the threads that answer requests, so that pages
/// have the other half. Known devices have one slot more.
fn hashes_at_once(settings: &Settings) -> NonZeroUsize {
    let half = settings.web_concurrency.get() / 2;
    NonZeroUsize::new(half).unwrap_or(NonZeroUsize::MIN)
}
