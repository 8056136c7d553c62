//! The program as a process: commands, exit codes, what they print, how the server stops.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::support::database::sqlite_url;
use crate::support::program::{Server, command, run};
use crate::support::{Backend, TestDatabase};

const DEBUG: (&str, &str) = ("DEBUG", "1");

#[test]
fn every_problem_with_the_settings_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port().to_string();
    for args in [&[][..], &["serve"], &["runserver"]] {
        let run = run(
            folder.path(),
            &[
                ("DEBUG", "maybe"),
                ("PORT", &port),
                ("DATABASE_URL", "mysql://ann:hunter2@host/db"),
                ("ALLOWED_HOSTS", "https://site.example"),
                ("SENTRY_DSN", "hunter2"),
                ("LOG_FORMAT", "xml"),
            ],
            args,
        );
        assert_eq!(run.code, Some(2), "{run:?}");
        insta::assert_snapshot!("problems_with_the_settings", run.err);
    }
}

#[test]
fn what_is_required_is_required_where_the_site_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let serve = run(folder.path(), &[], &["serve"]);
    assert_eq!(serve.code, Some(2));
    insta::assert_snapshot!("required_settings", serve.err);
    let migrate = run(folder.path(), &[], &["migrate"]);
    assert_eq!(migrate.code, Some(0), "{migrate:?}");
    assert!(folder.path().join("oc-lettings-site.sqlite3").exists());
}

#[test]
fn the_environment_wins_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let dotenv = "export DATABASE_URL='sqlite:///from-file.sqlite3' # where\nPORT=99999\n";
    std::fs::write(folder.path().join(".env"), dotenv).unwrap();
    let bad = run(folder.path(), &[], &["migrate"]);
    assert_eq!(bad.code, Some(2));
    assert!(
        bad.err
            .contains("PORT must be a whole number from 1 to 65535"),
        "{bad:?}"
    );
    // An empty value of the process counts as not set, and still hides the file's.
    let good = run(folder.path(), &[("PORT", "")], &["migrate"]);
    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(folder.path().join("from-file.sqlite3").exists());
    let quoted = [
        ("PORT", "\"8000\""),
        ("DATABASE_URL", "sqlite:///from-process.sqlite3"),
    ];
    let quoted = run(folder.path(), &quoted, &["migrate"]);
    assert_eq!(quoted.code, Some(0), "{quoted:?}");
    assert!(
        quoted.err.contains("PORT has quotes around its value"),
        "{quoted:?}"
    );
    assert!(folder.path().join("from-process.sqlite3").exists());
}

#[test]
fn wrong_usage_is_exit_code_two() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["nonsense"][..],
        &["migrate", "--nonsense"],
        &["migrate", "--plan", "--check"],
    ] {
        assert_eq!(run(folder.path(), &[], args).code, Some(2), "{args:?}");
    }
    let help = run(folder.path(), &[], &["--help"]);
    assert_eq!(help.code, Some(0));
    insta::assert_snapshot!("help", help.out);
}

#[test]
fn a_database_is_migrated_and_filled_step_by_step() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| run(folder.path(), &[], args);
    assert_eq!(run(&["migrate", "--check"]).code, Some(1));
    let plan = run(&["migrate", "--plan"]);
    assert_eq!(plan.code, Some(0));
    assert!(
        plan.out.starts_with("Found an empty database. Planned:\n"),
        "{plan:?}"
    );
    assert_eq!(run(&["demo"]).code, Some(1), "not migrated yet");
    assert_eq!(run(&["migrate"]).code, Some(0));
    assert_eq!(run(&["migrate", "--check"]).code, Some(0));
    assert_eq!(
        run(&["migrate"]).out,
        "The database is up to date: nothing to do.\nThe site shows:\n  \
         0 addresses, of lettings_address\n  0 lettings, of lettings_letting\n  \
         0 profiles, of profiles_profile\n\
         Way back: none is needed: Django works on the same tables.\n"
    );
    let shown = run(&["showmigrations", "lettings", "profiles"]);
    insta::assert_snapshot!("showmigrations", shown.out);

    let demo = run(&["demo"]);
    assert_eq!(
        (demo.code, demo.out.as_str()),
        (Some(0), "Added 36 lettings and 24 profiles.\n")
    );
    let again = run(&["demo"]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("the database is not empty"), "{again:?}");
}

