//! What handlers share.

use db::Database;
use web::i18n::Texts;

use crate::settings::Settings;
use crate::texts::texts;

/// The state of the application; cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub db: Database,
    /// The texts of the pages.
    pub texts: Texts,
    /// Whether everybody sees the e-mail addresses on profile pages.
    pub profile_email_public: bool,
}

impl AppState {
    /// From the settings. The database is opened when it is first asked.
    pub fn new(settings: &Settings) -> Self {
        Self {
            db: Database::new(settings.database.clone()),
            texts: texts(settings.language.clone()),
            profile_email_public: settings.profile_email_public,
        }
    }
}
