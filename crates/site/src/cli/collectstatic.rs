//! `collectstatic`: gathers all static files in one folder, hashed and compressed.
//!
//! Flags, exit codes and the lines that scripts may read are those of Django 5.2
//! (`contrib/staticfiles/management/commands/collectstatic.py`). The question that it asks without
//! `--noinput` comes in the same cases and takes the same answer, in our own words.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use staticfiles::collect::{self, Clear, Config, Event, FileState, Outcome, Plan, PostProcess};
use staticfiles::ignore::{DEFAULT_PATTERNS, Patterns};
use staticfiles::source::{Content, Duplicate};

use super::{Result, output};
use crate::settings::Settings;
use crate::static_files::{STATIC_URL, sources};

/// Collects the static files of the site in one folder, `STATIC_ROOT`.
///
/// Each file also gets a second name with a hash of its content. Both are also stored compressed. A
/// manifest lists which hashed name belongs to which file. The folder changes only after everything
/// has been made. Files of earlier releases stay.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings collectstatic --noinput")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the flags are those of manage.py"
)]
pub(super) struct Args {
    /// Do not ask for confirmation.
    #[arg(long, alias = "no-input")]
    noinput: bool,
    /// Delete everything in the folder first.
    #[arg(long, short)]
    clear: bool,
    /// Print what would be done, and change nothing.
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// Only copy the files: no hashed names, no compression, no manifest.
    #[arg(long)]
    no_post_process: bool,
    /// Leave out files that match this shell pattern. May be repeated.
    #[arg(long, short, value_name = "PATTERN")]
    ignore: Vec<String>,
    /// Do not leave out files that match `CVS`, `.*` or `*~`.
    #[arg(long)]
    no_default_ignore: bool,
    /// How much to print: 0 nothing, 1 the summary, 2 each file, 3 each compressed file too.
    #[arg(long, short, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=3))]
    verbosity: u8,
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let config = config(args, settings);
    if !args.noinput && !args.dry_run && holds_anything(&config.root) {
        confirm(&config)?;
    }
    let plan = collect::plan(&config).map_err(|error| anyhow!(error))?;
    if args.verbosity >= 2 {
        print_left_out(&plan);
    }
    if args.dry_run {
        print_plan(args, &config, &plan);
        return Ok(());
    }
    let bar = progress_bar(args);
    let outcome = collect::execute(&plan, &mut |event| report(args, &bar, event));
    bar.finish_and_clear();
    let outcome = outcome.map_err(|error| anyhow!(error))?;
    if args.verbosity >= 1 {
        output::line(&summary(&config.root, &outcome));
    }
    Ok(())
}

fn config(args: &Args, settings: &Settings) -> Config {
    let defaults = DEFAULT_PATTERNS.iter().copied();
    let defaults = defaults.filter(|_| !args.no_default_ignore);
    Config {
        static_url: STATIC_URL.to_owned(),
        ignore: Patterns::new(defaults.chain(args.ignore.iter().map(String::as_str))),
        post_process: if args.no_post_process {
            PostProcess::Skip
        } else {
            PostProcess::Full
        },
        clear: if args.clear {
            Clear::Delete
        } else {
            Clear::Keep
        },
        ..Config::new(sources(settings), &settings.static_root)
    }
}

/// Whether there is something to lose in the folder; one that is not there holds nothing.
fn holds_anything(root: &Path) -> bool {
    root.read_dir()
        .is_ok_and(|mut entries| entries.next().is_some())
}

/// Asks whether to go on. Fails unless the answer is `yes`.
fn confirm(config: &Config) -> anyhow::Result<()> {
    let root = config.root.display();
    let consequence = match config.clear {
        Clear::Keep => "Files of the same names there will be overwritten.",
        Clear::Delete => "ALL FILES there will be DELETED first.",
    };
    output::line(&format!(
        "The static files will be collected in {root}.\n{consequence}\n\
         Type 'yes' to go on, anything else to cancel:"
    ));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("read the answer")?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(anyhow!("collecting static files cancelled"))
    }
}

/// A bar on a terminal, unless nothing is to be said.
fn progress_bar(args: &Args) -> ProgressBar {
    if args.verbosity == 0 || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    // The time that is left cannot be told: a single long file may take most of it.
    let style =
        ProgressStyle::with_template("{spinner} {bar:30} {bytes} of {total_bytes}, {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Files of the sources that are not collected.
fn print_left_out(plan: &Plan) {
    for Duplicate { name, ignored, .. } in &plan.duplicates {
        output::line(&format!(
            "Found another file with the destination path '{name}'. It is ignored, since only the \
             first one found is collected: '{}'",
            describe_source(name, ignored)
        ));
    }
    for name in &plan.superseded {
        output::line(&format!("Leaving out '{name}': it is made here"));
    }
}

fn print_plan(args: &Args, config: &Config, plan: &Plan) {
    let copied = plan
        .files
        .iter()
        .filter(|file| file.state == FileState::Copy);
    if args.verbosity >= 1 {
        for path in &plan.deletions {
            output::line(&format!("Pretending to delete '{}'", path.display()));
        }
        for file in copied.clone() {
            output::line(&format!(
                "Pretending to copy '{}'",
                describe_source(&file.name, &file.content)
            ));
        }
        let copied = copied.count();
        let outcome = Outcome {
            copied,
            unmodified: plan.files.len() - copied,
            deleted: plan.deletions.len(),
            skipped_due_to_conflict: plan.duplicates.len(),
            ..Outcome::default()
        };
        output::line(&summary(&config.root, &outcome));
    }
}

fn report(args: &Args, bar: &ProgressBar, event: Event<'_>) {
    let (least, text) = match event {
        Event::Waiting => (1, "Waiting for another run to end".to_owned()),
        Event::Progress { done, total } => {
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        Event::Copied { name, content } => {
            (2, format!("Copying '{}'", describe_source(name, content)))
        }
        Event::Unmodified { name } => (2, format!("Skipping '{name}' (not modified)")),
        Event::PostProcessed { name, hashed_name } => {
            (2, format!("Post-processed '{name}' as '{hashed_name}'"))
        }
        Event::PostProcessingSkipped { name } => (3, format!("Skipped post-processing '{name}'")),
        Event::Compressed {
            name,
            variant,
            size_bytes,
            variant_size_bytes,
        } => (
            3,
            format!("Compressed '{name}' as '{variant}' ({size_bytes} -> {variant_size_bytes})"),
        ),
        Event::Deleted { path } => (1, format!("Deleting '{}'", path.display())),
    };
    if args.verbosity >= least {
        bar.suspend(|| output::line(&text));
    }
}

/// Where a file comes from, as a person finds it.
fn describe_source(name: &str, content: &Content) -> String {
    match content.path() {
        Some(path) => path.display().to_string(),
        None => format!("{name} (inside the program)"),
    }
}

/// Django's line, which scripts may read.
fn summary(root: &Path, outcome: &Outcome) -> String {
    let files = |count: usize| if count == 1 { "file" } else { "files" };
    let mut text = String::new();
    if outcome.deleted > 0 {
        text = format!(
            "{} static {} deleted, ",
            outcome.deleted,
            files(outcome.deleted)
        );
    }
    let root = root.display();
    text += &format!(
        "{} static {} copied to '{root}'",
        outcome.copied,
        files(outcome.copied)
    );
    for (count, what) in [
        (outcome.unmodified, "unmodified"),
        (outcome.post_processed, "post-processed"),
        (outcome.skipped_due_to_conflict, "skipped due to conflict"),
    ] {
        if count > 0 {
            text += &format!(", {count} {what}");
        }
    }
    format!("\n{text}.")
}
