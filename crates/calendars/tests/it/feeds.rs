//! Feeds from a server on this machine, good and bad.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calendars::fetch::{
    Address, AddressError, Config, FetchError, Fetched, Fetcher, Reach, Version,
};
use calendars::read::BYTES_MAX;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A server that answers each request with what a function makes of its path, and keeps the requests.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                    request.push(byte[0]);
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                kept.lock().expect("no panic").push(request);
                answer(&path, &mut stream);
            }
        });
        Self { port, asked }
    }

    fn fetch(&self, path: &str) -> Result<Fetched, FetchError> {
        self.fetch_known(path, &Version::default())
    }

    fn fetch_known(&self, path: &str, known: &Version) -> Result<Fetched, FetchError> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let address = Address::parse(&url, Reach::Loopback)?;
        fetcher(Reach::Loopback, Duration::from_secs(10)).fetch(&address, known)
    }
}

fn fetcher(reach: Reach, time_limit: Duration) -> Fetcher {
    Fetcher::new(Config {
        time_limit,
        reach,
        user_agent: "Bookshop".to_owned(),
    })
}

fn send(stream: &mut TcpStream, head: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // Whoever asked may have left.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn bytes(fetched: Result<Fetched, FetchError>) -> Vec<u8> {
    match fetched.expect("an answer") {
        Fetched::Changed { bytes, .. } => bytes,
        Fetched::Unchanged => panic!("unchanged"),
    }
}

#[test]
fn a_feed_is_asked_again_by_its_marks() {
    let server = Server::start(|_, stream| {
        send(
            stream,
            "200 OK\r\nETag: \"7\"\r\nLast-Modified: Mon, 30 Nov 2026 10:00:00 GMT",
            b"calendar",
        );
    });
    let Ok(Fetched::Changed { bytes, version }) = server.fetch("/x.ics?s=1") else {
        panic!("nothing came");
    };
    assert_eq!(bytes, b"calendar");
    let _ = server.fetch_known("/x.ics?s=1", &version);
    let asked = server.asked.lock().expect("no panic");
    let [first, second] = &asked[..] else {
        panic!("{asked:?}");
    };
    assert!(first.starts_with("GET /x.ics?s=1 HTTP/1.1\r\n"), "{first}");
    let first = first.to_lowercase();
    assert!(first.contains("user-agent: bookshop\r\n"), "{first}");
    assert!(
        first.contains("accept-encoding: gzip\r\n") && !first.contains("if-"),
        "{first}"
    );
    let second = second.to_lowercase();
    assert!(second.contains("if-none-match: \"7\"\r\n"), "{second}");
    assert!(
        second.contains("if-modified-since: mon, 30 nov 2026 10:00:00 gmt\r\n"),
        "{second}"
    );
}

#[test]
fn what_is_unchanged_is_not_sent() {
    let server = Server::start(|_, stream| send(stream, "304 Not Modified", b""));
    let known = Version {
        etag: Some("\"7\"".to_owned()),
        last_modified: None,
    };
    assert_eq!(server.fetch_known("/", &known), Ok(Fetched::Unchanged));
    // To one who has nothing it means nothing.
    assert_eq!(server.fetch("/"), Err(FetchError::Status(304)));
}

#[test]
fn bodies_have_bounds_however_they_are_packed() {
    let bomb = zipped(&vec![0; 20 * BYTES_MAX]);
    let server = Server::start(move |path, stream| match path {
        "/most" => send(stream, "200 OK", &vec![b'x'; BYTES_MAX]),
        "/more" => send(stream, "200 OK", &vec![b'x'; BYTES_MAX + 1]),
        "/ten" => send(stream, "200 OK", &vec![b'x'; 10 * BYTES_MAX]),
        "/zipped" => send(
            stream,
            "200 OK\r\nContent-Encoding: gzip",
            &zipped(b"calendar"),
        ),
        "/bomb" => send(stream, "200 OK\r\nContent-Encoding: gzip", &bomb),
        "/bad-zip" => send(stream, "200 OK\r\nContent-Encoding: gzip", b"calendar"),
        "/brotli" => send(stream, "200 OK\r\nContent-Encoding: br", b"calendar"),
        "/cut" => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nBEGIN");
        }
        "/long-head" => send(
            stream,
            &format!("200 OK\r\nX: {}", "x".repeat(100_000)),
            b"",
        ),
        _ => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while stream
                .write_all(b"400\r\n")
                .and_then(|()| stream.write_all(&[b'x'; 1024]))
                .and_then(|()| stream.write_all(b"\r\n"))
                .is_ok()
            {}
        }
    });
    assert_eq!(bytes(server.fetch("/most")).len(), BYTES_MAX);
    assert_eq!(server.fetch("/more"), Err(FetchError::TooLarge));
    assert_eq!(server.fetch("/ten"), Err(FetchError::TooLarge));
    assert_eq!(server.fetch("/endless"), Err(FetchError::TooLarge));
    assert_eq!(bytes(server.fetch("/zipped")), b"calendar");
    assert_eq!(server.fetch("/bomb"), Err(FetchError::TooLarge));
    assert_eq!(server.fetch("/bad-zip"), Err(FetchError::Broken));
    assert_eq!(server.fetch("/brotli"), Err(FetchError::Broken));
    assert_eq!(server.fetch("/long-head"), Err(FetchError::Broken));
    assert!(server.fetch("/cut").is_err());
}

