//! The configuration of the server of static files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use http::header::HeaderName;

use crate::manifest::Manifest;
use crate::source::Source;

/// The default limit on the memory for contents.
pub const MEMORY_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// How long caches may keep a file without a hash in its name, by default (`WHITENOISE_MAX_AGE`).
pub const PLAIN_MAX_AGE: Duration = Duration::from_mins(1);

/// The configuration of the server of static files.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of the collected files.
    pub root: PathBuf,
    /// The prefix of every file's address. It is `https://host/…` if pages should refer to another
    /// host; requests are then matched by its path alone.
    pub url: String,
    /// The root's manifest. It is empty if names have no hashes.
    pub manifest: Manifest,
    /// The sources. In debug mode all files come from them; otherwise only the program's own files
    /// that the root lacks.
    pub sources: Vec<Source>,
    /// The limit on the memory for contents, in bytes. Files beyond it are hashed at the start for
    /// their tags, and read from the disk for each answer.
    pub memory_limit_bytes: u64,
    /// How long caches may keep a file without a hash in its name; `None` sends no `Cache-Control`.
    pub plain_max_age: Option<Duration>,
    /// Media types that go before the built-in ones: by extension with its dot or by whole name,
    /// in lower case.
    pub media_types: BTreeMap<String, String>,
    /// Headers for every answer, 404 included. If files bypass the layers of an application, it
    /// gives the headers of these layers here.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Headers for some files.
    pub file_headers: Vec<FileHeader>,
    /// Whether pages of other origins may use the files.
    pub cross_origin: CrossOrigin,
}

impl Config {
    /// The defaults, for a folder of collected files.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            url: "/static/".to_owned(),
            manifest: Manifest::default(),
            sources: Vec::new(),
            memory_limit_bytes: MEMORY_LIMIT_BYTES,
            plain_max_age: Some(PLAIN_MAX_AGE),
            media_types: BTreeMap::new(),
            headers: Vec::new(),
            file_headers: Vec::new(),
            cross_origin: CrossOrigin::Allowed,
        }
    }
}

/// A header for the files of a pattern. It replaces the one that they would have.
#[derive(Debug, Clone)]
pub struct FileHeader {
    /// A shell pattern of the file's own name, or of its name below the root; both without hash.
    pub pattern: String,
    /// The header.
    pub name: HeaderName,
    /// Its value.
    pub value: HeaderValue,
}

/// Whether pages of other origins may use the files (`WHITENOISE_ALLOW_ALL_ORIGINS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrossOrigin {
    /// They may: static files are public, and a CDN's pages have another origin.
    Allowed,
    /// No header is sent, which leaves it to the browser.
    Unspecified,
}
