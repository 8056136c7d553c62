//! `dumpdata` and `loaddata`: Django's fixtures, out of a database and into one.

mod bad;
mod chance;
mod faults;
mod files;

use std::fs;

use db::long_work::LongWork;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use serde_json::{Value, json};
use site::domain::letting;

use crate::support::database::{OLDER_SITE, TITLES};
use crate::support::program::{Run, run};
use crate::support::{Backend, TestApp, TestDatabase, of_the_older_site, on_both_databases};

/// A run of the program on a database, in the database's folder.
pub(crate) fn run_on(database: &TestDatabase, args: &[&str]) -> Run {
    let variables = [("DATABASE_URL", database.url.as_str())];
    run(database.folder.path(), &variables, args)
}

/// What `dumpdata` writes, which has to work.
#[track_caller]
pub(crate) fn dump(database: &TestDatabase, args: &[&str]) -> String {
    let dumped = run_on(database, &[&["dumpdata"], args].concat());
    assert_eq!((dumped.code, dumped.err.as_str()), (Some(0), ""));
    dumped.out
}

#[track_caller]
fn dump_json(database: &TestDatabase, args: &[&str]) -> Value {
    serde_json::from_str(&dump(database, args)).unwrap()
}

/// Loads a fixture, which has to work, and gives what was said.
#[track_caller]
pub(crate) fn load(database: &TestDatabase, fixture: &str) -> String {
    let loaded = try_to_load(database, fixture, &[]);
    assert_eq!((loaded.code, loaded.err.as_str()), (Some(0), ""));
    loaded.out
}

pub(crate) fn try_to_load(database: &TestDatabase, fixture: &str, options: &[&str]) -> Run {
    fs::write(database.folder.path().join("fixture.json"), fixture).unwrap();
    run_on(database, &[&["loaddata", "fixture.json"], options].concat())
}

/// Records of every model but those that a migration makes, with what is hard to write.
pub(crate) fn everything() -> String {
    let odd = "Zürich 🏠 \"\\/'&<\u{200b}\u{202e}";
    let fixture = json!([
        {"model": "lettings.address", "pk": 7, "fields": {
            "number": 9999, "street": odd, "city": "Boston", "state": "MA", "zip_code": 2134,
            "country_iso_code": "USA"}},
        {"model": "lettings.letting", "pk": 3, "fields": {"title": "Retreat", "address": 7}},
        {"model": "profiles.profile", "pk": 5, "fields": {"user": ["ann"], "favorite_city": odd}},
        {"model": "auth.user", "pk": 4, "fields": {
            "password": "pbkdf2_sha256$600000$salt$hash", "last_login": "2026-01-02T03:04:05.678901Z",
            "is_superuser": true, "username": "ann", "first_name": "Ann", "last_name": "O'Neil",
            "email": "ann@example.com", "is_staff": true, "is_active": false,
            "date_joined": "2020-02-29T23:59:59Z", "groups": [["Readers"], ["Editors"]],
            "user_permissions": [["view_user", "auth", "user"], ["add_address", "lettings", "address"]]}},
        {"model": "auth.user", "pk": 9, "fields": {
            "password": "!", "username": "bob", "date_joined": "2020-02-29T23:59:59Z",
            "groups": [11], "user_permissions": []}},
        {"model": "auth.group", "pk": 12, "fields": {
            "name": "Editors", "permissions": [["delete_letting", "lettings", "letting"], ["add_user", "auth", "user"]]}},
        {"model": "auth.group", "pk": 11, "fields": {"name": "Readers", "permissions": []}},
        {"model": "admin.logentry", "pk": 1, "fields": {
            "action_time": "2026-01-02T03:04:05Z", "user": ["ann"], "content_type": ["lettings", "letting"],
            "object_id": "3", "object_repr": "Retreat", "action_flag": 1, "change_message": "[{\"added\": {}}]"}},
        {"model": "admin.logentry", "pk": 2, "fields": {
            "action_time": "2026-01-02T03:04:06Z", "user": 9, "content_type": null,
            "object_id": null, "object_repr": "", "action_flag": 3,
            "change_message": "several\nlines\r\n\tand\u{2028}more"}},
        {"model": "sessions.session", "pk": "abcdefghijklmnopqrstuvwxyz012345", "fields": {
            "session_data": "data:signature", "expire_date": "2030-01-02T03:04:05.999999Z"}},
    ]);
    fixture.to_string()
}

