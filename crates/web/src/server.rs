//! The HTTP/1.1 server: an accept loop of our own on hyper. It knows connections, clocks and
//! limits; it knows no route, page, host name or log format. The limits of one request (its body,
//! its handler) are named here too, and kept by tower layers inside the application.

mod activity;
mod listen;
mod stream;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tower::ServiceExt;

use self::activity::{Activity, RequestGuard, Watch};
use self::stream::Stream;

pub use self::listen::{LISTEN_BACKLOG, bind, bind_all, shutdown_signal};

/// How long the accept loop rests when the process has no file descriptor or memory left for a
/// connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// hyper's `MINIMUM_MAX_BUFFER_SIZE`: it panics when asked for a smaller buffer.
const HYPER_MIN_BUFFER_BYTES: usize = 8192;

/// hyper's `DEFAULT_MAX_HEADERS`. It keeps that many on the stack; any number we name costs two
/// allocations a request, so this one is not named.
const HYPER_DEFAULT_MAX_HEADERS: usize = 100;

/// The server's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the first byte of a request's head (of a connection's first request: from the accept)
    /// to its end.
    pub header_read_timeout: Duration,
    /// How long a kept-alive connection may stay silent between two requests.
    pub idle_timeout: Duration,
    /// How long the client may take none of the bytes that wait for it.
    pub write_stall_timeout: Duration,
    /// How long a connection closed over an unread body still takes in what its client was sending,
    /// so that the client gets to read the answer (RFC 9112, section 9.6).
    pub linger_timeout: Duration,
    /// How long an answer may take to begin. A layer's to keep, as the two that follow.
    pub request_timeout: Duration,
    /// How long a request's body may pause.
    pub body_read_timeout: Duration,
    /// The most that a request's body may hold, in bytes: Django's
    /// `DATA_UPLOAD_MAX_MEMORY_SIZE`.
    pub max_body_bytes: usize,
    /// How long a stopping server waits for the requests in flight.
    pub shutdown_grace: Duration,
    /// Connections served at a time; those above wait, unaccepted, in the system's queue.
    pub max_connections: usize,
    /// Bytes of a request's head, its first line included; more is answered 431. Also bounds what
    /// is read ahead.
    pub max_header_bytes: usize,
    /// Header lines of a request; more are answered 431.
    pub max_headers: usize,
}

impl Limits {
    /// The limits of a server that faces the internet.
    pub const fn production() -> Self {
        Self {
            header_read_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_stall_timeout: Duration::from_secs(30),
            linger_timeout: Duration::from_secs(2),
            request_timeout: Duration::from_secs(30),
            body_read_timeout: Duration::from_secs(30),
            max_body_bytes: 2_621_440,
            shutdown_grace: Duration::from_secs(30),
            max_connections: 1024,
            max_header_bytes: 64 * 1024,
            max_headers: HYPER_DEFAULT_MAX_HEADERS,
        }
    }
}

/// The address a request's connection came from, in every request's extensions. An IPv4 client of a
/// dual-stack socket has its IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// How a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ShutdownReport {
    /// Connections that had not ended when [`Limits::shutdown_grace`] was over.
    pub cut: usize,
}

/// Serves `app` until `shutdown` resolves, then closes the listener and the idle connections,
/// finishes the requests in flight for as long as the grace lasts and cuts the rest.
///
/// Nothing a client does ends the loop: errors of `accept` are waited out, and a panic of `app`
/// ends the connection it happened on. A `Router` is best passed as `router.with_state(())`, which
/// readies its routes once rather than at each request.
pub async fn serve<S>(
    listener: TcpListener,
    app: S,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> ShutdownReport
where
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let protocol = http1_protocol(&limits);
    let places = Arc::new(Semaphore::new(limits.max_connections));
    let (stage, _) = watch::channel(Stage::Serving);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((socket, address, place)) => {
                let connection = Connection {
                    socket,
                    address,
                    limits,
                    place,
                };
                tokio::spawn(connection.run(protocol.clone(), app.clone(), stage.subscribe()));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; pausing");
                if timeout(ACCEPT_PAUSE, &mut shutdown).await.is_ok() {
                    break;
                }
            }
        }
    }
    drop(listener);
    drain(&stage, limits.shutdown_grace).await
}

/// Waits for a place, then for a connection to give it to.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await;
    let (socket, address) = listener.accept().await?;
    Ok((
        socket,
        address,
        place.expect("the semaphore is never closed"),
    ))
}

