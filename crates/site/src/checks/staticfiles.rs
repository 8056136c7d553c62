//! Static files.

use super::{Message, Subject, warning};

pub(super) fn folders_exist(subject: &Subject<'_>) -> Option<Message> {
    let folders = &subject.settings.staticfiles_dirs;
    let missing = folders.iter().find(|folder| !folder.is_dir())?;
    Some(warning(
        "staticfiles.W004",
        &format!("{} in STATICFILES_DIRS is no folder.", missing.display()),
        "Make the folder, or take it out of STATICFILES_DIRS.",
    ))
}