/// Names of the options with which a fixture fits every database.
pub(crate) const PORTABLE: [&str; 6] = [
    "--natural-foreign",
    "--natural-primary",
    "-e",
    "contenttypes",
    "-e",
    "auth.permission",
];

#[tokio::test]
async fn what_sqlite_holds_can_be_read_by_postgresql_and_the_other_way_round() {
    let directions = [
        [Backend::Sqlite, Backend::Postgres],
        [Backend::Postgres, Backend::Sqlite],
    ];
    for backends in directions {
        let from = TestApp::open(backends[0]).await;
        load(&from.database, &everything());
        for options in [&[][..], &PORTABLE] {
            let fixture = dump(&from.database, options);
            let to = TestApp::open(backends[1]).await;
            load(&to.database, &fixture);
            assert_eq!(dump(&to.database, options), fixture, "{backends:?}");
        }
    }
}

on_both_databases! {
    async fn what_is_written_can_be_read_and_is_the_same(app: TestApp) {
        assert_eq!(load(&app.database, &everything()), "Installed 10 object(s) from 1 fixture(s)\n");
        let all = dump(&app.database, &[]);
        assert!(all.contains("\"last_login\": \"2026-01-02T03:04:05.678Z\""), "{all}");
        let portable = dump(&app.database, &PORTABLE);
        for (fixture, options) in [(&all, &[][..]), (&portable, &PORTABLE)] {
            let other = TestApp::open(app.database.backend()).await;
            // The second time every record is there already.
            for _ in 0..2 {
                load(&other.database, fixture);
                assert_eq!(&dump(&other.database, options), fixture);
            }
        }
    }

    async fn a_record_takes_the_place_of_the_one_with_its_key(app: TestApp) {
        load(&app.database, &everything());
        let second = json!([
            {"model": "auth.User", "pk": "4", "fields": {
                "username": "anna", "password": "x", "user_permissions": []}},
            {"model": "auth.user", "fields": {"username": "bob", "password": "y", "groups": [["Editors"]]}},
            {"model": "auth.user", "pk": null, "fields": {"username": "new", "password": "z"}},
            {"model": "lettings.letting", "pk": 3, "fields": {"title": "Nest", "address_id": 7}},
        ]);
        load(&app.database, &second.to_string());
        let users = dump_json(&app.database, &["auth.user"]);
        let field = |name: &str| -> Vec<_> {
            let users = users.as_array().unwrap();
            users.iter().map(|user| user["fields"][name].clone()).collect()
        };
        assert_eq!(field("username"), ["anna", "bob", "new"]);
        // What is left out is what a new record has; a list that is left out stays.
        assert_eq!(field("email"), ["", "", ""]);
        assert_eq!(field("is_active"), [true, true, true]);
        assert_eq!(field("groups"), [json!([11, 12]), json!([12]), json!([])]);
        assert_eq!(field("user_permissions"), [json!([]), json!([]), json!([])]);
        let keys: Vec<_> = users.as_array().unwrap().iter().map(|user| user["pk"].clone()).collect();
        assert_eq!(keys[..2], [json!(4), json!(9)]);
        let lettings = dump(&app.database, &["lettings.letting"]);
        assert_eq!(lettings, r#"[{"model": "lettings.letting", "pk": 3, "fields": {"title": "Nest", "address": 7}}]"#);
    }

    async fn keys_that_come_next_are_behind_those_that_were_loaded(app: TestApp) {
        load(&app.database, &everything());
        let new = json!([{"model": "auth.group", "fields": {"name": "New"}}]);
        load(&app.database, &new.to_string());
        let groups = dump_json(&app.database, &["auth.group", "--natural-foreign"]);
        assert_eq!(groups[2]["pk"], json!(13), "{groups}");
        crate::support::app::save_letting(&app.db, "Next").await.unwrap();
        let lettings = dump_json(&app.database, &["lettings"]);
        assert_eq!(lettings[1]["pk"], json!(8), "{lettings}");
        assert_eq!(lettings[3]["pk"], json!(4), "{lettings}");
        // A counter that is further on stays there.
        app.sql("DELETE FROM auth_group WHERE id = 13").await;
        load(&app.database, &everything());
        load(&app.database, &new.to_string());
        let groups = dump_json(&app.database, &["auth.group"]);
        assert_eq!(groups[2]["pk"], json!(14), "{groups}");
    }

    async fn a_dump_sees_one_moment_and_keeps_nobody_from_writing(app: TestApp) {
        app.add_letting(1, "Before").await;
        let work = LongWork::new(&app.database.config());
        let db = work.read().await.unwrap();
        let count = async || letting::Entity::find().count(&db).await.unwrap();
        assert_eq!(count().await, 1);
        app.add_letting(2, "Meanwhile").await;
        assert_eq!(count().await, 1);
        assert_eq!(letting::count(&app.db).await.unwrap(), 2);
        db.rollback().await.unwrap();
        work.close().await.unwrap();
    }

    async fn many_records_go_through(app: TestApp) {
        let groups = (1..=1203).map(|number| {
            let permissions = if number % 100 == 0 { json!([1, 2, number / 100]) } else { json!([]) };
            json!({"model": "auth.group", "pk": number, "fields": {
                "name": format!("Group {number}"), "permissions": permissions}})
        });
        let fixture = Value::from(groups.collect::<Vec<_>>());
        load(&app.database, &fixture.to_string());
        let dumped = dump_json(&app.database, &["auth.group"]);
        assert_eq!(dumped.as_array().unwrap().len(), 1203);
        for (dumped, expected) in dumped.as_array().unwrap().iter().zip(fixture.as_array().unwrap()) {
            assert_eq!(dumped["pk"], expected["pk"]);
            let sorted = |group: &Value| {
                let list = group["fields"]["permissions"].as_array().unwrap();
                let mut list: Vec<_> = list.iter().map(|key| key.as_u64().unwrap()).collect();
                list.sort_unstable();
                list.dedup();
                list
            };
            assert_eq!(sorted(dumped), sorted(expected));
        }
        let some = dump_json(&app.database, &["auth.group", "--pks", "1200, 7,7,99999"]);
        let keys: Vec<_> = some.as_array().unwrap().iter().map(|group| group["pk"].clone()).collect();
        assert_eq!(keys, [json!(7), json!(1200)]);
    }
}

/// The old site's own records, out of its databases and into new ones.
async fn the_records_of_the_old_site_move(backend: Backend) {
    for name in OLDER_SITE {
        let database = of_the_older_site(name).await;
        let refused = run_on(&database, &["dumpdata"]);
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(
            refused
                .err
                .contains("is not migrated; run: oc-lettings migrate"),
            "{refused:?}"
        );
        let old = TestApp::on(database, &[]).await;
        // The history is about models that a new database need not know.
        let options = [&PORTABLE[..], &["-e", "sessions", "-e", "admin"]].concat();
        let fixture = dump(&old.database, &options);
        let new = TestApp::open(backend).await;
        load(&new.database, &fixture);
        assert_eq!(dump(&new.database, &options), fixture, "{name} {backend:?}");
        // With its history, as far as it is about models that there still are.
        let whole = [&PORTABLE[..], &["-e", "sessions"]].concat();
        let loaded = try_to_load(&new.database, &dump(&old.database, &whole), &["-i"]);
        assert_eq!(loaded.code, Some(0), "{loaded:?}");
        let history = dump_json(&new.database, &["admin.logentry"]);
        assert_eq!(history.as_array().unwrap().len(), 5, "{name}");
        let moved = dump_json(&new.database, &["lettings.letting"]);
        assert_eq!(moved.as_array().unwrap().len(), TITLES.len(), "{name}");
    }
}

#[tokio::test]
async fn the_records_of_the_old_site_move_to_sqlite() {
    the_records_of_the_old_site_move(Backend::Sqlite).await;
}

#[tokio::test]
async fn the_records_of_the_old_site_move_to_postgresql() {
    the_records_of_the_old_site_move(Backend::Postgres).await;
}
