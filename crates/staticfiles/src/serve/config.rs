//! What is served, and how.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use http::header::HeaderName;

use crate::manifest::Manifest;
use crate::source::Source;

/// How much memory contents take unless told otherwise.
pub const MEMORY_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// How long a file without a hash in its name may be kept unless told otherwise
/// (`WHITENOISE_MAX_AGE`).
pub const PLAIN_MAX_AGE: Duration = Duration::from_mins(1);

/// What is served, and how.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of the collected files.
    pub root: PathBuf,
    /// What the address of every file begins with; `https://host/…` when pages should name
    /// another host, of which requests carry the path alone.
    pub url: String,
    /// The root's manifest; an empty one when names have no hashes.
    pub manifest: Manifest,
    /// Where files come from: in debug mode all of them, otherwise, of the program's own, those
    /// that the root lacks.
    pub sources: Vec<Source>,
    /// How much memory contents may take. What is beyond is read from the disk when it is asked
    /// for, and once at the start, for its tag.
    pub memory_limit_bytes: u64,
    /// How long a file without a hash in its name may be kept; without one no `Cache-Control` is
    /// sent.
    pub plain_max_age: Option<Duration>,
    /// Media types that go before the built-in ones: by extension with its dot or by whole name,
    /// in lower case.
    pub media_types: BTreeMap<String, String>,
    /// Headers for every answer, 404 included: an application that lets files bypass its layers
    /// gives what these layers would add.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Headers for some files.
    pub file_headers: Vec<FileHeader>,
    /// Whether pages of other origins may use the files.
    pub cross_origin: CrossOrigin,
}

impl Config {
    /// What suits most, for a folder of collected files.
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

/// A header for the files of a pattern, over the one they would have.
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
    /// Nothing is said about it.
    Unsaid,
}
