//! Many slow connections at once, which keep the server busy; all from one thread.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// The time between two rounds through all connections.
const TICK: Duration = Duration::from_millis(100);
/// The time between two pieces that a connection sends slowly.
const PIECE_INTERVAL: Duration = Duration::from_secs(2);
/// The most connections that are opened in one tick: 2,000 a second. An attacker on the same
/// machine has to leave the server some time.
const MAX_OPENED: usize = 200;
const CONNECT_TIMEOUT: Duration = Duration::from_millis(200);

/// How each connection of a crowd behaves.
#[derive(Clone, Copy)]
pub(super) struct ConnectionBehaviour {
    pub(super) connections: usize,
    /// What a connection sends first, as fast as it can, by the connection's number.
    pub(super) opening: fn(usize) -> Vec<u8>,
    /// What it sends then, every two seconds.
    pub(super) pieces: &'static [u8],
    pub(super) reading: Reading,
}

impl ConnectionBehaviour {
    /// Connections that send the opening, then nothing, and read as fast as they can.
    pub(super) const fn new(connections: usize, opening: fn(usize) -> Vec<u8>) -> Self {
        Self {
            connections,
            opening,
            pieces: b"",
            reading: Reading::Quick,
        }
    }
}

/// How a connection reads the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// At once.
    Quick,
    /// A few bytes in each tick.
    Slow,
}

/// What happened to the connections of a crowd.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct CrowdCounts {
    opened: u64,
    closed_by_server: u64,
    refused: u64,
    most_at_once: usize,
    sent_bytes: u64,
}

impl CrowdCounts {
    pub(super) fn summary(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a size to be shown")]
        let sent_mb = self.sent_bytes as f64 / 1e6;
        format!(
            "{} connections opened, at most {} at once, {} closed by the server, {} not made; \
             {sent_mb:.1} MB sent",
            self.opened, self.most_at_once, self.closed_by_server, self.refused
        )
    }
}

struct Connection {
    stream: TcpStream,
    opening: Vec<u8>,
    sent: usize,
    next_piece: Instant,
}

/// Keeps the connections open until `is_over`. One that the server has closed is replaced.
pub(super) fn run(
    behaviour: ConnectionBehaviour,
    address: SocketAddr,
    is_over: &AtomicBool,
) -> CrowdCounts {
    let mut counts = CrowdCounts::default();
    let mut places: Vec<Option<Connection>> = Vec::new();
    places.resize_with(behaviour.connections, || None);
    while !is_over.load(Relaxed) {
        let began = Instant::now();
        let mut opened = 0;
        for (number, place) in places.iter_mut().enumerate() {
            if place.is_none() && opened < MAX_OPENED && began.elapsed() < TICK {
                opened += 1;
                *place = open(behaviour, number, address, &mut counts);
            }
            if let Some(connection) = place
                && !connection.go_on(behaviour, &mut counts)
            {
                counts.closed_by_server += 1;
                *place = None;
            }
        }
        let open = places.iter().flatten().count();
        counts.most_at_once = counts.most_at_once.max(open);
        thread::sleep(TICK.saturating_sub(began.elapsed()));
    }
    counts
}

fn open(
    behaviour: ConnectionBehaviour,
    number: usize,
    address: SocketAddr,
    counts: &mut CrowdCounts,
) -> Option<Connection> {
    let stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)
        .and_then(|stream| stream.set_nonblocking(true).map(|()| stream));
    let Ok(stream) = stream else {
        counts.refused += 1;
        return None;
    };
    counts.opened += 1;
    Some(Connection {
        stream,
        opening: (behaviour.opening)(number),
        sent: 0,
        next_piece: Instant::now() + PIECE_INTERVAL,
    })
}

impl Connection {
    /// Sends and reads what is possible without blocking. False if the server has closed the
    /// connection.
    fn go_on(&mut self, behaviour: ConnectionBehaviour, counts: &mut CrowdCounts) -> bool {
        while self.sent < self.opening.len() {
            match self.stream.write(&self.opening[self.sent..]) {
                Ok(bytes) => {
                    self.sent += bytes;
                    counts.sent_bytes += bytes as u64;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return false,
            }
        }
        let is_open = self.sent == self.opening.len();
        if is_open && !behaviour.pieces.is_empty() && self.next_piece <= Instant::now() {
            self.next_piece += PIECE_INTERVAL;
            match self.stream.write(behaviour.pieces) {
                Ok(bytes) => counts.sent_bytes += bytes as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return false,
            }
        }
        self.read(behaviour.reading)
    }

    fn read(&mut self, reading: Reading) -> bool {
        let mut few = [0; 16];
        let mut many = [0; 8 * 1024];
        let buffer = match reading {
            Reading::Slow => &mut few[..],
            Reading::Quick => &mut many[..],
        };
        match self.stream.read(buffer) {
            Ok(0) => false,
            Ok(_) => true,
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}
