//! Requests that are not quite requests, at random but the same in each run.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use crate::random::Random;

const THREADS: u64 = 4;
const TIMEOUT: Duration = Duration::from_millis(500);

/// The requests that are mutated.
const REQUESTS: [&str; 10] = [
    "GET /lettings/?page=2 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip, br\r\n\r\n",
    "GET /profiles/HeadlinesGazer/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: fr\r\n\r\n",
    "HEAD /static/site.css HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-9, 20-\r\n\r\n",
    "GET /admin/lettings/letting/?q=a&o=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=abcdefgh\r\n\r\n",
    "POST /i18n/setlang/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 18\r\n\r\nlanguage=fr&next=/",
    "POST /lettings/1/enquiry/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 84\r\n\r\nname=a&email=a%40example.com&from=2031-03-07&to=2031-03-14&adults=1&stamp=x&message=",
    "POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken=abcdefghijklmnopqrstuvwxyzABCDEF\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 62\r\n\r\ncsrfmiddlewaretoken=abcdefghijklmnopqrstuvwxyzABCDEF&username=",
    "POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nuser\r\n0\r\n\r\n",
    "GET http://127.0.0.1/sitemap.xml HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.1, 10.0.0.1\r\n\r\n",
];

/// The pieces that are inserted.
const PIECES: [&str; 12] = [
    "\0",
    "\r\n",
    "\n",
    " ",
    "%00",
    "%ff",
    "\u{fdfa}",
    "../",
    "'",
    "Content-Length: 9999999\r\n",
    ": ",
    "99999999999999999999",
];

/// Sends this many mutated requests, and returns a line about the answers.
pub(super) fn run(address: SocketAddr, number: u64, is_over: &AtomicBool) -> String {
    let [answered, failed, silent] = [const { AtomicU64::new(0) }; 3];
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (answered, failed, silent) = (&answered, &failed, &silent);
            scope.spawn(move || {
                let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (thread + 1));
                for _ in 0..number / THREADS {
                    if is_over.load(Relaxed) {
                        return;
                    }
                    let counter = match send(address, &mutate(&mut random)) {
                        Some(501 | 503) => answered,
                        Some(500..) => failed,
                        Some(_) => answered,
                        None => silent,
                    };
                    counter.fetch_add(1, Relaxed);
                }
            });
        }
    });
    let [answered, failed, silent] = [answered, failed, silent].map(AtomicU64::into_inner);
    format!("{answered} requests answered, {silent} without an answer, {failed} failed")
}

fn mutate(random: &mut Random) -> Vec<u8> {
    let mut request = REQUESTS[random.index(REQUESTS.len())].as_bytes().to_vec();
    for _ in 0..=random.index(4) {
        let at = random.index(request.len());
        match random.index(4) {
            0 => request.truncate(at.max(1)),
            1 => drop(request.drain(at..(at + random.index(9)).min(request.len()))),
            2 => request[at] = u8::try_from(random.index(256)).unwrap_or_default(),
            _ => {
                let piece = PIECES[random.index(PIECES.len())].bytes();
                drop(request.splice(at..at, piece));
            }
        }
        if request.is_empty() {
            request.push(b'G');
        }
    }
    request
}

/// The status of the answer, if there is one.
fn send(address: SocketAddr, request: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).ok()?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.write_all(request).ok()?;
    stream.shutdown(Shutdown::Write).ok()?;
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).ok()?;
    std::str::from_utf8(&begin[9..]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_sends_the_same() {
        let first: Vec<_> = (0..100).map(|_| mutate(&mut Random(7))).collect();
        let mut random = Random(7);
        assert_eq!(first[0], mutate(&mut random));
        assert_ne!(first[0], mutate(&mut random));
        assert!((0..10_000).all(|_| !mutate(&mut random).is_empty()));
    }
}
