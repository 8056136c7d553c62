//! The limits of one request, as a layer inside the application: a refusal gets the site's error
//! page and its line in the log, as any other answer.
//!
//! While a request waits for its client's bytes, it costs its connection only: it does not count as
//! in flight, and its time does not run.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONNECTION;
use http::{HeaderValue, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use server::{Account, Cut, Limits, MemoryFull, RequestMemory, Share, Stats};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use crate::error::{Error, with_cause};

/// The state of [`limit_requests`].
#[derive(Clone, Debug)]
pub struct RequestLimits {
    /// The limits.
    pub limits: Limits,
    /// Where requests are counted.
    pub stats: Arc<Stats>,
    /// The budget for the memory of all requests together.
    pub memory: Arc<RequestMemory>,
    /// Paths that are answered however many requests are in flight: health checks.
    pub always_answered: &'static [&'static str],
    /// How much of a request's body each route reads.
    pub body_limits: BodyLimits,
}

/// The most bytes of a request's body that a route reads, by its pattern, or by a prefix of
/// patterns before a `*`. The first match counts; a route without a match reads nothing.
///
/// A route that reads more than [`KEPT_BYTES`] passes the body on in pieces, since nothing of that size is
/// kept in memory: its bytes are not counted, and it has [`UPLOAD_TIMEOUT`].
pub type BodyLimits = &'static [(&'static str, usize)];

/// The largest body that a route may keep in memory as a whole, in bytes.
pub const KEPT_BYTES: usize = 1024 * 1024;

/// The time for a request with a larger body, without the waits for its client: what is made of its files
/// takes seconds for each.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_mins(10);

impl RequestLimits {
    fn body_limit(&self, request: &Request) -> usize {
        let route = request.extensions().get::<MatchedPath>();
        let route = route.map_or("", MatchedPath::as_str);
        let fits = |named: &str| match named.strip_suffix('*') {
            Some(beginning) => route.starts_with(beginning),
            None => route == named,
        };
        let named = self.body_limits.iter().find(|(named, _)| fits(named));
        named.map_or(0, |(_, most_bytes)| *most_bytes)
    }
}

/// The layer: [`axum::middleware::from_fn_with_state`] with [`RequestLimits`].
pub async fn limit_requests(
    State(config): State<RequestLimits>,
    request: Request,
    next: Next,
) -> Response {
    let is_always_answered = config.always_answered.contains(&request.uri().path());
    let most_bytes = config.body_limit(&request);
    let RequestLimits {
        mut limits,
        stats,
        memory,
        ..
    } = config;
    if !is_always_answered && let Err(full) = memory.admit().await {
        stats.count_cut(Cut::MemoryFull);
        return unavailable(full);
    }
    let most = limits.max_requests_in_flight;
    let most = match () {
        () if is_always_answered => usize::MAX,
        // Requests with a body get at most three quarters of the places, so that a flood of forms
        // leaves the rest to visitors who look at pages.
        () if !request.body().is_end_stream() => most - most / 4,
        () => most,
    };
    if !stats.begin_request(most) {
        stats.count_cut(Cut::TooManyRequests);
        return unavailable(TooManyRequests(most));
    }
    let is_upload = most_bytes > KEPT_BYTES && !request.body().is_end_stream();
    if is_upload {
        limits.request_timeout = UPLOAD_TIMEOUT;
    }
    let account = request.extensions().get::<Account>().cloned();
    let account = account.unwrap_or_else(|| Account::new(&memory));
    let mut share = account.share();
    share.add(head_bytes(&request));
    let progress = Arc::new(Progress::new(limits, stats, share));
    let request = if request.body().is_end_stream() {
        request
    } else {
        request.map(|body| {
            Body::new(LimitedBody {
                body,
                progress: Arc::clone(&progress),
                timer: None,
                left_bytes: most_bytes,
                is_kept: !is_upload,
            })
        })
    };
    let response = answer_in_time(next.run(request), &progress).await;
    // If the body was cut, the handler's error cannot know why: the answer with the real reason
    // replaces it. A success did not need the rest of the body, and stands.
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let body_cut = progress.lock().body_cut.filter(|_| is_error);
    body_cut.map_or(response, cut_response)
}

/// The approximate size of a request's head, in bytes.
fn head_bytes(request: &Request) -> usize {
    let headers = request.headers().iter();
    let lines = headers.map(|(name, value)| name.as_str().len() + value.len());
    request.uri().path().len() + lines.sum::<usize>()
}

/// Waits for an answer up to the time for a request, not counting the waits for its client.
async fn answer_in_time(answer: impl Future<Output = Response>, progress: &Progress) -> Response {
    let mut answer = pin!(answer);
    let began = Instant::now();
    let mut deadline = began + progress.limits.request_timeout;
    loop {
        if let Ok(response) = timeout_at(deadline, answer.as_mut()).await {
            return response;
        }
        let now = Instant::now();
        // Waits for the client have moved the deadline meanwhile.
        let waited = progress.lock().waited_until(now);
        deadline = began + progress.limits.request_timeout + waited;
        if deadline <= now {
            progress.stats.count_cut(Cut::RequestTimeout);
            return unavailable(RequestTimedOut);
        }
    }
}

/// The refusal of a request above the limit.
#[derive(Debug, thiserror::Error)]
#[error("{0} requests are in flight, which is as many as may be")]
struct TooManyRequests(usize);

/// The end of a request whose handler was too slow.
#[derive(Debug, thiserror::Error)]
#[error("the answer did not begin within the time for a request")]
struct RequestTimedOut;

