//! Static files.

use ::staticfiles::manifest::Manifest;

use super::{CheckInput, CheckMessage, warning};

pub(super) fn folders_exist(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let folders = &input.settings.staticfiles_dirs;
    let missing = folders.iter().find(|folder| !folder.is_dir())?;
    Some(warning(
        "staticfiles.W004",
        &format!("{} in STATICFILES_DIRS is no folder.", missing.display()),
        "Make the folder, or take it out of STATICFILES_DIRS.",
    ))
}

pub(super) fn files_are_collected(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let settings = input.settings;
    let is_collected = matches!(Manifest::read(&settings.static_root), Ok(Some(_)));
    // In debug mode files come straight from their sources, so that none have to be collected.
    (!settings.debug && !is_collected).then(|| {
        warning(
            "oc_lettings.W006",
            "STATIC_ROOT holds no collected files: browsers can keep none for long, and \
             STATICFILES_DIRS is not served.",
            "Run `oc-lettings collectstatic --noinput`.",
        )
    })
}
