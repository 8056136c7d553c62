//! The plan of a collection, and its files.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::config::Config;
use super::digest::Digest;
use super::error::Error;
use crate::source::{Content, Duplicate};

/// What a collection will do, by the state of sources and root at the time of planning.
#[derive(Debug)]
pub struct Plan {
    /// The files to collect, by name.
    pub files: Vec<PlannedFile>,
    /// Files that are not used, since an earlier source has the name.
    pub duplicates: Vec<Duplicate>,
    /// Compressed variants in the sources that are not used, since they are made here.
    pub superseded: Vec<String>,
    /// The files of the root that will be deleted, by name below it.
    pub deletions: Vec<PathBuf>,
    pub(super) config: Config,
}

/// A file to collect.
#[derive(Debug)]
pub struct PlannedFile {
    /// The name below the root, with `/` between its parts.
    pub name: String,
    /// Where it comes from.
    pub content: Content,
    /// Whether it has to be copied.
    pub state: FileState,
    pub(super) digest: Digest,
    pub(super) modified: SystemTime,
}

/// Whether a file has to be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// The root lacks it, or has it with another content.
    Copy,
    /// The root has it already.
    Unmodified,
}

impl PlannedFile {
    /// Reads the content. Fails if it is not the one that was planned.
    pub(super) fn read(&self) -> Result<Cow<'static, [u8]>, Error> {
        let content = self.content.read().map_err(|error| Error::Unreadable {
            path: self.path().to_owned(),
            error,
        })?;
        if Digest::of(&content) == self.digest {
            Ok(content)
        } else {
            Err(self.changed())
        }
    }

    pub(super) fn changed(&self) -> Error {
        let path = self.path().to_owned();
        Error::Changed { path }
    }

    pub(super) fn path(&self) -> &Path {
        self.content.path().unwrap_or(Path::new(&self.name))
    }
}
