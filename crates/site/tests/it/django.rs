//! Django's own view of databases that this program made or adopted: `bench/peers/django`.

mod admin;
mod beside;
mod dotenv;
mod fixtures;
mod freshness;
mod handback;
mod homes;
mod password_reset;
mod recorded;

use std::path::Path;
use std::process::Command;

use accounts::login::{self, Visitor};
use accounts::messages::{Message, level};
use accounts::session::{self, SessionKey};
use accounts::signing::Keys;
use accounts::validators::{self, Known};
use accounts::{hashers, user};
use serde_json::{Value, json};

use crate::support::program::run;
use crate::support::{Backend, TestApp, TestDatabase, needed, of_the_older_site};

/// A release of Django that the peer project runs on.
#[derive(Debug, Clone, Copy)]
struct Django {
    /// Names its Python.
    variable: &'static str,
    /// What it gives a new hash of `pbkdf2_sha256`.
    rounds: u32,
}

/// The one whose formats are ours.
const DJANGO_5_2: Django = Django {
    variable: "TEST_DJANGO_PYTHON",
    rounds: 1_000_000,
};

/// That of the site before.
const DJANGO_4_2: Django = Django {
    variable: "TEST_DJANGO_42_PYTHON",
    rounds: 600_000,
};

impl Django {
    fn python(self) -> String {
        needed(self.variable)
    }

    /// The peer project's answer to `python SCRIPT ARGS`.
    fn ask(self, url: &str, args: &[&str]) -> (Option<i32>, String) {
        let mut command = command(self.python());
        let output = command
            .args(args)
            .env("DATABASE_URL", url)
            .output()
            .unwrap();
        let text =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    }

    /// Checks that Django would leave the database as it is.
    #[track_caller]
    fn find_nothing_to_do(self, url: &str) {
        for args in [
            &["manage.py", "migrate", "--check"][..],
            &["manage.py", "makemigrations", "--check", "--dry-run"],
            &["manage.py", "check"],
        ] {
            let (code, text) = self.ask(url, args);
            assert_eq!(code, Some(0), "{args:?}: {text}");
        }
    }
}

