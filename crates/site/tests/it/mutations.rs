//! Thousands of requests that are not quite requests, on real sockets to the real program: none
//! makes it panic, fail or grow.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::support::program::{Server, command, command_of};
use crate::support::variable;

/// Of `make test`; `cargo xtask bench mutations` sends more.
const DEFAULT_NUMBER: u64 = 5_000;
const DEFAULT_SEED: u64 = 1;
const THREADS: u64 = 4;

/// How much more memory the program may take at the end than after the first tenth. What each
/// request leaves behind would be seen: a hundred bytes of each of 100,000 are 10 MB. Another 12 MB are
/// for the strong compression of pages, once: the C library keeps what its encoders have used.
const MAX_GROWTH_KB: u64 = (8 + 12) * 1024;

/// How long the server may take over an answer, or over the end of a connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// What mutations begin with: every route, and every part of HTTP that the server knows.
const REQUESTS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /lettings/ HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, br;q=0.9, *;q=0\r\n\r\n",
    "GET /lettings/1/ HTTP/1.1\r\nHost: localhost:8000\r\nAccept-Language: fr;q=0.8, en\r\n\r\n",
    "GET /lettings/9223372036854775808/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /lettings/?page=1&page=2 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /lettings?a=%C3%A9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "HEAD /profiles/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /profiles/DavWin/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=a; csrftoken=b\r\n\r\n",
    "GET /profiles/J%C3%BCrgen%40example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /static/site.css HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-99, 200-\r\n\r\n",
    "GET /static/site.css HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: W/\"a\", *\r\n\r\n",
    "GET /static/site.css HTTP/1.1\r\nHost: localhost\r\n\
     If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-Range: \"a\"\r\n\r\n",
    "GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /sitemap.xml HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n",
    "GET /healthz HTTP/1.1\r\nHost: any\r\n\r\n",
    "GET /readyz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET http://localhost/lettings/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /lettings/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\
     Content-Type: application/x-www-form-urlencoded\r\n\r\na=b&c=%20%3",
    "POST /nothing/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
     5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n",
    "PUT /lettings/1/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\
     Content-Length: 4\r\n\r\nbody",
    "GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1, [2001:db8::1]:443\r\n\
     X-Request-ID: 0123456789abcdef\r\nUser-Agent: a\r\nReferer: http://localhost/\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n\
     Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "GET /lettings/ HTTP/1.1\r\nHost: localhost\r\n\r\nGET /profiles/ HTTP/1.1\r\n\
     Host: localhost\r\nConnection: close\r\n\r\n",
];

/// What parsers trip over.
const TOKENS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\r\n\r\n",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "%",
    "%00",
    "%2e%2e%2f",
    "%ff",
    "../",
    "//",
    "?",
    "#",
    "*",
    "\"",
    "\u{feff}",
    "\u{202e}",
    "\u{1b}[31m",
    "-1",
    "0",
    "18446744073709551616",
    "ffffffffffffffff",
    "HTTP/1.1",
    "HTTP/2.0",
    "Host: evil\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 99999999999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Connection: close\r\n",
    "Expect: 100-continue\r\n",
    "Range: bytes=-1,0-0,18446744073709551615-\r\n",
    "Accept-Encoding: identity;q=0\r\n",
    "X-Forwarded-For: ,\r\n",
    " folded\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
];

/// The request with this number: always the same of one seed.
fn mutated(seed: u64, number: u64) -> Vec<u8> {
    let mut random = StdRng::seed_from_u64(seed ^ number.rotate_left(32));
    let mut bytes = pick(&mut random, REQUESTS).as_bytes().to_vec();
    // Half of them stay so near to HTTP that they get past its parser.
    let mutate = if random.random() {
        mutate_mildly
    } else {
        mutate_wildly
    };
    for _ in 0..random.random_range(1..=3) {
        mutate(&mut random, &mut bytes);
    }
    bytes
}

fn pick<'a>(random: &mut StdRng, texts: &[&'a str]) -> &'a str {
    texts[random.random_range(0..texts.len())]
}

/// Changes, adds or takes away one character within a word.
fn mutate_mildly(random: &mut StdRng, bytes: &mut Vec<u8>) {
    let position = random.random_range(0..bytes.len());
    if !bytes[position].is_ascii_graphic() {
        return;
    }
    let character = random.random_range(b'!'..=b'~');
    match random.random_range(0..3) {
        0 => bytes[position] = character,
        1 => bytes.insert(position, character),
        _ => drop(bytes.remove(position)),
    }
}

