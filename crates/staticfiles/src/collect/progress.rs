//! What is told of a collection: as it goes, and at its end.

use std::path::Path;

use crate::manifest::Manifest;
use crate::source::Content;

/// What happened to a file, or how far the work is.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Another collection into the same root is at work; this one goes on when it has ended.
    Waiting,
    /// So many bytes of all are hashed and compressed.
    Progress {
        /// The bytes done.
        done: u64,
        /// All bytes.
        total: u64,
    },
    /// A file was copied.
    Copied {
        /// Its name.
        name: &'a str,
        /// Where it came from.
        content: &'a Content,
    },
    /// A file was there already.
    Unmodified {
        /// Its name.
        name: &'a str,
    },
    /// A file was searched for references, or is now there under its hashed name.
    PostProcessed {
        /// Its name.
        name: &'a str,
        /// Its hashed name.
        hashed_name: &'a str,
    },
    /// A file without references was there already under its hashed name.
    PostProcessingSkipped {
        /// Its name.
        name: &'a str,
    },
    /// A compressed variant was made.
    Compressed {
        /// The name of the file, plain or hashed.
        name: &'a str,
        /// The name of the variant.
        variant: &'a str,
        /// The length of the file.
        size_bytes: u64,
        /// The length of the variant.
        variant_size_bytes: u64,
    },
    /// A file was deleted.
    Deleted {
        /// Its name below the root.
        path: &'a Path,
    },
}

/// What has been done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Files copied.
    pub copied: usize,
    /// Files that were there already.
    pub unmodified: usize,
    /// Files searched for references, or put in under a new hashed name: those that Django 5.2
    /// counts.
    pub post_processed: usize,
    /// Compressed variants put in.
    pub compressed: usize,
    /// Files deleted.
    pub deleted: usize,
    /// Files not used, since an earlier source has the name.
    pub skipped_due_to_conflict: usize,
    /// The names of all files, when they have been post-processed.
    pub manifest: Option<Manifest>,
}
