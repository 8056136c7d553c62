//! How the server stops.

use server::testing::{Client, LONG, PATIENCE, ROOMY, SHORT, TestServer};
use server::{Config, Limits, ShutdownReport};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

#[tokio::test]
async fn a_stopping_server_finishes_what_it_has_begun_and_takes_nothing_new() {
    let server = TestServer::start(Limits {
        shutdown_silence: SHORT,
        ..ROOMY
    });
    let mut silent = server.connect().await;
    let mut idle = server.connect().await;
    assert_eq!(idle.get("/").await.body, "home");
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.gate.entered.notified().await;

    server.stop.send(()).unwrap();

    assert_eq!(idle.read_to_end().await, b"");
    assert_eq!(silent.read_to_end().await, b"");
    assert!(TcpStream::connect(server.address).await.is_err());
    assert!(!server.task.is_finished());

    server.gate.open.notify_one();
    let answer = busy.answer().await;
    assert_eq!((answer.status(), answer.body.as_str()), ("200", "waited"));
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(busy.read_to_end().await, b"");
    let report = timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert_eq!(report, ShutdownReport { cut: 0 });
}

#[tokio::test]
async fn what_outlasts_the_grace_is_cut_and_counted() {
    let server = TestServer::start(Limits {
        shutdown_grace: SHORT,
        ..ROOMY
    });
    let mut first = server.connect().await;
    first.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.gate.entered.notified().await;
    let mut second = server.connect().await;
    second.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.gate.entered.notified().await;

    server.stop.send(()).unwrap();

    let report = timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert_eq!(report, ShutdownReport { cut: 2 });
    assert_eq!(first.read_to_end().await, b"");
    assert_eq!(second.read_to_end().await, b"");
}

#[tokio::test]
async fn a_server_without_connections_stops_at_once() {
    let server = TestServer::start(ROOMY);

    server.stop.send(()).unwrap();

    let report = timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert_eq!(report, ShutdownReport { cut: 0 });
}

#[tokio::test]
async fn a_server_at_its_connection_limit_stops_too() {
    let server = TestServer::start(Limits {
        max_connections: 1,
        ..ROOMY
    });
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await.body, "home");

    server.stop.send(()).unwrap();

    assert_eq!(client.read_to_end().await, b"");
    let report = timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert_eq!(report, ShutdownReport { cut: 0 });
}

/// To be closed without an answer would be a failure for a client that has just connected.
#[tokio::test]
async fn a_connection_that_was_accepted_gets_its_first_answer() {
    let server = TestServer::start(ROOMY);
    let mut begun = server.connect().await;
    begun.send("GET / HTTP/1.1\r\nHo").await;
    let mut silent = server.connect().await;
    let mut idle = server.connect().await;
    assert_eq!(idle.get("/").await.body, "home");

    server.stop.send(()).unwrap();
    assert_eq!(idle.read_to_end().await, b"");

    begun.send("st: x\r\n\r\n").await;
    silent.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n").await;
    for (client, body) in [(&mut begun, "home"), (&mut silent, "other")] {
        let answer = client.answer().await;
        assert_eq!(answer.body, body);
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(client.read_to_end().await, b"");
    }
    let report = timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert_eq!(report, ShutdownReport { cut: 0 });
}

#[tokio::test]
async fn a_request_that_begins_on_a_kept_connection_is_answered_too() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await.body, "home");
    client.send("GET /other HTTP/1.1\r\nHo").await;
    // The half of a head has been read when what came after it has.
    assert_eq!(server.connect().await.get("/").await.body, "home");

    server.stop.send(()).unwrap();
    client.send("st: x\r\n\r\n").await;

    let answer = client.answer().await;
    assert_eq!(answer.body, "other");
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(client.read_to_end().await, b"");
}

/// For as long as the delay lasts, whoever sends clients here may still do so.
#[tokio::test]
async fn during_the_delay_new_connections_are_served_and_each_answer_is_the_last() {
    let server = TestServer::start_with(Config {
        shutdown_delay: LONG,
        ..Config::new(ROOMY)
    });
    let mut kept = server.connect().await;
    assert_eq!(kept.get("/").await.header("connection"), None);
    assert!(!server.stats.is_stopping());

    server.stop.send(()).unwrap();
    while !server.stats.is_stopping() {
        tokio::task::yield_now().await;
    }

    // A connection that was kept is not closed at once, but with its next answer.
    for mut client in [Client::connect(server.address).await, kept] {
        let answer = client.get("/other").await;
        assert_eq!(answer.body, "other");
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(client.read_to_end().await, b"");
    }
    assert!(!server.task.is_finished());
}

#[tokio::test]
async fn when_the_delay_is_over_the_server_stops() {
    let server = TestServer::start_with(Config {
        shutdown_delay: SHORT,
        ..Config::new(ROOMY)
    });
    let mut idle = server.connect().await;
    assert_eq!(idle.get("/").await.body, "home");
    let asked = Instant::now();
    server.stop.send(()).unwrap();

    assert_eq!(idle.read_to_end().await, b"");
    assert!(asked.elapsed() >= SHORT, "{:?}", asked.elapsed());
    assert!(TcpStream::connect(server.address).await.is_err());
    let report = timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert_eq!(report, ShutdownReport { cut: 0 });
}

/// Nobody accepts while the only thread of this test holds on, so all of them wait in the queue.
#[tokio::test]
async fn connections_in_the_systems_queue_are_served_before_the_end() {
    let server = TestServer::start(ROOMY);
    assert_eq!(server.connect().await.get("/").await.body, "home");

    let sockets: Vec<_> = (0..20)
        .map(|_| std::net::TcpStream::connect(server.address).unwrap())
        .collect();
    server.stop.send(()).unwrap();

    for socket in sockets {
        socket.set_nonblocking(true).unwrap();
        let mut client = Client::of(TcpStream::from_std(socket).unwrap());
        let answer = client.get("/").await;
        assert_eq!(answer.body, "home");
        assert_eq!(answer.header("connection"), Some("close"));
    }
    let report = timeout(PATIENCE, server.task).await.unwrap().unwrap();
    assert_eq!(report, ShutdownReport { cut: 0 });
}
