//! `man`: the manual pages, made from the same words as `--help`.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap_mangen::Man;

/// Prints the manual page, or writes one for each command into a folder.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  oc-lettings man | man -l -\n  oc-lettings man ~/.local/share/man/man1"
)]
pub(super) struct Args {
    /// Where the pages are written. It is made if it is not there.
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &Args, command: clap::Command) -> anyhow::Result<()> {
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        Man::new(command).render(&mut page)?;
        // A reader that closed the pipe is no error of ours.
        let _ = std::io::stdout().write_all(&page);
        return Ok(());
    };
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(command, folder))
        .with_context(|| format!("write manual pages into {}", folder.display()))
}
