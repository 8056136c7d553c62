//! Runs the commands of the guides as they are written, in their order.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use xtask::{output, process};

use crate::http;
use crate::pipeline::Checkout;
use crate::wait::until;

/// The guides, in the order in which their commands are run: what goes back to Django comes last.
const GUIDES: [&str; 3] = [
    "docs/en/running/render.md",
    "docs/en/moving/README.md",
    "docs/en/moving/back.md",
];

/// How long a command that runs until it is interrupted may take to show that it works, and to end.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The commands that run until they are interrupted, with the port that answers meanwhile.
const FOREGROUND: [(&str, u16); 2] = [("make logs", 8001), ("docker run ", 8000)];

/// The command of this rehearsal, which is not run again.
const THIS: &str = "make rehearse";

/// The section whose commands come before all others, and before any pipeline.
pub(super) const STEP_ZERO: &str = "From a clone to `master`";

/// Runs every command of the guides but those of step 0.
pub(super) fn run(
    clone: &Checkout,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<String> {
    let mut commands = all_commands(clone)?;
    commands.retain(|(section, _)| section != STEP_ZERO);
    play(clone, environment, &commands)
}

/// Runs the commands of step 0.
pub(super) fn run_step_zero(
    clone: &Checkout,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<String> {
    let mut commands = all_commands(clone)?;
    commands.retain(|(section, _)| section == STEP_ZERO);
    play(clone, environment, &commands)
}

fn all_commands(clone: &Checkout) -> anyhow::Result<Vec<(String, String)>> {
    let mut all = Vec::new();
    for guide in GUIDES {
        all.extend(commands(&clone.read(guide)?));
    }
    Ok(all)
}

fn play(
    clone: &Checkout,
    environment: &BTreeMap<String, String>,
    commands: &[(String, String)],
) -> anyhow::Result<String> {
    ensure!(!commands.is_empty(), "{GUIDES:?} have no such command");
    for (_, command) in commands {
        if command == THIS {
            continue;
        }
        output::line(&format!("   $ {command}"));
        let mut shell = process::command("bash", &["-ec", command]);
        shell.current_dir(&clone.folder).envs(environment);
        let foreground = FOREGROUND
            .iter()
            .find(|(start, _)| command.starts_with(start));
        match foreground {
            Some((_, port)) => interrupt_when_answered(&mut shell, *port),
            None => process::read(&mut shell).map(drop),
        }
        .with_context(|| format!("the guide's `{command}`"))?;
    }
    Ok(format!("{} commands of the guides work", commands.len()))
}

/// The commands after a prompt in the guide's terminal blocks, each with the heading above it.
pub(super) fn commands(guide: &str) -> Vec<(String, String)> {
    let mut is_in_block = false;
    let mut section = "";
    let mut commands = Vec::new();
    for line in guide.lines().map(str::trim_start) {
        if let Some(kind) = line.strip_prefix("```") {
            is_in_block = kind == "console";
        } else if let Some(heading) = line.strip_prefix("## ") {
            section = heading;
        } else if is_in_block && let Some(command) = line.strip_prefix("$ ") {
            commands.push((section.to_owned(), command.to_owned()));
        }
    }
    commands
}

/// Starts a command that does not end, waits until the site answers, and interrupts the command as
/// Ctrl-C does.
fn interrupt_when_answered(command: &mut Command, port: u16) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt as _;

    // A group of its own, like a terminal's, so that the signal reaches what it started.
    let mut child = command
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("start it")?;
    let answers = || http::get(port, "/healthz").is_ok_and(|answered| answered.status == 200);
    let is_well = until(TIMEOUT, || answers() || has_ended(&mut child));
    let ended_early = has_ended(&mut child);
    let group = format!("-{}", child.id());
    process::succeeds(&mut process::command("kill", &["-INT", "--", &group]));
    let is_over = until(TIMEOUT, || has_ended(&mut child));
    if !is_over {
        let _ = child.kill();
        let _ = child.wait();
    }
    if !is_well || ended_early || !is_over {
        bail!(
            "it answered on port {port}: {is_well}; it ended by itself: {ended_early}; it ended by an interrupt: {is_over}"
        );
    }
    Ok(())
}

fn has_ended(child: &mut Child) -> bool {
    child.try_wait().is_ok_and(|status| status.is_some())
}
