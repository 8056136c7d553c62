//! What a collection reports: events as it goes, and the outcome at its end.

use std::path::Path;

use crate::manifest::Manifest;
use crate::source::Content;

/// What happened to a file, or how far the work is.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Another collection into the same root is running; this one waits for its end.
    Waiting,
    /// How many bytes of all contents are done: read, compressed and written.
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
    /// The root had the file already.
    Unmodified {
        /// Its name.
        name: &'a str,
    },
    /// A file was searched for references, or was put in under a new hashed name.
    PostProcessed {
        /// Its name.
        name: &'a str,
        /// Its hashed name.
        hashed_name: &'a str,
    },
    /// The root had a file without references under its hashed name already.
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

/// The result of a collection, in numbers of files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Files copied.
    pub copied: usize,
    /// Files that the root had already.
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
    /// The manifest, if files were post-processed.
    pub manifest: Option<Manifest>,
}
