//! Collecting: all static files of all sources in one folder, under hashed names too, compressed,
//! with a manifest. What Django's `collectstatic` does with its manifest storage, and
//! WhiteNoise's compression.
//!
//! [`plan`] looks and changes nothing; [`execute`] does what was planned. Everything is made in a
//! temporary folder first, so that whatever can go wrong has gone wrong before the first file is
//! put in place. Then files are put in by renaming: first those with hashed names, which no
//! page asks for yet, then the plain ones, and the manifest last. Hashed files of earlier
//! releases stay, so that pages of these still find theirs.
//!
//! Collections into one root at the same time take turns: the later one waits, looks again at what
//! is there, and has the last word. What a killed one leaves, a temporary folder beside the root or
//! in it, the next one removes.
//!
//! The result depends on the sources alone: not on the clock, the order in a folder, or the
//! number of cores.
//!
//! ```no_run
//! use staticfiles::collect::{Config, execute, plan};
//! use staticfiles::source::Source;
//!
//! let config = Config::new(vec![Source::Folder("static".into())], "collected");
//! let outcome = execute(&plan(&config)?, &mut |_| {})?;
//! println!("{} static files copied", outcome.copied);
//! # Ok::<(), staticfiles::collect::Error>(())
//! ```
//!
//! # What differs from Django and WhiteNoise
//!
//! Names, hashes and the manifest are those of Django 5.2, where it can handle the files; the
//! tests compare. Where it is otherwise (in brackets the rows of `xtask/tests/it/rows.rs`):
//!
//! - A file is `unmodified` when its content is, whatever the times say, and keeps its time then; a
//!   collected file has the time of its source, not that of its collection.
//! - References in style sheets are found by their grammar (MF-7): comments and strings stay as they
//!   are, in which Django 5.2 rewrites.
//! - What a module imports stays as it is (MF-6), as in Django unless its
//!   `support_js_module_import_aggregation` is on; source maps are also looked for in `.mjs` files.
//! - Files may refer to each other to any depth (MF-8); Django gives up after five passes. A circle
//!   is an error in both.
//! - All missing references are told at once (WN-C9), with their lines, and nothing has changed
//!   then. A file that is referred to has to be in the sources: Django also takes what an earlier
//!   collection left in the root, and lets a reference to a folder be.
//! - A reference with a query leads to the final name of its file. In Django it leads to the name
//!   for the content before its own references were rewritten, which is not there.
//! - Query and fragment stay as they are written (MF-4); Django decodes what is percent-encoded. In
//!   the path, which is decoded as in Django, `%`, `?`, `#`, `:`, `"` and `\` stay encoded.
//! - Names of files that look like addresses (`a?b`, `a#b`, `a%20b`) are names here.
//! - There are variants for zstd too, and they are not counted as post-processed files. They are
//!   not made again when they are there: WhiteNoise makes all of them every time.
//! - `name.gz`, `.br` and `.zst` in the sources, beside a `name` that is compressed here, are left
//!   out: they would never be served under their own name, and may be of older content.
//! - Clearing (`--clear`) happens last, so that a failure leaves the old release whole. It removes
//!   links and does not follow them; folders that are empty then go, too.
//! - There is no `--link`: a link is not a release that stays as it is.

mod build;
mod claim;
mod digest;
mod error;
mod install;
mod link;
mod listing;
mod staging;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub use self::error::{Error, MissingReference};
use crate::ignore::{self, Patterns};
use crate::manifest::Manifest;
use crate::source::{Content, Duplicate, Source};

use self::claim::Claim;
use self::digest::Digest;
pub(crate) use self::staging::PREFIX as TEMPORARY_PREFIX;

/// From 1970: ten years, of which two are leap years.
const DAYS_TO_1980: u64 = 10 * 365 + 2;

/// What to collect, and to where.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the files come from; of equal names the first wins.
    pub sources: Vec<Source>,
    /// Where they go.
    pub root: PathBuf,
    /// The path under which they are served, such as `/static/`: references that start with it
    /// are ours.
    pub static_url: String,
    /// What is left out.
    pub ignore: Patterns,
    /// Whether there is more to it than copying.
    pub post_process: PostProcess,
    /// What becomes of the files that are in the root already.
    pub clear: Clear,
    /// The time of last modification of files inside the program.
    pub embedded_time: SystemTime,
}

/// Whether there is more to it than copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostProcess {
    /// Files also get hashed names and compressed variants, and there is a manifest.
    Full,
    /// Files are copied, as with Django's `--no-post-process`.
    Skip,
}

/// What becomes of the files that are in the root already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clear {
    /// They stay unless there is a new one of that name.
    Keep,
    /// They are deleted, and everything is made anew.
    Delete,
}

impl Config {
    /// Collects all but what Django ignores too, with everything there is to it, to be served
    /// under `/static/`. Files inside the program are from 1980, the first year that all kinds of
    /// archives know.
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

/// What is to be done, by the state of sources and root at the time of planning.
#[derive(Debug)]
pub struct Plan {
    /// The files to collect, by name.
    pub files: Vec<PlannedFile>,
    /// Files that are not used, since an earlier source has the name.
    pub duplicates: Vec<Duplicate>,
    /// Compressed variants in the sources that are not used, since they are made here.
    pub superseded: Vec<String>,
    /// What is in the root and will not be, by name below it.
    pub deletions: Vec<PathBuf>,
    config: Config,
}

/// A file to collect.
#[derive(Debug)]
pub struct PlannedFile {
    /// The name below the root, with `/` between its parts.
    pub name: String,
    /// Where it comes from.
    pub content: Content,
    /// Whether there is something to do.
    pub state: State,
    digest: Digest,
    modified: SystemTime,
}

/// Whether a file has to be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is not in the root, or is another there.
    Copy,
    /// It is in the root.
    Unmodified,
}

impl PlannedFile {
    /// The content; an error when it is not the one that was planned.
    fn read(&self) -> Result<Cow<'static, [u8]>, Error> {
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

    fn changed(&self) -> Error {
        let path = self.path().to_owned();
        Error::Changed { path }
    }

    fn path(&self) -> &Path {
        self.content.path().unwrap_or(Path::new(&self.name))
    }
}

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

/// Looks at sources and root, and finds out what there is to do.
pub fn plan(config: &Config) -> Result<Plan, Error> {
    listing::plan(config)
}

/// Does what was planned, and tells of it as it goes.
pub fn execute(plan: &Plan, progress: &mut dyn FnMut(Event<'_>)) -> Result<Outcome, Error> {
    let linked = match plan.config.post_process {
        PostProcess::Full => Some(link::link(plan)?),
        PostProcess::Skip => None,
    };
    let _claim = Claim::take(&plan.config.root, progress)?;
    let release = build::build(plan, linked.as_ref(), progress)?;
    install::install(plan, linked.as_ref(), &release, progress)
}
