//! What handlers share.

use std::sync::Arc;

use db::Database;
use secrecy::SecretString;
use staticfiles::serve::StaticFiles;
use telemetry::report::Reporter;
use web::i18n::Languages;
use web::server::Stats;

use crate::frame::Files;
use crate::settings::Settings;
use crate::static_files;
use crate::texts::languages;
use crate::watch::Watch;

/// The state of the application; cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub db: Database,
    /// The languages of the pages.
    pub languages: Languages,
    /// The addresses of the files that pages name.
    pub files: Arc<Files>,
    /// Whether everybody sees the e-mail addresses on profile pages.
    pub profile_email_public: bool,
    /// The static files.
    pub static_files: StaticFiles,
    /// What watches.
    pub watch: Watch,
    /// Opens `/metrics`.
    pub metrics_token: Option<Arc<SecretString>>,
    /// What the server that serves this tells of itself.
    pub server: Arc<Stats>,
}

impl AppState {
    /// From the settings. The database is opened when it is first asked; static files are
    /// read now, and one that pages need and nobody has is an error.
    pub fn new(settings: &Settings, reporter: Option<Reporter>) -> anyhow::Result<Self> {
        let static_files = static_files::load(settings)?;
        let files = Files::find(&static_files)?;
        let watch = Watch::new(settings, reporter);
        let metrics_token = settings.metrics_token.clone();
        Ok(Self {
            db: watch.database(settings),
            languages: languages(&settings.language),
            files: Arc::new(files),
            profile_email_public: settings.profile_email_public,
            static_files,
            watch,
            metrics_token: metrics_token.map(Arc::new),
            server: Arc::default(),
        })
    }
}
