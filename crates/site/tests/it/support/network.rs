//! A proxy to a server, which a test can cut, or let go silent.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the proxy does with bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Traffic {
    Open,
    /// Nothing arrives, and nobody is told.
    Silent,
}

/// What becomes of the beginning of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Startup {
    AsItIs,
    WithoutOptions,
}

/// Forwards connections on loopback to a server.
pub(crate) struct TestProxy {
    pub(crate) address: SocketAddr,
    state: watch::Sender<Traffic>,
    _task: JoinSet<()>,
}

impl TestProxy {
    /// To a server's address, `host:port`.
    pub(crate) async fn to(server: &str) -> Self {
        Self::start(server, Startup::AsItIs).await
    }

    /// To a PostgreSQL, without what a session is opened with.
    pub(crate) async fn without_options(server: &str) -> Self {
        Self::start(server, Startup::WithoutOptions).await
    }

    async fn start(server: &str, startup: Startup) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, seen) = watch::channel(Traffic::Open);
        let server = server.to_owned();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let (server, seen) = (server.clone(), seen.clone());
                connections.spawn(async move {
                    let first = match startup {
                        Startup::AsItIs => Vec::new(),
                        Startup::WithoutOptions => read_startup(&mut client).await,
                    };
                    forward(client, &first, server, seen).await;
                });
            }
        });
        Self {
            address,
            state,
            _task: task,
        }
    }

    /// From now on nothing arrives: connections stay open, and lead nowhere for good. New ones
    /// are accepted, and never answered.
    pub(crate) fn fall_silent(&self) {
        self.state.send_replace(Traffic::Silent);
    }

    /// New connections lead to the server again. Those that fell silent stay so.
    pub(crate) fn open(&self) {
        self.state.send_replace(Traffic::Open);
    }
}

/// Reads PostgreSQL's `StartupMessage`, and leaves the parameter `options` out. TLS is declined.
async fn read_startup(client: &mut TcpStream) -> Vec<u8> {
    loop {
        let length = client.read_u32().await.unwrap();
        let code = client.read_u32().await.unwrap();
        let mut rest = vec![0; usize::try_from(length).unwrap() - 8];
        client.read_exact(&mut rest).await.unwrap();
        if code != STARTUP {
            client.write_all(b"N").await.unwrap();
            continue;
        }
        let fields: Vec<_> = rest.split(|byte| *byte == 0).collect();
        let mut kept = Vec::new();
        for pair in fields
            .chunks_exact(2)
            .filter(|pair| !matches!(pair[0], b"" | b"options"))
        {
            kept.extend([pair[0], b"\0", pair[1], b"\0"].concat());
        }
        kept.push(0);
        let length = u32::try_from(kept.len() + 8).unwrap();
        return [&length.to_be_bytes()[..], &STARTUP.to_be_bytes(), &kept].concat();
    }
}

/// The version of PostgreSQL's protocol, 3.0; in its place stands the wish for encryption.
const STARTUP: u32 = 3 << 16;

async fn forward(
    mut client: TcpStream,
    first: &[u8],
    server: String,
    mut state: watch::Receiver<Traffic>,
) {
    if *state.borrow_and_update() == Traffic::Open {
        let mut server = TcpStream::connect(server).await.unwrap();
        server.write_all(first).await.unwrap();
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            _ = state.changed() => {}
        }
        // Held, so that neither side learns of it.
        std::future::pending::<()>().await;
        drop((client, server));
    } else {
        std::future::pending::<()>().await;
        drop(client);
    }
}
