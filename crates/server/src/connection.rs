//! One connection, from its place to its end.

use std::convert::Infallible;
use std::future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use futures_util::FutureExt as _;
use futures_util::future::Either;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::activity::{Activity, Phase, RequestGuard, Watch};
use crate::config::{Config, Refusal, SharedBody};
use crate::memory::Account;
use crate::peers::PeerAddress;
use crate::places::{Place, Places};
use crate::stats::Cut;
use crate::stream::{AnswerGuard, Head, Stream};
use crate::strict;

/// How many pipelined requests are handled at a time, of all connections together. Browsers and proxies
/// wait for an answer before they send the next request. Without this limit, a thousand clients that
/// do not could have ten thousand pages made before a visitor's.
pub(crate) const PIPELINED_AT_ONCE: usize = 2;

/// The stage of a server's shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Serving,
    /// No connection is accepted, and open ones end with their present request.
    Draining,
    /// [`crate::Limits::shutdown_grace`] is over: what is open is cut.
    Cut,
}

/// What all connections of a server share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) protocol: http1::Builder,
    pub(crate) places: Arc<Places>,
    /// The turns of [`PIPELINED_AT_ONCE`].
    pub(crate) pipelined: Semaphore,
}

impl Shared {
    /// Whether each connection ends with its present answer: the server stops, or places are needed.
    fn is_closing(&self) -> bool {
        self.config.stats.is_stopping() || self.places.is_crowded()
    }

    fn refuse(&self, cut: Cut, refusal: &Refusal<'_>) {
        self.config.stats.count_cut(cut);
        (self.config.on_refusal)(refusal);
    }
}

/// A connection that was accepted and not served yet.
pub(crate) struct Connection {
    pub(crate) socket: TcpStream,
    pub(crate) peer: SocketAddr,
    pub(crate) place: Place,
    pub(crate) shared: Arc<Shared>,
}

impl Connection {
    pub(crate) async fn run<S>(self, app: S, mut stage: watch::Receiver<Stage>)
    where
        S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send,
        S::Future: Send,
    {
        let Self {
            socket,
            peer,
            place,
            shared,
        } = self;
        // This fails only on a connection that is already gone, which the first read will report.
        let _ = socket.set_nodelay(true);
        let activity = Arc::clone(&place.activity);
        let mut watch = Watch::new(Arc::clone(&activity), shared.config.limits);
        let account = &place.account;
        let head = Head::new(account.share());
        let stream = Stream::new(socket, Arc::clone(&activity), Arc::clone(&head));
        let stream = TokioIo::new(stream);
        let service = service_fn({
            let (activity, shared) = (&activity, &shared);
            move |mut request: Request<Incoming>| {
                let guard = RequestGuard::new(activity, request.body());
                let answering = head.hand_over();
                let is_pipelined = answering.is_pipelined;
                request.extensions_mut().insert(PeerAddress(peer));
                request.extensions_mut().insert(account.clone());
                let answer = answer(request, app.clone(), shared, (guard, answering));
                async move {
                    let _turn = if is_pipelined {
                        activity.wait_for(shared.pipelined.acquire()).await.ok()
                    } else {
                        None
                    };
                    answer.await
                }
            }
        });
        let mut connection = pin!(shared.protocol.serve_connection(stream, service));
        let cut = loop {
            tokio::select! {
                // In this order: what has arrived is read before a stop may call the connection
                // idle, and the watch sees what hyper has just done.
                biased;
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tell(&error, peer, &shared);
                    }
                    return;
                }
                changed = stage.changed() => {
                    // An error means that the future of `serve` was dropped.
                    let stage = changed.map_or(Stage::Cut, |()| *stage.borrow_and_update());
                    match stage {
                        Stage::Serving => {}
                        Stage::Draining => drain(connection.as_mut(), &activity, &mut watch),
                        Stage::Cut => break Cut::ShutdownGrace,
                    }
                }
                () = activity.asked_to_give_way() => {
                    if place.gives_way() {
                        break Cut::GaveWay;
                    }
                }
                cut = watch.overdue() => break cut,
            }
        };
        shared.config.stats.count_cut(cut);
        tracing::debug!(%peer, reason = cut.name(), "connection cut");
        // While the connection lingers, hyper has not returned yet, and with it the error of a request
        // that it has refused. Ending the lingering lets it return now, so that the refusal is reported.
        if activity.phase() == Phase::Lingering {
            activity.end_linger();
            if let Some(Err(error)) = connection.now_or_never() {
                tell(&error, peer, &shared);
            }
        }
    }
}

