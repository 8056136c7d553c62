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
mod config;
mod digest;
mod error;
mod install;
mod link;
mod listing;
mod planned;
mod progress;
mod staging;

use self::claim::Claim;
pub use self::config::{Clear, Config, PostProcess};
pub use self::error::{Error, MissingReference};
pub use self::planned::{Plan, PlannedFile, State};
pub use self::progress::{Event, Outcome};
pub(crate) use self::staging::PREFIX as TEMPORARY_PREFIX;

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
