//! Which form of a file is sent: rows WN-H2 to WN-H5.

use http::StatusCode;

use super::{Folder, book, both, get};

#[test]
fn the_form_is_the_one_the_client_likes_best() {
    // Of book.css the forms have 6 (br), 7 (zstd), 8 (gzip) and 10 bytes.
    let cases = [
        (None, "0123456789"),
        (Some(""), "0123456789"),
        (Some("*"), "0123456789"),
        (Some("deflate"), "0123456789"),
        (Some("gzip"), "gzip-8.."),
        (Some("x-gzip"), "gzip-8.."),
        (Some("GZIP"), "gzip-8.."),
        (Some("gzip, br"), "br-6.."),
        (Some("br, gzip"), "br-6.."),
        (Some("gzip, deflate, br, zstd"), "br-6.."),
        (Some("gzip, zstd"), "zstd-7."),
        (Some("gzip;q=0"), "0123456789"),
        (Some("gzip;q=0.5, br;q=0.4"), "gzip-8.."),
        (Some("gzip;q=0.001"), "gzip-8.."),
        (Some("br;q=0, *"), "zstd-7."),
        (Some("*, identity;q=0.5"), "br-6.."),
        (Some("identity, gzip;q=0.9"), "0123456789"),
        (Some("identity, gzip"), "gzip-8.."),
        (Some("identity;q=0, gzip;q=0.1"), "gzip-8.."),
        (Some("identity;q=0, *;q=0.1"), "br-6.."),
    ];
    for files in both(&book()) {
        for (value, expected) in cases {
            let line = value.map(|value| ("accept-encoding", value));
            let answer = get(&files, "/static/book.css", line.as_slice());
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.body, expected, "{value:?}");
        }
    }
}

#[test]
fn a_form_that_does_not_exist_is_not_sent() {
    for files in both(&book()) {
        let hashed = "/static/book.0123456789ab.css";
        let answer = get(&files, hashed, &[("accept-encoding", "br, gzip;q=0.1")]);
        assert_eq!(answer.body, "gzip");
        let answer = get(&files, hashed, &[("accept-encoding", "br")]);
        assert_eq!(answer.body, "hashed....");
    }
}

#[test]
fn a_client_that_takes_nothing_gets_nothing() {
    for files in both(&book()) {
        for (path, value) in [
            ("/static/cover.png", "identity;q=0"),
            ("/static/cover.png", "gzip, identity;q=0"),
            ("/static/cover.png", "gzip, *;q=0"),
            ("/static/book.css", "*;q=0"),
            ("/static/book.css", "identity;q=0, deflate"),
        ] {
            let answer = get(&files, path, &[("accept-encoding", value)]);
            assert_eq!(answer.status, StatusCode::NOT_ACCEPTABLE, "{value}");
            assert_eq!(answer.names(), ["cache-control", "vary"]);
            assert_eq!(answer.body, "");
        }
    }
}

#[test]
fn forms_are_not_served_themselves_but_archives_are() {
    let folder = Folder::new(&[
        ("a.txt", b"a"),
        ("a.txt.gz", b"form"),
        ("a.txt.br", b"form"),
        ("a.txt.zst", b"form"),
        ("a.txt.gz.br", b"form of a form"),
        ("archive.tar.gz", b"archive"),
        ("a.txt.map", b"no form"),
    ]);
    for files in both(&folder) {
        for name in ["a.txt.gz", "a.txt.br", "a.txt.zst", "a.txt.gz.br"] {
            let answer = get(&files, &format!("/static/{name}"), &[]);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
        }
        let answer = get(
            &files,
            "/static/archive.tar.gz",
            &[("accept-encoding", "gzip")],
        );
        assert_eq!(answer.body, "archive");
        assert_eq!(answer.header("content-type"), Some("application/gzip"));
        assert_eq!(answer.header("content-encoding"), None);
        assert_eq!(get(&files, "/static/a.txt.map", &[]).body, "no form");
    }
}
