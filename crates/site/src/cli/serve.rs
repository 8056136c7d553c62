//! `serve`: the site itself.

mod signals;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use db::Address;
use db::datetime::now;
use db::migrate::StartingPoint;
use mail::Mailing;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use server::{BoundSocket, Config, Limits, Refusal, StopSignals, bind, bind_all, inherit};
use telemetry::report::WantsStack;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::migrate::migrate_and_log;
use super::{CommandContext, Failure, Result};
use crate::checks::NOTABLE_LOGIN_MEMORY_BYTES;
use crate::demo;
use crate::domain::enquiry::inbox;
use crate::domain::home::photo;
use crate::router::router;
use crate::schema::OUTBOX;
use crate::settings::Settings;
use crate::state::AppState;
use crate::systemd::{self, Notification};
use crate::volume::ephemeral;

/// Serves the site.
///
/// A SQLite database is migrated first. A PostgreSQL database is migrated only with `--migrate`.
/// SIGTERM, SIGINT and SIGQUIT stop the server after it has answered the requests in flight. A
/// second signal stops it at once, with exit code 1. SIGHUP reads `LOG_LEVEL` again from the file
/// `.env`. If systemd passes a socket, it is used instead of --bind and PORT.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings serve --bind 127.0.0.1:8000")]
pub(super) struct Args {
    /// Listen only on this address. By default the server listens on port PORT of all addresses.
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = address)]
    bind: Option<SocketAddr>,
    /// Migrate the database first, whether it is SQLite or PostgreSQL.
    #[arg(long)]
    migrate: bool,
}

