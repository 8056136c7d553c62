//! The site's static files: its own, inside the program, and those of `STATICFILES_DIRS`.

use std::path::Path;

use anyhow::Context as _;
use staticfiles::manifest::Manifest;
use staticfiles::serve::{Config, StaticFiles};
use staticfiles::source::{EmbeddedFile, Source};
use web::headers::security_headers;

use crate::settings::Settings;

/// What every static address begins with: Django's `STATIC_URL`.
pub const STATIC_URL: &str = "/static/";

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(EmbeddedFile {
            name: $name,
            content: include_bytes!(concat!("../static/", $name)),
        }),*]
    };
}

/// The site's own files.
pub const OWN_FILES: &[EmbeddedFile] = embedded!(
    "admin.css",
    "admin.js",
    "icon-180.png",
    "icon-512.png",
    "icon.svg",
    "search.js",
    "site.css",
    "site.js",
    "site.webmanifest",
    "welcome.svg",
);

/// The folder of the files of [`OWN_FILES`], from the root of the project, while somebody works on the
/// site.
const OWN_FILES_FOLDER: &str = "crates/site/static";

/// The sources of static files. Of two files of one name the first counts, so that a site can
/// replace ours with its own.
pub fn sources(settings: &Settings) -> Vec<Source> {
    let folders = settings.staticfiles_dirs.iter().cloned();
    folders
        .map(Source::Folder)
        .chain([Source::Embedded(OWN_FILES)])
        .collect()
}

/// The files as they are served: from `STATIC_ROOT`, in debug straight from their sources.
///
/// The files carry the security headers from the start. Adding seven headers to every answer would
/// take longer than all else that is done for it outside of hyper.
pub fn load(settings: &Settings) -> anyhow::Result<StaticFiles> {
    let mut config = Config {
        url: STATIC_URL.to_owned(),
        sources: sources(settings),
        headers: security_headers().collect(),
        ..Config::new(&settings.static_root)
    };
    if settings.debug {
        // Our own files are read from the disk first, so that a change of them shows without a new
        // build.
        if Path::new(OWN_FILES_FOLDER).is_dir() {
            config
                .sources
                .insert(0, Source::Folder(OWN_FILES_FOLDER.into()));
        }
        return Ok(StaticFiles::debug(&config)?);
    }
    let root = &settings.static_root;
    config.manifest = Manifest::read(root)
        .with_context(|| format!("read the manifest in {}", root.display()))?
        .unwrap_or_default();
    config.sources = vec![Source::Embedded(OWN_FILES)];
    Ok(StaticFiles::load(&config)?)
}

/// The addresses of the files that every page names.
#[derive(Debug)]
pub struct FileUrls {
    /// The stylesheet.
    pub stylesheet: String,
    /// The script of public pages, which work without it.
    pub script: String,
    /// The script of the search form, which works without it.
    pub search_script: String,
    /// The stylesheet of the admin.
    pub admin_stylesheet: String,
    /// The script of the admin, which works without it.
    pub admin_script: String,
    /// The icon of the site.
    pub icon: String,
    /// The icon for a home screen.
    pub touch_icon: String,
    /// The web app manifest, by which a browser installs the site.
    pub manifest: String,
    /// The picture of the home page.
    pub welcome: String,
}

impl FileUrls {
    /// The addresses that the files have now. Fails if no source has one of them.
    pub fn find(files: &StaticFiles) -> anyhow::Result<Self> {
        Ok(Self {
            stylesheet: files.url_of("site.css")?,
            script: files.url_of("site.js")?,
            search_script: files.url_of("search.js")?,
            admin_stylesheet: files.url_of("admin.css")?,
            admin_script: files.url_of("admin.js")?,
            icon: files.url_of("icon.svg")?,
            touch_icon: files.url_of("icon-180.png")?,
            manifest: files.url_of("site.webmanifest")?,
            welcome: files.url_of("welcome.svg")?,
        })
    }
}
