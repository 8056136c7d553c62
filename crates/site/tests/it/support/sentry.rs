//! A receiver of reports on this machine, as Sentry is one: it reads envelopes and keeps their
//! items. It is judged by what it can read back.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// What the receiver does with what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Accepts,
    /// Answers 429 and asks for an hour's pause.
    RateLimits,
    Fails,
    /// Reads and never answers.
    Hangs,
}

pub(crate) struct Sentry {
    pub(crate) dsn: String,
    received: Arc<Mutex<ReceivedReports>>,
    behaviour: Arc<Mutex<Behaviour>>,
    _alive: Receiver<()>,
}

#[derive(Default)]
struct ReceivedReports {
    /// Everything as it came, headers included.
    raw: String,
    items: Vec<(String, Value)>,
    connections: usize,
}

impl Sentry {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<ReceivedReports>>::default();
        let behaviour = Arc::new(Mutex::new(behaviour));
        // Closed when the receiver is dropped: what hangs ends then.
        let (alive, is_alive) = channel::<()>();
        let (to, how) = (Arc::clone(&received), Arc::clone(&behaviour));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                to.lock().unwrap().connections += 1;
                let (to, how, alive) = (Arc::clone(&to), Arc::clone(&how), alive.clone());
                std::thread::spawn(move || {
                    let _alive = alive;
                    serve(stream, &to, &how);
                });
            }
        });
        Self {
            dsn: format!("http://sentry-public-key@{address}/42"),
            received,
            behaviour,
            _alive: is_alive,
        }
    }

    pub(crate) fn set_behaviour(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// The events so far.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.items("event")
    }

    /// The items of a kind so far.
    pub(crate) fn items(&self, kind: &str) -> Vec<Value> {
        let received = self.received.lock().unwrap();
        let of_kind = received.items.iter().filter(|(found, _)| found == kind);
        of_kind.map(|(_, item)| item.clone()).collect()
    }

    /// Everything that was sent.
    pub(crate) fn raw(&self) -> String {
        self.received.lock().unwrap().raw.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.received.lock().unwrap().connections
    }
}

/// Answers the requests of one connection.
fn serve(stream: TcpStream, received: &Mutex<ReceivedReports>, behaviour: &Mutex<Behaviour>) {
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = read_request(&mut reader) {
        let behaviour = *behaviour.lock().unwrap();
        if behaviour == Behaviour::Accepts {
            let mut received = received.lock().unwrap();
            received.raw += &head;
            received.raw += &body;
            received.items.extend(items(&body));
        }
        let answer = match behaviour {
            Behaviour::Accepts => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            Behaviour::RateLimits => {
                "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
            }
            Behaviour::Fails => "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
            Behaviour::Hangs => {
                // Until the client gives up.
                let _ = reader.read(&mut [0]);
                return;
            }
        };
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    assert!(
        head.starts_with("POST /api/42/envelope/ HTTP/1.1"),
        "{head}"
    );
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse()
            .ok()
    });
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).unwrap()))
}

/// The items of an envelope: its own line first, then a head with the length and the item.
fn items(envelope: &str) -> Vec<(String, Value)> {
    let (_, mut rest) = envelope.split_once('\n').unwrap();
    let mut items = Vec::new();
    while let Some((head, after)) = rest.split_once('\n') {
        let head: Value = serde_json::from_str(head).unwrap();
        let length = usize::try_from(head["length"].as_u64().unwrap()).unwrap();
        let item = serde_json::from_str(&after[..length]).unwrap();
        items.push((head["type"].as_str().unwrap().to_owned(), item));
        rest = after[length..].trim_start_matches('\n');
    }
    items
}
