//! `deploy`: releases on Render, each live and verified or undone. The exit code tells which.

mod expectations;
mod progress;
mod release;
mod status;

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use ::deploy::clock::SystemClock;
use ::deploy::context::{Context, Event};
use ::deploy::execute::Outcome;
use ::deploy::image::{Commit, Digest, Image};
use ::deploy::limits::Limits;
use ::deploy::plan::Refusal;
use ::deploy::render::{self, BASE_URL, Failure as ApiFailure, Render};
use ::deploy::verify::{Awake, verify, wake};
use anyhow::Context as _;
use server::StopSignals;

use self::expectations::expectations;
use self::progress::Shown;
use super::{Failure, Result, output};
use crate::settings::{self, Need, Settings};

/// Puts releases live on Render, verifies them from outside, and rolls back what is not good.
///
/// Exit codes: 0 live and verified; 1 failed, and what was live before still is, or is again;
/// 2 wrong usage or configuration; 3 failed and not undone: somebody has to look.
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

/// Puts an image live, and what was live before back when it is not good.
///
/// The same command may be given again at any time: it takes up what an interrupted one has left.
/// An image that the registry does not have is refused, and one whose commit is older than the live
/// one, unless it was live before. git tells the order of commits, in the working directory; where
/// there is no repository the order is not checked.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    oc-lettings deploy run --image docker.io/ann/site@sha256:… --commit $(git rev-parse HEAD)")]
struct RunArgs {
    /// The image by its digest; a tag alone is refused.
    #[arg(long, value_name = "NAME@sha256:…")]
    image: Image,
    /// The commit it was built from: the order is checked, and that the site answers with it.
    #[arg(long, value_name = "SHA")]
    commit: Option<Commit>,
    #[command(flatten)]
    shared: SharedArgs,
}

/// Tells what is live, what was, and what is under way.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings deploy status")]
struct StatusArgs {
    /// Where the site is, when it is not where Render says.
    #[arg(long)]
    url: Option<String>,
}

/// Puts live what was live before.
///
/// `previous` is what was live before the present image was put live for the first time: never a
/// bad one that was rolled back meanwhile. With a deploy hook alone, which knows no history, --to
/// takes name and digest, and --commit is needed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings deploy rollback\n  \
    oc-lettings deploy rollback --to sha256:…")]
struct RollbackArgs {
    /// `previous`, a digest that was live, or a name with its digest.
    #[arg(long, value_name = "DIGEST", default_value = "previous")]
    to: To,
    /// The commit that the site has to answer with.
    #[arg(long, value_name = "SHA")]
    commit: Option<Commit>,
    #[command(flatten)]
    shared: SharedArgs,
}

#[derive(Debug, clap::Args)]
struct SharedArgs {
    /// Where the site is, when it is not where Render says.
    #[arg(long)]
    url: Option<String>,
    /// Say what would be done, and do nothing.
    #[arg(long, short = 'n')]
    dry_run: bool,
}

/// Looks at a site from outside: commit, pages, a static file, headers, an error.
///
/// A site that is asleep has two minutes to wake up first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    oc-lettings deploy verify https://site.onrender.com --commit $(git rev-parse HEAD)")]
struct VerifyArgs {
    /// Where the site is.
    url: String,
    /// The commit that it has to answer with.
    #[arg(long, value_name = "SHA")]
    commit: Commit,
    /// How long to look again at what is not right yet.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u16,
}

/// Where a roll-back leads.
#[derive(Debug, Clone)]
enum To {
    Previous,
    Digest(Digest),
    Image(Image),
}

impl std::str::FromStr for To {
    type Err = ::deploy::image::NameError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match text {
            "previous" => Ok(Self::Previous),
            text if text.contains('@') => text.parse().map(Self::Image),
            text => text.parse().map(Self::Digest),
        }
    }
}

impl Args {
    /// What has to be set.
    pub(super) fn need(&self) -> Need {
        match self.command {
            Command::Run(_) | Command::Status(_) | Command::Rollback(_) => Need::Deploy,
            Command::Verify(_) => Need::Nothing,
        }
    }
}

