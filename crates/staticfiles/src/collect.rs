//! Collects the static files of all sources in one folder, under hashed names too, compressed, with
//! a manifest. It does the work of Django's `collectstatic` with its manifest storage, and of
//! WhiteNoise's compression.
//!
//! [`plan`] reads and changes nothing; [`execute`] carries the plan out. Everything is made in a
//! temporary folder first, so that most failures come before the first file is put in place. Then
//! files are put in by renaming: first those with hashed names, which no page refers to yet, then
//! the plain ones, and the manifest last. Hashed files of earlier releases stay, so that pages of
//! those releases still find theirs.
//!
//! Collections into one root at the same time take turns. The later one waits, checks again what is
//! in the root, and its files win. A killed collection leaves a temporary folder beside the root or
//! in it, which the next one removes.
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
//! - A file is `unmodified` if its content is, whatever the times say, and then keeps its time. A
//!   collected file has the time of its source, not that of its collection.
//! - References in style sheets are found by their grammar (MF-7): comments and strings stay as
//!   they are, in which Django 5.2 rewrites.
//! - What a module imports stays as it is (MF-6), as in Django unless its
//!   `support_js_module_import_aggregation` is on; source maps are also looked for in `.mjs`
//!   files.
//! - Files may refer to each other to any depth (MF-8); Django gives up after five passes. A
//!   cycle is an error in both.
//! - All missing references are reported at once (WN-C9), with their lines, and nothing has
//!   changed then. A file that is referred to must be in the sources: Django also accepts what an
//!   earlier collection left in the root, and ignores a reference to a folder.
//! - A reference with a query leads to the final name of its file. In Django it leads to the name
//!   for the content before its own references were rewritten, and there is no such file.
//! - Query and fragment stay as they are written (MF-4); Django decodes what is percent-encoded.
//!   In the path, which is decoded as in Django, `%`, `?`, `#`, `:`, `"` and `\` stay encoded.
//! - Names of files that look like addresses (`a?b`, `a#b`, `a%20b`) are names here.
//! - There are variants for zstd too, and variants are not counted as post-processed files.
//!   Existing variants are kept: WhiteNoise makes all of them every time.
//! - `name.gz`, `.br` and `.zst` in the sources, beside a `name` that is compressed here, are left
//!   out: they would never be served under their own name, and may be of older content.
//! - Clearing (`--clear`) happens last, so that a failure leaves the old release whole. It removes
//!   links and does not follow them, and then removes empty folders.
//! - There is no `--link`: the files of a release must not change with the sources.

mod build;
mod config;
mod digest;
mod error;
mod install;
mod link;
mod listing;
mod planned;
mod progress;
mod root_lock;
mod staging;

pub use self::config::{Clear, Config, PostProcess};
pub use self::error::{Error, MissingReference};
pub use self::planned::{FileState, Plan, PlannedFile};
pub use self::progress::{Event, Outcome};
use self::root_lock::RootLock;
pub(crate) use self::staging::PREFIX as TEMPORARY_PREFIX;

/// Compares the sources with the root, and lists what there is to do. Writes nothing.
pub fn plan(config: &Config) -> Result<Plan, Error> {
    listing::plan(config)
}

/// Carries a plan out, and reports each step to `progress`. Fails if a source has changed since it
/// was planned.
pub fn execute(plan: &Plan, progress: &mut dyn FnMut(Event<'_>)) -> Result<Outcome, Error> {
    let linked = match plan.config.post_process {
        PostProcess::Full => Some(link::link(plan)?),
        PostProcess::Skip => None,
    };
    // References are resolved before the lock, which makes the root: an error in them changes
    // nothing.
    let _lock = RootLock::acquire(&plan.config.root, progress)?;
    let release = build::build(plan, linked.as_ref(), progress)?;
    install::install(plan, linked.as_ref(), &release, progress)
}
