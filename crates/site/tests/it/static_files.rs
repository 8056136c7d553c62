//! Static files as the site serves them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use http::Method;
use server::PeerAddress;
use site::static_files::OWN_FILES;

use crate::collectstatic::{collect, folder_with_sources};
use crate::support::app::request;
use crate::support::program::Server;
use crate::support::{Backend, CapturedLog, TestApp};

async fn app(folder: &Path) -> TestApp {
    let app = TestApp::open(Backend::Sqlite).await;
    let root = folder.join("staticfiles");
    app.with(&[("STATIC_ROOT", root.to_str().unwrap())])
}

#[tokio::test]
async fn what_is_collected_is_served_hashed_compressed_and_for_ever() {
    let folder = folder_with_sources();
    let collected = collect(folder.path(), &["--noinput"]);
    let root = "staticfiles";
    let summary = format!("\n12 static files copied to '{root}', 12 post-processed.\n");
    assert_eq!(
        (collected.code, collected.out),
        (Some(0), summary),
        "{}",
        collected.err
    );

    let app = app(folder.path()).await;
    let page = app.get("/lettings/").await.expect(200);
    let link = &page.attributes("link[rel=stylesheet]", "href")[0];
    assert!(
        link.starts_with("/static/site.") && link.len() == "/static/site.0123456789ab.css".len()
    );
    for (accepted, coding) in [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("zstd", "zstd"),
    ] {
        let mut get = request(Method::GET, link);
        get.headers_mut()
            .insert("accept-encoding", accepted.parse().unwrap());
        let answer = app.send(get).await.expect(200);
        assert_eq!(answer.header("content-encoding"), coding);
        let immutable = "public, max-age=31536000, immutable";
        assert_eq!(answer.header("cache-control"), immutable);
        assert_eq!(answer.header("content-type"), "text/css; charset=\"utf-8\"");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "cross-origin"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("vary"), "Accept-Encoding");
    }
    let own = app.get("/static/own.css").await.expect(200);
    assert_eq!(own.header("cache-control"), "public, max-age=60");
    assert!(app.get("/static/staticfiles.json").await.status == 404);

    // A page of another release asks for its own names.
    let older = app.get("/static/site.000000000000.css").await.expect(200);
    assert_eq!(older.header("cache-control"), "no-store");
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    for path in [
        "/static/nothing.css",
        "/static/",
        "/static/../site.css",
        "/static/%2e%2e/x",
    ] {
        let answer = app.get(path).await.expect(404);
        answer.assert_valid_html();
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    app.get("/static").await.expect(404);
    let answer = app
        .send(request(Method::POST, "/static/site.css"))
        .await
        .expect(405);
    assert_eq!(answer.header("allow"), "GET, HEAD");
    app.get("http://evil.example/static/site.css")
        .await
        .expect(400);
}

#[tokio::test]
async fn without_a_collection_the_programs_own_files_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    let page = app.get("/").await.expect(200);
    assert_eq!(
        page.attributes("link[rel=stylesheet]", "href"),
        ["/static/site.css"]
    );
    let answer = app.get("/static/site.css").await.expect(200);
    assert!(answer.body.contains(".skip"), "{}", answer.body);

    let serve = [("SECRET_KEY", "x"), ("ALLOWED_HOSTS", "localhost")];
    let server = Server::start(folder.path(), &serve);
    assert!(
        server
            .seen
            .contains("site.css is not among the collected files"),
        "{}",
        server.seen
    );
    assert_eq!(server.stop("TERM").0, Some(0));
}

#[tokio::test]
async fn in_debug_files_come_straight_from_their_sources() {
    let folder = folder_with_sources();
    let app = TestApp::open(Backend::Sqlite).await;
    let own = folder.path().join("own");
    let app = app.with(&[("DEBUG", "1"), ("STATICFILES_DIRS", own.to_str().unwrap())]);
    let page = app.get("/").await.expect(200);
    assert_eq!(
        page.attributes("link[rel=stylesheet]", "href"),
        ["/static/site.css"]
    );
    app.get("/static/site.css").await.expect(200);
    fs::write(own.join("own.css"), "p {}").unwrap();
    assert_eq!(app.get("/static/own.css").await.expect(200).body, "p {}");
}