/// Why a request's body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum BodyCut {
    #[error("the request's body came too slowly")]
    TooSlow,
    #[error("the request's body is larger than what is read here")]
    TooLarge,
    #[error(transparent)]
    MemoryFull(MemoryFull),
}

fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Response {
    Error::Unavailable(cause.into()).into_response()
}

/// The answer to a request whose body was not read to its end. It closes the connection.
fn cut_response(body_cut: BodyCut) -> Response {
    let mut response = match body_cut {
        BodyCut::TooSlow => with_cause(StatusCode::REQUEST_TIMEOUT, body_cut.into()),
        BodyCut::TooLarge => with_cause(StatusCode::PAYLOAD_TOO_LARGE, body_cut.into()),
        BodyCut::MemoryFull(full) => unavailable(full),
    };
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

/// The progress of a request. Until it is dropped it counts as in flight, except while it waits for
/// its client.
struct Progress {
    limits: Limits,
    stats: Arc<Stats>,
    state: Mutex<ProgressState>,
}

/// How long a request has waited for its client, and what was read of its body.
#[derive(Debug)]
struct ProgressState {
    /// When the present wait began.
    waiting_since: Option<Instant>,
    /// The length of all earlier waits.
    waited_before: Duration,
    read_bytes: u64,
    /// The memory of the head and of what was read of the body, counted until the request is
    /// answered.
    share: Share,
    body_cut: Option<BodyCut>,
}

impl Progress {
    fn new(limits: Limits, stats: Arc<Stats>, share: Share) -> Self {
        let initial = ProgressState {
            waiting_since: None,
            waited_before: Duration::ZERO,
            read_bytes: 0,
            share,
            body_cut: None,
        };
        Self {
            limits,
            stats,
            state: Mutex::new(initial),
        }
    }

    /// Notes that the request waits for its client. Returns when it will have waited for too long.
    fn begin_wait(&self, now: Instant) -> Instant {
        let mut state = self.lock();
        let waiting_since = *state.waiting_since.get_or_insert_with(|| {
            self.stats.end_request();
            now
        });
        let patience = self.limits.patience(state.read_bytes);
        let left = patience.saturating_sub(state.waited_before);
        // This pause is limited, and so are all pauses together, by the bytes that have arrived.
        waiting_since + left.min(self.limits.body_read_timeout)
    }

    /// Notes that the request does not wait any more, if it did.
    fn end_wait(&self, now: Instant) -> MutexGuard<'_, ProgressState> {
        let mut state = self.lock();
        if state.waiting_since.is_some() {
            state.waited_before = state.waited_until(now);
            state.waiting_since = None;
            self.stats.resume_request();
        }
        state
    }

    fn lock(&self) -> MutexGuard<'_, ProgressState> {
        // A poisoned lock is taken anyway: no code under it can panic between two related changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.lock().waiting_since.is_none() {
            self.stats.end_request();
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state.fmt(formatter)
    }
}

impl ProgressState {
    fn waited_until(&self, now: Instant) -> Duration {
        let now_waiting = self.waiting_since.map(|since| now.duration_since(since));
        self.waited_before + now_waiting.unwrap_or_default()
    }
}

/// A request's body that ends with an error if it pauses for too long, is too slow on average, is
/// larger than its route reads, or exceeds the memory for requests. Bytes count when they arrive;
/// an announced length reserves nothing.
#[derive(Debug)]
struct LimitedBody {
    body: Body,
    progress: Arc<Progress>,
    timer: Option<Pin<Box<Sleep>>>,
    left_bytes: usize,
    /// Whether the handler keeps what it reads.
    is_kept: bool,
}

impl LimitedBody {
    /// Counts bytes that have arrived, or says why they are too many.
    fn count_bytes(&mut self, bytes: usize) -> Result<(), BodyCut> {
        let mut state = self.progress.end_wait(Instant::now());
        state.read_bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
        let left_bytes = self.left_bytes.checked_sub(bytes);
        self.left_bytes = left_bytes.ok_or(BodyCut::TooLarge)?;
        if !self.is_kept {
            return Ok(());
        }
        state.share.take(bytes).map_err(BodyCut::MemoryFull)
    }

    /// Ends the body with an error, drops its rest and gives its memory back.
    fn cut(&mut self, body_cut: BodyCut) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut state = self.progress.end_wait(Instant::now());
        state.body_cut = Some(body_cut);
        state.share.clear();
        drop(state);
        self.body = Body::empty();
        Poll::Ready(Some(Err(axum::Error::new(body_cut))))
    }

    /// Ready when the client has kept the request waiting for too long.
    fn poll_too_slow(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut now = Instant::now();
        let deadline = self.progress.begin_wait(now);
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timer.as_mut().reset(deadline);
        while now < deadline {
            ready!(timer.as_mut().poll(context));
            now = Instant::now();
        }
        Poll::Ready(())
    }
}

impl HttpBody for LimitedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // A body that announces too many bytes is refused before any of it is read.
        if self.body.size_hint().lower() > u64::try_from(self.left_bytes).unwrap_or(u64::MAX) {
            return self.cut(BodyCut::TooLarge);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            let data = frame.as_ref().and_then(|frame| frame.as_ref().ok());
            let bytes = data.and_then(Frame::data_ref).map_or(0, Bytes::len);
            return match self.count_bytes(bytes) {
                Ok(()) => Poll::Ready(frame),
                Err(body_cut) => {
                    if matches!(body_cut, BodyCut::MemoryFull(_)) {
                        self.progress.stats.count_cut(Cut::MemoryFull);
                    }
                    self.cut(body_cut)
                }
            };
        }
        ready!(self.poll_too_slow(context));
        self.progress.stats.count_cut(Cut::SlowBody);
        self.cut(BodyCut::TooSlow)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
