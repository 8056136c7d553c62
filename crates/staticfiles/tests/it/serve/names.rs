//! Which address is which file, and which is none: rows WN-H1, WN-H15, WN-H18, WN-H19, WN-S12 and
//! the hashed names of other releases (section 1.7).

use std::fs;

use http::{Method, StatusCode};
use staticfiles::serve::{Config, LoadError, StaticFiles, UnknownName};

use super::{Folder, ask, book, both, get, manifest};

#[test]
fn names_may_be_encoded() {
    for files in both(&book()) {
        for path in ["deep/er/caf%C3%A9%201.txt", "d%65ep/er/caf%c3%a9%201%2etxt"] {
            let answer = get(&files, &format!("/static/{path}"), &[]);
            assert_eq!(answer.body, "coffee", "{path}");
            assert_eq!(answer.header("content-disposition"), None);
        }
        assert_eq!(get(&files, "/static/noext", &[]).body, "bytes");
        let answer = get(&files, "/static/none-%C3%A9.txt", &[]);
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[test]
fn what_is_no_file_is_not_there() {
    let long = "a".repeat(1_000);
    let longer = "a".repeat(10_000);
    for files in both(&book()) {
        for name in [
            "",
            "deep",
            "deep/",
            "deep/er",
            "none.css",
            "staticfiles.json",
            "Cover.png",
            "cover.png/",
            "cover.png/x",
            "/cover.png",
            "./cover.png",
            "deep/../cover.png",
            "deep//er/caf%C3%A9%201.txt",
            "..",
            "../",
            "../static/cover.png",
            "%2e%2e/x",
            "%2e%2e%2fx",
            "deep%2fer%2fcaf%C3%A9%201.txt",
            "..%5cx",
            "cover.png%00",
            "%00",
            "cover.png%20",
            "%ff",
            "cover%2",
            "%",
            "%c0%ae%c0%ae/etc/passwd",
            &long,
            &longer,
        ] {
            let path = format!("/static/{name}");
            let answer = get(&files, &path, &[]);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
            assert!(files.owns(&path));
            assert!(!files.contains(&path));
        }
        for path in [
            "/",
            "/static",
            "/static-x/cover.png",
            "/Static/cover.png",
            "/cover.png",
        ] {
            assert_eq!(get(&files, path, &[]).status, StatusCode::NOT_FOUND);
            assert!(!files.owns(path) && !files.contains(path), "{path}");
        }
        assert!(files.owns("/static/cover.png") && files.contains("/static/cover.png"));
        // What no `Uri` can hold comes from callers alone.
        for path in [
            "/static/deep\\er",
            "/static/cover.png\0",
            "/static/../static/cover.png",
        ] {
            let answer = files.respond(&Method::GET, path, &http::HeaderMap::new());
            assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        }
    }
}

#[test]
fn files_that_come_later_are_not_served() {
    let folder = book();
    for files in both(&folder) {
        folder.write("later.css", b"later");
        let answer = get(&files, "/static/later.css", &[]);
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        fs::remove_file(folder.path().join("later.css")).unwrap();
    }
}

/// But for those of a collection that is at work, or was killed.
#[test]
fn hidden_files_are_files_too() {
    let folder = Folder::new(&[
        (".well-known/a.txt", b"known"),
        (".b.txt", b"hidden"),
        (".collectstatic-x-abcdef/0", b"temporary"),
        ("css/.collectstatic-x-abcdef", b"temporary"),
    ]);
    for files in both(&folder) {
        assert_eq!(get(&files, "/static/.well-known/a.txt", &[]).body, "known");
        assert_eq!(get(&files, "/static/.b.txt", &[]).body, "hidden");
        for name in [".collectstatic-x-abcdef/0", "css/.collectstatic-x-abcdef"] {
            let answer = get(&files, &format!("/static/{name}"), &[]);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
        }
    }
}

#[test]
fn the_prefix_is_configured() {
    let folder = book();
    for (url, path, address) in [
        ("static/", "/static/cover.png", "/static/cover.png"),
        (
            "/sub/static",
            "/sub/static/cover.png",
            "/sub/static/cover.png",
        ),
        ("/", "/cover.png", "/cover.png"),
        (
            "https://cdn.example/x/",
            "/x/cover.png",
            "https://cdn.example/x/cover.png",
        ),
    ] {
        let config = Config {
            url: url.to_owned(),
            ..folder.config()
        };
        let files = StaticFiles::load(&config).unwrap();
        assert_eq!(get(&files, path, &[]).body, "abcdefghij", "{url}");
        assert_eq!(files.url_of("cover.png").unwrap(), address);
    }
    let config = Config {
        url: "/a?b".to_owned(),
        ..folder.config()
    };
    let error = StaticFiles::load(&config).unwrap_err();
    assert!(matches!(&error, LoadError::Url { url } if url == "/a?b"));
    assert_eq!(
        error.to_string(),
        "\"/a?b\" cannot be the prefix of addresses"
    );
}

#[test]
fn addresses_are_hashed_where_a_hash_is_known() {
    for files in both(&book()) {
        for (name, expected) in [
            ("book.css", "/static/book.0123456789ab.css"),
            ("book.0123456789ab.css", "/static/book.0123456789ab.css"),
            ("cover.png", "/static/cover.png"),
            (
                "deep/er/caf\u{e9} 1.txt",
                "/static/deep/er/caf%C3%A9%201.txt",
            ),
            ("book.css?#iefix", "/static/book.0123456789ab.css?#iefix"),
            ("cover.png#part", "/static/cover.png#part"),
            ("cover.png?v=1", "/static/cover.png?v=1"),
            ("deep/", "/static/deep/"),
        ] {
            assert_eq!(files.url_of(name).unwrap(), expected);
        }
        for name in [
            "",
            "none.css",
            "deep",
            "staticfiles.json",
            "book.css.gz",
            "#x",
            "../x",
        ] {
            let error = files.url_of(name).unwrap_err();
            assert_eq!(error, UnknownName(name.to_owned()));
        }
        let error = files.url_of("none.css").unwrap_err();
        assert_eq!(error.to_string(), "there is no static file \"none.css\"");
    }
}

#[test]
fn a_hashed_name_of_another_release_is_the_present_file() {
    for files in both(&book()) {
        let old = "/static/book.ffffffffffff.css";
        let current = get(&files, "/static/book.0123456789ab.css", &[]);
        let answer = get(&files, old, &[]);
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body, current.body);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let mut expected = current.headers.clone();
        expected.insert("cache-control", "no-store".parse().unwrap());
        assert_eq!(answer.headers, expected);
        // Everything else is as for any file.
        let gzip = get(&files, old, &[("accept-encoding", "gzip")]);
        assert_eq!(gzip.body, "gzip");
        let tag = ("if-none-match", answer.header("etag").unwrap());
        let unchanged = get(&files, old, &[tag]);
        assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
        assert_eq!(unchanged.header("cache-control"), Some("no-store"));
        let part = get(&files, old, &[("range", "bytes=0-0")]);
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.header("cache-control"), Some("no-store"));
        let refused = ask(&files, Method::POST, old, &[]);
        assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
        // A file without a hash of its own has been given one by another release.
        assert_eq!(
            get(&files, "/static/cover.ffffffffffff.png", &[]).body,
            "abcdefghij"
        );
        assert_eq!(get(&files, "/static/noext.ffffffffffff", &[]).body, "bytes");
        for name in [
            "none.ffffffffffff.css",
            "book.fffffffffffg.css",
            "book.FFFFFFFFFFFF.css",
            "book.fffffffffff.css",
            "staticfiles.ffffffffffff.json",
            "book.css.ffffffffffff.gz",
        ] {
            let answer = get(&files, &format!("/static/{name}"), &[]);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
        }
    }
}

#[test]
fn an_older_hashed_file_that_is_still_there_is_served_itself() {
    let folder = Folder::new(&[
        ("book.css", b"new"),
        ("book.aaaaaaaaaaaa.css", b"new"),
        ("book.bbbbbbbbbbbb.css", b"old"),
    ]);
    let config = Config {
        manifest: manifest(&[("book.css", "book.aaaaaaaaaaaa.css")]),
        ..folder.config()
    };
    let files = StaticFiles::load(&config).unwrap();
    assert_eq!(
        get(&files, "/static/book.bbbbbbbbbbbb.css", &[]).body,
        "old"
    );
}
