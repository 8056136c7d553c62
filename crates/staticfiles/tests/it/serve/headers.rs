//! What an answer carries: rows WN-H5 to WN-H7, WN-H13, WN-H14, WN-H16 to WN-H19 and the settings.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{HeaderName, REFERRER_POLICY};
use http::{HeaderValue, Method, StatusCode};
use staticfiles::serve::{Config, CrossOrigin, FileHeader, StaticFiles};

use super::{DATE, Folder, ask, book, both, get, manifest};

#[test]
fn a_file_has_exactly_these_headers() {
    for files in both(&book()) {
        let answer = get(
            &files,
            "/static/cover.png",
            &[("accept-encoding", "gzip, br")],
        );
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body, "abcdefghij");
        let expected = [
            ("accept-ranges", "bytes"),
            ("access-control-allow-origin", "*"),
            ("cache-control", "public, max-age=60"),
            ("content-length", "10"),
            ("content-type", "image/png"),
            ("cross-origin-resource-policy", "cross-origin"),
            // The beginning of the content's SHA-256.
            ("etag", "\"72399361da6a7754\""),
            ("last-modified", DATE),
        ];
        assert_eq!(answer.names(), expected.map(|(name, _)| name));
        for (name, value) in expected {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
    }
}

#[test]
fn a_compressed_file_says_so() {
    for files in both(&book()) {
        let answer = get(&files, "/static/book.css", &[("accept-encoding", "gzip")]);
        assert_eq!(answer.body, "gzip-8..");
        assert_eq!(answer.header("content-encoding"), Some("gzip"));
        assert_eq!(answer.header("content-length"), Some("8"));
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        assert_eq!(
            answer.header("content-type"),
            Some("text/css; charset=\"utf-8\"")
        );
        let plain = get(&files, "/static/book.css", &[]);
        assert_eq!(plain.header("content-encoding"), None);
        assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
        assert_eq!(
            plain.header("last-modified"),
            answer.header("last-modified")
        );
    }
}

#[test]
fn each_form_has_a_tag_of_its_own() {
    for files in both(&book()) {
        let mut tags: Vec<_> = ["identity", "gzip", "br", "zstd"]
            .map(|encoding| {
                let answer = get(&files, "/static/book.css", &[("accept-encoding", encoding)]);
                let tag = answer.header("etag").unwrap().to_owned();
                assert!(
                    tag.starts_with('"') && tag.ends_with('"'),
                    "{tag} is strong"
                );
                assert_eq!(encoding == "identity", !tag.contains('-'));
                tag
            })
            .into();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4);
    }
}

#[test]
fn the_tag_depends_on_the_content_alone() {
    let tag = |time: Option<SystemTime>, content: &[u8]| {
        let folder = Folder::new(&[("a.txt", content)]);
        if let Some(time) = time {
            folder.touch("a.txt", time);
        }
        let files = StaticFiles::load(&folder.config()).unwrap();
        let answer = get(&files, "/static/a.txt", &[]);
        answer.header("etag").unwrap().to_owned()
    };
    let recently = SystemTime::now() - Duration::from_hours(1);
    assert_eq!(tag(None, b"one"), tag(Some(recently), b"one"));
    assert_ne!(tag(None, b"one"), tag(None, b"two"));
}

#[test]
fn a_file_without_a_time_has_no_last_modified() {
    let folder = Folder::new(&[("a.txt", b"a")]);
    folder.touch("a.txt", UNIX_EPOCH);
    let files = StaticFiles::load(&folder.config()).unwrap();
    let since = ("if-modified-since", DATE);
    let answer = get(&files, "/static/a.txt", &[since]);
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("last-modified"), None);
    assert!(answer.header("etag").is_some());
}

#[test]
fn only_what_the_manifest_hashes_is_immutable() {
    let folder = Folder::new(&[
        ("book.css", b"a"),
        ("book.0123456789ab.css", b"a"),
        ("book.ba9876543210.css", b"of an older release"),
        ("app.min.js", b"a"),
        ("itself.txt", b"a"),
        ("one.txt", b"a"),
        ("two.txt", b"a"),
        ("crossdomain.0123456789ab.xml", b"a"),
    ]);
    let config = Config {
        manifest: manifest(&[
            ("book.css", "book.0123456789ab.css"),
            ("itself.txt", "itself.txt"),
            ("one.txt", "two.txt"),
            ("two.txt", "two.txt"),
            ("crossdomain.xml", "crossdomain.0123456789ab.xml"),
        ]),
        ..folder.config()
    };
    let files = StaticFiles::load(&config).unwrap();
    let age = |name: &str| {
        let answer = get(&files, &format!("/static/{name}"), &[]);
        answer.header("cache-control").unwrap().to_owned()
    };
    assert_eq!(
        age("book.0123456789ab.css"),
        "public, max-age=31536000, immutable"
    );
    for name in [
        "book.css",
        "book.ba9876543210.css",
        "app.min.js",
        "itself.txt",
        "two.txt",
    ] {
        assert_eq!(age(name), "public, max-age=60", "{name}");
    }
    // What a whole name says is said by the name without its hash.
    let answer = get(&files, "/static/crossdomain.0123456789ab.xml", &[]);
    let expected = "text/x-cross-domain-policy; charset=\"utf-8\"";
    assert_eq!(answer.header("content-type"), Some(expected));
}

