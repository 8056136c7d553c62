//! Parts of files: rows WN-H10 to WN-H13.

use http::StatusCode;

use super::{DATE, Folder, book, both, get};

#[test]
fn a_part_is_sent_as_such() {
    let cases = [
        ("bytes=0-0", "bytes 0-0/10", "0"),
        ("bytes=0-3", "bytes 0-3/10", "0123"),
        ("bytes=4-6", "bytes 4-6/10", "456"),
        ("bytes=8-", "bytes 8-9/10", "89"),
        ("bytes=-1", "bytes 9-9/10", "9"),
        ("bytes=-4", "bytes 6-9/10", "6789"),
        ("bytes=-99", "bytes 0-9/10", "0123456789"),
        ("bytes=5-99", "bytes 5-9/10", "56789"),
        ("bytes=0-", "bytes 0-9/10", "0123456789"),
    ];
    for files in both(&book()) {
        for (value, range, body) in cases {
            // A part is one of the identity form, whatever else the client takes.
            let lines = [("range", value), ("accept-encoding", "gzip, br")];
            let answer = get(&files, "/static/book.css", &lines);
            assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{value}");
            assert_eq!(answer.body, body);
            assert_eq!(answer.header("content-range"), Some(range));
            assert_eq!(
                answer.header("content-length"),
                Some(&*body.len().to_string())
            );
            assert_eq!(answer.header("content-encoding"), None);
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
            let whole = get(&files, "/static/book.css", &[]);
            assert_eq!(answer.header("etag"), whole.header("etag"));
        }
    }
}

#[test]
fn what_is_no_part_is_the_whole() {
    for files in both(&book()) {
        for value in [
            "bytes=0-1,4-5",
            "lines=0-1",
            "bytes=x",
            "bytes",
            "",
            "bytes=1-2-3",
        ] {
            let lines = [("range", value), ("accept-encoding", "br")];
            let answer = get(&files, "/static/book.css", &lines);
            assert_eq!(answer.status, StatusCode::OK, "{value}");
            assert_eq!(answer.body, "br-6..");
            assert_eq!(answer.header("content-range"), None);
        }
        let twice = [("range", "bytes=0-1"), ("range", "bytes=2-3")];
        assert_eq!(
            get(&files, "/static/book.css", &twice).status,
            StatusCode::OK
        );
        // To a client that takes no identity there are no parts.
        let lines = [
            ("range", "bytes=0-1"),
            ("accept-encoding", "identity;q=0, br"),
        ];
        assert_eq!(get(&files, "/static/book.css", &lines).body, "br-6..");
    }
}

#[test]
fn bytes_that_are_not_there_are_416() {
    for files in both(&book()) {
        for value in ["bytes=10-", "bytes=10-11", "bytes=5-2", "bytes=-0"] {
            let answer = get(&files, "/static/book.css", &[("range", value)]);
            assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE, "{value}");
            let names = [
                "access-control-allow-origin",
                "content-range",
                "cross-origin-resource-policy",
            ];
            assert_eq!(answer.names(), names);
            assert_eq!(answer.header("content-range"), Some("bytes */10"));
            assert_eq!(answer.body, "");
        }
        let answer = get(&files, "/static/empty.txt", &[("range", "bytes=0-")]);
        assert_eq!(answer.header("content-range"), Some("bytes */0"));
        let answer = get(&files, "/static/empty.txt", &[("range", "bytes=-5")]);
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[test]
fn a_part_of_something_else_is_the_whole() {
    for files in both(&book()) {
        let tag = |encoding| {
            let answer = get(&files, "/static/book.css", &[("accept-encoding", encoding)]);
            answer.header("etag").unwrap().to_owned()
        };
        let (tag, br_tag) = (tag("identity"), tag("br"));
        let weak_tag = format!("W/{tag}");
        let cases = [
            (&*tag, StatusCode::PARTIAL_CONTENT),
            (DATE, StatusCode::PARTIAL_CONTENT),
            (&*br_tag, StatusCode::OK),
            (&*weak_tag, StatusCode::OK),
            ("\"other\"", StatusCode::OK),
            ("Tue, 14 Nov 2023 22:13:21 GMT", StatusCode::OK),
            ("garbage", StatusCode::OK),
        ];
        for (value, expected) in cases {
            let lines = [("range", "bytes=0-1"), ("if-range", value)];
            let answer = get(&files, "/static/book.css", &lines);
            assert_eq!(answer.status, expected, "{value}");
            let lines = [("range", "bytes=99-"), ("if-range", value)];
            let answer = get(&files, "/static/book.css", &lines);
            let is_part = expected == StatusCode::PARTIAL_CONTENT;
            assert_eq!(answer.status == StatusCode::RANGE_NOT_SATISFIABLE, is_part);
        }
        // Without a range it says nothing.
        let answer = get(&files, "/static/book.css", &[("if-range", "\"other\"")]);
        assert_eq!(answer.status, StatusCode::OK);
        // What the client has already is not sent in parts, either.
        let lines = [("range", "bytes=0-1"), ("if-none-match", &*tag)];
        let answer = get(&files, "/static/book.css", &lines);
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED);
    }
}

#[test]
fn a_large_file_is_sent_in_pieces_and_parts() {
    let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_be_bytes).collect();
    let folder = Folder::new(&[("film.mp4", &content)]);
    for files in both(&folder) {
        let answer = get(&files, "/static/film.mp4", &[]);
        assert_eq!(answer.header("content-length"), Some("4000000"));
        assert!(answer.body == content);
        let answer = get(
            &files,
            "/static/film.mp4",
            &[("range", "bytes=131071-393217")],
        );
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT);
        assert!(answer.body == content[131_071..=393_217]);
        let answer = get(&files, "/static/film.mp4", &[("range", "bytes=-1")]);
        assert_eq!(answer.body, content[3_999_999..]);
    }
}
