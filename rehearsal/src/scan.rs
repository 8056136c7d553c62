//! Checks that the scanner knows the crates in the image's program.

use anyhow::{Context as _, ensure};
use serde_json::Value;
use xtask::output;

use crate::advisories::PLANTED;
use crate::pipeline::Checkout;
use crate::stage::Stage;

/// The artifact of the job `scan`: the components of the program, in `CycloneDX` format.
const INVENTORY: &str = "target/image/oc-lettings.cdx.json";

/// The program has far more components. Fewer mean that the list was cut.
const MIN_PARTS: usize = 200;

/// Checks the list of components that the pipeline keeps.
pub(super) fn inventory(clone: &Checkout) -> anyhow::Result<String> {
    let inventory: Value = serde_json::from_str(&clone.read(INVENTORY)?)?;
    let format = inventory["bomFormat"].as_str().unwrap_or_default();
    ensure!(format == "CycloneDX", "its format is {format}");
    let parts = inventory["components"].as_array();
    let parts = parts.context("it has no components")?;
    let names = parts.iter().filter_map(|part| part["name"].as_str());
    let names: Vec<_> = names.collect();
    ensure!(names.len() >= MIN_PARTS, "it has {} parts", names.len());
    for name in [PLANTED.1, "rustls", "libsqlite3-sys"] {
        ensure!(names.contains(&name), "{name} is not in it");
    }
    Ok(format!("{} parts in {INVENTORY}", names.len()))
}

/// Publishes an advisory about one of the crates. The scanners must find the crate in the program
/// that was built before, and in the lock file.
pub(super) fn find_planted(stage: &Stage) -> anyhow::Result<String> {
    stage.advisories.plant()?;
    let scans = ["scan", "advisories"].map(|job| stage.play(&[job]));
    stage.advisories.withdraw()?;
    let (advisory, part) = PLANTED;
    for scan in scans {
        let scan = scan?;
        ensure!(!scan.is_green, "green with {advisory}:\n{}", scan.output);
        scan.line_with(advisory)?;
        scan.line_with(part)?;
        // The whole output, for the reader of the rehearsal.
        output::line(&scan.output);
    }
    Ok(format!("scan and advisories are red: {advisory}, {part}"))
}