/// Lets a connection end with its present request.
fn drain<S>(
    connection: Pin<&mut http1::Connection<TokioIo<Stream>, S>>,
    activity: &Activity,
    watch: &mut Watch,
) where
    S: HttpService<Incoming, ResBody = GuardedBody, Error = Infallible>,
{
    match activity.phase() {
        // The first request may be on its way, and its client would take a close for a failure. The
        // answer will say `Connection: close`.
        Phase::Silent => watch.expect_first_byte(),
        // hyper's graceful shutdown would close a kept-alive connection in the middle of a head. Here
        // too the answer will say `Connection: close`.
        Phase::Head => {}
        _ => connection.graceful_shutdown(),
    }
}

/// Passes a request to the application, or refuses it.
fn answer<S>(
    request: Request<Incoming>,
    app: S,
    shared: &Arc<Shared>,
    guards: (RequestGuard, AnswerGuard),
) -> impl Future<Output = Result<Response<GuardedBody>, Infallible>> + use<S>
where
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send,
    S::Future: Send,
{
    let refused = strict::refuse(&request, &shared.config.limits);
    let is_refused = refused.is_some();
    let account = request.extensions().get::<Account>().cloned();
    let peer = request.extensions().get::<PeerAddress>().copied();
    let response = if let (Some(refused), Some(peer)) = (refused, peer) {
        let refusal = Refusal {
            peer: peer.0,
            status: Some(refused.status),
            reason: refused.reason,
        };
        shared.refuse(refused.cut, &refusal);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = refused.status;
        Either::Left(future::ready(Ok(response)))
    } else {
        Either::Right(app.oneshot(request.map(Body::new)))
    };
    let shared = Arc::clone(shared);
    async move {
        let mut response = response.await?;
        if is_refused || shared.is_closing() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        let is_shared = response.extensions().get::<SharedBody>().is_some();
        let account = account.filter(|_| !is_shared);
        Ok(response.map(|body| GuardedBody {
            body,
            account,
            guards,
        }))
    }
}

/// Reports the error that ended a connection. If hyper has refused a request, `on_refusal` and the
/// counters are told, since the application has not seen it.
fn tell(error: &hyper::Error, peer: SocketAddr, shared: &Shared) {
    if !error.is_parse() {
        tracing::debug!(%peer, %error, "connection ended");
        return;
    }
    // As hyper's `Server::on_error` answers them.
    let (status, cut) = if error.is_parse_version_h2() {
        (None, Cut::Malformed)
    } else if error.is_parse_too_large() {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        (Some(status), Cut::HeadTooLarge)
    } else {
        (Some(StatusCode::BAD_REQUEST), Cut::Malformed)
    };
    let reason = &*error.to_string();
    let refusal = Refusal {
        peer,
        status,
        reason,
    };
    shared.refuse(cut, &refusal);
}

/// A response body that counts the memory of its bytes. Its drop ends the request.
struct GuardedBody {
    body: Body,
    /// `None` if the bytes are shared with other answers.
    account: Option<Account>,
    #[expect(dead_code, reason = "they work by being dropped")]
    guards: (RequestGuard, AnswerGuard),
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let account = self.account.as_ref();
        Poll::Ready(frame.map(|frame| {
            let count = |bytes| match account {
                Some(account) => account.count(bytes),
                None => bytes,
            };
            frame.map(|frame| frame.map_data(count))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
