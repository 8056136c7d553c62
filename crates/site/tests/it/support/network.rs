//! A wire to a server that a test can cut, and let go silent.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the wire does with bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Nothing arrives, and nobody is told.
    Silent,
}

/// Forwards connections on loopback to a server.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    state: watch::Sender<State>,
    _task: JoinSet<()>,
}

impl Wire {
    /// To a server's address, `host:port`.
    pub(crate) async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, seen) = watch::channel(State::Open);
        let server = server.to_owned();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                connections.spawn(forward(client, server.clone(), seen.clone()));
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
        self.state.send_replace(State::Silent);
    }

    /// New connections lead to the server again. Those that fell silent stay so.
    pub(crate) fn open(&self) {
        self.state.send_replace(State::Open);
    }
}

async fn forward(mut client: TcpStream, server: String, mut state: watch::Receiver<State>) {
    if *state.borrow_and_update() == State::Open {
        let mut server = TcpStream::connect(server).await.unwrap();
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
