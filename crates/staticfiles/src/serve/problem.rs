//! Problems that prevent serving all files, or some.

use std::io;
use std::path::PathBuf;

/// Why files cannot be served at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The URL cannot be a prefix.
    #[error("{url:?} cannot be the prefix of addresses")]
    Url {
        /// The prefix.
        url: String,
    },
    /// A media type has characters that a header cannot hold.
    #[error("{media_type:?}, the media type of {key}, cannot be sent")]
    MediaType {
        /// The extension or name.
        key: String,
        /// The type.
        media_type: String,
    },
}

/// A problem of one file, found at the start. The other files are served.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A file of the program has not been collected.
    #[error("{name} is not among the collected files; the program's own is served")]
    NotCollected {
        /// The file.
        name: String,
    },
    /// The manifest names a file that the root lacks.
    #[error("{hashed} is not among the collected files, though the manifest has it for {name}")]
    HashedMissing {
        /// The plain name.
        name: String,
        /// The name that is missing.
        hashed: String,
    },
    /// A compressed form is older than its file and of another content.
    #[error("{name} is older than its file, of another content, and is not served")]
    StaleForm {
        /// The compressed form.
        name: String,
    },
    /// A link leads out of the root.
    #[error("{} leads out of the collected files and is not served", path.display())]
    LeavesRoot {
        /// The link.
        path: PathBuf,
    },
    /// A link leads to a folder that contains it.
    #[error("{} is linked to from within and is not followed", path.display())]
    Loop {
        /// The folder.
        path: PathBuf,
    },
    /// A name that no request can have: not UTF-8, too long, with a backslash.
    #[error("{} has a name that cannot be asked for", path.display())]
    Unaddressable {
        /// The file or folder.
        path: PathBuf,
    },
    /// A pipe, a device or the like.
    #[error("{} is neither a file nor a folder", path.display())]
    Special {
        /// The thing.
        path: PathBuf,
    },
    /// The system does not let us read it, or it changed while it was read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
}
