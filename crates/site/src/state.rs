//! What handlers share.

use db::Database;

use crate::frame::Frame;
use crate::settings::Settings;
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
}

impl AppState {
    /// From the settings. The database is opened when it is first asked.
    pub fn new(settings: &Settings) -> Self {
        Self {
            db: Database::new(settings.database.clone()),
            frame: Frame::new(texts(settings.language.clone()), "/static/site.css".into()),
            profile_email_public: settings.profile_email_public,
        }
    }
}
