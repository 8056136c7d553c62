//! What handlers share.

use std::sync::Arc;

use db::Database;
use secrecy::SecretString;
use staticfiles::serve::StaticFiles;
use telemetry::report::Reporter;
use web::server::Stats;

use crate::frame::Frame;
use crate::settings::Settings;
use crate::static_files;
use crate::texts::texts;
use crate::watch::Watch;

/// The state of the application; cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub db: Database,
    /// What the frame of every page needs.
    pub frame: Frame,
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
        let stylesheet = static_files.url_of("site.css")?;
        let texts = texts(settings.language.clone());
        let watch = Watch::new(settings, reporter);
        let metrics_token = settings.metrics_token.clone();
        Ok(Self {
            db: watch.database(settings),
            frame: Frame::new(texts, stylesheet.into()),
            profile_email_public: settings.profile_email_public,
            static_files,
            watch,
            metrics_token: metrics_token.map(Arc::new),
            server: Arc::default(),
        })
    }
}
