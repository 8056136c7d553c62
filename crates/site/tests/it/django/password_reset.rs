//! Links for a new password: Django's work here, and ours there.

use serde_json::json;

use super::{PEER_KEY, accounts};
use crate::admin::add_account;
use crate::support::visitor::Visitor;
use crate::support::{Backend, TestApp, TestDatabase};

const NEW: &str = "marble-lantern-42";

async fn links_are_the_same(backend: Backend) {
    let database = TestDatabase::empty(backend).await;
    let app = TestApp::on(database, &[("SECRET_KEY", PEER_KEY)]).await;
    let url = app.database.url.clone();
    let logins = [
        (1, "ann", "NULL"),
        (2, "bob", "'2026-01-02 03:04:05.678901'"),
        (3, "zoë", "'2026-01-02 03:04:05'"),
    ];
    for (id, name, last_login) in logins {
        let email = format!("'{name}@example.com'");
        add_account(&app, id, name, &[("email", &email)]).await;
        app.sql(&format!(
            "UPDATE auth_user SET last_login = {last_login} WHERE id = {id}"
        ))
        .await;
    }
    for (id, name, _) in logins {
        let made = accounts(&url, &["reset-link", name]);
        let (uid, token) = (
            made["uid"].as_str().unwrap(),
            made["token"].as_str().unwrap(),
        );
        // Ours, of the same second or a later one.
        let user = ::accounts::user::find_by_id(&app.db, ::db::Integer(id))
            .await
            .unwrap()
            .unwrap();
        let ours =
            ::accounts::password_reset::make_token(&super::keys(), &user, ::db::datetime::now());
        assert_eq!(::accounts::password_reset::uid(&user), uid);
        assert_eq!(accounts(&url, &["reset-user", uid, &ours]), json!(name));
        assert_eq!(
            accounts(&url, &["reset-user", uid, &ours.replace('-', "-0")]),
            json!(null)
        );
        let mut visitor = Visitor::new(&app);
        let opened = visitor
            .get(&format!("/admin/reset/{uid}/{token}/"))
            .await
            .expect(302);
        let form = opened.header("location").to_owned();
        // The session that waits for the form is Django's, too.
        let fields = [("new_password1", NEW), ("new_password2", NEW)];
        visitor.fill_in(&form, &fields).await.expect(302);
        assert_eq!(accounts(&url, &["reset-user", uid, token]), json!(null));
        assert_eq!(accounts(&url, &["reset-user", uid, &ours]), json!(null));
        assert!(accounts(&url, &["log-in", name, NEW])["session_key"].is_string());
    }
    // A link that an earlier key of Django's has signed.
    let made = accounts(&url, &["reset-link", "ann"]);
    let (uid, token) = (
        made["uid"].as_str().unwrap(),
        made["token"].as_str().unwrap(),
    );
    let app = app.with(&[("SECRET_KEY_FALLBACKS", PEER_KEY)]);
    app.get(&format!("/admin/reset/{uid}/{token}/"))
        .await
        .expect(302);
    let app = app.with(&[]);
    app.get(&format!("/admin/reset/{uid}/{token}/"))
        .await
        .expect(200);
}

#[tokio::test]
async fn links_are_the_same_on_sqlite() {
    links_are_the_same(Backend::Sqlite).await;
}

#[tokio::test]
async fn links_are_the_same_on_postgres() {
    links_are_the_same(Backend::Postgres).await;
}

/// Django writes to those whom we write to.
#[tokio::test]
async fn letters_go_to_the_same_users() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let app = TestApp::on(database, &[]).await;
    for (id, name, columns) in [
        (1, "ann", &[][..]),
        (2, "ANN", &[("email", "'ANN@Example.com'")]),
        (3, "bob", &[("is_active", "FALSE")]),
        (4, "cat", &[("password", "'!none'")]),
        (5, "dan", &[("email", "'dan@example.com'")]),
        (6, "eve", &[("email", "'ann@example.com '")]),
    ] {
        add_account(&app, id, name, columns).await;
    }
    let theirs = accounts(&app.database.url, &["reset-users", "Ann@example.com"]);
    let found = ::accounts::user::find_by_email(&app.db, "Ann@example.com")
        .await
        .unwrap();
    let found = found
        .iter()
        .filter(|user| user.is_active && ::accounts::hashers::is_usable(&user.password));
    let ours: Vec<_> = found.map(|user| user.username.as_str()).collect();
    assert_eq!(json!(ours), theirs);
    assert_eq!(ours, ["ann", "ANN"]);
}