/// A Python that runs in the folder of the peer project, and leaves nothing there.
fn command(python: String) -> Command {
    let mut command = Command::new(python);
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/peers/django"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

pub(crate) fn ask_django(url: &str, args: &[&str]) -> (Option<i32>, String) {
    DJANGO_5_2.ask(url, args)
}

/// The answer of `accounts.py`.
fn accounts(url: &str, args: &[&str]) -> Value {
    let (code, text) = ask_django(url, &[&["accounts.py"], args].concat());
    assert_eq!(code, Some(0), "{text}");
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn facts(url: &str) -> Value {
    let (code, text) = ask_django(url, &["facts.py"]);
    assert_eq!(code, Some(0), "{text}");
    serde_json::from_str(&text).unwrap()
}

async fn is_djangos_own(backend: Backend) {
    let ours = TestApp::open(backend).await;
    ours.add_letting(3, "Ours").await;
    ours.db.close().await.unwrap();
    let url = &ours.database.url;
    DJANGO_5_2.find_nothing_to_do(url);
    let theirs = TestDatabase::empty(backend).await;
    let (code, text) = ask_django(&theirs.url, &["manage.py", "migrate"]);
    assert_eq!(code, Some(0), "{text}");
    let (ours, theirs) = (facts(url), facts(&theirs.url));
    for fact in [
        "schema",
        "content_types",
        "stale_content_types",
        "permissions",
        "missing_permissions",
        "unapplied",
        "changes",
    ] {
        let (ours, theirs) = (&ours[fact], &theirs[fact]);
        assert_eq!(ours, theirs, "{fact}");
    }
    assert_eq!(ours["content_types"].as_array().unwrap().len(), 9);
    assert_eq!(
        ours["lettings"],
        serde_json::json!([[3, "Ours", "3 Bay Road"]])
    );
}

#[tokio::test]
async fn a_new_sqlite_database_is_djangos_own() {
    is_djangos_own(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_new_postgresql_database_is_djangos_own() {
    is_djangos_own(Backend::Postgres).await;
}

/// The way back: Django finds every row, and what it still has to do works.
#[tokio::test]
async fn an_adopted_database_can_go_back_to_django() {
    for (name, unapplied) in [
        (
            "original",
            &[
                "auth.0012_alter_user_first_name_max_length",
                "oc_lettings_site.0002_delete_old_models",
                "profiles.0003_alter_profile_user",
            ][..],
        ),
        ("modular", &[]),
    ] {
        let database = of_the_older_site(name).await;
        let app = TestApp::on(database, &[]).await;
        app.db.close().await.unwrap();
        let found = facts(&app.database.url);
        assert_eq!(found["unapplied"], serde_json::json!(unapplied), "{name}");
        assert_eq!(
            found["missing_permissions"],
            serde_json::json!([]),
            "{name}"
        );
        assert_eq!(found["lettings"].as_array().unwrap().len(), 6, "{name}");
        assert_eq!(found["profiles"].as_array().unwrap().len(), 4, "{name}");
        let (code, text) = ask_django(&app.database.url, &["manage.py", "migrate"]);
        assert_eq!(code, Some(0), "{name}: {text}");
        assert_eq!(
            app.get("/lettings/").await.texts("main li a").len(),
            6,
            "{name}"
        );
    }
}

/// An account that is made here is one there, and a session that is begun on either side is one on
/// the other, until the password is changed.
async fn accounts_are_shared(backend: Backend) {
    let app = TestApp::open(backend).await;
    let url = app.database.url.as_str();
    let set = [
        ("DATABASE_URL", url),
        ("DJANGO_SUPERUSER_USERNAME", "ann"),
        ("DJANGO_SUPERUSER_PASSWORD", "tulip-anchor-9"),
    ];
    let made = run(
        app.database.folder.path(),
        &set,
        &["createsuperuser", "--noinput"],
    );
    assert_eq!(made.code, Some(0), "{made:?}");
    let there = accounts(url, &["log-in", "ann", "tulip-anchor-9"]);

    // Django has made the hash anew with its own rounds, and we leave it.
    let password = there["password"].as_str().unwrap();
    assert!(password.starts_with("pbkdf2_sha256$1000000$"), "{password}");
    assert!(hashers::verify("tulip-anchor-9", Some(password)) && !hashers::must_update(password));

    let keys = keys();
    let key = SessionKey::parse(there["session_key"].as_str().unwrap()).unwrap();
    let loaded = session::load(&app.db, &keys, key).await.unwrap().unwrap();
    let theirs = loaded.session;
    let visitor = async |session| login::visitor_of(&app.db, &keys, session).await.unwrap();
    let ann = user::find_by_username(&app.db, "ann")
        .await
        .unwrap()
        .unwrap();
    let expected = Visitor::User {
        user: ann.clone(),
        must_renew: false,
    };
    assert_eq!(visitor(&theirs).await, expected);
    let welcome = Message {
        level: level::SUCCESS,
        text: "Welcome “back”.".to_owned(),
        is_html: false,
        extra_tags: Some(String::new()),
    };
    let messages = theirs.data.clone().take_messages();
    assert_eq!(messages, std::slice::from_ref(&welcome));

    let mut ours = login::log_in(&app.db, &keys, None, &ann).await.unwrap();
    ours.data.set_messages(&[welcome]);
    session::save(&app.db, &keys, &ours).await.unwrap();
    let ask = |session: &session::Session| accounts(url, &["visitor", session.key.as_str()]);
    let seen = json!({"username": "ann", "messages": ["Welcome “back”."]});
    assert_eq!(ask(&ours), seen);

    let changed = hashers::encode("another-anchor-9");
    user::set_password(&app.db, ann.id, changed).await.unwrap();
    assert_eq!(visitor(&theirs).await, Visitor::Stale);
    assert_eq!(ask(&theirs)["username"], json!(null));
    assert_eq!(
        accounts(url, &["log-in", "ann", "tulip-anchor-9"]),
        json!(null)
    );
    let again = accounts(url, &["log-in", "ann", "another-anchor-9"]);
    assert!(again["session_key"].is_string(), "{again}");
}

/// The key of the peer's settings.
const PEER_KEY: &str = "oc-lettings-test-secret-key-0123456789-abcdefghijklmnopqrstuvwxyz";

fn keys() -> Keys {
    Keys {
        current: PEER_KEY.into(),
        fallbacks: Vec::new(),
    }
}

#[tokio::test]
async fn accounts_are_shared_on_sqlite() {
    accounts_are_shared(Backend::Sqlite).await;
}

#[tokio::test]
async fn accounts_are_shared_on_postgresql() {
    accounts_are_shared(Backend::Postgres).await;
}

/// What Django refuses we refuse, by the same names.
#[tokio::test]
async fn passwords_are_judged_alike() {
    let app = TestApp::open(Backend::Sqlite).await;
    let passwords = [
        "",
        "short",
        "12345678",
        "94738261059",
        "password",
        "iloveyou",
        "trustno1",
        "qwertyuiop",
        "1q2w3e4r",
        "ann.oneil",
        "oneil.ann1",
        "x.annoneil.x",
        "tulip-anchor-9",
        "正しい馬の電池",
    ];
    let args = [&["violations", "ann.oneil"], &passwords[..]].concat();
    let theirs = accounts(&app.database.url, &args);
    let known = Known {
        username: "ann.oneil",
        ..Known::default()
    };
    for (number, password) in passwords.into_iter().enumerate() {
        let ours = validators::violations(password, known);
        let ours: Vec<_> = ours.iter().map(|one| one.id().replace('-', "_")).collect();
        assert_eq!(json!(ours), theirs[number], "{password}");
    }
}
