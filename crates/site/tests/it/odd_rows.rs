//! Rows that break rules: pages show what can be shown, nothing is a 500, and every refused login has
//! the same answer.

use serde_json::Value;

use crate::admin::{PASSWORD, add_account, shared};
use crate::adoption::rows;
use crate::fixtures::{dump, try_to_load};
use crate::support::visitor::Visitor;
use crate::support::{Backend, TestApp};

/// What a column of each kind may hold on SQLite, though it should not.
const TIMES: &[&str] = &[
    "'2026-01-01'",
    "'2026-01-01T10:00'",
    "'2026-01-01 10:00:00+02:00'",
    "''",
    "'never'",
    "'0000-00-00 00:00:00'",
    "'2026-02-30 00:00:00'",
    "20260101",
    "1.5",
    "9223372036854775807",
    "x'00ff'",
];
const TRUTHS: &[&str] = &["'true'", "'maybe'", "''", "2", "0.5", "x'ff'"];
const TEXTS: &[&str] = &[
    "x'ff00'",
    "CAST(x'e9' AS text)",
    "'a\tb\nc'",
    "printf('%9999s', 'long')",
];
const NUMBERS: &[&str] = &["'12b'", "''", "1.5", "-7", "9223372036854775807", "x'00'"];

/// Every page that shows the row, or works with it.
async fn everything_answers(app: &TestApp, boss: &mut Visitor<'_>, what: &str) {
    for path in [
        "/",
        "/lettings/",
        "/lettings/1/",
        "/profiles/",
        "/sitemap.xml",
        "/sitemap-profiles-1.xml",
        "/admin/login/",
    ] {
        let status = app.get(path).await.status;
        assert!(!status.is_server_error(), "{what}: {path}: {status}");
    }
    for path in [
        "/admin/",
        "/admin/auth/user/",
        "/admin/auth/user/?o=4&q=a&is_staff__exact=1",
        "/admin/auth/user/?date_joined__year=2026",
        "/admin/auth/user/?_export=csv",
        "/admin/auth/user/?_export=json",
        "/admin/auth/user/2/change/",
        "/admin/auth/user/2/password/",
        "/admin/auth/user/2/history/",
        "/admin/auth/user/2/delete/",
        "/admin/lettings/address/",
        "/admin/lettings/address/?_export=json",
        "/admin/lettings/address/1/change/",
        "/admin/lettings/address/1/history/",
        "/admin/lettings/letting/",
        "/admin/lettings/letting/1/change/",
        "/admin/profiles/profile/",
        "/admin/profiles/profile/2/change/",
    ] {
        let answer = boss.get(path).await;
        let status = answer.status;
        assert!(!status.is_server_error(), "{what}: {path}: {status}");
    }
}

/// A keeper with id 1, and a row of each kind beside.
async fn site() -> TestApp {
    let app = TestApp::open(Backend::Sqlite).await;
    add_account(&app, 1, "boss", &[]).await;
    app.add_letting(1, "Odd").await;
    app.add_profile(2, "ann").await;
    app.sql("UPDATE auth_user SET is_staff = TRUE, password = (SELECT password FROM auth_user WHERE id = 1) WHERE id = 2").await;
    app.sql("INSERT INTO django_admin_log (id, action_time, user_id, content_type_id, object_id, object_repr, action_flag, change_message) \
             SELECT 1, '2026-01-02 03:04:05', 1, id, '2', 'ann', 2, '' FROM django_content_type WHERE model = 'user'").await;
    app
}

#[tokio::test]
async fn no_row_makes_a_page_fail() {
    let app = site().await;
    let mut boss = shared::logged_in(&app, "boss").await;
    let columns: &[(&str, &str, &[&str])] = &[
        ("auth_user", "date_joined", TIMES),
        ("auth_user", "last_login", TIMES),
        ("auth_user", "is_staff", TRUTHS),
        ("auth_user", "is_superuser", TRUTHS),
        ("auth_user", "is_active", TRUTHS),
        ("auth_user", "password", TEXTS),
        ("auth_user", "username", TEXTS),
        ("auth_user", "first_name", TEXTS),
        ("auth_user", "email", TEXTS),
        ("lettings_address", "number", NUMBERS),
        ("lettings_address", "zip_code", NUMBERS),
        ("lettings_address", "street", TEXTS),
        ("lettings_address", "country_iso_code", TEXTS),
        ("lettings_letting", "title", TEXTS),
        ("profiles_profile", "favorite_city", TEXTS),
        ("django_admin_log", "action_time", TIMES),
        ("django_admin_log", "object_repr", TEXTS),
        ("django_admin_log", "change_message", TEXTS),
        ("django_session", "session_data", TEXTS),
        ("django_session", "expire_date", TIMES),
    ];
    let key = "s".repeat(32);
    for (table, column, values) in columns {
        let id = match *table {
            "auth_user" | "profiles_profile" => "id = 2",
            "django_session" => &*format!("session_key = '{key}'"),
            _ => "id = 1",
        };
        for value in *values {
            let what = format!("{table}.{column} = {value}");
            app.sql(&format!(
                "INSERT OR REPLACE INTO django_session VALUES ('{key}', 'x', '2040-01-01')"
            ))
            .await;
            app.sql(&format!(
                "CREATE TABLE kept AS SELECT * FROM {table} WHERE {id}"
            ))
            .await;
            app.sql(&format!("PRAGMA ignore_check_constraints = ON; UPDATE {table} SET {column} = {value} WHERE {id}")).await;
            everything_answers(&app, &mut boss, &what).await;
            let mut stranger = Visitor::new(&app);
            let session = format!("sessionid={key}");
            stranger.headers.push(("cookie", session));
            let status = stranger.get("/profiles/ann/").await.status;
            assert!(!status.is_server_error(), "{what}: {status}");
            app.sql(&format!(
                "INSERT OR REPLACE INTO {table} SELECT * FROM kept; DROP TABLE kept"
            ))
            .await;
        }
    }
}

