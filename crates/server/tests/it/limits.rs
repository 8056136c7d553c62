//! Each limit, crossed; and what must not cross it. No test sleeps: where one has to see that a
//! limit was outlived, it waits until the server has closed another connection for that same limit.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use futures_util::stream;
use server::testing::{Client, PATIENCE, ROOMY, SHORT, TestServer, app_of_one_large_page};
use server::{Config, Cut, Limits, MAX_UNSENT_BYTES, Trusted};
use tokio::net::TcpSocket;
use tokio::time::{Instant, timeout};

/// Waits for the connection's end, which must not come before the limit is over.
#[track_caller]
fn assert_closed_after(
    limit: Duration,
    since: Instant,
    client: &mut Client,
) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        assert_eq!(client.read_to_end().await, b"", "at {caller}");
        assert!(
            since.elapsed() >= limit,
            "closed after {:?}, at {caller}",
            since.elapsed()
        );
    }
}

#[tokio::test]
async fn a_silent_connection_is_closed_after_the_header_timeout() {
    let server = TestServer::start(Limits {
        header_read_timeout: SHORT,
        ..ROOMY
    });
    let began = Instant::now();
    let mut client = server.connect().await;

    assert_closed_after(SHORT, began, &mut client).await;
}

#[tokio::test]
async fn a_head_that_comes_in_drops_is_cut_at_the_header_timeout() {
    let server = TestServer::start(Limits {
        header_read_timeout: SHORT,
        ..ROOMY
    });
    let began = Instant::now();
    let mut client = server.connect().await;

    client.send("GET / HTTP/1.1\r\n").await;
    // A byte, then a wait for the end that is much shorter than the limit, and so on.
    while timeout(SHORT / 20, client.receive()).await != Ok(false) {
        assert!(began.elapsed() < PATIENCE, "never cut");
        let _ = client.socket.try_write(b"a");
    }

    assert!(began.elapsed() >= SHORT, "cut after {:?}", began.elapsed());
}

#[tokio::test]
async fn the_second_head_of_a_connection_has_the_header_timeout_too() {
    let server = TestServer::start(Limits {
        header_read_timeout: SHORT,
        ..ROOMY
    });
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await.body, "home");

    let began = Instant::now();
    client.send("GET / HT").await;

    assert_closed_after(SHORT, began, &mut client).await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_idle_timeout() {
    let server = TestServer::start(Limits {
        idle_timeout: SHORT,
        ..ROOMY
    });
    let mut client = server.connect().await;
    let began = Instant::now();
    assert_eq!(client.get("/").await.body, "home");

    assert_closed_after(SHORT, began, &mut client).await;
}

#[tokio::test]
async fn each_request_begins_the_idle_time_anew() {
    let idle_timeout = SHORT * 5;
    let server = TestServer::start(Limits {
        header_read_timeout: SHORT,
        idle_timeout,
        ..ROOMY
    });
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await.body, "home");
    server.outwait_header_timeout().await;
    let began = Instant::now();
    assert_eq!(client.get("/").await.body, "home");

    assert_closed_after(idle_timeout, began, &mut client).await;
}

#[tokio::test]
async fn the_header_timeout_does_not_count_idle_time() {
    let server = TestServer::start(Limits {
        header_read_timeout: SHORT,
        ..ROOMY
    });
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await.body, "home");

    server.outwait_header_timeout().await;

    assert_eq!(client.get("/other").await.body, "other");
}

#[tokio::test]
async fn a_slow_handler_is_not_cut() {
    let limits = Limits {
        header_read_timeout: SHORT,
        idle_timeout: SHORT,
        ..ROOMY
    };
    let server = TestServer::start(limits);
    let mut client = server.connect().await;

    client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.gate.entered.notified().await;
    server.outwait_header_timeout().await;
    server.gate.open.notify_one();

    assert_eq!(client.answer().await.body, "waited");
}

#[tokio::test]
async fn a_slow_body_is_not_cut_here() {
    let limits = Limits {
        header_read_timeout: SHORT,
        idle_timeout: SHORT,
        ..ROOMY
    };
    let server = TestServer::start(limits);
    let mut client = server.connect().await;

    client
        .send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf")
        .await;
    server.outwait_header_timeout().await;
    client.send("half").await;

    assert_eq!(client.answer().await.body, "halfhalf");
}

