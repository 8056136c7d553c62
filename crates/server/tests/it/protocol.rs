//! HTTP as clients use it, and as they misuse it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use server::testing::{Client, Gate, ROOMY, SHORT, TestServer, app};
use server::{Config, Cut, Limits, Refusal, bind_all, serve};
use tokio::sync::Semaphore;

#[tokio::test]
async fn a_connection_carries_several_requests() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    assert_eq!(client.get("/").await.body, "home");
    assert_eq!(client.get("/other").await.body, "other");
    assert_eq!(client.get("/missing").await.status(), "404");
    assert_eq!(client.get("/").await.body, "home");
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client
        .send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /other HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;

    assert_eq!(client.answer().await.body, "home");
    assert_eq!(client.answer().await.body, "other");
}

#[tokio::test]
async fn who_sends_many_requests_at_a_time_keeps_nobody_waiting() {
    let handler = Arc::new(Crowd::default());
    let app = Router::new()
        .route("/", get(|| async { "home" }))
        .route("/wait", get(Crowd::wait))
        .with_state(Arc::clone(&handler));
    let server = TestServer::start_app(app, <_>::default(), Config::new(ROOMY));
    let mut clients = Vec::new();
    for _ in 0..6 {
        let mut client = server.connect().await;
        client
            .send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            .await;
        assert_eq!(client.answer().await.body, "home");
        clients.push(client);
    }

    // The first two of them are worked on, and whoever asks for one page is answered.
    let entered = handler.entered.acquire_many(2).await.unwrap();
    entered.forget();
    assert_eq!(server.connect().await.get("/").await.body, "home");
    assert_eq!(handler.entered.available_permits(), 0);
    handler.open.add_permits(clients.len());
    for mut client in clients {
        assert_eq!(client.answer().await.body, "waited");
    }
    assert_eq!(handler.entered.available_permits(), 4);
}

/// A handler that counts who has entered and lets nobody leave without a permit.
#[derive(Debug)]
struct Crowd {
    entered: Semaphore,
    open: Semaphore,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            entered: Semaphore::new(0),
            open: Semaphore::new(0),
        }
    }
}

impl Crowd {
    async fn wait(State(crowd): State<Arc<Self>>) -> &'static str {
        crowd.entered.add_permits(1);
        crowd.open.acquire().await.unwrap().forget();
        "waited"
    }
}

#[tokio::test]
async fn a_pipelined_head_may_come_in_pieces() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client
        .send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /oth")
        .await;
    assert_eq!(client.answer().await.body, "home");
    client.send("er HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "other");
}

#[tokio::test]
async fn http_1_0_is_closed_after_the_answer_unless_it_asks_to_stay() {
    let server = TestServer::start(ROOMY);

    let mut client = server.connect().await;
    client.send("GET / HTTP/1.0\r\n\r\n").await;
    let answer = client.answer().await;
    assert!(answer.head.starts_with("HTTP/1.0 200 OK\r\n"), "{answer:?}");
    assert_eq!(answer.body, "home");
    assert_eq!(client.read_to_end().await, b"");

    let mut client = server.connect().await;
    client
        .send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.header("connection"), Some("keep-alive"));
    assert_eq!(client.get("/other").await.body, "other");
}

#[tokio::test]
async fn connection_close_is_honoured() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client
        .send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;

    let answer = client.answer().await;
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(client.read_to_end().await, b"");
}

#[tokio::test]
async fn head_has_the_length_and_no_body() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").await;

    let head = client.head().await;
    assert!(head.contains("content-length: 4\r\n"), "{head}");
    assert_eq!(client.get("/other").await.body, "other");
}

#[tokio::test]
async fn a_chunked_body_is_read() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client
        .send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    client.send("4\r\nsome\r\n0\r\n\r\n").await;

    assert_eq!(client.answer().await.body, "some");
    assert_eq!(client.get("/").await.body, "home");
}

#[tokio::test]
async fn a_client_that_expects_it_is_told_to_continue_when_the_body_is_wanted() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client
        .send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        .await;
    assert_eq!(client.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body").await;
    assert_eq!(client.answer().await.body, "body");
    assert_eq!(client.get("/").await.body, "home");
}

#[tokio::test]
async fn a_client_that_expects_it_has_the_answer_alone_when_the_body_is_not_wanted() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client
        .send(
            "POST /ignore HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
        )
        .await;

    assert_eq!(client.answer().await.body, "ignored");
    // Whether the body still comes cannot be known, so the connection is of no more use.
    assert_eq!(client.read_to_end().await, b"");
}

#[tokio::test]
async fn a_short_body_nobody_reads_does_not_cost_the_connection() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client
        .send("POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
        .await;

    assert_eq!(client.answer().await.body, "ignored");
    assert_eq!(client.get("/").await.body, "home");
}

#[tokio::test]
async fn a_long_body_nobody_reads_does_not_cost_the_answer() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;
    let body = "x".repeat(8 << 20);

    client
        .send(&format!(
            "POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
            body.len()
        ))
        .await;
    client.send(&body).await;

    assert_eq!(client.answer().await.body, "ignored");
    assert_eq!(client.read_to_end().await, b"");
}

#[tokio::test]
async fn a_client_that_has_closed_its_sending_side_gets_its_answer() {
    use tokio::io::AsyncWriteExt;

    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
    client.socket.shutdown().await.unwrap();
    server.gate.entered.notified().await;
    server.gate.open.notify_one();

    assert_eq!(client.answer().await.body, "waited");
    assert_eq!(client.read_to_end().await, b"");
}