#[test]
fn a_check_names_what_is_wrong_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let as_serve = run(folder.path(), &[], &["check"]);
    assert_eq!(as_serve.code, Some(2));
    assert_eq!(as_serve.err, run(folder.path(), &[], &["serve"]).err);
    let plain = run(folder.path(), &[DEBUG], &["check"]);
    assert_eq!(
        (plain.code, plain.out.as_str()),
        (Some(0), "Nothing found.\n")
    );
    let bad = [
        ("DEBUG", "on"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("ALLOWED_HOSTS", "*"),
        ("RENDER_EXTERNAL_HOSTNAME", "site.onrender.com"),
        ("FORWARDED_ALLOW_IPS", "127.0.0.1,::1"),
        ("STATICFILES_DIRS", "nowhere"),
        ("PROFILE_EMAIL_PUBLIC", "on"),
    ];
    let deploy = run(folder.path(), &bad, &["check", "--deploy"]);
    assert_eq!(deploy.code, Some(0), "{deploy:?}");
    insta::assert_snapshot!("check_deploy", deploy.out);
    let strict = ["check", "--deploy", "--fail-level", "warning"];
    assert_eq!(run(folder.path(), &bad, &strict).code, Some(1));
    let lenient = ["check", "--deploy", "--fail-level", "CRITICAL"];
    assert_eq!(run(folder.path(), &bad, &lenient).code, Some(0));
    let uncollected = run(
        folder.path(),
        &[],
        &["check", "--deploy", "--tag", "staticfiles"],
    );
    assert!(
        uncollected.out.starts_with("warning oc_lettings.W006: "),
        "{uncollected:?}"
    );
    assert_eq!(run(folder.path(), &[], &["collectstatic"]).code, Some(0));
    let collected = run(
        folder.path(),
        &[],
        &["check", "--deploy", "--tag", "staticfiles"],
    );
    assert_eq!(collected.out, "Nothing found.\n");
    std::fs::write(
        folder.path().join("oc-lettings-site.sqlite3"),
        "no database",
    )
    .unwrap();
    let broken = run(folder.path(), &[], &["check", "--tag", "database"]);
    assert_eq!(broken.code, Some(1));
    assert!(
        broken.out.starts_with("error oc_lettings.E001: "),
        "{broken:?}"
    );
}

#[test]
fn a_server_serves_until_it_is_told_to_stop() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), &[DEBUG, ("DEMO_DATA", "1")]);
        let page = server.exchange("GET /lettings/1/ HTTP/1.0\r\nHost: localhost\r\n\r\n");
        assert!(page.starts_with("HTTP/1.0 200 OK\r\n"), "{page}");
        assert!(page.contains("Joshua Tree Green Haus /w Hot Tub"), "{page}");
        let health = run(folder.path(), &[], &["health", "--port", server.port()]);
        assert_eq!(health.code, Some(0), "{health:?}");
        assert!(health.out.contains("\"status\":\"ok\""), "{health:?}");
        let port = server.port().to_owned();
        let (code, log) = server.stop(signal);
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("stopped"), "{log}");
        let health = run(folder.path(), &[], &["health", "--port", &port]);
        assert_eq!(health.code, Some(1), "{health:?}");
        assert!(health.err.contains("no health at"), "{health:?}");
    }
}

#[test]
fn the_program_carries_the_notices_of_all_it_is_built_from() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path(), &[], &["licenses"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    for part in [
        "MIT License\n\nCopyright (c) 2026 The OC Lettings maintainers",
        "\naxum ",
        "\nring ",
        "Permission is hereby granted, free of charge",
        "Apache License",
        // Of the library in C that `zstd-sys` brings.
        "Copyright (c) Meta Platforms, Inc. and affiliates.",
    ] {
        assert!(run.out.contains(part), "{part}");
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = occupied.local_addr().unwrap().to_string();
    let run = run(folder.path(), &[DEBUG], &["serve", "--bind", &address]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains(&format!("error: listen on {address}: ")),
        "{run:?}"
    );
    // Before anything is made for a site that could not be served.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A new database would look as if everything were lost.
#[test]
fn a_database_of_another_name_is_seen_before_a_new_one_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let old = ("DATABASE_URL", "sqlite:///oc_lettings_site.sqlite3");
    assert_eq!(
        run(folder.path(), &[DEBUG, old], &["migrate"]).code,
        Some(0)
    );
    for args in [&["migrate"][..], &["serve", "--bind", "127.0.0.1:0"]] {
        let refused = run(folder.path(), &[DEBUG], args);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let hint = "set DATABASE_URL=sqlite:///oc_lettings_site.sqlite3 to use it";
        assert!(refused.err.contains(hint), "{refused:?}");
        assert!(!folder.path().join("oc-lettings-site.sqlite3").exists());
    }
    let new = ("DATABASE_URL", "sqlite:///oc-lettings-site.sqlite3");
    assert_eq!(
        run(folder.path(), &[DEBUG, new], &["migrate"]).code,
        Some(0)
    );
}

#[test]
fn an_address_may_be_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupied.local_addr().unwrap().port();
    let named = format!("localhost:{port}");
    let taken = run(folder.path(), &[DEBUG], &["serve", "--bind", &named]);
    assert!(
        taken.err.contains(&format!("listen on 127.0.0.1:{port}: ")),
        "{taken:?}"
    );
    let wrong = run(folder.path(), &[DEBUG], &["serve", "--bind", "localhost"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("such as `127.0.0.1:8000`"), "{wrong:?}");
}

#[test]
fn lines_are_json_when_asked_for_from_the_first_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path(), &[DEBUG, ("LOG_FORMAT", "json")])
        .args(["serve", "--bind", "127.0.0.1:0"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = child.stderr.take().unwrap();
    let mut text = Vec::new();
    while !String::from_utf8_lossy(&text).contains("listening on") {
        let mut bytes = [0; 4096];
        let read = log.read(&mut bytes).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&text));
        text.extend(&bytes[..read]);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let text = String::from_utf8(text).unwrap();
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(
            line["level"].is_string() && line["message"].is_string(),
            "{line}"
        );
    }
}