pub(super) fn run(args: &Args, settings: &Settings) -> Result {
    let clock = SystemClock::new(interruption()?);
    let shown = Shown::new();
    let tell = |event: &Event<'_>| shown.show(event);
    let mut limits = Limits::production();
    if let Command::Verify(args) = &args.command {
        limits.settling = Duration::from_secs(args.wait.into());
    }
    let ctx = Context {
        clock: &clock,
        limits: &limits,
        tell: &tell,
    };
    let said = match &args.command {
        Command::Run(args) => release::run(ctx, args, &settings.deploy),
        Command::Rollback(args) => release::roll_back(ctx, args, &settings.deploy),
        Command::Status(args) => status::run(ctx, args, &settings.deploy),
        Command::Verify(args) => look(ctx, args),
    };
    // What follows is not mixed with what shows that time passes.
    drop(shown);
    let said = said?;
    if !said.is_empty() {
        output::line(&said);
    }
    Ok(())
}

/// What there is to say in the end.
type Said = std::result::Result<String, Failure>;

/// `deploy verify`
fn look(ctx: Context<'_>, args: &VerifyArgs) -> Said {
    let url = checked_url(&args.url)?;
    let expected = ::deploy::verify::Expectations {
        commit: Some(args.commit.clone()),
        ..expectations(&url)
    };
    let interrupted = |_| failed("interrupted: the site was not verified");
    let start = ctx.clock.now();
    let awake = wake(ctx, &expected).map_err(interrupted)?;
    let was_asleep = ctx.clock.now().saturating_sub(start) >= ctx.limits.first_pause;
    let mut limits = *ctx.limits;
    // What has just woken up settles as a release does; what is silent is looked at as it is.
    if was_asleep && !matches!(awake, Awake::Silent(_)) {
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

/// Wrong usage or configuration.
const USAGE: u8 = 2;
/// Failed, and not undone.
const OPEN: u8 = 3;

fn failed(why: impl Into<String>) -> Failure {
    Failure::Exit(1, why.into())
}

fn misused(why: impl Into<String>) -> Failure {
    Failure::Exit(USAGE, why.into())
}

/// The end of a run, in words and by the exit code.
fn end(outcome: &Outcome) -> Said {
    let text = outcome.to_string();
    match outcome {
        Outcome::Verified { .. } => Ok(text),
        Outcome::NotLive { .. }
        | Outcome::RolledBack { .. }
        | Outcome::Overtaken { .. }
        | Outcome::NothingDone {
            is_usage: false, ..
        } => Err(failed(text)),
        Outcome::NothingDone { is_usage: true, .. } => Err(misused(text)),
        Outcome::Open { .. } => Err(Failure::Exit(OPEN, text)),
    }
}

fn refused(refusal: &Refusal) -> Failure {
    let text = format!("refused: {refusal}");
    if refusal.is_usage() {
        misused(text)
    } else {
        failed(text)
    }
}

/// Render could not be asked before anything was done.
fn unasked(failure: &ApiFailure) -> Failure {
    let hint = match failure {
        ApiFailure::Refused {
            status: 401 | 403, ..
        } => "; is RENDER_API_KEY right?",
        ApiFailure::Refused { status: 404, .. } => "; is RENDER_SERVICE_ID right?",
        _ => "",
    };
    let text = format!("nothing was done: {failure}{hint}");
    if failure.is_usage() {
        misused(text)
    } else {
        failed(text)
    }
}

/// Render's API, where there is a key.
fn api(settings: &settings::Deploy) -> Option<Render> {
    let key = settings.api_key.clone()?;
    Some(Render::new(render::Config {
        base_url: settings
            .api_url
            .clone()
            .unwrap_or_else(|| BASE_URL.to_owned()),
        key,
        id: settings.service_id.clone()?,
    }))
}

/// The first of the addresses that is given.
fn site_url(given: Option<&str>, told: Option<&str>) -> Said {
    let missing = "Render does not tell where the site is: give its address with --url";
    checked_url(given.or(told).ok_or_else(|| misused(missing))?)
}

fn checked_url(url: &str) -> Said {
    match url.parse::<http::Uri>() {
        Ok(uri) if uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https")) => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => Err(misused("the site's address has to begin with `https://`")),
    }
}

/// Tells of SIGTERM, SIGINT and SIGQUIT, from now on.
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
        // Nobody waits any more when the run is over.
        let _ = interrupt.send(());
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(listen)
        .context("start a thread for signals")?;
    Ok(interruption)
}
