//! Debug mode: straight from the sources (WN-S2, WN-S3).

use std::fs;

use http::{Method, StatusCode};
use staticfiles::serve::{Config, StaticFiles};
use staticfiles::source::{EmbeddedFile, Source};

use super::{DATE, Folder, ask, get, manifest};

const OWN: &[EmbeddedFile] = &[
    EmbeddedFile {
        name: "book.css",
        content: b"the program's",
    },
    EmbeddedFile {
        name: "own.css",
        content: b"own",
    },
];

fn files(folders: &[&Folder]) -> StaticFiles {
    let folders = folders.iter();
    let mut sources: Vec<_> = folders
        .map(|folder| Source::Folder(folder.path().to_owned()))
        .collect();
    sources.push(Source::Embedded(OWN));
    let config = Config {
        sources,
        // Neither is looked at.
        manifest: manifest(&[("book.css", "book.aaaaaaaaaaaa.css")]),
        ..Config::new("/none")
    };
    StaticFiles::debug(&config).unwrap()
}

#[test]
fn the_first_source_wins_and_changes_are_seen_at_once() {
    let first = Folder::new(&[]);
    let second = Folder::new(&[("book.css", b"second"), ("deep/a b.txt", b"deep")]);
    let files = files(&[&first, &second]);
    assert_eq!(get(&files, "/static/own.css", &[]).body, "own");
    assert_eq!(get(&files, "/static/deep/a%20b.txt", &[]).body, "deep");
    assert_eq!(get(&files, "/static/book.css", &[]).body, "second");
    first.write("book.css", b"first");
    assert_eq!(get(&files, "/static/book.css", &[]).body, "first");
    first.write("book.css", b"First");
    assert_eq!(get(&files, "/static/book.css", &[]).body, "First");
    fs::remove_file(first.path().join("book.css")).unwrap();
    fs::remove_file(second.path().join("book.css")).unwrap();
    assert_eq!(get(&files, "/static/book.css", &[]).body, "the program's");
    assert!(files.problems().is_empty());
}

#[test]
fn answers_are_as_in_production_but_for_their_age() {
    let folder = Folder::new(&[("book.css", b"0123456789")]);
    let files = files(&[&folder]);
    let answer = get(&files, "/static/book.css", &[("accept-encoding", "gzip")]);
    let names = [
        "accept-ranges",
        "access-control-allow-origin",
        "cache-control",
        "content-length",
        "content-type",
        "cross-origin-resource-policy",
        "etag",
        "last-modified",
    ];
    assert_eq!(answer.names(), names);
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("last-modified"), Some(DATE));
    let tag = answer.header("etag").unwrap();
    let cases: [(_, &[_], _); 6] = [
        (Method::GET, &[("if-none-match", tag)], 304),
        (Method::GET, &[("if-modified-since", DATE)], 304),
        (Method::GET, &[("range", "bytes=1-2")], 206),
        (Method::GET, &[("range", "bytes=10-")], 416),
        (Method::HEAD, &[], 200),
        (Method::POST, &[], 405),
    ];
    for (method, lines, status) in cases {
        let answer = ask(&files, method, "/static/book.css", lines);
        assert_eq!(answer.status.as_u16(), status, "{lines:?}");
    }
    // A change within the same second is another tag.
    folder.write("book.css", b"9876543210");
    let answer = get(&files, "/static/book.css", &[("if-none-match", tag)]);
    assert_eq!(answer.status, StatusCode::OK);
}

#[test]
fn addresses_are_plain() {
    let folder = Folder::new(&[("deep/a b.txt", b"deep")]);
    let files = files(&[&folder]);
    assert_eq!(files.url_of("book.css").unwrap(), "/static/book.css");
    assert_eq!(
        files.url_of("deep/a b.txt").unwrap(),
        "/static/deep/a%20b.txt"
    );
    assert!(files.url_of("none.css").is_err());
    assert!(files.url_of("../x").is_err());
    let answer = get(&files, "/static/book.aaaaaaaaaaaa.css", &[]);
    assert_eq!(answer.body, "the program's");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(files.contains("/static/book.css") && !files.contains("/static/none.css"));
    assert!(!files.contains("/book.css"));
}

#[test]
fn disguises_lead_nowhere() {
    let parent = Folder::new(&[
        ("secret.txt", b"secret"),
        ("static/a.txt", b"a"),
        ("static/a.txt.gz", b"form"),
        ("static/deep/b.txt", b"b"),
        ("static/staticfiles.json", b"{}"),
        ("static-other/secret.txt", b"secret"),
    ]);
    let config = Config {
        sources: vec![Source::Folder(parent.path().join("static"))],
        ..Config::new("/none")
    };
    let files = StaticFiles::debug(&config).unwrap();
    #[cfg(unix)]
    {
        let link = |target: &str, name: &str| {
            let path = parent.path().join("static").join(name);
            std::os::unix::fs::symlink(target, path).unwrap();
        };
        link("../secret.txt", "out.txt");
        link("../static-other", "out");
        link("deep", "linked");
        assert_eq!(get(&files, "/static/linked/b.txt", &[]).body, "b");
    }
    assert_eq!(get(&files, "/static/a.txt", &[]).body, "a");
    let secret = parent.path().join("secret.txt");
    for name in [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "deep/../../secret.txt",
        "..%5csecret.txt",
        "deep//b.txt",
        "/a.txt",
        "a.txt/",
        "a.txt%00",
        "",
        "deep",
        "deep/",
        ".",
        "out.txt",
        "out/secret.txt",
        "staticfiles.json",
        "a.txt.gz",
        "../static-other/secret.txt",
        secret.to_str().unwrap(),
        &secret.to_str().unwrap().replace('/', "%2f"),
        &"a".repeat(9_000),
    ] {
        let answer = get(&files, &format!("/static/{name}"), &[]);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}
