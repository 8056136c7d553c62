//! Each limit, crossed; and what must not cross it. No test sleeps: where one has to see that a
//! limit was outlived, it waits until the server has closed another connection for that same limit.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use web::server::Limits;

use super::{Client, PATIENCE, ROOMY, SHORT, TestServer, app_of_one_large_page};

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
    let server = TestServer::start_app(app, <_>::default(), limits);
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
    let server = TestServer::start_app(app, <_>::default(), limits);
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
async fn a_connection_above_the_limit_waits_for_a_place() {
    let server = TestServer::start(Limits {
        max_connections: 1,
        ..ROOMY
    });
    let mut first = server.connect().await;
    assert_eq!(first.get("/").await.body, "home");

    let mut second = server.connect().await;
    second.send("GET /other HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(second.is_left_waiting().await);
    assert_eq!(first.get("/").await.body, "home");
    drop(first);

    assert_eq!(second.answer().await.body, "other");
}

#[test]
fn production_limits_are_those_of_the_design() {
    let limits = Limits::production();

    assert_eq!(limits.header_read_timeout, Duration::from_secs(10));
    assert_eq!(limits.idle_timeout, Duration::from_secs(75));
    assert_eq!(limits.write_stall_timeout, Duration::from_secs(30));
    assert_eq!(limits.shutdown_grace, Duration::from_secs(30));
}
