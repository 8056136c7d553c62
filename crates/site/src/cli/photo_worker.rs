//! `photo-worker`: prepares one photo. The site starts itself so, for each photo that is sent.

use std::io;

use anyhow::Context as _;

/// Reads a photo from standard input and writes what is made of it to standard output.
///
/// The site starts this process itself, with limits on its memory and time. It reads no settings.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  The site starts it. There is nothing in it for a terminal.")]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> anyhow::Result<()> {
    pictures::photo::worker::run(io::stdin(), io::stdout()).context("answer the site")
}
