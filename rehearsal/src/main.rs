//! The rehearsal: the way of a release from a push to the live site, on this machine, before
//! anything real is touched. It uses the project's own pipeline, Dockerfile and commands, with
//! stand-ins for GitLab's runner, Docker Hub and Render.

mod advice;
mod advisories;
mod base_images;
mod engine;
mod guide;
mod http;
mod image;
mod jobs;
mod load;
mod overrides;
mod pipeline;
mod platform;
mod plays;
mod proxy;
mod random;
mod registry;
mod scan;
mod setup;
mod stage;
mod table;
mod wait;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use xtask::{guard, output};

use self::stage::Stage;
use self::table::Table;

fn main() -> ExitCode {
    guard::run(play)
}

fn play() -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    setup::run()?;
    let stage = Stage::set_up().context("the rehearsal cannot be played here")?;
    let mut table = Table::default();
    let verdict = plays::play_all(stage, &mut table);
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    output::line(&format!("the rehearsal took {minutes:.1} minutes"));
    output::line(&table.to_string());
    verdict?;
    Ok(if table.is_green() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