#[test]
fn head_is_get_without_a_body() {
    for files in both(&book()) {
        for (path, lines) in [
            ("/static/book.css", &[][..]),
            ("/static/book.css", &[("accept-encoding", "br")]),
            ("/static/book.css", &[("range", "bytes=2-5")]),
            ("/static/book.css", &[("range", "bytes=99-")]),
            ("/static/book.css", &[("if-none-match", "*")]),
            ("/static/empty.txt", &[]),
            ("/static/none.txt", &[]),
        ] {
            let get = get(&files, path, lines);
            let head = ask(&files, Method::HEAD, path, lines);
            assert_eq!(head.status, get.status);
            assert_eq!(head.headers, get.headers);
            assert_eq!(head.body, "");
        }
        let head = ask(
            &files,
            Method::HEAD,
            "/static/book.css",
            &[("range", "bytes=2-5")],
        );
        assert_eq!(head.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(head.header("content-length"), Some("4"));
    }
}

#[test]
fn other_methods_are_refused() {
    for files in both(&book()) {
        for method in [
            "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW",
        ] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = ask(&files, method.clone(), "/static/cover.png", &[]);
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
            assert_eq!(answer.names(), ["allow"]);
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
            assert_eq!(answer.body, "");
            let answer = ask(&files, method, "/static/none.png", &[]);
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
        }
    }
}

#[test]
fn a_missing_file_is_bare_and_never_kept() {
    for files in both(&book()) {
        let answer = get(&files, "/static/none.css", &[("range", "bytes=0-1")]);
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.names(), ["cache-control"]);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.body, "");
    }
}

#[test]
fn a_query_does_not_count() {
    for files in both(&book()) {
        let answer = get(&files, "/static/cover.png?v=2&x=/../..", &[]);
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[test]
fn ages_are_configured() {
    let folder = book();
    let age = |plain_max_age| {
        let config = Config {
            plain_max_age,
            ..folder.config()
        };
        let files = StaticFiles::load(&config).unwrap();
        let answer = get(&files, "/static/cover.png", &[]);
        answer.header("cache-control").map(str::to_owned)
    };
    assert_eq!(
        age(Some(Duration::from_hours(1))).unwrap(),
        "public, max-age=3600"
    );
    assert_eq!(age(Some(Duration::ZERO)).unwrap(), "public, max-age=0");
    assert_eq!(age(None), None);
}

#[test]
fn types_and_headers_are_configured() {
    let folder = book();
    let header = |pattern: &str, name: &'static str, value: &'static str| FileHeader {
        pattern: pattern.to_owned(),
        name: HeaderName::from_static(name),
        value: HeaderValue::from_static(value),
    };
    let config = Config {
        manifest: manifest(&[("book.css", "book.0123456789ab.css")]),
        media_types: [(".png".to_owned(), "image/x-own".to_owned())].into(),
        headers: vec![(REFERRER_POLICY, HeaderValue::from_static("same-origin"))],
        file_headers: vec![
            header("*.png", "x-picture", "yes"),
            header("deep/*", "cache-control", "private"),
            header("book.css", "x-book", "yes"),
        ],
        cross_origin: CrossOrigin::Unspecified,
        ..folder.config()
    };
    let files = StaticFiles::load(&config).unwrap();
    let answer = get(&files, "/static/cover.png", &[]);
    assert_eq!(answer.header("content-type"), Some("image/x-own"));
    assert_eq!(answer.header("x-picture"), Some("yes"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("cross-origin-resource-policy"), None);
    let deep = "/static/deep/er/caf%C3%A9%201.txt";
    for lines in [&[][..], &[("if-none-match", "*")]] {
        let answer = get(&files, deep, lines);
        assert_eq!(answer.header("cache-control"), Some("private"));
        assert_eq!(answer.header("x-picture"), None);
    }
    let answer = get(&files, "/static/book.0123456789ab.css", &[]);
    assert_eq!(answer.header("x-book"), Some("yes"));
    // The headers of the application's layers are on every answer.
    let cases: [(_, _, &[_]); 6] = [
        (Method::GET, deep, &[("if-none-match", "*")]),
        (Method::GET, deep, &[("if-match", "\"\"")]),
        (Method::GET, deep, &[("range", "bytes=999-")]),
        (Method::GET, deep, &[("accept-encoding", "identity;q=0")]),
        (Method::GET, "/static/none", &[]),
        (Method::POST, deep, &[]),
    ];
    let statuses = cases.map(|(method, path, lines)| {
        let answer = ask(&files, method, path, lines);
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        answer.status.as_u16()
    });
    assert_eq!(statuses, [304, 412, 416, 406, 404, 405]);
}

#[test]
fn a_type_that_cannot_be_sent_is_told_at_the_start() {
    let config = Config {
        media_types: [(".png".to_owned(), "image/\n".to_owned())].into(),
        ..book().config()
    };
    let error = StaticFiles::load(&config).unwrap_err().to_string();
    assert_eq!(
        error,
        "\"image/\\n\", the media type of .png, cannot be sent"
    );
}
