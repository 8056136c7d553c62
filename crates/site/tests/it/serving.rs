//! The running program: how it stops, and what it refuses before any page is asked.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::support::program::{Server, command};

const DEBUG: (&str, &str) = ("DEBUG", "1");

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks until the server says that it is stopping.
fn await_stopping(server: &Server) {
    let start = Instant::now();
    loop {
        let (status, body) = server.get("/readyz");
        if status == 503 {
            assert_eq!(body, r#"{"status":"unavailable","reason":"stopping"}"#);
            return;
        }
        assert!(start.elapsed() < PATIENCE, "still ready: {body}");
    }
}

#[test]
fn a_server_told_to_stop_says_so_and_serves_on_for_the_delay() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[DEBUG, ("SHUTDOWN_DELAY", "300")]);
    let mut kept = server.connect();
    assert_eq!(server.get("/readyz").0, 200);

    server.signal("TERM");
    await_stopping(&server);

    assert_eq!(server.get("/healthz").0, 200);
    assert_eq!(server.get("/lettings/").0, 200);
    // Its end shows that the answer was the connection's last.
    kept.write_all(b"GET /lettings/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    kept.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");

    let start = Instant::now();
    let (code, log) = server.stop("INT");
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("a second signal: stopped at once"), "{log}");
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn when_the_delay_is_over_the_server_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[DEBUG, ("SHUTDOWN_DELAY", "1")]);
    let start = Instant::now();
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[test]
fn what_the_server_refuses_by_itself_is_one_line_each() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &[DEBUG, ("LOG_FORMAT", "json")]);
    let server = Server::spawn(command.args(["serve", "--bind", "127.0.0.1:0"]));
    let path = "a".repeat(9000);
    let requests = [
        ("nonsense\r\n\r\n".to_owned(), 400),
        (
            format!("GET /{path} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            414,
        ),
        (
            format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(101)),
            431,
        ),
        (
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
                .to_owned(),
            501,
        ),
    ];
    for (request, status) in &requests {
        let answer = server.exchange(request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
    let (_, log) = server.stop("TERM");
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["target"] == "http")
        .collect();
    assert_eq!(lines.len(), requests.len(), "{log}");
    for (line, (_, status)) in lines.iter().zip(&requests) {
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["http.status"], *status);
        assert_eq!(line["client.address"], "127.0.0.1");
        let cause = line["error.cause"].as_str().unwrap();
        assert_eq!(line["message"], format!("refused: {cause}"));
    }
}
