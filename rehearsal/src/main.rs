//! The rehearsal: the way of a release from a push to the live site, on this machine, before
//! anything real is touched. It uses the project's own pipeline, Dockerfile and commands, with
//! stand-ins for GitLab's runner, Docker Hub and Render.

mod advice;
mod advisories;
mod base_images;
mod browser;
mod engine;
mod guide;
mod http;
mod image;
mod instances;
mod jobs;
mod load;
mod overrides;
mod photos;
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

use anyhow::{Context as _, anyhow};
use xtask::{guard, output};

use self::stage::Stage;
use self::table::Table;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["instances", program] => guard::run(|| {
            Ok(play_one(plays::INSTANCES, || {
                instances::play(program.as_ref())
            }))
        }),
        ["photos", program] => guard::run(|| {
            Ok(play_one(plays::PHOTOS, || {
                photos::play_program(program.as_ref())
            }))
        }),
        [] => guard::run(play),
        _ => output::exit_code(Err(anyhow!(
            "no arguments, or: instances PROGRAM, or: photos PROGRAM"
        ))),
    }
}

/// A play that needs no containers, with a program of this machine.
fn play_one(name: &'static str, play: impl FnOnce() -> anyhow::Result<String>) -> ExitCode {
    let mut table = Table::default();
    table.play(name, play);
    exit_code(&table)
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
    Ok(exit_code(&table))
}

fn exit_code(table: &Table) -> ExitCode {
    if table.is_green() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
