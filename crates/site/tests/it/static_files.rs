//! Static files: collected by the command, served by the site.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use http::Method;

use crate::support::app::request;
use crate::support::program::{Run, Server, command, run};
use crate::support::{Backend, TestApp};

fn collect(folder: &Path, args: &[&str]) -> Run {
    let args = [&["collectstatic"], args].concat();
    run(folder, &[("STATICFILES_DIRS", "own")], &args)
}

/// A folder with sources of the operator's own.
fn folder_with_sources() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    fs::create_dir_all(own.join("img")).unwrap();
    let style = format!(
        "body {{ background: url(img/leaf.svg) }}\n{}",
        "/* long */\n".repeat(200)
    );
    fs::write(own.join("own.css"), style).unwrap();
    fs::write(
        own.join("img/leaf.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    )
    .unwrap();
    fs::write(own.join(".hidden"), "left out").unwrap();
    folder
}

async fn app(folder: &Path) -> TestApp {
    let app = TestApp::new(Backend::Sqlite).await.unwrap();
    let root = folder.join("staticfiles");
    app.with(&[("STATIC_ROOT", root.to_str().unwrap())])
}

#[tokio::test]
async fn what_is_collected_is_served_hashed_compressed_and_for_ever() {
    let folder = folder_with_sources();
    let collected = collect(folder.path(), &["--noinput"]);
    let root = "staticfiles";
    let summary = format!("\n3 static files copied to '{root}', 3 post-processed.\n");
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
    let app = TestApp::new(Backend::Sqlite).await.unwrap();
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

#[test]
fn a_second_run_finds_nothing_to_do_and_an_own_file_goes_before_ours() {
    let folder = folder_with_sources();
    fs::write(folder.path().join("own/site.css"), "p { color: red }").unwrap();
    let first = collect(folder.path(), &["--noinput", "-v", "2"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(
        first
            .out
            .contains("Found another file with the destination path 'site.css'")
    );
    assert!(first.out.contains("Copying 'own/own.css'"), "{}", first.out);
    assert!(first.out.contains(" as 'own."), "{}", first.out);
    let second = collect(folder.path(), &["--noinput"]);
    assert!(
        second
            .out
            .starts_with("\n0 static files copied to 'staticfiles', 3 unmodified")
    );
    assert_eq!(collect(folder.path(), &["--noinput", "-v", "0"]).out, "");
    let site = fs::read_to_string(folder.path().join("staticfiles/site.css")).unwrap();
    assert_eq!(site, "p { color: red }");
}

#[test]
fn the_question_is_asked_before_anything_is_overwritten() {
    let folder = folder_with_sources();
    assert_eq!(
        collect(folder.path(), &[]).code,
        Some(0),
        "an empty folder has nothing to lose"
    );
    for (args, answer, code, words) in [
        (&["collectstatic"][..], "no\n", 1, "will be overwritten"),
        (&["collectstatic"], "", 1, "will be overwritten"),
        (
            &["collectstatic", "--clear"],
            "y\n",
            1,
            "will be DELETED first",
        ),
        (&["collectstatic"], "yes\n", 0, "will be overwritten"),
    ] {
        let mut child = command(folder.path(), &[("STATICFILES_DIRS", "own")])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(answer.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?} {answer:?}");
        assert!(out.contains(words), "{out}");
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(err.contains("cancelled"), code == 1, "{err}");
    }
}

#[test]
fn a_dry_run_does_nothing_and_a_missing_reference_changes_nothing() {
    let folder = folder_with_sources();
    let dry = collect(folder.path(), &["--dry-run"]);
    assert_eq!(dry.code, Some(0));
    assert!(
        dry.out.contains("Pretending to copy 'own/own.css'"),
        "{dry:?}"
    );
    assert!(!folder.path().join("staticfiles").exists());

    fs::write(
        folder.path().join("own/bad.css"),
        "\n\np { background: url(gone.png) }",
    )
    .unwrap();
    let bad = collect(folder.path(), &["--noinput"]);
    assert_eq!(bad.code, Some(1));
    for word in ["bad.css", "3", "gone.png"] {
        assert!(bad.err.contains(word), "{word} in {}", bad.err);
    }
    assert!(!folder.path().join("staticfiles/own.css").exists());
    let ignoring = collect(folder.path(), &["--noinput", "-i", "bad.*"]);
    assert_eq!(ignoring.code, Some(0), "{ignoring:?}");
    let copied = collect(
        folder.path(),
        &["--noinput", "--clear", "--no-post-process"],
    );
    assert_eq!(copied.code, Some(0), "{copied:?}");
    assert!(!folder.path().join("staticfiles/staticfiles.json").exists());
    assert!(folder.path().join("staticfiles/bad.css").exists());
    assert_eq!(collect(folder.path(), &["-v", "4"]).code, Some(2));
}