/// Does anything at all.
fn mutate_wildly(random: &mut StdRng, bytes: &mut Vec<u8>) {
    let length = bytes.len();
    let start = random.random_range(0..=length);
    let end = (start + random.random_range(0..=32)).min(length);
    match random.random_range(0..9) {
        0 => {
            if let Some(byte) = bytes.get_mut(start) {
                *byte ^= 1 << random.random_range(0..8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(start) {
                *byte = random.random();
            }
        }
        2 => drop(bytes.drain(start..end)),
        3 => bytes.truncate(start),
        4 => drop(bytes.splice(start..start, bytes[start..end].to_vec())),
        5 => {
            let token = pick(random, TOKENS);
            drop(bytes.splice(start..start, token.bytes()));
        }
        6 => {
            let token = pick(random, TOKENS);
            drop(bytes.splice(start..end, token.bytes()));
        }
        7 => {
            let other = pick(random, REQUESTS).as_bytes();
            let from = random.random_range(0..other.len());
            drop(bytes.splice(start.., other[from..].iter().copied()));
        }
        _ => {
            // Seldom, since it is long: a limit is met.
            let part = bytes[start..end].to_vec();
            let times = random.random_range(1..200_usize).pow(2) / 16;
            drop(bytes.splice(start..start, part.repeat(times)));
        }
    }
}

/// Sends the bytes, and gives all that comes back until the connection's end.
pub(crate) fn exchange(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The server may have closed before it has read all of it.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error} after {:?}", bytes.escape_ascii().to_string()),
    }
    answer
}

/// The statuses in what came back. No page has a text like a status line.
pub(crate) fn statuses(answer: &[u8]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for start in answer.windows(7).enumerate() {
        if let (start, b"HTTP/1.") = start {
            let status = answer.get(start + 9..start + 12);
            let status = status.and_then(|digits| str::from_utf8(digits).ok());
            statuses.extend(status.and_then(|digits| digits.parse::<u16>().ok()));
        }
    }
    statuses
}

/// What came of some requests: how often each status, and 0 for no answer.
type Counts = BTreeMap<u16, u64>;

/// Sends the requests with these numbers, one after the other.
fn send_part(address: &str, seed: u64, numbers: impl Iterator<Item = u64>) -> Counts {
    let mut counts = Counts::new();
    for number in numbers {
        let bytes = mutated(seed, number);
        let statuses = statuses(&exchange(address, &bytes));
        for &status in &statuses {
            assert!(
                status < 500 || status == 501,
                "{status} to number {number} of seed {seed}: {:?}",
                bytes.escape_ascii().to_string()
            );
            *counts.entry(status).or_default() += 1;
        }
        if statuses.is_empty() {
            *counts.entry(0).or_default() += 1;
        }
    }
    counts
}

fn send_all(address: &str, seed: u64, from: u64, to: u64) -> Counts {
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..THREADS)
            .map(|part| {
                let numbers = (from..to).filter(move |number| number % THREADS == part);
                scope.spawn(move || send_part(address, seed, numbers))
            })
            .collect();
        let mut all = Counts::new();
        for part in parts {
            for (status, count) in part.join().unwrap() {
                *all.entry(status).or_default() += count;
            }
        }
        all
    })
}

pub(crate) fn memory_kb(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

/// Checks that the log tells of nothing but requests, each line a JSON object that no visitor wrote.
pub(crate) fn assert_harmless(log: &str) {
    for line in log.lines() {
        let parsed = serde_json::from_str::<serde_json::Value>(line);
        let Ok(serde_json::Value::Object(entry)) = parsed else {
            panic!("no JSON object: {line}");
        };
        assert_ne!(entry["level"], "ERROR", "{line}");
        assert!(!line.contains("panicked"), "{line}");
    }
}

#[test]
fn requests_that_are_not_quite_requests_do_no_harm() {
    let number = |name, default| variable(name).map_or(default, |value| value.parse().unwrap());
    let requests = number("MUTATIONS", DEFAULT_NUMBER);
    let seed = number("MUTATIONS_SEED", DEFAULT_SEED);
    println!("{requests} mutated requests of seed {seed}, from {THREADS} threads");

    let folder = tempfile::tempdir().unwrap();
    let settings = [
        (
            "SECRET_KEY",
            "for-tests-alone-0123456789-abcdefghijklmnopqrstuvwxyz",
        ),
        ("ALLOWED_HOSTS", "localhost"),
        ("DEMO_DATA", "1"),
        ("LOG_FORMAT", "json"),
        // What the page cache holds is bounded.
        ("PAGE_CACHE_SIZE", "1MB"),
    ];
    let mut command = match variable("MUTATIONS_PROGRAM") {
        Some(path) => command_of(Path::new(&path), folder.path(), &settings),
        None => command(folder.path(), &settings),
    };
    let server = Server::spawn(command.args(["serve", "--bind", "127.0.0.1:0"]));
    let began = Instant::now();
    let warm_up = requests / 10;
    let mut counts = send_all(&server.address, seed, 0, warm_up);
    let before = memory_kb(&server);
    for (status, count) in send_all(&server.address, seed, warm_up, requests) {
        *counts.entry(status).or_default() += count;
    }
    let after = memory_kb(&server);
    println!(
        "answered in {:.1} s: {counts:?}, 0 is no answer",
        began.elapsed().as_secs_f64()
    );
    println!(
        "VmRSS {before} kB after the first tenth, {after} kB at the end; at most {MAX_GROWTH_KB} kB \
         more are allowed"
    );

    assert_eq!(server.get("/lettings/1/").0, 200);
    // Otherwise the mutations are too wild, or too tame, to try anything.
    for status in [200, 400, 404] {
        assert!(counts[&status] > requests / 50, "{status}: {counts:?}");
    }
    assert!(after <= before + MAX_GROWTH_KB, "{before} kB, {after} kB");
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0));
    assert_harmless(&log);
}
