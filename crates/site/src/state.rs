//! What handlers share.

use db::Database;
use staticfiles::serve::StaticFiles;

use crate::frame::Frame;
use crate::settings::Settings;
use crate::static_files;
use crate::texts::texts;

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
}

impl AppState {
    /// From the settings. The database is opened when it is first asked; static files are
    /// read now, and one that pages need and nobody has is an error.
    pub fn new(settings: &Settings) -> anyhow::Result<Self> {
        let static_files = static_files::load(settings)?;
        let stylesheet = static_files.url_of("site.css")?;
        let texts = texts(settings.language.clone());
        Ok(Self {
            db: Database::new(settings.database.clone()),
            frame: Frame::new(texts, stylesheet.into()),
            profile_email_public: settings.profile_email_public,
            static_files,
        })
    }
}
