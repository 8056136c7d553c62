//! The HTTP/1.1 server: an accept loop of our own on hyper. It knows connections, clocks and
//! limits; it knows no route, page, host name or log format. The limits of one request are named
//! here too, and kept by a layer inside the application.
//!
//! # What is taken for a request
//!
//! If a proxy and this server read the same bytes differently, a visitor could smuggle a request into
//! another visitor's connection. hyper parses (1.12, with httparse 1.10 and http 1.5). Requests that it
//! accepts although others may read them differently are refused before the application ("ours" below):
//! answered once without a body, reported to [`Config::on_refusal`], and closed. A test tries each row
//! on a socket.
//!
//! | what comes | what is done |
//! |---|---|
//! | a line ended by LF alone, empty lines before a request | taken (RFC 9112, 2.2) |
//! | CR alone, NUL, DEL or another control character in a head | 400 |
//! | a tab or a byte beyond ASCII in a value | taken as it is |
//! | a folded line (`obs-fold`), white space before a colon, a name that is no token | 400 |
//! | `_` in a name | taken as another name than the one with `-`; nothing here maps names |
//! | `Content-Length` twice with the same number | taken once (RFC 9110, 8.6) |
//! | with different numbers, a list, a sign, no number | 400 |
//! | `Content-Length` and `Transfer-Encoding`, in any order | the coding counts, the length is taken out of the headers; answered once and closed (RFC 9112, 6.3) |
//! | `Transfer-Encoding` that does not end with `chunked`, or in HTTP/1.0 | 400 |
//! | `chunked` after another coding | ours: 501 (RFC 9112, 6.1) |
//! | `chunked` twice | ours: 400 |
//! | a chunk's extension | passed over, up to 16 KiB of them in a body |
//! | a chunk whose size is no hexadecimal number or too large, or whose lines end otherwise than with CR LF | the application's body ends with an error; closed |
//! | trailers | never among the headers; as limited as a head |
//! | HTTP/0.9, any version but 1.0 and 1.1 | 400 |
//! | HTTP/1.0 | taken; closed unless it asks for `keep-alive` |
//! | the preface of HTTP/2 | closed without an answer |
//! | `GET http://host/path` | taken: the application goes by its host |
//! | `CONNECT host:443`, `GET host`, `GET *` | ours: 400 |
//! | `OPTIONS *` | taken |
//! | `#` in a target | what follows it is left out |
//! | no `Host`, two, another than allowed | taken: the application answers 400 |
//! | a head of more bytes or lines than the limits | 431; a line that is too long, ours: 414 |
//! | the end of the stream within a head | closed without an answer |

mod activity;
mod config;
mod connection;
mod limits;
mod listen;
mod memory;
mod peers;
mod places;
mod stats;
mod stream;
mod strict;
#[cfg(feature = "testing")]
pub mod testing;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::FutureExt as _;
use http::{Request, Response};
use hyper::server::conn::http1;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::connection::{Connection, PIPELINED_AT_ONCE, Shared, Stage};
use self::limits::HYPER_DEFAULT_MAX_HEADERS;
use self::places::Places;

pub use self::config::{Config, DEFAULT_REQUEST_MEMORY_BYTES, Refusal, SharedBody};
pub use self::limits::Limits;
pub use self::listen::{
    BoundSocket, LISTEN_BACKLOG, MAX_UNSENT_BYTES, StopSignals, bind, bind_all, inherit,
};
pub use self::memory::{Account, MemoryFull, RequestMemory, Share};
pub use self::peers::{PeerAddress, Trusted};
pub use self::stats::{Cut, Stats};

/// How long the accept loop pauses when the process has no file descriptor or memory left for a
/// connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);

/// hyper's `MINIMUM_MAX_BUFFER_SIZE`: it panics when asked for a smaller buffer.
const HYPER_MIN_BUFFER_BYTES: usize = 8192;

/// How a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ShutdownReport {
    /// Connections that had not ended when [`Limits::shutdown_grace`] was over.
    pub cut: usize,
}