/// Whatever is wrong with a row: who may not come in hears what all hear, and a right password opens
/// an account of which only a date cannot be read.
#[tokio::test]
async fn a_login_tells_no_account_apart_by_its_row() {
    let app = site().await;
    let sentence = "Username and password do not belong to a staff account. \
                    Both may be case-sensitive.";
    let mut cases = Vec::new();
    for (columns, values, opens) in [
        (
            &["date_joined", "last_login"][..],
            &["'2026-01-01'", "''", "'never'", "x'00ff'"][..],
            true,
        ),
        (&["is_staff", "is_active"], &["'maybe'", "x'ff'"], false),
        (&["is_staff"], &["'true'", "'YES'", "2"], true),
        (&["password"], &["x'ff00'", "''"], false),
    ] {
        for (column, value) in columns
            .iter()
            .flat_map(|column| values.iter().map(move |value| (column, value)))
        {
            cases.push((format!("{column} = {value}"), opens));
        }
    }
    for (change, opens) in cases {
        app.sql("CREATE TABLE kept AS SELECT * FROM auth_user WHERE id = 2")
            .await;
        app.sql("DELETE FROM oc_lettings_login_attempt").await;
        app.sql(&format!("UPDATE auth_user SET {change} WHERE id = 2"))
            .await;
        let mut ann = Visitor::new(&app);
        let wrong = ann.log_in("ann", "tulip-anchor-8").await.expect(200);
        assert_eq!(wrong.texts(".message"), [sentence], "{change}");
        let right = ann.log_in("ann", PASSWORD).await;
        if opens {
            right.expect(302);
            ann.get("/admin/").await.expect(200);
        } else {
            assert_eq!(right.expect(200).texts(".message"), [sentence], "{change}");
        }
        app.sql("INSERT OR REPLACE INTO auth_user SELECT * FROM kept; DROP TABLE kept")
            .await;
    }
}

#[tokio::test]
async fn what_is_stored_is_what_is_shown() {
    let app = site().await;
    app.sql("UPDATE lettings_address SET number = '12b', zip_code = 'W1A'")
        .await;
    let page = app.get("/lettings/1/").await.expect(200);
    assert!(
        page.texts("address")[0].starts_with("12b Bay Road"),
        "{}",
        page.body
    );
    assert!(page.texts("address")[0].contains("MA W1A"), "{}", page.body);
    let mut boss = shared::logged_in(&app, "boss").await;
    let form = boss
        .get("/admin/lettings/address/1/change/")
        .await
        .expect(200);
    assert_eq!(form.attributes("#id_number", "value"), ["12b"]);
    app.sql(
        "UPDATE auth_user SET date_joined = 'long ago', last_login = '2026-01-01' WHERE id = 2",
    )
    .await;
    let form = boss.get("/admin/auth/user/2/change/").await.expect(200);
    assert_eq!(
        form.attributes("[name=date_joined_0]", "value"),
        ["long ago"]
    );
    let date = form.attributes("[name=last_login_0]", "value");
    let time = form.attributes("[name=last_login_1]", "value");
    assert_eq!([date, time].concat(), ["2026-01-01", "00:00:00"]);
    // What nobody has changed stays, and what is no time is not taken for one.
    let change = [("username", "ann"), ("date_joined_0", "long ago")];
    let refused = boss.post("/admin/auth/user/2/change/", &change).await;
    assert!(!refused.expect(200).texts(".errors").is_empty());
}

/// A password that is set from a terminal needs no row that can be read whole.
#[tokio::test]
async fn an_account_whose_dates_are_none_gets_another_password() {
    let app = site().await;
    app.sql("UPDATE auth_user SET date_joined = 'long ago', last_login = 'never'")
        .await;
    let hash = accounts::hashers::unusable();
    let id = db::Integer(2);
    accounts::user::set_password(&app.db, id, hash.clone())
        .await
        .unwrap();
    let stored = rows(&app.db, "SELECT password FROM auth_user WHERE id = 2").await;
    assert_eq!(stored, [hash]);
    let none = accounts::user::set_password(&app.db, db::Integer(99), "!".to_owned()).await;
    assert!(none.is_err());
}

/// The infinity of PostgreSQL is none of Python's points in time.
#[tokio::test]
async fn a_time_without_end_of_postgresql_is_shown_as_it_is() {
    let app = TestApp::open(Backend::Postgres).await;
    add_account(&app, 1, "boss", &[("date_joined", "'-infinity'")]).await;
    app.add_profile(2, "ann").await;
    app.sql(
        "UPDATE auth_user SET date_joined = 'infinity', last_login = '12026-01-01' WHERE id = 2",
    )
    .await;
    let mut boss = shared::logged_in(&app, "boss").await;
    for path in [
        "/profiles/ann/",
        "/admin/auth/user/",
        "/admin/auth/user/2/change/",
    ] {
        boss.get(path).await.expect(200);
    }
    let before = dump(&app.database, &[]);
    let users: Value = serde_json::from_str(&dump(&app.database, &["auth.user"])).unwrap();
    assert_eq!(users[0]["fields"]["date_joined"], "-infinity");
    assert_eq!(users[1]["fields"]["date_joined"], "infinity");
    assert_eq!(
        users[1]["fields"]["last_login"],
        "+12026-01-01T00:00:00+00:00"
    );
    let loaded = try_to_load(&app.database, &before, &[]);
    assert_eq!(loaded.code, Some(0), "{loaded:?}");
    assert_eq!(dump(&app.database, &[]), before);
}
