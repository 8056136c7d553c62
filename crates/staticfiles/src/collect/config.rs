//! The configuration of a collection.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::ignore::{self, Patterns};
use crate::source::Source;

/// From 1970: ten years, of which two are leap years.
const DAYS_TO_1980: u64 = 10 * 365 + 2;

/// The configuration of a collection.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the files come from. Of files with the same name, that of the first source wins.
    pub sources: Vec<Source>,
    /// The folder that they are collected in.
    pub root: PathBuf,
    /// The path under which they are served, such as `/static/`. References that begin with it are
    /// to collected files.
    pub static_url: String,
    /// The files and folders of the sources that are left out.
    pub ignore: Patterns,
    /// Whether files are post-processed, or only copied.
    pub post_process: PostProcess,
    /// What happens to the files that are in the root already.
    pub clear: Clear,
    /// The time of last modification of files inside the program.
    pub embedded_time: SystemTime,
}

/// Whether files are post-processed, or only copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostProcess {
    /// Files also get hashed names and compressed variants, and there is a manifest.
    Full,
    /// Files are copied, as with Django's `--no-post-process`.
    Skip,
}

/// What happens to the files that are in the root already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clear {
    /// They stay, unless a new file has the name.
    Keep,
    /// They are deleted, and everything is made anew.
    Delete,
}

impl Config {
    /// Collects and post-processes all files but those that Django ignores too, to be served under
    /// `/static/`. Files inside the program are from 1980, the first year that all kinds of
    /// archives can store.
    pub fn new(sources: Vec<Source>, root: impl Into<PathBuf>) -> Self {
        Self {
            sources,
            root: root.into(),
            static_url: "/static/".to_owned(),
            ignore: Patterns::new(ignore::DEFAULT_PATTERNS),
            post_process: PostProcess::Full,
            clear: Clear::Keep,
            embedded_time: SystemTime::UNIX_EPOCH + Duration::from_hours(24 * DAYS_TO_1980),
        }
    }
}