/// Serves `app` until `shutdown` resolves and [`Config::shutdown_delay`] has passed, then closes
/// the listener and the idle connections, finishes the requests in flight for as long as the grace
/// lasts and cuts the rest.
///
/// Nothing a client does ends the loop: errors of `accept` are waited out, and a panic of `app`
/// ends the connection it happened on. A `Router` is best passed as `router.with_state(())`, which
/// readies its routes once rather than at each request.
pub async fn serve<S>(
    listener: TcpListener,
    app: S,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> ShutdownReport
where
    S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let places = Places::new(&config);
    // A `JoinSet` aborts its task when it is dropped, at the end of this function.
    let mut relief = JoinSet::new();
    relief.spawn(Arc::clone(&places).relieve_memory());
    let shared = Arc::new(Shared {
        protocol: http1_protocol(&config.limits),
        places,
        pipelined: Semaphore::new(PIPELINED_AT_ONCE),
        config,
    });
    let (stage, _) = watch::channel(Stage::Serving);
    let stop = async {
        shutdown.await;
        shared.config.stats.set_stopping();
        sleep(shared.config.shutdown_delay).await;
    };
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept(&listener, &shared) => accepted,
        };
        match accepted {
            Ok(Some(connection)) => {
                tokio::spawn(connection.run(app.clone(), stage.subscribe()));
            }
            Ok(None) => {}
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; pausing");
                if timeout(ACCEPT_PAUSE, &mut stop).await.is_ok() {
                    break;
                }
            }
        }
    }
    for connection in accept_rest(listener, &shared) {
        tokio::spawn(connection.run(app.clone(), stage.subscribe()));
    }
    drain(&stage, shared.config.limits.shutdown_grace).await
}

/// Waits for a connection, then for its place; `None` if its address has too many.
async fn accept(listener: &TcpListener, shared: &Arc<Shared>) -> io::Result<Option<Connection>> {
    let (socket, address) = listener.accept().await?;
    Ok(place(socket, address, shared).await)
}

async fn place(socket: TcpStream, address: SocketAddr, shared: &Arc<Shared>) -> Option<Connection> {
    let stats = &shared.config.stats;
    stats.count_accepted();
    let peer = SocketAddr::new(address.ip().to_canonical(), address.port());
    let Ok(place) = shared.places.take(peer.ip()).await else {
        stats.count_cut(Cut::AddressFull);
        return None;
    };
    Some(Connection {
        socket,
        peer,
        place,
        shared: Arc::clone(shared),
    })
}

/// Closes the listener, and returns the connections that were waiting in the system's queue. Their
/// clients are connected already, and would take a close for a failure.
fn accept_rest(listener: TcpListener, shared: &Arc<Shared>) -> Vec<Connection> {
    let Ok(listener) = listener.into_std() else {
        return Vec::new();
    };
    let waiting = std::iter::from_fn(|| listener.accept().ok());
    let waiting = waiting.take(shared.config.limits.max_connections);
    let connections = waiting.filter_map(|(socket, address)| {
        socket.set_nonblocking(true).ok()?;
        let socket = TcpStream::from_std(socket).ok()?;
        // We are stopping: connections that get no place at once are dropped.
        place(socket, address, shared).now_or_never().flatten()
    });
    connections.collect()
}

/// Waits for the connections to end, then cuts and counts those that have not. Each connection holds a
/// receiver of the stage as long as it lives, so that the receivers are the open connections.
async fn drain(stage: &watch::Sender<Stage>, grace: Duration) -> ShutdownReport {
    stage.send_replace(Stage::Draining);
    if timeout(grace, stage.closed()).await.is_ok() {
        return ShutdownReport { cut: 0 };
    }
    // We do not wait for the cut connections: a handler that blocks its thread would keep the process
    // from ending.
    let cut = stage.receiver_count();
    stage.send_replace(Stage::Cut);
    ShutdownReport { cut }
}

/// Whether an error of `accept` is about the one connection, and not about the listener.
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
        .max_header_size(limits.hyper_head_bytes())
        .max_buf_size(limits.hyper_head_bytes().max(HYPER_MIN_BUFFER_BYTES));
    if limits.max_headers != HYPER_DEFAULT_MAX_HEADERS {
        protocol.max_headers(limits.max_headers);
    }
    protocol
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
