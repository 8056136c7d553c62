//! Where a body begins and ends.

use super::{LENGTH, NEXT, refuses, send, takes};

const NOT_LAST: &str = "invalid transfer-encoding parsed";
const UNKNOWN: &str = "a transfer coding that is not known";
const TWICE: &str = "a transfer coding that is named twice, or not at all";

#[tokio::test]
async fn there_is_one_length_and_it_is_a_number() {
    let post = |lines: &str| format!("POST /echo HTTP/1.1\r\nHost: x\r\n{lines}\r\nbody");
    let twice = post("Content-Length: 4\r\nContent-Length: 4\r\n");
    takes(&format!("{twice}{NEXT}"), &[(200, "body"), (200, "other")]).await;
    refuses(
        post("Content-Length: 4\r\nContent-Length: 5\r\n"),
        400,
        LENGTH,
    )
    .await;
    for value in [
        "4, 4",
        "4,5",
        "+4",
        "-4",
        "0x4",
        "4 4",
        "4.0",
        "",
        "four",
        "99999999999999999999",
    ] {
        refuses(post(&format!("Content-Length: {value}\r\n")), 400, LENGTH).await;
    }
}

/// RFC 9112, section 6.3: the coding counts, and the connection is closed. hyper takes the length
/// out before we see it, so we cannot refuse it.
#[tokio::test]
async fn with_a_length_and_a_coding_a_request_is_answered_once() {
    let chunks = "4\r\nbody\r\n0\r\n\r\n";
    for lines in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: nonsense\r\n",
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let request = format!("POST /echo HTTP/1.1\r\nHost: x\r\n{lines}\r\n{chunks}{NEXT}");
        takes(&request, &[(200, "body")]).await;
    }
    takes(
        &format!(
            "POST /headers HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: \
             chunked\r\n\r\n{chunks}{NEXT}"
        ),
        &[(200, "transfer-encoding: chunked\n")],
    )
    .await;
}

#[tokio::test]
async fn chunked_is_the_only_coding() {
    let post = |lines: &str| {
        format!("POST /echo HTTP/1.1\r\nHost: x\r\n{lines}\r\n4\r\nbody\r\n0\r\n\r\n")
    };
    let cased = post("transfer-encoding: CHUNKED\r\n");
    takes(&format!("{cased}{NEXT}"), &[(200, "body"), (200, "other")]).await;

    for value in [
        "gzip",
        "identity",
        "chunked, identity",
        "chunked, gzip",
        "xchunked",
        "\"chunked\"",
    ] {
        refuses(
            post(&format!("Transfer-Encoding: {value}\r\n")),
            400,
            NOT_LAST,
        )
        .await;
    }
    refuses(
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        400,
        NOT_LAST,
    )
    .await;

    for value in ["gzip, chunked", "identity, chunked", "chunked;q=1, chunked"] {
        refuses(
            post(&format!("Transfer-Encoding: {value}\r\n")),
            501,
            UNKNOWN,
        )
        .await;
    }
    refuses(post("Transfer-Encoding: chunked, chunked\r\n"), 400, TWICE).await;
    refuses(post("Transfer-Encoding: , chunked\r\n"), 400, TWICE).await;

    let old = "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    refuses(old, 400, "unexpected transfer-encoding parsed").await;
}

#[tokio::test]
async fn chunks_are_read_to_the_letter() {
    let post = |chunks: &str| {
        format!(
            "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{NEXT}"
        )
    };
    for chunks in [
        "4\r\nbody\r\n0\r\n\r\n",
        "0004\r\nbody\r\n000\r\n\r\n",
        "2\r\nbo\r\n2 \t\r\ndy\r\n0\r\n\r\n",
        // An extension is passed over (RFC 9112, section 7.1.1).
        "4;a=b;c=\"d\"\r\nbody\r\n0;e\r\n\r\n",
    ] {
        takes(&post(chunks), &[(200, "body"), (200, "other")]).await;
    }
    // The application hears that the body is broken, and answers; nothing follows.
    let broken = "Failed to buffer the request body: error reading a body from connection";
    let long_extension = format!("4;{}\r\nbody\r\n0\r\n\r\n", "a".repeat(17_000));
    for chunks in [
        "4\nbody\r\n0\r\n\r\n",
        "4\r\nbody\n0\r\n\r\n",
        "4\r\nbodyandmore\r\n0\r\n\r\n",
        "4;a\nb\r\nbody\r\n0\r\n\r\n",
        "0x4\r\nbody\r\n0\r\n\r\n",
        "+4\r\nbody\r\n0\r\n\r\n",
        "-4\r\nbody\r\n0\r\n\r\n",
        "\r\n4\r\nbody\r\n0\r\n\r\n",
        " 4\r\nbody\r\n0\r\n\r\n",
        "4\r\nbody\r\n10000000000000000\r\n\r\n",
        &long_extension,
        "4\r\nbody\r\n0\r\nno colon\r\n\r\n",
    ] {
        let outcome = send(post(chunks)).await;
        assert_eq!(
            outcome.answers.len(),
            1,
            "{chunks:?}: {:?}",
            outcome.answers
        );
        let (status, body) = &outcome.answers[0];
        assert_eq!(*status, 400, "{chunks:?}");
        assert!(body.starts_with(broken), "{chunks:?}: {body}");
        assert_eq!(outcome.refusals, [], "{chunks:?}");
    }
}

#[tokio::test]
async fn trailers_are_no_headers() {
    let request = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
             0\r\nX-Forwarded-For: 192.0.2.6\r\nContent-Length: 9\r\n\r\n{NEXT}"
        )
    };
    takes(
        &request("/headers"),
        &[(200, "transfer-encoding: chunked\n"), (200, "other")],
    )
    .await;
    takes(&request("/client"), &[(200, "127.0.0.1"), (200, "other")]).await;
}

#[tokio::test]
async fn a_body_nobody_reads_is_not_taken_for_a_request() {
    let inner = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = inner.len();
    for method in ["GET", "POST", "DELETE"] {
        let request = format!(
            "{method} / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{inner}{NEXT}"
        );
        takes(&request, &[(200, "home"), (200, "other")]).await;
    }
}