#[test]
fn failures_are_json_too_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (variables, code) in [
        (&[("LOG_FORMAT", "json"), ("PORT", "x")][..], 2),
        (
            &[
                ("LOG_FORMAT", "json"),
                DEBUG,
                ("DATABASE_URL", "sqlite:///no/such/folder.db"),
            ],
            1,
        ),
    ] {
        let run = run(folder.path(), variables, &["serve"]);
        assert_eq!(run.code, Some(code), "{run:?}");
        let last = run.err.lines().last().unwrap();
        let line: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(line["level"], "ERROR");
    }
}

#[test]
fn a_database_that_cannot_be_used_keeps_the_port_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.sqlite3");
    std::fs::write(&path, "no database").unwrap();
    let url = sqlite_url(&path);
    let variables = [DEBUG, ("DATABASE_URL", url.as_str())];
    let run = run(
        folder.path(),
        &variables,
        &["serve", "--bind", "127.0.0.1:0"],
    );
    assert_eq!(run.code, Some(1));
    assert!(!run.err.contains("listening"), "{run:?}");
    assert!(
        run.err
            .contains("error: migrate: cannot read the SQLite file"),
        "{run:?}"
    );
}

async fn eight_programs_that_migrate_at_once_all_succeed(backend: Backend) {
    for _ in 0..3 {
        let database = TestDatabase::empty(backend).await;
        let variables = [("DATABASE_URL", database.url.as_str())];
        let children: Vec<_> = (0..8)
            .map(|_| {
                let mut command = command(database.folder.path(), &variables);
                let command = command.arg("migrate").stderr(std::process::Stdio::piped());
                command
                    .stdout(std::process::Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let mut migrated = 0;
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
            migrated += usize::from(output.stdout.starts_with(b"Found an empty database."));
        }
        assert_eq!(migrated, 1, "{backend:?}");
    }
}

#[tokio::test]
async fn eight_programs_that_migrate_at_once_all_succeed_on_sqlite() {
    eight_programs_that_migrate_at_once_all_succeed(Backend::Sqlite).await;
}

#[tokio::test]
async fn eight_programs_that_migrate_at_once_all_succeed_on_postgresql() {
    eight_programs_that_migrate_at_once_all_succeed(Backend::Postgres).await;
}

#[test]
fn malformed_requests_are_refused_on_the_wire() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[DEBUG]);
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("GET /healthz HTTP/1.1\r\n\r\n", "400"),
        (
            "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
            "400",
        ),
        (
            "GET / HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n",
            "400",
        ),
        ("nonsense\r\n\r\n", "400"),
        (
            "GET /healthz HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n",
            "200",
        ),
    ] {
        let mut stream = server.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&head),
            format!("HTTP/1.1 {status}"),
            "{request:?}"
        );
    }
}

/// Whoever finds the database locked by Django is told of it.
#[tokio::test]
async fn a_lock_of_another_program_is_explained() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let variables = [("DATABASE_URL", database.url.as_str()), DEBUG];
    let folder = database.folder.path();
    assert_eq!(run(folder, &variables, &["migrate"]).code, Some(0));
    let writer = database.open().begin().await.unwrap();
    let refused = run(folder, &variables, &["clearsessions"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let told = "database is locked. Another program is writing to the database, as Django or an editor of \
                databases does: wait until it has done so, or stop it, and try again";
    assert!(refused.err.contains(told), "{refused:?}");
    writer.rollback().await.unwrap();
}
