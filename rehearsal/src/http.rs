//! As much of a web server and a client as stand-ins need: one request on each connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context as _;

/// How long reading from a connection may take: a photo is answered when it is ready.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes of a body that are read: more than any request to a stand-in has.
const MAX_BODY_BYTES: u64 = 64 * 1024;

/// A request to a stand-in.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path with its query.
    pub(crate) path: String,
    /// The value of the header `Authorization`.
    pub(crate) authorization: String,
    pub(crate) body: Vec<u8>,
}

/// A stand-in's answer, in JSON.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// A listening server; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers on a free port of loopback, one request after the other.
    pub(crate) fn start(
        answer: impl Fn(&Request) -> Reply + Send + 'static,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("listen")?;
        let port = listener.local_addr()?.port();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                // An error means that the client is gone.
                let _ = stream.and_then(|stream| serve(stream, &answer));
            }
        });
        Ok(Self {
            port,
            is_over,
            thread: Some(thread),
        })
    }

    /// Its port on loopback.
    #[cfg(test)]
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // The connection wakes the thread, which then sees the flag.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, answer: impl Fn(&Request) -> Reply) -> std::io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    let request = read(&stream)?;
    let Reply { status, body } = answer(&request);
    write!(
        stream,
        "HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

fn read(stream: &TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut request = Request {
        method: words.next().unwrap_or_default(),
        path: words.next().unwrap_or_default(),
        ..Request::default()
    };
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        match &*name.to_ascii_lowercase() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" => value.trim().clone_into(&mut request.authorization),
            _ => {}
        }
    }
    let length = MAX_BODY_BYTES.min(length);
    reader.take(length).read_to_end(&mut request.body)?;
    Ok(request)
}

/// The answer to a request of the rehearsal.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Response {
    /// The value of a header; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers(name).next().unwrap_or_default()
    }

    /// The values of all headers of this name.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(':'));
        let headers = headers.filter(move |(found, _)| found.eq_ignore_ascii_case(name));
        headers.map(|(_, value)| value.trim())
    }
}

/// Requests a page from a server on loopback.
pub(crate) fn get(port: u16, path: &str) -> anyhow::Result<Response> {
    let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    send(port, head)
}

/// Sends a request that closes its connection, and reads the whole answer.
pub(crate) fn send(port: u16, request: impl AsRef<[u8]>) -> anyhow::Result<Response> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(request.as_ref())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("the answer has no end of its head")?;
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    Ok(Response {
        status: status.parse().context("the answer has no status")?,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_and_answered() {
        let server = Server::start(|request| Reply {
            status: 201,
            body: format!("{} {}", request.method, request.path),
        })
        .unwrap();
        let answered = get(server.port, "/v1/services?limit=1").unwrap();
        assert_eq!(answered.status, 201);
        assert_eq!(answered.header("content-type"), "application/json");
        assert_eq!(answered.body, "GET /v1/services?limit=1");
    }
}
