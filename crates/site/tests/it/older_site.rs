//! The older site's own databases, which are no part of the project: `TEST_OLDER_SITE` names the
//! folder where whoever has them keeps them. Every other test has databases of our own making.

use std::fs;
use std::path::Path;

use sea_orm::ConnectionTrait;

use crate::adoption::{dump_of_old_tables, rows};
use crate::support::database::{OLDER_SITE, sqlite_url};
use crate::support::visitor::Visitor;
use crate::support::{TestApp, TestDatabase, needed, of_the_older_site};

/// A copy of one; the file itself may be read-only.
fn copy_of(name: &str) -> TestDatabase {
    let path = Path::new(&needed("TEST_OLDER_SITE")).join(format!("{name}.sqlite3"));
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("site.sqlite3");
    fs::write(&copy, fs::read(&path).unwrap()).unwrap();
    let url = sqlite_url(&copy);
    TestDatabase { url, folder }
}

/// What Django has made, rather than people: definitions, migrations, content types,
/// permissions, and how passwords are stored.
async fn shape(db: &impl ConnectionTrait) -> Vec<String> {
    let mut shape = Vec::new();
    for sql in [
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name",
        "SELECT app || '.' || name FROM django_migrations ORDER BY app, name",
        "SELECT id || ' ' || app_label || '.' || model FROM django_content_type ORDER BY id",
        "SELECT id || ' ' || content_type_id || ' ' || codename || ' ' || name \
         FROM auth_permission ORDER BY id",
        "SELECT substr(password, 1, 21) || length(password) || is_staff || is_superuser \
         FROM auth_user ORDER BY id",
        "SELECT length(session_key) || substr(session_data, 1, 0) FROM django_session LIMIT 1",
    ] {
        shape.extend(rows(db, sql).await);
    }
    shape
}

#[tokio::test]
async fn ours_have_the_shapes_of_its_own() {
    for name in OLDER_SITE {
        let (ours, theirs) = (of_the_older_site(name).await, copy_of(name));
        let (ours_open, theirs_open) = (ours.open(), theirs.open());
        assert_eq!(shape(&ours_open).await, shape(&theirs_open).await, "{name}");
    }
}

#[tokio::test]
async fn every_page_shows_what_its_own_hold() {
    for name in OLDER_SITE {
        let database = copy_of(name);
        let before = dump_of_old_tables(&database.open()).await;
        let app = TestApp::on(database, &[]).await;
        assert_eq!(dump_of_old_tables(&app.db).await, before, "{name}");
        let list = app.get("/lettings/").await.expect(200);
        let titles = [
            "Joshua Tree Green Haus /w Hot Tub",
            "Oceanview Retreat",
            "'Silo Studio' Cottage",
            "Pirates of the Caribbean Getaway",
            "The Mushroom Dome Retreat & LAND of Paradise Suite",
            "Underground Hygge",
        ];
        assert_eq!(list.texts("main li a"), titles, "{name}");
        let second = app.get("/lettings/2/").await.expect(200);
        let address = "4 Military Street Willoughby, OH 44094 United States";
        assert_eq!(second.texts("address"), [address], "{name}");
        let list = app.get("/profiles/").await.expect(200);
        let usernames = ["HeadlinesGazer", "DavWin", "AirWow", "4meRomance"];
        assert_eq!(list.texts("main li a"), usernames, "{name}");
        app.get("/profiles/DavWin/").await.expect(200);
        app.get("/readyz").await.expect(200);
    }
}

#[tokio::test]
async fn its_admin_gets_in() {
    let app = TestApp::on(copy_of("original"), &[]).await;
    let mut admin = Visitor::new(&app);
    admin.log_in("admin", "Abc1234!").await.expect(302);
    admin.get("/admin/").await.expect(200);
}

mod django {
    use super::*;
    use crate::django::{ask_django, facts};

    #[tokio::test]
    async fn its_own_can_go_back_to_django() {
        for name in ["original", "modular"] {
            let app = TestApp::on(copy_of(name), &[]).await;
            app.db.close().await.unwrap();
            let url = &app.database.url;
            let found = facts(url);
            assert_eq!(
                found["missing_permissions"],
                serde_json::json!([]),
                "{name}"
            );
            assert_eq!(found["lettings"].as_array().unwrap().len(), 6, "{name}");
            assert_eq!(found["profiles"].as_array().unwrap().len(), 4, "{name}");
            let (code, text) = ask_django(url, &["manage.py", "migrate"]);
            assert_eq!(code, Some(0), "{name}: {text}");
        }
    }
}