pub(super) fn run(args: &Args, context: CommandContext) -> Result {
    web::panic::install_hook(match context.reporter {
        Some(_) => WantsStack::Yes,
        None => WantsStack::No,
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(context.settings.web_concurrency.get())
        .enable_all()
        .build()
        .map_err(|error| Failure::Error(error.into()))?;
    let result = runtime.block_on(serve(args, context));
    // Tasks that still run are not waited for: they have had the time of the grace.
    runtime.shutdown_background();
    result
}

async fn serve(args: &Args, context: CommandContext) -> Result {
    let CommandContext {
        settings,
        reporter,
        inherited,
        level,
    } = context;
    let inherited = inherited?;
    signals::install_handlers(level).context("listen for signals")?;
    // The socket comes first: no database is made or changed for a site that cannot be served.
    let socket = bind_socket(args, &settings, inherited)?;
    if args.migrate || matches!(settings.database.address, Address::Sqlite(_)) {
        let found = migrate_and_log(&settings).await?;
        log_database(&settings, found);
    }
    let state = AppState::new(&settings, reporter).context("make the static files ready")?;
    let (db, mailing) = (state.db.clone(), state.mailing.clone());
    make_ready(&settings, &state).await;
    let config = Config {
        proxies: settings.forwarded.trusted.clone(),
        stats: state.server.clone(),
        memory: state.request_memory.clone(),
        on_refusal: Arc::new(log_refusal),
        shutdown_delay: settings.shutdown_delay,
        ..Config::new(limits())
    };
    let router = router(&settings, state)?;
    // The handlers come before the listening: whoever sees the port open may send a signal at once.
    let mut signals = StopSignals::watch().context("listen for signals to stop")?;
    let listener = socket.listen().context("listen")?;
    let address = listener
        .local_addr()
        .context("read the address listened on")?;
    tracing::info!("listening on {}, {}", link_to(address), db.address());
    systemd::notify(Notification::Ready);
    let sending = start_sending(&mailing);

    let (stop, stopped) = oneshot::channel();
    let stopped = async {
        // If the sender is dropped, the server stops as well.
        let _ = stopped.await;
    };
    let serving = async {
        let report = server::serve(listener, router, config, stopped).await;
        if report.cut > 0 {
            tracing::warn!(
                connections = report.cut,
                "requests were cut off at the end of the grace"
            );
        }
        finish_letter(&mailing, sending).await;
        db.close().await.context("close the database")
    };
    let two_signals = async {
        signals.next().await;
        tracing::info!("stopping: requests in flight are finished");
        systemd::notify(Notification::Stopping);
        let _ = stop.send(());
        signals.next().await;
    };
    tokio::select! {
        result = serving => result?,
        () = two_signals => {
            tracing::warn!("a second signal: stopped at once");
            return Err(Failure::AlreadyPrinted);
        }
    }
    tracing::info!("stopped");
    Ok(())
}

/// What is done before the site is served. None of it has to succeed.
async fn make_ready(settings: &Settings, state: &AppState) {
    for problem in state.static_files.problems() {
        tracing::warn!("static files: {problem}");
    }
    fill_with_demo_data(settings, state).await;
    read_stored_hashes(state).await;
    tidy_up(state).await;
    state.db.keep_derived_tables();
    tokio::spawn(state.feeds.clone().run());
}

/// Sends letters from now on, beside the requests.
fn start_sending(mailing: &Mailing) -> JoinHandle<()> {
    if !mailing.has_destination() {
        tracing::info!("EMAIL_URL is not set: letters wait in the outbox");
    }
    let mailing = mailing.clone();
    tokio::spawn(async move { mailing.keep_sending().await })
}

/// How long the letter under way has at the end. One that takes longer is sent again after the next
/// start.
const LETTER_GRACE: Duration = Duration::from_secs(10);

/// Ends the sending of letters after the one under way.
async fn finish_letter(mailing: &Mailing, sending: JoinHandle<()>) {
    mailing.stop();
    if timeout(LETTER_GRACE, sending).await.is_err() {
        tracing::warn!("the server of letters did not answer before the end");
    }
}

/// Logs where the data lies, a warning if it would be lost there, and how to fill a new database.
fn log_database(settings: &Settings, found: StartingPoint) {
    let is_new = found == StartingPoint::Nothing;
    if let Address::Sqlite(path) = &settings.database.address {
        // The migration has opened the file; should it be gone by now, its name is better than
        // nothing.
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        let made = if is_new { ", which was made new" } else { "" };
        tracing::info!("the data lies in the SQLite file {}{made}", path.display());
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        if settings.on_render() {
            tracing::warn!(
                "files on Render are lost at every deployment: set DATABASE_URL to a PostgreSQL \
                 database"
            );
        } else if let Some(danger) = ephemeral(&path, &mounts) {
            tracing::warn!("{danger}");
        }
    }
    if is_new && !settings.demo_data {
        tracing::info!("the database is empty: `oc-lettings demo` fills it with examples");
    }
}

/// An address that a browser can open, which the unspecified one is not.
fn link_to(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        let port = address.port();
        format!("http://localhost:{port}, on every address of this machine")
    } else {
        format!("http://{address}")
    }
}

/// Open files for everything but connections: the database, static files, the runtime.
const OTHER_FILES: usize = 256;

/// The limits, with no more connections than the system lets this process have. Many systems give
/// it 1,024 open files unless it asks for more.
fn limits() -> Limits {
    let mut limits = Limits::production();
    let wanted = limits.max_connections + OTHER_FILES;
    let given = raise_open_files(wanted);
    if given < wanted {
        limits.max_connections = given.saturating_sub(OTHER_FILES).max(given / 2);
        tracing::warn!(
            "the system lets this process have {given} open files, so that it serves {} connections \
             at a time; {wanted} would be enough",
            limits.max_connections
        );
    }
    limits
}

/// Raises the limit on open files as far as `wanted`, and returns what it is then, at most
/// `wanted`.
fn raise_open_files(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    // `None` is no limit.
    let most = |limit: Option<u64>| limit.and_then(|limit| usize::try_from(limit).ok());
    let (current, maximum) = (most(limit.current), most(limit.maximum));
    let Some(current) = current.filter(|current| *current < wanted) else {
        return wanted;
    };
    let raised = maximum.map_or(wanted, |maximum| wanted.min(maximum));
    let new = Rlimit {
        current: u64::try_from(raised).ok(),
        ..limit
    };
    match setrlimit(Resource::Nofile, new) {
        Ok(()) => raised,
        Err(_) => current,
    }
}

/// The socket that the site will listen on. It is bound early: if another program has the port, that
/// is found before the database is touched.
enum Socket {
    Inherited(TcpListener),
    Bound(BoundSocket),
}

impl Socket {
    fn listen(self) -> std::io::Result<TcpListener> {
        match self {
            Self::Inherited(listener) => Ok(listener),
            Self::Bound(bound) => bound.listen(),
        }
    }
}

fn bind_socket(
    args: &Args,
    settings: &Settings,
    inherited: Option<std::net::TcpListener>,
) -> anyhow::Result<Socket> {
    if let Some(listener) = inherited {
        tracing::info!("the socket was handed over: --bind and PORT do not count");
        let listener = inherit(listener).context("listen on the socket handed over")?;
        return Ok(Socket::Inherited(listener));
    }
    let bound = match args.bind {
        Some(address) => bind(address).with_context(|| format!("listen on {address}"))?,
        None => {
            bind_all(settings.port).with_context(|| format!("listen on port {}", settings.port))?
        }
    };
    Ok(Socket::Bound(bound))
}

/// An address and a port. A name, such as `localhost`, stands for its address, of IPv4 if it has
/// one.
fn address(text: &str) -> std::result::Result<SocketAddr, String> {
    let wrong = |_| "must be an address and a port, such as `127.0.0.1:8000`".to_owned();
    let found: Vec<_> = text.to_socket_addrs().map_err(wrong)?.collect();
    let address = found
        .iter()
        .find(|address| address.is_ipv4())
        .or(found.first());
    address
        .copied()
        .ok_or_else(|| "is a name that has no address".to_owned())
}

/// Logs a request that the server has refused. No layer sees such a request, and so neither does
/// the request log.
fn log_refusal(refusal: &Refusal<'_>) {
    tracing::event!(
        target: "http",
        tracing::Level::WARN,
        http.status = refusal.status.map(|status| status.as_u16()),
        client.address = %refusal.peer.ip(),
        error.cause = refusal.reason,
        "refused: {}",
        refusal.reason,
    );
}

/// Reads which hashes are stored before anybody can log in, and logs what a login takes. If the
/// database does not answer yet, the first login reads them.
async fn read_stored_hashes(state: &AppState) {
    match state.login_gate.learn().await {
        Ok(bytes) if bytes >= NOTABLE_LOGIN_MEMORY_BYTES => tracing::info!(
            megabytes = bytes >> 20,
            "a login by the dearest password hash that is stored takes {} MB of memory",
            bytes >> 20
        ),
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "the stored password hashes could not be read"),
    }
}

