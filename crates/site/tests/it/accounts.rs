//! Accounts from the command line: made, opened again, tidied up.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use accounts::{hashers, session, signing, user};
use db::Database;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::support::on_both_databases;
use crate::support::program::{Run, command, keep_profile, run};
use crate::support::{Backend, TestApp};

const PASSWORD: &str = "tulip-anchor-9";

/// Runs a command on the application's database.
fn run_on(app: &TestApp, variables: &[(&str, &str)], args: &[&str]) -> Run {
    let database = ("DATABASE_URL", app.database.url.as_str());
    let all: Vec<_> = variables.iter().copied().chain([database]).collect();
    run(app.database.folder.path(), &all, args)
}

/// Runs a command that is told a line.
fn run_with_input(app: &TestApp, line: &str, args: &[&str]) -> Run {
    run_with_input_bytes(app, line.as_bytes(), args)
}

fn run_with_input_bytes(app: &TestApp, line: &[u8], args: &[&str]) -> Run {
    let database = [("DATABASE_URL", app.database.url.as_str())];
    let mut child = command(app.database.folder.path(), &database)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses before reading has closed the pipe.
    let _ = child.stdin.take().unwrap().write_all(line);
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

async fn find(db: &Database, name: &str) -> user::Model {
    let user = user::find_by_username(db, name).await.unwrap();
    user.unwrap_or_else(|| panic!("{name} is not there"))
}

on_both_databases! {
    async fn a_superuser_is_made_without_a_question(app: TestApp) {
        let set = [
            ("DJANGO_SUPERUSER_USERNAME", "ann"),
            ("DJANGO_SUPERUSER_EMAIL", "Ann@Example.COM"),
            ("DJANGO_SUPERUSER_PASSWORD", PASSWORD),
        ];
        let args = ["createsuperuser", "--noinput"];
        let made = run_on(&app, &set, &args);
        assert_eq!((made.code, made.out.as_str(), made.err.as_str()), (Some(0), "Made the superuser ann.\n", ""));
        let ann = find(&app.db, "ann").await;
        assert!(ann.is_superuser && ann.is_staff && ann.is_active);
        assert_eq!(ann.email, "Ann@example.com");
        assert!(ann.password.starts_with("pbkdf2_sha256$600000$"));
        assert!(hashers::verify(PASSWORD, Some(&ann.password)));
        let again = run_on(&app, &set, &args);
        assert_eq!(again.code, Some(1));
        assert_eq!(again.err, "error: the username ann is taken\n");
        for alike in ["ANN", "ａｎｎ"] {
            let refused = run_on(&app, &set, &["createsuperuser", "--noinput", "--username", alike]);
            assert_eq!(refused.code, Some(1), "{refused:?}");
            assert!(refused.err.contains("taken"), "{refused:?}");
        }
        let control = [set[0], ("DJANGO_SUPERUSER_PASSWORD", "tulip\tanchor-9")];
        let refused = run_on(&app, &control, &["createsuperuser", "--noinput", "--username", "carl"]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.err.contains("must not hold control characters"), "{refused:?}");
        let told = run_with_input(&app, "tulip\0anchor-9\n", &["changepassword", "ann"]);
        assert_eq!(told.code, Some(1), "{told:?}");
        assert_eq!(find(&app.db, "ann").await.password, ann.password);
        // What is given wins.
        let bob = run_on(&app, &set, &["createsuperuser", "--noinput", "--username", "bob", "--email", "b@example.com"]);
        assert_eq!(bob.code, Some(0), "{bob:?}");
        assert_eq!(find(&app.db, "bob").await.email, "b@example.com");
    }

    async fn a_superuser_without_a_password_is_opened_later(app: TestApp) {
        let made = run_on(&app, &[], &["createsuperuser", "--no-input", "--username", "ann"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        assert!(made.out.contains("oc-lettings changepassword ann"), "{made:?}");
        let before = find(&app.db, "ann").await;
        assert!(!hashers::is_usable(&before.password) && before.email.is_empty());

        let weak = run_with_input(&app, "12345678\n", &["changepassword", "ann"]);
        assert_eq!(weak.code, Some(1));
        assert_eq!(weak.err, "error: The password is one that many people use. The password must not be made of digits only.\n");
        let silent = run_with_input(&app, "", &["changepassword", "ann"]);
        assert_eq!((silent.code, silent.err.as_str()), (Some(1), "error: there is no answer\n"));
        assert_eq!(find(&app.db, "ann").await, before);

        let changed = run_with_input(&app, &format!("{PASSWORD}\r\n"), &["changepassword", "ann"]);
        assert_eq!((changed.code, changed.out.as_str()), (Some(0), "Changed the password of ann.\n"));
        let after = find(&app.db, "ann").await;
        assert!(hashers::verify(PASSWORD, Some(&after.password)));
        assert_eq!(after, user::Model { password: after.password.clone(), ..before });

        // As PowerShell writes it into a file, and as editors of Windows do.
        for (word, bytes) in [("tulip-anchor-10", u16::to_le_bytes as fn(u16) -> [u8; 2]), ("tulip-anchor-11", u16::to_be_bytes)] {
            let line: Vec<u8> = format!("\u{feff}{word}\r\nnext\r\n").encode_utf16().flat_map(bytes).collect();
            assert_eq!(run_with_input_bytes(&app, &line, &["changepassword", "ann"]).code, Some(0));
            assert!(hashers::verify(word, Some(&find(&app.db, "ann").await.password)), "{word}");
        }
        let marked = format!("\u{feff}{PASSWORD}\n");
        assert_eq!(run_with_input(&app, &marked, &["changepassword", "ann"]).code, Some(0));
        assert!(hashers::verify(PASSWORD, Some(&find(&app.db, "ann").await.password)));
        let latin = run_with_input_bytes(&app, b"caf\xe9-anchor-9\n", &["changepassword", "ann"]);
        assert_eq!((latin.code, latin.err.as_str()), (Some(1), "error: the answer is not UTF-8 text\n"));

        let nobody = run_with_input(&app, "x\n", &["changepassword", "Ann"]);
        assert_eq!((nobody.code, nobody.err.as_str()), (Some(1), "error: there is no user Ann\n"));
    }

    async fn what_is_over_is_removed(app: TestApp) {
        let keys = signing::Keys { current: "key".into(), fallbacks: Vec::new() };
        let mut over = session::Data::default();
        over.insert("_session_expiry", json!(-60));
        for data in [over.clone(), over, session::Data::default()] {
            session::create(&app.db, &keys, data).await.unwrap();
        }
        app.sql("INSERT INTO oc_lettings_login_failure (key, failures, since) VALUES \
                 ('a', 1, '2020-01-01 00:00:00'), ('b', 1, '2999-01-01 00:00:00')").await;
        for expected in ["Removed 2 sessions.\n", "Removed 0 sessions.\n"] {
            let cleared = run_on(&app, &[], &["clearsessions"]);
            assert_eq!((cleared.code, cleared.out.as_str()), (Some(0), expected));
        }
        // The old count is gone, and makes place; the other is not.
        let again = "INSERT INTO oc_lettings_login_failure (key, failures, since) VALUES \
                     ('a', 1, '2020-01-01 00:00:00')";
        app.sql(again).await;
        assert!(app.db.execute_unprepared(&again.replace("'a'", "'b'")).await.is_err());
    }
}

/// What the dearest hash takes of memory is told before somebody wonders what took it.
#[tokio::test]
async fn the_memory_of_a_login_is_told() {
    let app = TestApp::open(Backend::Sqlite).await;
    let check = ["check", "--tag", "database"];
    let silent = run_on(&app, &[], &check);
    assert!(!silent.out.contains("I001"), "{silent:?}");
    app.add_profile(1, "ann").await;
    app.sql(
        "UPDATE auth_user SET password = \
         'argon2$argon2id$v=19$m=102400,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA'",
    )
    .await;
    let told = run_on(&app, &[], &check);
    assert_eq!(told.code, Some(0), "{told:?}");
    let line = "info oc_lettings.I001: A login by the dearest password hash that is stored takes \
                100 MB of memory.";
    assert!(told.out.contains(line), "{told:?}");
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused() {
    let app = TestApp::open(Backend::Sqlite).await;
    let noinput = ["createsuperuser", "--noinput"];
    for (set, args, code, problem) in [
        (&[][..], &noinput[..], 2, "--noinput needs --username"),
        (
            &[],
            &["createsuperuser"],
            2,
            "there is no terminal to ask on",
        ),
        // Without --noinput the variables do not count.
        (
            &[("DJANGO_SUPERUSER_USERNAME", "ann")],
            &["createsuperuser"],
            2,
            "there is no terminal",
        ),
        (
            &[("DJANGO_SUPERUSER_USERNAME", "ann b")],
            &noinput,
            1,
            "a username may have letters",
        ),
        (
            &[
                ("DJANGO_SUPERUSER_USERNAME", "ann"),
                ("DJANGO_SUPERUSER_EMAIL", "ann"),
            ],
            &noinput,
            1,
            "that is no e-mail address",
        ),
        (&[], &["changepassword"], 2, "USER"),
    ] {
        let run = run_on(&app, set, args);
        assert_eq!(run.code, Some(code), "{run:?}");
        assert!(run.err.contains(problem), "{run:?}");
    }
    let weak = [
        ("DJANGO_SUPERUSER_USERNAME", "ann"),
        ("DJANGO_SUPERUSER_PASSWORD", "12345678"),
    ];
    let run = run_on(&app, &weak, &noinput);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.err.contains(
            "DJANGO_SUPERUSER_PASSWORD was taken all the same: The password is one that many"
        ),
        "{run:?}"
    );
    assert!(!run.err.contains("12345678"), "{run:?}");
}

#[test]
fn a_database_that_is_not_migrated_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("oc-lettings-site.sqlite3"), "").unwrap();
    for args in [
        &["createsuperuser", "--noinput", "--username", "ann"][..],
        &["changepassword", "ann"],
        &["clearsessions"],
    ] {
        let run = run(folder.path(), &[], args);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.err.contains("is it migrated?"), "{run:?}");
    }
}