/// Row WN-H16: those of every answer, but for the one that lets pages of other origins use files.
#[tokio::test]
async fn files_carry_the_security_headers_and_each_of_them_once() {
    let folder = folder_with_sources();
    assert_eq!(collect(folder.path(), &["--noinput"]).code, Some(0));
    let app = app(folder.path()).await;
    let size = fs::metadata(folder.path().join("staticfiles/own.css")).unwrap();
    let no_such_range = format!("bytes */{}", size.len());
    for (lines, status) in [
        (&[][..], 200),
        (&[("range", "bytes=0-0")], 206),
        (&[("if-none-match", "*")], 304),
        (&[("range", "bytes=999999-")], 416),
        (&[("if-match", "\"\"")], 412),
    ] {
        let mut get = request(Method::GET, "/static/own.css");
        for (name, value) in lines {
            get.headers_mut().insert(*name, value.parse().unwrap());
        }
        let answer = app.send(get).await.expect(status);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{status}");
        }
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors")
        );
        assert_eq!(answer.header("x-request-id").len(), 32);
        assert_eq!(answer.header("strict-transport-security"), "");
        // Of the lines of `Vary` each says something else.
        let names = answer.headers.keys().filter(|name| *name != "vary");
        for name in names {
            let lines = answer.headers.get_all(name).iter().count();
            assert_eq!(lines, 1, "{name} in {:?}", answer.headers);
        }
        if status == 416 {
            assert_eq!(answer.header("content-range"), no_such_range);
        }
        if status != 412 {
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            let policy = answer.header("cross-origin-resource-policy");
            assert_eq!(policy, "cross-origin");
        }
    }
    let mut get = request(Method::GET, "/static/own.css");
    get.headers_mut()
        .insert("x-forwarded-proto", "https".parse().unwrap());
    let proxy: SocketAddr = "127.0.0.1:1".parse().unwrap();
    get.extensions_mut().insert(PeerAddress(proxy));
    let answer = app.send(get).await.expect(200);
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000"
    );
}

/// Row WN-H21.
#[tokio::test]
async fn the_log_tells_the_true_size_of_what_is_sent() {
    let folder = folder_with_sources();
    assert_eq!(collect(folder.path(), &["--noinput"]).code, Some(0));
    let app = app(folder.path()).await;
    let gzip = fs::metadata(folder.path().join("staticfiles/own.css.gz")).unwrap();
    let whole = fs::metadata(folder.path().join("staticfiles/own.css")).unwrap();
    for (name, value, size) in [
        ("accept-encoding", "", whole.len()),
        ("accept-encoding", "gzip", gzip.len()),
        ("range", "bytes=1-4", 4),
        ("if-none-match", "*", 0),
    ] {
        let mut get = request(Method::GET, "/static/own.css?not=told");
        get.headers_mut().insert(name, value.parse().unwrap());
        let log = CapturedLog::start();
        let answer = app.send(get).await;
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["http.bytes"], size, "{name}: {value}");
        assert_eq!(lines[0]["http.status"], answer.status.as_u16());
        assert_eq!(lines[0]["http.path"], "/static/own.css");
        assert_eq!(lines[0]["request.id"], answer.header("x-request-id"));
    }
}

/// What no client library would send.
#[test]
fn nothing_above_the_root_can_be_asked_for() {
    let folder = folder_with_sources();
    assert_eq!(collect(folder.path(), &["--noinput"]).code, Some(0));
    fs::write(folder.path().join("secret.txt"), "SECRET").unwrap();
    let serve = [("SECRET_KEY", "x"), ("ALLOWED_HOSTS", "localhost")];
    let server = Server::start(folder.path(), &serve);
    // The second is longer than a request's line may be.
    let (long, longer) = ("a".repeat(8000), "a".repeat(12_000));
    for (name, status) in [
        (&b"own.css"[..], "200"),
        (b"../secret.txt", "404"),
        (b"img/../../secret.txt", "404"),
        (b"%2e%2e/secret.txt", "404"),
        (b"%2E%2E%2Fsecret.txt", "404"),
        (b"..%2fsecret.txt", "404"),
        (b"..%5csecret.txt", "404"),
        (b"..\\secret.txt", "404"),
        (b"%252e%252e/secret.txt", "404"),
        (b"%c0%ae%c0%ae/secret.txt", "404"),
        (b"//secret.txt", "404"),
        (b"own.css%00", "404"),
        (b"own.css%0d%0aX:y", "404"),
        (b"own.css/", "404"),
        (long.as_bytes(), "404"),
        (longer.as_bytes(), "414"),
        // Not even hyper takes these.
        (b"own.css\0", "400"),
        (b"..\xc0\xafsecret.txt", "400"),
    ] {
        let mut stream = server.connect();
        let rest = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream
            .write_all(&[b"GET /static/", name, rest].concat())
            .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer);
        let expected = format!("HTTP/1.1 {status} ");
        let name = String::from_utf8_lossy(name);
        assert!(answer.starts_with(&expected), "{name}: {answer}");
        assert!(!answer.contains("SECRET"), "{name}");
    }
    assert_eq!(server.stop("TERM").0, Some(0));
}

/// In debug mode the folder itself is served, so that nobody would miss it.
#[test]
fn every_file_of_our_own_is_in_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    // At an address of its own.
    let mut names: Vec<String> = names.filter(|name| name != "favicon.ico").collect();
    names.sort();
    let own: Vec<&str> = OWN_FILES.iter().map(|file| file.name).collect();
    assert_eq!(names, own);
}