/// Removes the files of photos whose letting was deleted by Django, and has enquiries deleted after their time.
/// What goes wrong is only logged: the next start does it.
async fn tidy_up(state: &AppState) {
    tokio::spawn(keep_sweeping(state.clone()));
    match photo::remove_unneeded_files(&state.db).await {
        Ok(0) => {}
        Ok(files) => tracing::info!("{files} files of photos that are no more were removed"),
        Err(error) => tracing::debug!(%error, "files of photos could not be looked through"),
    }
}

/// How often enquiries are looked through.
const SWEEP_INTERVAL: Duration = Duration::from_hours(24);

/// Deletes the enquiries that are older than they may be kept: now, and every day.
async fn keep_sweeping(state: AppState) {
    let mut days = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        days.tick().await;
        let limit = (state.enquiry_retention_months, now());
        match inbox::sweep(&state.db, OUTBOX, limit).await {
            Ok(0) => {}
            Ok(enquiries) => tracing::info!("{enquiries} enquiries were deleted after their time"),
            Err(error) => tracing::warn!(%error, "old enquiries could not be deleted"),
        }
    }
}

/// Fills an empty database with examples, if that is wanted. What goes wrong is only logged, since the site can be
/// served without them.
async fn fill_with_demo_data(settings: &Settings, state: &AppState) {
    if !settings.demo_data {
        return;
    }
    match demo::fill(&state.db).await {
        Ok(Some(counts)) => tracing::info!(
            lettings = counts.lettings,
            profiles = counts.profiles,
            "the empty database was filled with demo data"
        ),
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "the demo data could not be put in"),
    }
}
