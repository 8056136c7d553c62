//! Requests with conditions: rows WN-H8 and WN-H9.

use http::StatusCode;

use super::{DATE, book, both, get};

#[test]
fn what_the_client_has_is_not_sent_again() {
    for files in both(&book()) {
        let br = ("accept-encoding", "br");
        let fresh = get(&files, "/static/book.css", &[br]);
        let tag = fresh.header("etag").unwrap();
        let (list, weak) = (format!("\"x\", {tag}"), format!("W/{tag}"));
        for (name, value) in [
            ("if-none-match", tag),
            ("if-none-match", &list),
            ("if-none-match", &weak),
            ("if-none-match", "*"),
            ("if-modified-since", DATE),
            ("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT"),
        ] {
            let answer = get(&files, "/static/book.css", &[br, (name, value)]);
            assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{name}: {value}");
            assert_eq!(answer.body, "");
            let names = [
                "access-control-allow-origin",
                "cache-control",
                "cross-origin-resource-policy",
                "etag",
                "vary",
            ];
            assert_eq!(answer.names(), names);
            for name in names {
                assert_eq!(answer.header(name), fresh.header(name), "{name}");
            }
        }
    }
}

#[test]
fn what_the_client_has_not_is_sent() {
    for files in both(&book()) {
        let tag = get(&files, "/static/book.css", &[]);
        let tag = tag.header("etag").unwrap();
        let cases: [&[_]; 7] = [
            &[("if-none-match", "\"other\"")],
            // The tag of another form.
            &[("if-none-match", tag), ("accept-encoding", "br")],
            &[("if-none-match", "garbage")],
            &[("if-modified-since", "Tue, 14 Nov 2023 22:13:19 GMT")],
            &[("if-modified-since", "Mon, 19 Jul 2021 14:12:47 UTC+0200")],
            &[("if-none-match", "\"other\""), ("if-modified-since", DATE)],
            &[("if-match", "*")],
        ];
        for lines in cases {
            let answer = get(&files, "/static/book.css", lines);
            assert_eq!(answer.status, StatusCode::OK, "{lines:?}");
            assert!(!answer.body.is_empty());
        }
    }
}

#[test]
fn what_the_client_does_not_mean_is_412() {
    for files in both(&book()) {
        for (name, value) in [
            ("if-match", "\"other\""),
            ("if-unmodified-since", "Tue, 14 Nov 2023 22:13:19 GMT"),
        ] {
            let lines = [
                (name, value),
                ("if-none-match", "*"),
                ("range", "bytes=0-1"),
            ];
            let answer = get(&files, "/static/book.css", &lines);
            assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
            assert_eq!(answer.body, "");
        }
        let tag = get(&files, "/static/book.css", &[]);
        let lines = [
            ("if-match", tag.header("etag").unwrap()),
            ("range", "bytes=0-1"),
        ];
        let answer = get(&files, "/static/book.css", &lines);
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT);
    }
}
