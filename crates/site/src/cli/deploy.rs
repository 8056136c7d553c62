//! `deploy`: releases on Render, each live and verified or undone. The exit code tells which.

mod arguments;
mod expectations;
mod progress;
mod release;
mod result;
mod status;

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use ::deploy::clock::SystemClock;
use ::deploy::context::{Context, Event};
use ::deploy::limits::Limits;
use ::deploy::verify::{WakeResult, verify, wake};
use anyhow::Context as _;
use server::StopSignals;

use self::arguments::{RollbackArgs, RunArgs, StatusArgs, VerifyArgs};
use self::expectations::expectations;
use self::progress::EventView;
use self::result::{DeployResult, checked_url, failed};
use super::{Result, output};
use crate::settings::{RequiredSettings, Settings};

/// Deploys releases to Render, verifies them from outside, and rolls back those that fail.
///
/// Exit code 0: the release is live and verified. Exit code 1: the deployment failed, and the
/// release that was live before is live. Exit code 2: wrong usage or configuration. Exit code 3:
/// the deployment failed and was not rolled back, so somebody has to look.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings deploy status")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Run(RunArgs),
    Status(StatusArgs),
    Rollback(RollbackArgs),
    Verify(VerifyArgs),
}

impl Args {
    /// Which settings the subcommand requires.
    pub(super) fn required_settings(&self) -> RequiredSettings {
        match self.command {
            Command::Run(_) | Command::Status(_) | Command::Rollback(_) => RequiredSettings::Deploy,
            Command::Verify(_) => RequiredSettings::Nothing,
        }
    }
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let clock = SystemClock::new(interruption()?);
    let view = EventView::new();
    let observe = |event: &Event<'_>| view.show(event);
    let mut limits = Limits::production();
    if let Command::Verify(args) = &args.command {
        limits.settling = Duration::from_secs(args.wait.into());
    }
    let ctx = Context {
        clock: &clock,
        limits: &limits,
        observe: &observe,
    };
    let result = match &args.command {
        Command::Run(args) => release::run(ctx, args, &settings.deploy),
        Command::Rollback(args) => release::roll_back(ctx, args, &settings.deploy),
        Command::Status(args) => status::run(ctx, args, &settings.deploy),
        Command::Verify(args) => verify_site(ctx, args),
    };
    // Ends the bar, so that what follows is not mixed with it.
    drop(view);
    let result = result?;
    if !result.is_empty() {
        output::line(&result);
    }
    Ok(())
}

/// `deploy verify`
fn verify_site(ctx: Context<'_>, args: &VerifyArgs) -> DeployResult {
    let url = checked_url(&args.url)?;
    let expected = ::deploy::verify::Expectations {
        commit: Some(args.commit.clone()),
        ..expectations(&url)
    };
    let interrupted = |_| failed("interrupted: the site was not verified");
    let start = ctx.clock.now();
    let wake_result = wake(ctx, &expected).map_err(interrupted)?;
    let was_asleep = ctx.clock.now().saturating_sub(start) >= ctx.limits.first_pause;
    let mut limits = *ctx.limits;
    // A site that had to wake up has the time of a release to settle. One that stayed silent is
    // judged as it is.
    if was_asleep && !matches!(wake_result, WakeResult::Silent(_)) {
        limits.settling = limits.settling.max(Limits::production().settling);
    }
    let ctx = Context {
        limits: &limits,
        ..ctx
    };
    let table = verify(ctx, &expected, limits.settling).map_err(interrupted)?;
    if table.is_passed() {
        Ok("the site is as it should be".to_owned())
    } else {
        Err(failed("the site is not as it should be"))
    }
}

/// Receives a message at the first SIGTERM, SIGINT or SIGQUIT from now on.
fn interruption() -> anyhow::Result<Receiver<()>> {
    let (interrupt, interruption) = channel();
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build()?;
    let entered = runtime.enter();
    let mut signals = StopSignals::watch().context("listen for signals")?;
    drop(entered);
    let listen = move || {
        runtime.block_on(signals.next());
        output::line("Interrupted: this ends once the present request is answered.");
        // This fails only when the run is over, and nobody needs the message.
        let _ = interrupt.send(());
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(listen)
        .context("start a thread for signals")?;
    Ok(interruption)
}
