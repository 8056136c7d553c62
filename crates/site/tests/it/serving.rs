//! The running program: how it stops, and what is handed over to it; what it refuses before any
//! page is asked.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::program::{Server, command, keep_profile};

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

/// A request that is under way when the signals come is answered.
#[test]
fn signals_for_other_servers_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[DEBUG]);
    let mut asking = server.connect();
    asking.write_all(b"GET /lettings/ HTTP/1.0\r\n").unwrap();
    for name in ["USR1", "USR2", "TTIN", "TTOU"] {
        server.signal(name);
        server.await_logged(&format!("SIG{name} changes nothing here"));
    }
    asking.write_all(b"Host: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    asking.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    // As a supervisor asks for the end that should not.
    let (code, log) = server.stop("QUIT");
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn a_hangup_has_the_log_level_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let dotenv = folder.path().join(".env");
    let server = Server::start(folder.path(), &[DEBUG]);
    std::fs::write(&dotenv, "LOG_LEVEL=debug\nPORT=1\n").unwrap();
    server.signal("HUP");
    server.await_logged("LOG_LEVEL is DEBUG");
    // Which is logged at that level alone; asked by `await_logged`.
    server.await_logged("GET /healthz");
    std::fs::write(&dotenv, "LOG_LEVEL=loud\n").unwrap();
    server.signal("HUP");
    server.await_logged("nothing was changed");
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("LOG_LEVEL must be one of"), "{log}");
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

/// Nothing that connects is ever refused: the socket is the test's.
#[test]
fn a_socket_is_handed_from_one_process_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();

    let mut old = Server::inherit(folder.path(), &listener, "$$");
    assert_eq!(old.address, address);
    assert!(old.seen.contains("--bind and PORT do not count"));
    for _ in 0..3 {
        let new = Server::inherit(folder.path(), &listener, "$$");
        assert_eq!(new.address, address);
        let (code, log) = old.stop("TERM");
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(new.get("/readyz").0, 200);
        old = new;
    }
}

#[test]
fn a_socket_for_another_process_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for pid in ["1", "''"] {
        let server = Server::inherit(folder.path(), &listener, pid);
        let handed = listener.local_addr().unwrap().to_string();
        assert_ne!(server.address, handed);
        assert_eq!(server.get("/readyz").0, 200);
    }
}

#[test]
fn what_is_handed_over_has_to_be_one_listening_socket() {
    let folder = tempfile::tempdir().unwrap();
    for (sockets, complaint) in [
        ("1", "error: LISTEN_FDS: fd 3 is not a socket"),
        ("2", "error: LISTEN_FDS: 2 sockets were handed over"),
    ] {
        let program = env!("CARGO_BIN_EXE_oc-lettings");
        let script = format!("LISTEN_FDS={sockets} LISTEN_PID=$$ exec {program} serve 3</dev/null");
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .env_clear()
            .env("DEBUG", "1")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(complaint), "{told}");
    }
}

#[test]
fn systemd_is_told_when_the_server_is_ready_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let hear = || {
        let mut bytes = [0; 100];
        let length = systemd.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };

    let server = Server::start(
        folder.path(),
        &[DEBUG, ("NOTIFY_SOCKET", path.to_str().unwrap())],
    );
    assert_eq!(hear(), "READY=1");
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(hear(), "STOPPING=1");
}

#[test]
fn systemd_that_does_not_listen_is_a_line_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nobody");
    let server = Server::start(
        folder.path(),
        &[DEBUG, ("NOTIFY_SOCKET", path.to_str().unwrap())],
    );
    assert_eq!(server.get("/readyz").0, 200);
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("cannot tell systemd READY=1"), "{log}");
}

/// A server under a shell's limit on open files: the soft one, and the one it cannot raise.
fn start_with_open_files(folder: &Path, limits: &str) -> Server {
    let script = format!("{limits}; exec \"$0\" serve --bind 127.0.0.1:0");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_oc-lettings")]);
    shell.current_dir(folder).env_clear().env("DEBUG", "1");
    keep_profile(&mut shell);
    Server::spawn(&mut shell)
}

#[test]
fn more_open_files_are_asked_for_than_most_systems_give() {
    let folder = tempfile::tempdir().unwrap();
    let server = start_with_open_files(folder.path(), "ulimit -S -n 256");
    assert!(!server.seen.contains("open files"), "{}", server.seen);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let open_files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let open_files = open_files.unwrap().split_whitespace().nth(3);
    assert_eq!(open_files, Some("1280"));
}

/// The silent connections would otherwise take all files, and no other could be accepted.
#[test]
fn with_few_open_files_there_are_fewer_connections_and_they_give_way() {
    let folder = tempfile::tempdir().unwrap();
    let server = start_with_open_files(folder.path(), "ulimit -n 128");
    assert!(
        server
            .seen
            .contains("128 open files, so that it serves 64 connections"),
        "{}",
        server.seen
    );
    let start = Instant::now();
    let silent: Vec<_> = (0..200).map(|_| server.connect()).collect();
    assert_eq!(server.get("/lettings/").0, 200);
    assert!(start.elapsed() < PATIENCE);
    let (_, log) = server.stop("TERM");
    assert!(!log.contains("cannot accept"), "{log}");
    drop(silent);
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
    let mut lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["target"] == "http")
        .collect();
    assert_eq!(lines.len(), requests.len(), "{log}");
    // Told when a connection is over, which may be after the next one has begun.
    lines.sort_by_key(|line| line["http.status"].as_u64());
    for (line, (_, status)) in lines.iter().zip(&requests) {
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["http.status"], *status);
        assert_eq!(line["client.address"], "127.0.0.1");
        let cause = line["error.cause"].as_str().unwrap();
        assert_eq!(line["message"], format!("refused: {cause}"));
    }
}
