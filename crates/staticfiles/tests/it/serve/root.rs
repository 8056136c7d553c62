//! What is read at the start, and what is told about it.

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use http::StatusCode;
use staticfiles::compress::{self, Encoding};
use staticfiles::serve::{Config, StaticFiles};
use staticfiles::source::{EmbeddedFile, Source};

use super::{Folder, MODIFIED, get, manifest};

const OWN: &[EmbeddedFile] = &[
    EmbeddedFile {
        name: "book.css",
        content: b"the program's",
    },
    EmbeddedFile {
        name: "img/shelf.svg",
        content: b"<svg/>",
    },
    EmbeddedFile {
        name: "staticfiles.json",
        content: b"{}",
    },
    EmbeddedFile {
        name: "../escape",
        content: b"",
    },
];

fn problems(files: &StaticFiles) -> Vec<String> {
    files.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_root_lacks_is_served_from_the_program() {
    let folder = Folder::new(&[("book.css", b"collected")]);
    let config = Config {
        sources: vec![Source::Embedded(OWN)],
        ..folder.config()
    };
    let files = StaticFiles::load(&config).unwrap();
    let expected = "img/shelf.svg is not among the collected files; the program's own is served";
    assert_eq!(problems(&files), [expected]);
    assert_eq!(get(&files, "/static/book.css", &[]).body, "collected");
    let answer = get(&files, "/static/img/shelf.svg", &[]);
    assert_eq!(answer.body, "<svg/>");
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
    assert_eq!(answer.header("last-modified"), None);
    assert_eq!(
        files.url_of("img/shelf.svg").unwrap(),
        "/static/img/shelf.svg"
    );
    let answer = get(&files, "/static/img/shelf.ffffffffffff.svg", &[]);
    assert_eq!(answer.body, "<svg/>");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let answer = get(&files, "/static/staticfiles.json", &[]);
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[test]
fn without_a_root_the_program_serves_its_own() {
    let folder = Folder::new(&[]);
    let config = Config {
        sources: vec![Source::Embedded(OWN)],
        ..Config::new(folder.path().join("none"))
    };
    let files = StaticFiles::load(&config).unwrap();
    assert_eq!(get(&files, "/static/book.css", &[]).body, "the program's");
    let [root, book, shelf] = &*problems(&files) else {
        panic!("{:?}", files.problems());
    };
    assert!(root.contains("none cannot be read: "));
    assert!(book.starts_with("book.css is not") && shelf.starts_with("img/shelf.svg is not"));
}

#[test]
fn a_hashed_file_stands_in_for_its_plain_one() {
    // What is left by WHITENOISE_KEEP_ONLY_HASHED_FILES.
    let folder = Folder::new(&[("book.aaaaaaaaaaaa.css", b"collected")]);
    let config = Config {
        sources: vec![Source::Embedded(&OWN[..1])],
        manifest: manifest(&[("book.css", "book.aaaaaaaaaaaa.css")]),
        ..folder.config()
    };
    let files = StaticFiles::load(&config).unwrap();
    assert_eq!(problems(&files), [""; 0]);
    assert_eq!(
        files.url_of("book.css").unwrap(),
        "/static/book.aaaaaaaaaaaa.css"
    );
    let answer = get(&files, "/static/book.ffffffffffff.css", &[]);
    assert_eq!(answer.body, "collected");
}

#[test]
fn a_manifest_that_promises_too_much_is_told() {
    let folder = Folder::new(&[("book.css", b"collected")]);
    let config = Config {
        manifest: manifest(&[
            ("book.css", "book.aaaaaaaaaaaa.css"),
            ("none.css", "none.aaaaaaaaaaaa.css"),
        ]),
        ..folder.config()
    };
    let files = StaticFiles::load(&config).unwrap();
    let expected = ["book", "none"].map(|name| {
        format!(
            "{name}.aaaaaaaaaaaa.css is not among the collected files, \
             though the manifest has it for {name}.css"
        )
    });
    assert_eq!(problems(&files), expected);
    // A page without the hash is better than no page.
    assert_eq!(files.url_of("book.css").unwrap(), "/static/book.css");
    assert!(files.url_of("none.css").is_err());
    let answer = get(&files, "/static/book.aaaaaaaaaaaa.css", &[]);
    assert_eq!(answer.body, "collected");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn an_older_form_is_served_only_if_it_is_of_the_content() {
    let content = b"book ".repeat(100);
    let form = compress::compress(&content, Encoding::Gzip)
        .unwrap()
        .unwrap();
    let folder = Folder::new(&[
        ("same.txt", &content),
        ("same.txt.gz", &form),
        ("other.txt", b"something else, and longer"),
        ("other.txt.gz", &form),
        ("newer.txt", b"whatever"),
        ("newer.txt.gz", &form),
    ]);
    let load = || StaticFiles::load(&folder.config()).unwrap();
    for name in ["same.txt.gz", "other.txt.gz"] {
        folder.touch(name, UNIX_EPOCH + MODIFIED - Duration::from_millis(1));
    }
    folder.touch("newer.txt.gz", UNIX_EPOCH + MODIFIED * 2);
    let files = load();
    let expected = "other.txt.gz is older than its file, of another content, and is not served";
    assert_eq!(problems(&files), [expected]);
    for (name, encoding) in [
        ("same.txt", Some("gzip")),
        ("other.txt", None),
        ("newer.txt", Some("gzip")),
    ] {
        let answer = get(
            &files,
            &format!("/static/{name}"),
            &[("accept-encoding", "gzip")],
        );
        assert_eq!(answer.header("content-encoding"), encoding, "{name}");
    }
    // Below a second times are not compared: copies lose it.
    folder.touch(
        "other.txt",
        UNIX_EPOCH + MODIFIED + Duration::from_millis(900),
    );
    folder.touch("other.txt.gz", UNIX_EPOCH + MODIFIED);
    assert_eq!(problems(&load()), [""; 0]);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn links_are_followed_within_the_root() {
        let outside = Folder::new(&[("secret.txt", b"secret"), ("deep/secret.txt", b"secret")]);
        let folder = Folder::new(&[("data/a.txt", b"a"), ("b.txt", b"b")]);
        let link = |target: &std::path::Path, name: &str| {
            symlink(target, folder.path().join(name)).unwrap();
        };
        link("data".as_ref(), "linked");
        link("data/a.txt".as_ref(), "linked.txt");
        link("../b.txt".as_ref(), "data/b.txt");
        link(&outside.path().join("secret.txt"), "out.txt");
        link(outside.path(), "out");
        link("../../../../../../../../etc".as_ref(), "data/etc");
        link("none".as_ref(), "broken.txt");
        link(".".as_ref(), "data/loop");
        let files = StaticFiles::load(&folder.config()).unwrap();
        for (path, body) in [
            ("linked/a.txt", "a"),
            ("linked.txt", "a"),
            ("data/b.txt", "b"),
            ("linked/b.txt", "b"),
        ] {
            assert_eq!(
                get(&files, &format!("/static/{path}"), &[]).body,
                body,
                "{path}"
            );
        }
        for path in [
            "out.txt",
            "out/secret.txt",
            "out/deep/secret.txt",
            "data/etc/passwd",
        ] {
            let answer = get(&files, &format!("/static/{path}"), &[]);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        }
        let problems = problems(&files);
        let count = |words: &str| {
            problems
                .iter()
                .filter(|problem| problem.contains(words))
                .count()
        };
        // Below `data`, and again below `linked`.
        assert_eq!(
            count("etc leads out of the collected files and is not served"),
            2
        );
        assert_eq!(
            count("data is linked to from within and is not followed"),
            2
        );
        assert_eq!(count("out.txt leads out"), 1);
        assert_eq!(count("out leads out"), 1);
        assert_eq!(count("broken.txt cannot be read"), 1);
        assert_eq!(problems.len(), 7);
    }

    #[test]
    fn the_root_itself_may_be_a_link() {
        let folder = Folder::new(&[("release/a.txt", b"a")]);
        let current = folder.path().join("current");
        symlink("release", &current).unwrap();
        let files = StaticFiles::load(&Config::new(current)).unwrap();
        assert_eq!(get(&files, "/static/a.txt", &[]).body, "a");
        assert_eq!(problems(&files), [""; 0]);
    }

    #[test]
    fn what_cannot_be_served_is_told() {
        let folder = Folder::new(&[("a.txt", b"a"), ("back\\slash.txt", b"b")]);
        let not_utf8 = folder.path().join(OsStr::from_bytes(b"caf\xe9.txt"));
        fs::write(not_utf8, b"c").unwrap();
        let socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket"));
        let files = StaticFiles::load(&folder.config()).unwrap();
        drop(socket);
        assert_eq!(get(&files, "/static/a.txt", &[]).status, StatusCode::OK);
        let problems = problems(&files);
        assert_eq!(problems.len(), 3);
        assert!(problems[0].ends_with("back\\slash.txt has a name that cannot be asked for"));
        assert!(problems[1].contains(" has a name that cannot be asked for"));
        assert!(problems[2].ends_with("socket is neither a file nor a folder"));
    }

    #[test]
    fn what_must_not_be_read_is_told() {
        let folder = Folder::new(&[("a.txt", b"a"), ("b.txt", b"b"), ("dir/c.txt", b"c")]);
        let forbid = |name: &str| {
            let permissions = fs::Permissions::from_mode(0o000);
            fs::set_permissions(folder.path().join(name), permissions).unwrap();
        };
        forbid("b.txt");
        forbid("dir");
        let is_root = fs::read(folder.path().join("b.txt")).is_ok();
        let files = StaticFiles::load(&folder.config()).unwrap();
        assert_eq!(get(&files, "/static/a.txt", &[]).body, "a");
        // To the system's administrator nothing is forbidden.
        assert_eq!(files.problems().len(), if is_root { 0 } else { 2 });
        let permissions = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path().join("dir"), permissions).unwrap();
    }
}
