//! How the server stops.

use tokio::net::TcpStream;
use tokio::time::timeout;
use web::server::{Limits, ShutdownReport};

use super::{PATIENCE, ROOMY, SHORT, TestServer};

#[tokio::test]
async fn a_stopping_server_finishes_what_it_has_begun_and_takes_nothing_new() {
    let server = TestServer::start(ROOMY);
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