#[tokio::test]
async fn pipelined_behind_a_slow_handler_is_not_cut() {
    let limits = Limits {
        header_read_timeout: SHORT,
        idle_timeout: SHORT,
        ..ROOMY
    };
    let server = TestServer::start(limits);
    let mut client = server.connect().await;

    client
        .send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    server.gate.entered.notified().await;
    server.outwait_header_timeout().await;
    server.gate.open.notify_one();

    assert_eq!(client.answer().await.body, "waited");
    assert_eq!(client.answer().await.body, "home");
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_the_answer_is_cut() {
    let (app, dropped) = app_of_one_large_page(64 << 20);
    let limits = Limits {
        write_stall_timeout: SHORT,
        ..ROOMY
    };
    let server = TestServer::start_app(app, <_>::default(), Config::new(limits));
    let mut client = server.connect().await;
    let began = Instant::now();

    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;

    timeout(PATIENCE, dropped.notified()).await.unwrap();
    assert!(began.elapsed() >= SHORT, "cut after {:?}", began.elapsed());
    assert!(client.read_to_end().await.len() < 64 << 20);
}

#[tokio::test]
async fn a_client_slow_to_take_the_answer_is_not_idle() {
    const SIZE_BYTES: usize = 64 << 20;

    let (app, _) = app_of_one_large_page(SIZE_BYTES);
    let limits = Limits {
        header_read_timeout: SHORT,
        idle_timeout: SHORT,
        ..ROOMY
    };
    let server = TestServer::start_app(app, <_>::default(), Config::new(limits));
    let mut client = server.connect().await;

    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let head = client.head().await;
    server.outwait_header_timeout().await;

    assert!(
        head.contains(&format!("content-length: {SIZE_BYTES}\r\n")),
        "{head}"
    );
    assert_eq!(client.read_to_end().await.len(), SIZE_BYTES);
}

#[tokio::test]
async fn a_body_nobody_reads_is_taken_in_for_the_linger_time_only() {
    let server = TestServer::start(Limits {
        linger_timeout: SHORT,
        ..ROOMY
    });
    let mut client = server.connect().await;

    client
        .send(&format!(
            "POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
            1_u64 << 40
        ))
        .await;
    assert_eq!(client.answer().await.body, "ignored");
    let began = Instant::now();
    assert_eq!(client.read_to_end().await, b"");
    // Our side is closed; now the server's reading ends too, which sending shows.
    while client.socket.writable().await.is_ok()
        && client.socket.try_write(&[0; 4096]).map_or_else(
            |error| error.kind() == std::io::ErrorKind::WouldBlock,
            |_| true,
        )
    {
        assert!(began.elapsed() < PATIENCE, "never closed");
    }
}

#[tokio::test]
async fn a_reader_that_takes_a_little_now_and_then_is_cut_when_it_is_too_slow() {
    let (app, dropped) = app_of_one_large_page(64 << 20);
    let limits = Limits {
        slow_grace: SHORT,
        min_bytes_per_second: u32::MAX,
        ..ROOMY
    };
    let server = TestServer::start_app(app, <_>::default(), Config::new(limits));
    let mut client = server.connect().await;
    let began = Instant::now();

    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    client.head().await;
    // A little, then a wait that is much shorter than the limit on a stall, and so on.
    while timeout(SHORT / 20, dropped.notified()).await.is_err() {
        assert!(began.elapsed() < PATIENCE, "never cut");
        client.receive().await;
    }

    assert!(began.elapsed() >= SHORT, "cut after {:?}", began.elapsed());
    assert_eq!(server.stats.cuts(Cut::SlowReader), 1);
}

/// A thousand clients that read nothing would otherwise cost gigabytes.
#[tokio::test]
async fn the_system_takes_only_so_much_for_a_client_that_reads_nothing() {
    const PART: [u8; 16 * 1024] = [b'x'; 16 * 1024];
    const CLIENT_BYTES: u32 = 64 * 1024;

    let produced = Arc::new(AtomicUsize::new(0));
    let parts = Arc::clone(&produced);
    let app = Router::new().route(
        "/",
        get(async move || {
            Body::from_stream(stream::repeat_with(move || {
                parts.fetch_add(PART.len(), Relaxed);
                Ok::<_, Infallible>(&PART[..])
            }))
        }),
    );
    let limits = Limits {
        write_stall_timeout: SHORT,
        ..ROOMY
    };
    let server = TestServer::start_app(app, <_>::default(), Config::new(limits));
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(CLIENT_BYTES / 2).unwrap();
    let mut client = Client::of(socket.connect(server.address).await.unwrap());

    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    while server.stats.cuts(Cut::SlowReader) == 0 {
        tokio::task::yield_now().await;
    }

    // What the client's side takes, the system's, and what hyper has ready.
    let most = CLIENT_BYTES + MAX_UNSENT_BYTES + 256 * 1024;
    let produced = produced.load(Relaxed);
    assert!(produced <= usize::try_from(most).unwrap(), "{produced}");
}

#[tokio::test]
async fn a_connection_above_the_limit_waits_until_a_request_is_done() {
    let server = TestServer::start(Limits {
        max_connections: 1,
        ..ROOMY
    });
    let mut first = server.connect().await;
    first.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.gate.entered.notified().await;

    let mut second = server.connect().await;
    second.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(second.is_left_waiting().await);
    server.gate.open.notify_one();

    // What another waits for is not kept.
    let answer = first.answer().await;
    assert_eq!(answer.body, "waited");
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(first.read_to_end().await, b"");
    assert_eq!(second.answer().await.body, "other");
    assert_eq!(server.stats.cuts(Cut::GaveWay), 0);
}

#[tokio::test]
async fn an_idle_connection_gives_way_to_a_new_one() {
    let server = TestServer::start(Limits {
        max_connections: 2,
        ..ROOMY
    });
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.gate.entered.notified().await;
    let mut idle = server.connect().await;
    assert_eq!(idle.get("/").await.body, "home");

    let mut newcomer = server.connect().await;
    assert_eq!(newcomer.get("/other").await.body, "other");

    assert_eq!(idle.read_to_end().await, b"");
    server.gate.open.notify_one();
    assert_eq!(busy.answer().await.body, "waited");
    assert_eq!(server.stats.cuts(Cut::GaveWay), 1);
    assert_eq!(server.stats.connections_accepted(), 3);
}

/// Every place is taken, many times over, by clients that say nothing, or half of a head.
#[tokio::test]
async fn who_says_nothing_keeps_nobody_out() {
    const PLACES: usize = 16;

    let server = TestServer::start(Limits {
        max_connections: PLACES,
        ..ROOMY
    });
    let mut silent = Vec::new();
    for number in 0..10 * PLACES {
        let mut client = server.connect().await;
        if number % 2 == 0 {
            client.send("GET / HTTP/1.1\r\n").await;
        }
        silent.push(client);
        if number % PLACES == 0 {
            assert_eq!(server.connect().await.get("/").await.body, "home");
        }
    }
    assert_eq!(server.connect().await.get("/").await.body, "home");
    assert!(server.stats.connections_open() <= PLACES);
}

#[tokio::test]
async fn a_slow_body_gives_way_after_the_patience() {
    let server = TestServer::start(Limits {
        max_connections: 1,
        crowded_patience: SHORT,
        ..ROOMY
    });
    let mut slow = server.connect().await;
    let began = Instant::now();
    slow.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf")
        .await;

    assert_eq!(server.connect().await.get("/").await.body, "home");

    assert!(began.elapsed() >= SHORT, "{:?}", began.elapsed());
    assert_eq!(slow.read_to_end().await, b"");
    assert_eq!(server.stats.cuts(Cut::GaveWay), 1);
}

#[tokio::test]
async fn an_address_with_too_many_busy_connections_has_the_next_one_closed() {
    let server = TestServer::start(Limits {
        max_connections_per_address: 1,
        ..ROOMY
    });
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.gate.entered.notified().await;

    assert_eq!(server.connect().await.read_to_end().await, b"");
    assert_eq!(server.stats.cuts(Cut::AddressFull), 1);

    server.gate.open.notify_one();
    assert_eq!(busy.answer().await.body, "waited");
    // Now idle, it gives way.
    assert_eq!(server.connect().await.get("/").await.body, "home");
    assert_eq!(busy.read_to_end().await, b"");
}

#[tokio::test]
async fn a_proxy_may_have_any_number_of_connections() {
    let server = TestServer::start_with(Config {
        proxies: Trusted::loopback(),
        ..Config::new(Limits {
            max_connections_per_address: 1,
            ..ROOMY
        })
    });
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.connect().await;
        client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n").await;
        server.gate.entered.notified().await;
        clients.push(client);
    }
    for client in &mut clients {
        server.gate.open.notify_one();
        assert_eq!(client.answer().await.body, "waited");
    }
}

#[tokio::test]
async fn what_is_cut_is_counted_by_its_reason() {
    let server = TestServer::start(Limits {
        header_read_timeout: SHORT,
        idle_timeout: SHORT,
        linger_timeout: SHORT,
        ..ROOMY
    });
    server.outwait_header_timeout().await;
    assert_eq!(server.stats.cuts(Cut::HeaderTimeout), 1);

    let mut idle = server.connect().await;
    assert_eq!(idle.get("/").await.body, "home");
    assert_eq!(idle.read_to_end().await, b"");
    assert_eq!(server.stats.cuts(Cut::IdleTimeout), 1);
    assert_eq!(server.stats.cuts(Cut::LingerTimeout), 0);
    assert_eq!(server.stats.connections_accepted(), 2);
}

#[test]
fn production_limits_are_those_of_the_design() {
    let limits = Limits::production();

    assert_eq!(limits.header_read_timeout, Duration::from_secs(10));
    assert_eq!(limits.idle_timeout, Duration::from_secs(75));
    assert_eq!(limits.write_stall_timeout, Duration::from_secs(30));
    assert_eq!(limits.shutdown_grace, Duration::from_secs(30));
}