/// Lets the connections end by themselves, then cuts and counts those that have not. Each of them
/// holds a receiver of the stage for as long as it lasts.
async fn drain(stage: &watch::Sender<Stage>, grace: Duration) -> ShutdownReport {
    stage.send_replace(Stage::Draining);
    if timeout(grace, stage.closed()).await.is_ok() {
        return ShutdownReport { cut: 0 };
    }
    // Their ends are not waited for: a handler that blocks its thread would hold up the process for
    // ever.
    let cut = stage.receiver_count();
    stage.send_replace(Stage::Cut);
    ShutdownReport { cut }
}

/// Whether an error of `accept` concerns the connection that was to be accepted, and not the
/// listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

/// hyper's part of the limits.
///
/// hyper has a `header_read_timeout` too. Its clock starts as soon as the previous answer is out
/// (`Conn::poll_read_head`), so it counts the idle time of a kept-alive connection as header time:
/// ours, in [`activity`], tells the two apart, and hyper's is off.
///
/// A client may close its sending side once its request is out (`half_close`): it gets its answer.
/// The price is that a client who has gone away is noticed only when the answer is written. We
/// prefer that: a handler is not dropped between its commit and what it does after it, and the
/// request time-out bounds it in any case.
fn http1_protocol(limits: &Limits) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .half_close(true)
        .header_read_timeout(None::<Duration>)
        .max_header_size(limits.max_header_bytes)
        .max_buf_size(limits.max_header_bytes.max(HYPER_MIN_BUFFER_BYTES));
    if limits.max_headers != HYPER_DEFAULT_MAX_HEADERS {
        protocol.max_headers(limits.max_headers);
    }
    protocol
}

/// How far the server is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Serving,
    /// No connection is taken on, and those that are open end with the request they are at.
    Draining,
    /// The grace is over.
    Cut,
}

/// A connection that was accepted and not served yet.
struct Connection {
    socket: TcpStream,
    address: SocketAddr,
    limits: Limits,
    place: OwnedSemaphorePermit,
}

impl Connection {
    async fn run<S>(self, protocol: http1::Builder, app: S, mut stage: watch::Receiver<Stage>)
    where
        S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + Clone
            + Send,
        S::Future: Send,
    {
        let _place = self.place;
        // It fails only on a connection that is already gone, which the first read will tell.
        let _ = self.socket.set_nodelay(true);
        let peer = PeerAddress(SocketAddr::new(
            self.address.ip().to_canonical(),
            self.address.port(),
        ));
        let activity = Arc::new(Activity::default());
        let mut watch = Watch::new(Arc::clone(&activity), self.limits);
        let stream = TokioIo::new(Stream::new(self.socket, Arc::clone(&activity)));
        let service = service_fn(move |mut request: Request<Incoming>| {
            let guard = RequestGuard::new(&activity, request.body());
            request.extensions_mut().insert(peer);
            let response = app.clone().oneshot(request.map(Body::new));
            async move {
                response
                    .await
                    .map(|response| response.map(|body| GuardedBody { body, guard }))
            }
        });
        let mut connection = pin!(protocol.serve_connection(stream, service));
        loop {
            tokio::select! {
                // In this order: what has arrived is read before a stop may call the connection
                // idle, and the watch sees what hyper has just done.
                biased;
                result = connection.as_mut() => {
                    if let Err(error) = result {
                        tracing::debug!(peer = %peer.0, %error, "connection ended");
                    }
                    return;
                }
                changed = stage.changed() => {
                    // An error means that the future of `serve` was dropped.
                    if changed.is_err() || *stage.borrow_and_update() == Stage::Cut {
                        return;
                    }
                    connection.as_mut().graceful_shutdown();
                }
                phase = watch.overdue() => {
                    tracing::debug!(peer = %peer.0, ?phase, "connection timed out");
                    return;
                }
            }
        }
    }
}

/// A response body that tells, by being dropped, that its request is over.
struct GuardedBody {
    body: Body,
    #[expect(dead_code, reason = "it works by being dropped")]
    guard: RequestGuard,
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_errors_of_the_peer_are_passed_over_without_a_pause() {
        const EMFILE: i32 = 24;
        const ENFILE: i32 = 23;

        assert!(is_of_one_connection(&io::Error::from(
            io::ErrorKind::ConnectionAborted
        )));
        assert!(!is_of_one_connection(&io::Error::from_raw_os_error(EMFILE)));
        assert!(!is_of_one_connection(&io::Error::from_raw_os_error(ENFILE)));
    }
}
