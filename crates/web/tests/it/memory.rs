//! The budget for memory on the wire: who keeps much and is slow gives way, and who is quick is
//! served.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use server::testing::{Client, PATIENCE, ROOMY, TestServer};
use server::{Config, Cut, RequestMemory, Trusted};
use tokio::time::timeout;
use web::request_limits::{RequestLimits, limit_requests};

/// Half of a body is this long.
const HALF: usize = 8 * 1024;

/// A server with so much for requests, to which all clients come by a proxy of ours.
fn server(memory_bytes: usize) -> (TestServer, Arc<RequestMemory>) {
    let memory = RequestMemory::new(memory_bytes);
    let config = Config {
        proxies: Trusted::loopback(),
        memory: Arc::clone(&memory),
        ..Config::new(ROOMY)
    };
    let limits = RequestLimits {
        limits: ROOMY,
        stats: Arc::clone(&config.stats),
        memory: Arc::clone(&memory),
        always_answered: &[],
        body_limits: &[("/echo", 2 * HALF)],
    };
    let app = Router::new()
        .route("/", get(|| async { "home" }))
        .route("/echo", post(|body: Bytes| async { body }))
        .route("/never", get(std::future::pending::<()>))
        .route("/large", get(|| async { Body::from(vec![b'x'; 32 << 20]) }))
        .layer(from_fn_with_state(limits, limit_requests));
    (TestServer::start_app(app, <_>::default(), config), memory)
}

/// Asks until there is an answer: at the very moment at which all is taken it is a 503.
async fn served(server: &TestServer, request: &str) -> String {
    let answered = async {
        loop {
            let mut client = server.connect().await;
            client.send(request).await;
            let answer = client.answer().await;
            if answer.head.starts_with("HTTP/1.1 200 ") {
                return answer.body;
            }
            assert!(answer.head.starts_with("HTTP/1.1 503 "), "{}", answer.head);
        }
    };
    timeout(PATIENCE, answered).await.unwrap()
}

const HOME: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Waits until nothing is kept.
async fn all_is_given_back(memory: &RequestMemory) {
    let given_back = async {
        while memory.used_bytes() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, given_back).await.unwrap();
}

#[tokio::test]
async fn half_sent_bodies_give_way_to_honest_requests_and_are_given_back() {
    let (server, memory) = server(64 * 1024);
    let half = format!(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}",
        2 * HALF,
        "a".repeat(HALF)
    );
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut client = server.connect().await;
        client.send(&half).await;
        slow.push(client);
    }

    let whole = "b".repeat(HALF);
    let honest = format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {HALF}\r\n\r\n{whole}");
    assert_eq!(served(&server, &honest).await, whole);
    assert_eq!(served(&server, HOME).await, "home");
    assert!(server.stats.cuts(Cut::GaveWay) > 0);
    // The first to come is the slowest.
    assert_eq!(slow[0].read_to_end().await, b"");

    drop(slow);
    all_is_given_back(&memory).await;
}

#[tokio::test]
async fn half_of_a_head_gives_way_too() {
    let (server, memory) = server(64 * 1024);
    let half = format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {}", "a".repeat(HALF));
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut client = server.connect().await;
        client.send(&half).await;
        slow.push(client);
    }

    assert_eq!(served(&server, HOME).await, "home");
    assert_eq!(slow[0].read_to_end().await, b"");
    drop(slow);
    all_is_given_back(&memory).await;
}

#[tokio::test]
async fn who_reads_nothing_of_an_answer_gives_way() {
    let (server, memory) = server(1024 * 1024);
    let mut slow: Client = server.connect().await;
    slow.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    slow.head().await;

    assert_eq!(served(&server, HOME).await, "home");
    all_is_given_back(&memory).await;
    assert_eq!(server.stats.cuts(Cut::GaveWay), 1);
    assert!(slow.read_to_end().await.len() < 32 << 20);
}

#[tokio::test]
async fn who_asks_again_before_the_answer_gives_way() {
    let (server, _) = server(256 * 1024);
    let both = format!("{HOME}GET /never HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut greedy = Vec::new();
    for _ in 0..40 {
        let mut client = server.connect().await;
        client.send(&both).await;
        greedy.push(client);
    }

    assert_eq!(served(&server, HOME).await, "home");
    assert!(server.stats.cuts(Cut::GaveWay) > 0);
}

#[tokio::test]
async fn what_is_announced_to_be_too_much_is_refused_before_it_is_sent() {
    let (server, memory) = server(64 * 1024);
    let mut client = server.connect().await;
    let announced = 2 * HALF + 1;
    client
        .send(&format!(
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {announced}\r\n\r\n"
        ))
        .await;

    let answer = client.answer().await;
    assert!(answer.head.starts_with("HTTP/1.1 413 "), "{}", answer.head);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(memory.refusals(), 0);
}

/// A small request takes more than its bytes: what its connection reads into counts as well, from its
/// first byte on.
#[tokio::test]
async fn what_a_connection_reads_into_counts() {
    let (server, memory) = server(1024 * 1024);
    let mut clients = Vec::new();
    for _ in 0..4 {
        let mut client = server.connect().await;
        client.send("G").await;
        clients.push(client);
    }
    let counted = async {
        while memory.used_bytes() < 4 * 16 * 1024 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, counted).await.unwrap();

    for client in &mut clients {
        client.send("ET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(client.answer().await.body, "home");
    }
    all_is_given_back(&memory).await;
    drop(clients);
}
