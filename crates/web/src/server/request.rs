//! The limits of one request, as a layer inside the application: what it refuses gets the site's
//! page and its line in the log, as any other answer.
//!
//! A request that waits for its client's bytes costs its connection and nothing more: it neither
//! counts as in flight meanwhile, nor does its time run.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONNECTION;
use http::{HeaderValue, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::{Cut, Limits, Stats};
use crate::error::{Error, with_cause};

/// What [`limit_requests`] goes by.
#[derive(Clone, Debug)]
pub struct RequestLimits {
    /// The limits.
    pub limits: Limits,
    /// Where requests are counted.
    pub stats: Arc<Stats>,
    /// Addresses that are answered however many requests are in flight: health checks.
    pub always_answered: &'static [&'static str],
}

/// The layer: [`axum::middleware::from_fn_with_state`] with [`RequestLimits`].
pub async fn limit_requests(
    State(config): State<RequestLimits>,
    request: Request,
    next: Next,
) -> Response {
    let is_always_answered = config.always_answered.contains(&request.uri().path());
    let RequestLimits { limits, stats, .. } = config;
    let most = if is_always_answered {
        usize::MAX
    } else {
        limits.max_requests_in_flight
    };
    if !stats.begin_request(most) {
        stats.count_cut(Cut::TooManyRequests);
        return unavailable(TooManyRequests(most));
    }
    let progress = Arc::new(Progress::new(limits, stats));
    let request = if request.body().is_end_stream() {
        request
    } else {
        request.map(|body| Body::new(PacedBody::new(body, Arc::clone(&progress))))
    };
    let response = in_time(next.run(request), &progress).await;
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if is_error && progress.lock().is_too_slow {
        return too_slow();
    }
    response
}

/// Waits for an answer for as long as one may take to begin.
async fn in_time(answer: impl Future<Output = Response>, progress: &Progress) -> Response {
    let mut answer = pin!(answer);
    let began = Instant::now();
    let mut deadline = began + progress.limits.request_timeout;
    loop {
        if let Ok(response) = timeout_at(deadline, answer.as_mut()).await {
            return response;
        }
        let now = Instant::now();
        let waited = progress.lock().waited_until(now);
        deadline = began + progress.limits.request_timeout + waited;
        if deadline <= now {
            progress.stats.count_cut(Cut::RequestTimeout);
            return unavailable(NotInTime);
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
struct NotInTime;

/// The end of a request's body that came too slowly.
#[derive(Debug, thiserror::Error)]
#[error("the request's body came too slowly")]
struct TooSlow;

fn unavailable(cause: impl std::error::Error + Send + Sync + 'static) -> Response {
    Error::Unavailable(cause.into()).into_response()
}

fn too_slow() -> Response {
    let mut response = with_cause(StatusCode::REQUEST_TIMEOUT, TooSlow.into());
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

/// How far a request has come. Counts as in flight until it is dropped, but for the time it waits.
struct Progress {
    limits: Limits,
    stats: Arc<Stats>,
    waiting: Mutex<Waiting>,
}

/// How long a request has waited for its client.
#[derive(Debug, Default)]
struct Waiting {
    since: Option<Instant>,
    before: Duration,
    read_bytes: u64,
    is_too_slow: bool,
}

impl Progress {
    fn new(limits: Limits, stats: Arc<Stats>) -> Self {
        Self {
            limits,
            stats,
            waiting: Mutex::default(),
        }
    }

    /// The request waits for its client now. Gives the time at which it has waited for too long.
    fn wait(&self, now: Instant) -> Instant {
        let mut waiting = self.lock();
        let since = *waiting.since.get_or_insert_with(|| {
            self.stats.end_request();
            now
        });
        let patience = self.limits.patience(waiting.read_bytes);
        let left = patience.saturating_sub(waiting.before);
        since + left.min(self.limits.body_read_timeout)
    }

    /// The request has got what it waited for, if it did wait.
    fn go_on(&self, now: Instant) -> MutexGuard<'_, Waiting> {
        let mut waiting = self.lock();
        if waiting.since.is_some() {
            waiting.before = waiting.waited_until(now);
            waiting.since = None;
            self.stats.resume_request();
        }
        waiting
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing that is done under the lock can leave it half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.lock().since.is_none() {
            self.stats.end_request();
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.waiting.fmt(formatter)
    }
}

impl Waiting {
    fn waited_until(&self, now: Instant) -> Duration {
        let now_waiting = self.since.map(|since| now.duration_since(since));
        self.before + now_waiting.unwrap_or_default()
    }
}

/// A request's body that ends with an error when it pauses for too long, or is too slow on average.
#[derive(Debug)]
struct PacedBody {
    body: Body,
    progress: Arc<Progress>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl PacedBody {
    fn new(body: Body, progress: Arc<Progress>) -> Self {
        Self {
            body,
            progress,
            timer: None,
        }
    }

    /// Ready when the client has kept the request waiting for too long.
    fn poll_too_slow(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut now = Instant::now();
        let deadline = self.progress.wait(now);
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

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            let mut waiting = self.progress.go_on(Instant::now());
            if let Some(Ok(frame)) = &frame
                && let Some(bytes) = frame.data_ref()
            {
                waiting.read_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            }
            drop(waiting);
            return Poll::Ready(frame);
        }
        ready!(self.poll_too_slow(context));
        self.progress.stats.count_cut(Cut::SlowBody);
        self.progress.go_on(Instant::now()).is_too_slow = true;
        // Nothing more is waited for.
        self.body = Body::empty();
        Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
