//! Why files could not be collected.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::source;

/// Why files could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sources cannot be listed.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// A file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// A file's content has changed since it was planned.
    #[error("{} has changed while files were collected", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A source is in the root, or the root in a source.
    #[error("the source {} and the destination {} overlap", source_folder.display(), root.display())]
    Overlap {
        /// The source.
        source_folder: PathBuf,
        /// The root.
        root: PathBuf,
    },
    /// A name is that of a file and of a folder.
    #[error("{folder} is a file, and a folder of {name}")]
    FileAndFolder {
        /// The file that is also a folder.
        folder: String,
        /// A file in it.
        name: String,
    },
    /// Two different files would have the same name.
    #[error("{name} is a name that another file gets by its hash or for the manifest")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A file's name with the hash would be longer than file systems allow.
    #[error("the name {name} is too long to have a hash in it")]
    NameTooLong {
        /// The name.
        name: String,
    },
    /// A file with references is not text.
    #[error("{name} is not UTF-8")]
    NotText {
        /// The file.
        name: String,
    },
    /// References lead nowhere.
    #[error("{}", list(.0))]
    MissingReferences(Vec<MissingReference>),
    /// Files refer to each other in a circle, so that none of them can have a final name.
    #[error("these files refer to each other in a circle: {}", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// The root has a file in the place of a folder, or a folder in the place of a file.
    #[error("{} is in the way: what is a file there is now a folder, or the other way round; \
             clear the destination", path.display())]
    Obstructed {
        /// What is in the way.
        path: PathBuf,
    },
    /// Files cannot be put into the root.
    #[error("{} cannot be written to: {error}", root.display())]
    NotWritable {
        /// The root.
        root: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// A file cannot be compressed.
    #[error("{name} cannot be compressed: {error}")]
    Compress {
        /// The file.
        name: String,
        /// What the compressor says.
        #[source]
        error: io::Error,
    },
    /// A file cannot be written, put in its place, or deleted.
    #[error("{} cannot be written: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}

/// A reference to a file that is in no source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingReference {
    /// The file that refers.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The address as it stands there.
    pub reference: String,
    /// The name of the file that is missing.
    pub target: String,
}

impl fmt::Display for MissingReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            reference,
            target,
        } = self;
        write!(
            formatter,
            "{file}:{line}: `{reference}` leads to {target}, which is in no source"
        )
    }
}

fn list(missing: &[MissingReference]) -> String {
    let lines: Vec<_> = missing.iter().map(MissingReference::to_string).collect();
    lines.join("\n")
}