#[test]
fn who_is_slow_is_left() {
    let server = Server::start(|path, stream| {
        if path == "/drops" {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        }
        // Nothing more comes, and the connection stays open until the other side closes it.
        let _ = stream.read(&mut [0]);
    });
    let fetcher = fetcher(Reach::Loopback, Duration::from_millis(300));
    for path in ["/silent", "/drops"] {
        let url = format!("http://127.0.0.1:{}{path}", server.port);
        let address = Address::parse(&url, Reach::Loopback).expect("an address");
        let begun = Instant::now();
        assert_eq!(
            fetcher.fetch(&address, &Version::default()),
            Err(FetchError::TooSlow),
            "{path}"
        );
        assert!(begun.elapsed() < Duration::from_secs(10), "{path}");
    }
}

#[test]
fn redirects_are_followed_three_times_and_never_to_the_private_network() {
    let server = Server::start(|path, stream| {
        let target = match path.strip_prefix("/steps/") {
            Some("0") => return send(stream, "200 OK", b"calendar"),
            Some(left) => format!("/steps/{}", left.parse::<u32>().expect("a number") - 1),
            None => match path {
                "/private" => "https://192.168.1.1/".to_owned(),
                "/metadata" => "http://169.254.169.254/latest".to_owned(),
                "/file" => "file:///etc/passwd".to_owned(),
                "/plain" => "http://example.com/".to_owned(),
                _ => return send(stream, "302 Found", b""),
            },
        };
        send(stream, &format!("302 Found\r\nLocation: {target}"), b"");
    });
    assert_eq!(bytes(server.fetch("/steps/3")), b"calendar");
    assert_eq!(server.fetch("/steps/4"), Err(FetchError::TooManyRedirects));
    assert_eq!(
        server.fetch("/private"),
        Err(FetchError::Address(AddressError::NotPublic))
    );
    assert_eq!(
        server.fetch("/metadata"),
        Err(FetchError::Address(AddressError::NotHttps))
    );
    assert_eq!(
        server.fetch("/file"),
        Err(FetchError::Address(AddressError::Malformed))
    );
    assert_eq!(
        server.fetch("/plain"),
        Err(FetchError::Address(AddressError::NotHttps))
    );
    assert_eq!(server.fetch("/nowhere"), Err(FetchError::Broken));
}

#[test]
fn names_of_private_machines_are_refused_before_anything_is_sent() {
    let server = Server::start(|_, stream| send(stream, "200 OK", b"secret"));
    let url = format!("https://localhost:{}/", server.port);
    let address = Address::parse(&url, Reach::Public).expect("a name says nothing yet");
    let fetched =
        fetcher(Reach::Public, Duration::from_secs(10)).fetch(&address, &Version::default());
    assert_eq!(fetched, Err(FetchError::NotPublic));
    assert!(server.asked.lock().expect("no panic").is_empty());
}

#[test]
fn refusals_and_silence_are_told_apart() {
    let server = Server::start(|path, stream| match path {
        "/gone" => send(stream, "404 Not Found", b"gone"),
        "/noise" => {
            let _ = stream.write_all(b"\0\0\0\0");
        }
        _ => {}
    });
    assert_eq!(server.fetch("/gone"), Err(FetchError::Status(404)));
    assert_eq!(server.fetch("/noise"), Err(FetchError::Broken));
    assert!(matches!(
        server.fetch("/closed"),
        Err(FetchError::NoAnswer | FetchError::Broken)
    ));
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let closed =
        Address::parse(&format!("http://127.0.0.1:{port}/"), Reach::Loopback).expect("an address");
    let fetched =
        fetcher(Reach::Loopback, Duration::from_secs(10)).fetch(&closed, &Version::default());
    assert_eq!(fetched, Err(FetchError::NoAnswer));
}