/// Sends what is no request and gives the status, after which the connection must end.
async fn status_of(request: &str, limits: Limits) -> String {
    let server = TestServer::start(limits);
    let mut client = server.connect().await;
    client.send(request).await;
    let answer = client.answer().await;
    assert_eq!(answer.header("connection"), Some("close"), "{answer:?}");
    assert_eq!(answer.body, "");
    assert_eq!(client.read_to_end().await, b"");
    answer.status().to_owned()
}

#[tokio::test]
async fn what_is_no_http_is_400() {
    for request in [
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: four\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: x\r\n\r\n",
    ] {
        assert_eq!(status_of(request, ROOMY).await, "400", "{request:?}");
    }
}

/// hyper tells us only at its end, which a client can put off for as long as we linger.
#[tokio::test]
async fn a_refusal_is_told_though_the_client_does_not_close() {
    let told = Arc::<Mutex<Vec<_>>>::default();
    let on_refusal = {
        let told = Arc::clone(&told);
        move |refusal: &Refusal<'_>| told.lock().unwrap().push(refusal.status.unwrap().as_u16())
    };
    let server = TestServer::start_with(Config {
        on_refusal: Arc::new(on_refusal),
        ..Config::new(Limits {
            linger_timeout: SHORT,
            ..ROOMY
        })
    });
    let mut client = server.connect().await;
    client.send("nonsense\r\n\r\n").await;
    assert_eq!(client.answer().await.status(), "400");
    while server.stats.connections_open() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(*told.lock().unwrap(), [400]);
    assert_eq!(server.stats.cuts(Cut::LingerTimeout), 1);
    assert_eq!(server.stats.cuts(Cut::Malformed), 1);
}

#[tokio::test]
async fn one_header_too_many_is_431() {
    let request = |headers: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(headers));
    let limits = Limits {
        max_headers: 5,
        ..ROOMY
    };
    assert_eq!(status_of(&request(6), limits).await, "431");
    assert_eq!(status_of(&request(101), ROOMY).await, "431");

    let server = TestServer::start(limits);
    let mut client = server.connect().await;
    client.send(&request(5)).await;
    assert_eq!(client.answer().await.status(), "200");
}

#[tokio::test]
async fn a_head_of_one_byte_too_many_is_431() {
    let limits = Limits {
        max_header_bytes: 1000,
        ..ROOMY
    };
    let request = |size_bytes: usize| {
        let frame = "GET / HTTP/1.1\r\nA: \r\n\r\n";
        format!(
            "GET / HTTP/1.1\r\nA: {}\r\n\r\n",
            "b".repeat(size_bytes - frame.len())
        )
    };
    assert_eq!(status_of(&request(1001), limits).await, "431");
    assert_eq!(status_of(&request(100_000), ROOMY).await, "431");

    let server = TestServer::start(limits);
    let mut client = server.connect().await;
    client.send(&request(1000)).await;
    assert_eq!(client.answer().await.status(), "200");
}

#[tokio::test]
async fn a_line_of_one_byte_too_many_is_414_and_one_beyond_the_head_431() {
    let request = |line_bytes: usize| {
        let path = "a".repeat(line_bytes - "GET / HTTP/1.1".len());
        format!("GET /{path} HTTP/1.1\r\nHost: x\r\n\r\n")
    };
    let most = ROOMY.max_request_line_bytes;
    assert_eq!(status_of(&request(most + 1), ROOMY).await, "414");
    assert_eq!(status_of(&request(15_000), ROOMY).await, "414");
    assert_eq!(status_of(&request(70_000), ROOMY).await, "431");
    // Whatever is asked for: hyper's own limit on an address is never met.
    let limits = Limits {
        max_header_bytes: 100_000,
        ..ROOMY
    };
    assert_eq!(status_of(&request(70_000), limits).await, "431");

    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;
    client.send(&request(most)).await;
    assert_eq!(client.answer().await.status(), "404");
}

#[tokio::test]
async fn a_panic_closes_its_own_connection_only() {
    let server = TestServer::start(ROOMY);
    let mut bystander = server.connect().await;
    assert_eq!(bystander.get("/").await.body, "home");
    let mut client = server.connect().await;

    client.send("GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await;

    assert_eq!(client.read_to_end().await, b"");
    assert_eq!(bystander.get("/").await.body, "home");
    assert_eq!(server.connect().await.get("/").await.body, "home");
}

#[tokio::test]
async fn requests_carry_the_address_of_their_connection() {
    let server = TestServer::start(ROOMY);
    let mut client = server.connect().await;

    let address = client.socket.local_addr().unwrap().to_string();

    assert_eq!(client.get("/peer").await.body, address);
    assert_eq!(client.get("/peer").await.body, address);
}

#[tokio::test]
async fn a_socket_for_all_addresses_takes_ipv4_clients_and_names_them_so() {
    let listener = bind_all(0).unwrap().listen().unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(
        listener,
        app(Arc::<Gate>::default()),
        Config::new(ROOMY),
        std::future::pending(),
    ));

    let mut client = Client::connect(([127, 0, 0, 1], port).into()).await;

    let address = client.socket.local_addr().unwrap().to_string();
    assert_eq!(client.get("/peer").await.body, address);
}
