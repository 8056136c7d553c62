//! Another site on this machine that gives out calendars.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

/// It serves what the test puts there, until the test ends.
#[derive(Clone)]
pub(crate) struct FeedSite {
    port: u16,
    files: Arc<Mutex<Files>>,
}

#[derive(Default)]
struct Files {
    bodies: BTreeMap<String, (u16, String)>,
    asked: Vec<String>,
}

impl FeedSite {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Self {
            port: listener.local_addr().unwrap().port(),
            files: Arc::default(),
        };
        let files = Arc::clone(&site.files);
        thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).to_lowercase();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let mut files = files.lock().unwrap();
                let missing = (404, String::new());
                let (status, body) = files.bodies.get(&path).cloned().unwrap_or(missing);
                files.asked.push(path);
                let etag = format!("\"{}\"", body.len());
                let is_known =
                    status == 200 && head.contains(&format!("if-none-match: {etag}\r\n"));
                let (status, body) = if is_known {
                    (304, String::new())
                } else {
                    (status, body)
                };
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nETag: {etag}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        site
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Puts a calendar with these stays, each a UID, an arrival and a departure.
    pub(crate) fn put_stays(&self, path: &str, stays: &[(&str, &str, &str)]) {
        let events = stays.iter().map(|(uid, arrival, departure)| {
            format!(
                "BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:Reserved - Marguerite\r\nDTSTART;VALUE=DATE:{}\r\n\
                 DTEND;VALUE=DATE:{}\r\nEND:VEVENT\r\n",
                arrival.replace('-', ""),
                departure.replace('-', "")
            )
        });
        let events: String = events.collect();
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n");
        self.put(path, 200, &text);
    }

    pub(crate) fn put(&self, path: &str, status: u16, body: &str) {
        let mut files = self.files.lock().unwrap();
        files
            .bodies
            .insert(path.to_owned(), (status, body.to_owned()));
    }

    /// The paths that were asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.files.lock().unwrap().asked)
    }
}