/// Somebody at a terminal, which `script` of Debian's base system stands for: answers each
/// question when it is asked, and returns everything that was shown.
fn answer_prompts(app: &TestApp, command: &str, answers: &[(&str, &str)]) -> (Option<i32>, String) {
    let line = format!("'{}' {command}", env!("CARGO_BIN_EXE_oc-lettings"));
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(app.database.folder.path())
        .env("DATABASE_URL", &app.database.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    keep_profile(&mut script);
    let mut child = script.spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    let mut answered = 0;
    for (question, answer) in answers {
        loop {
            let text = String::from_utf8_lossy(&shown[answered..]).into_owned();
            if text.contains(question) {
                break;
            }
            let mut bytes = [0; 1024];
            let read = screen.read(&mut bytes).unwrap();
            assert!(read > 0, "{question} was not asked: {text}");
            shown.extend(&bytes[..read]);
        }
        answered = shown.len();
        keyboard
            .write_all(format!("{answer}\n").as_bytes())
            .unwrap();
    }
    screen.read_to_end(&mut shown).unwrap();
    let code = child.wait().unwrap().code();
    (code, String::from_utf8_lossy(&shown).into_owned())
}

#[tokio::test]
async fn a_superuser_is_made_by_questions_and_answers() {
    let app = TestApp::open(Backend::Sqlite).await;
    let (code, shown) = answer_prompts(
        &app,
        "createsuperuser",
        &[
            ("Username: ", "ann b"),
            ("Username: ", "ann"),
            ("Email address (may be empty): ", "nowhere"),
            ("Email address (may be empty): ", "ann@example.com"),
            ("Password: ", "first-try-of-it"),
            ("Password (again): ", "other-try-of-it"),
            ("Password: ", "qwerty12345"),
            ("Password (again): ", "qwerty12345"),
            ("Take it all the same? [y/N] ", "n"),
            ("Password: ", PASSWORD),
            ("Password (again): ", PASSWORD),
        ],
    );
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("Made the superuser ann."), "{shown}");
    for hidden in ["first-try", "other-try", "qwerty12345", PASSWORD] {
        assert!(!shown.contains(hidden), "{hidden} was shown: {shown}");
    }
    let ann = find(&app.db, "ann").await;
    assert!(hashers::verify(PASSWORD, Some(&ann.password)));

    let (code, shown) = answer_prompts(
        &app,
        "createsuperuser --username root --email ''",
        &[
            ("Password: ", "12345678"),
            ("Password (again): ", "12345678"),
            ("Take it all the same? [y/N] ", "y"),
        ],
    );
    assert_eq!(code, Some(0), "{shown}");
    assert!(hashers::verify(
        "12345678",
        Some(&find(&app.db, "root").await.password)
    ));

    // Ctrl-C, which the terminal survives.
    let (code, shown) = answer_prompts(
        &app,
        "changepassword ann; stty -a",
        &[("Password: ", "abc\u{3}")],
    );
    assert!(shown.contains("read the password: "), "{code:?} {shown}");
    let modes: Vec<_> = shown.split_whitespace().collect();
    assert!(
        modes.contains(&"echo") && modes.contains(&"isig"),
        "{shown}"
    );

    let attempt = [("Password: ", "short"), ("Password (again): ", "short")];
    let (code, shown) = answer_prompts(&app, "changepassword ann", &attempt.repeat(3));
    assert_eq!(code, Some(1), "{shown}");
    assert!(
        shown.contains("no password was chosen in 3 attempts"),
        "{shown}"
    );
    assert_eq!(find(&app.db, "ann").await.password, ann.password);
}
