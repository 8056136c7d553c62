//! The server on the wire, for the tests of this crate and of those that stand on it: a small
//! application behind a loopback socket, and a client that speaks bytes. The feature `testing`,
//! which no program is built with.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "the harness is test code too, but stands outside of the test functions"
)]

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::{Config, Limits, PeerAddress, SharedBody, ShutdownReport, Stats, bind, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, State};
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A limit that tests wait for.
pub const SHORT: Duration = Duration::from_millis(100);

/// A limit that no test reaches.
pub const LONG: Duration = Duration::from_mins(1);

/// The limits of a test that crosses none.
pub const ROOMY: Limits = Limits {
    header_read_timeout: LONG,
    idle_timeout: LONG,
    write_stall_timeout: LONG,
    linger_timeout: LONG,
    shutdown_grace: LONG,
    shutdown_silence: LONG,
    ..Limits::production()
};

/// A handler that says when it has begun and waits until it may end.
#[derive(Debug, Default)]
pub struct Gate {
    /// The handler has begun.
    pub entered: Notify,
    /// It may end.
    pub open: Notify,
}

/// An application with a handler for each thing that tests look at.
pub fn app(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/", get(|| async { "home" }))
        .route("/other", get(|| async { "other" }))
        .route("/peer", get(show_peer))
        .route("/echo", post(|body: Bytes| async { body }))
        .route("/ignore", post(|| async { "ignored" }))
        .route("/panic", get(panic_on_purpose))
        .route("/wait", get(wait_at_gate))
        .with_state(gate)
}

async fn show_peer(Extension(PeerAddress(peer)): Extension<PeerAddress>) -> String {
    peer.to_string()
}

async fn wait_at_gate(State(gate): State<Arc<Gate>>) -> &'static str {
    gate.entered.notify_one();
    gate.open.notified().await;
    "waited"
}

async fn panic_on_purpose() -> &'static str {
    panic!("on purpose")
}

/// A server on a loopback port of its own.
#[derive(Debug)]
pub struct TestServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// That of its handler `/wait`.
    pub gate: Arc<Gate>,
    /// Where it counts.
    pub stats: Arc<Stats>,
    /// Asks it to stop.
    pub stop: oneshot::Sender<()>,
    /// Ends with it.
    pub task: JoinHandle<ShutdownReport>,
}

impl TestServer {
    /// [`app`] with these limits.
    pub fn start(limits: Limits) -> Self {
        Self::start_with(Config::new(limits))
    }

    /// [`app`], configured so.
    pub fn start_with(config: Config) -> Self {
        let gate = Arc::<Gate>::default();
        Self::start_app(app(Arc::clone(&gate)), gate, config)
    }

    /// Any application; `gate` is for whoever waits at it.
    pub fn start_app(app: Router, gate: Arc<Gate>, config: Config) -> Self {
        let stats = Arc::clone(&config.stats);
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = listener.listen().unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            // A test that drops its server without stopping it lets it run to the end of the
            // runtime.
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let task = tokio::spawn(serve(listener, app, config, shutdown));
        Self {
            address,
            gate,
            stats,
            stop,
            task,
        }
    }

    /// A new connection.
    pub async fn connect(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Lets `header_read_timeout` pass, seen from outside.
    pub async fn outwait_header_timeout(&self) {
        assert_eq!(self.connect().await.read_to_end().await, b"");
    }
}

/// A connection to the server.
#[derive(Debug)]
pub struct Client {
    /// Its socket.
    pub socket: TcpStream,
    /// What has arrived and was not read yet.
    pub received: Vec<u8>,
}

/// A complete answer.
#[derive(Debug)]
pub struct Answer {
    /// Status and headers, with the empty line.
    pub head: String,
    /// All of it.
    pub body: String,
}

impl Answer {
    /// The three digits.
    pub fn status(&self) -> &str {
        &self.head[9..12]
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Client {
    /// A new one.
    pub async fn connect(address: SocketAddr) -> Self {
        let socket = timeout(PATIENCE, TcpStream::connect(address))
            .await
            .unwrap()
            .unwrap();
        Self::of(socket)
    }

    /// One that is there already.
    pub fn of(socket: TcpStream) -> Self {
        Self {
            socket,
            received: Vec::new(),
        }
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, text: &str) {
        timeout(PATIENCE, self.socket.write_all(text.as_bytes()))
            .await
            .unwrap()
            .unwrap();
    }

    /// Asks for a page and reads its answer.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        self.answer().await
    }

    /// Reads an answer with a length.
    #[track_caller]
    pub fn answer(&mut self) -> impl Future<Output = Answer> {
        let caller = std::panic::Location::caller();
        async move {
            let head = self.head().await;
            let mut answer = Answer {
                head,
                body: String::new(),
            };
            let length = answer
                .header("content-length")
                .map_or(0, |length| length.parse().unwrap());
            while self.received.len() < length {
                assert!(
                    self.receive().await,
                    "the body ended early, at {caller}: {answer:?}"
                );
            }
            answer.body = String::from_utf8(self.received.drain(..length).collect()).unwrap();
            answer
        }
    }

    /// Reads up to the end of a head.
    pub async fn head(&mut self) -> String {
        loop {
            if let Some(end) = self
                .received
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n")
            {
                return String::from_utf8(self.received.drain(..end + 4).collect()).unwrap();
            }
            assert!(
                self.receive().await,
                "no head: {:?}",
                String::from_utf8_lossy(&self.received)
            );
        }
    }

    /// Reads up to the connection's end, however it is closed.
    pub async fn read_to_end(&mut self) -> Vec<u8> {
        while self.receive().await {}
        std::mem::take(&mut self.received)
    }

    /// Whether the server has nothing to say, and does not close either, for as long as a short
    /// limit.
    pub async fn is_left_waiting(&mut self) -> bool {
        timeout(SHORT, self.receive()).await.is_err()
    }

    /// Reads more; false at the end.
    pub async fn receive(&mut self) -> bool {
        let read = timeout(PATIENCE, self.socket.read_buf(&mut self.received)).await;
        match read.expect("nothing came, and no end either") {
            Ok(read_bytes) => read_bytes > 0,
            // The system resets a connection that is closed over unread bytes.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("{error}"),
        }
    }
}

/// An application with one page, whose body's end of life can be awaited.
pub fn app_of_one_large_page(size_bytes: usize) -> (Router, Arc<Notify>) {
    let dropped = Arc::new(Notify::new());
    let at_drop = Arc::clone(&dropped);
    let page = move || async move {
        let page = Bytes::from_owner(LargePage {
            bytes: vec![b'x'; size_bytes],
            dropped: at_drop,
        });
        (Extension(SharedBody), Body::from(page))
    };
    (Router::new().route("/", get(page)), dropped)
}

struct LargePage {
    bytes: Vec<u8>,
    dropped: Arc<Notify>,
}

impl AsRef<[u8]> for LargePage {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for LargePage {
    fn drop(&mut self) {
        self.dropped.notify_one();
    }
}
