//! Derived tables: every page is what it would be without them, whoever writes and whatever becomes of
//! them.

use std::time::{Duration, Instant};

use db::Database;
use db::handback::{self, Form, HandbackOptions, OwnTables};
use rand::Rng as _;
use rand::rngs::StdRng;
use sea_orm::{ConnectionTrait as _, Statement};
use site::schema::{DERIVED, SCHEMA};

use crate::admin::{PASSWORD, add_account};
use crate::backup::{back_up, rows_of};
use crate::support::program::run;
use crate::support::visitor::Visitor;
use crate::support::{Backend, TestApp, TestDatabase, chance, on_both_databases};

/// More than the lists read without derived tables.
const LETTINGS: usize = 2_500;
/// As many as are worth being found by tables that may be behind, and one page of one.
const MANY: usize = 10_104;
/// The rows of a page of the list.
const PAGE: usize = 24;
/// Those in the admin.
const ADMIN_PAGE: usize = 100;
const CITIES: [&str; 5] = ["Oslo", "oslo", "Irvine", "Bruges", "Ærø"];
/// What was committed is seen within this time.
const DEADLINE: Duration = Duration::from_secs(30);
const STEPS: usize = 40;

/// Runs SQL that may fail, as of a table that is not there.
async fn attempt(db: &Database, sql: &str) {
    let _ = db.execute_unprepared(sql).await;
}

async fn numbers(db: &Database, sql: &str) -> Vec<i64> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Lettings whose ids are near each other or far apart, by chance, and a profile for each city.
async fn fill(app: &TestApp, random: &mut StdRng) {
    add_lettings(app, random, 1_000_000, LETTINGS).await;
    for (id, city) in (1..).zip(CITIES.into_iter().chain(["Nowhere"])) {
        app.add_profile(id, &format!("user{id}")).await;
        app.sql(&format!(
            "UPDATE profiles_profile SET favorite_city = '{city}' WHERE id = {id}"
        ))
        .await;
    }
    add_account(app, 50, "staff", &[]).await;
}

async fn add_lettings(app: &TestApp, random: &mut StdRng, after: i64, count: usize) {
    let mut id = after;
    let (mut addresses, mut lettings) = (Vec::new(), Vec::new());
    for _ in 0..count {
        id += [1, 1, 1, 7, 1_000, 1_000_000_000_000][random.random_range(0..6)];
        let city = CITIES[random.random_range(0..CITIES.len())];
        addresses.push(format!(
            "({id}, 1, 'Bay Road', '{city}', 'MA', 2134, 'USA')"
        ));
        lettings.push(format!("({id}, 'Letting {id}', {id})"));
    }
    app.sql(&format!(
        "INSERT INTO lettings_address VALUES {}",
        addresses.join(", ")
    ))
    .await;
    app.sql(&format!(
        "INSERT INTO lettings_letting (id, title, address_id) VALUES {}",
        lettings.join(", ")
    ))
    .await;
}

/// An application with derived tables, and one on the same database that has never heard of them.
struct Pair<'a> {
    with: Visitor<'a>,
    without: Visitor<'a>,
    random: StdRng,
}

fn second_app(app: &TestApp) -> TestApp {
    let database = TestDatabase {
        url: app.database.url.clone(),
        folder: tempfile::tempdir().unwrap(),
    };
    TestApp::unmigrated(database, &[])
}

impl<'a> Pair<'a> {
    async fn log_in(app: &'a TestApp, other: &'a TestApp, random: StdRng) -> Self {
        let mut pair = Self {
            with: Visitor::new(app),
            without: Visitor::new(other),
            random,
        };
        pair.with.log_in("staff", PASSWORD).await.expect(302);
        pair.without.log_in("staff", PASSWORD).await.expect(302);
        pair
    }

    /// Some pages of each kind, far ones among them.
    fn paths(&mut self) -> Vec<String> {
        let page = self.random.random_range(1..LETTINGS / PAGE + 3);
        let admin = self.random.random_range(1..LETTINGS / ADMIN_PAGE + 2);
        let user = self.random.random_range(1..=CITIES.len() + 1);
        vec![
            format!("/lettings/?page={page}"),
            format!("/lettings/?page={}", LETTINGS / PAGE),
            format!("/profiles/user{user}/"),
            format!("/admin/lettings/letting/?p={admin}"),
            format!("/admin/lettings/letting/?p={admin}&o=1"),
            format!("/admin/lettings/address/?p={admin}&o=-1"),
            "/sitemap.xml".to_owned(),
        ]
    }

    /// Asks until both say the same. The derived tables may be behind what others have committed by
    /// 100 ms.
    async fn assert_same(&mut self) {
        for path in self.paths() {
            let start = Instant::now();
            loop {
                let with = page(&mut self.with, &path).await;
                let without = page(&mut self.without, &path).await;
                if with == without {
                    break;
                }
                assert!(start.elapsed() < DEADLINE, "{path}:\n{with}\n{without}");
            }
        }
    }

    /// Saves a form of the admin with another value.
    async fn save(&mut self, path: &str, name: &str, value: &str) {
        let page = self.with.get(path).await.expect(200);
        let mut fields = page.form_fields("form.record");
        let field = fields.iter_mut().find(|(field, _)| field == name);
        value.clone_into(&mut field.unwrap().1);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        self.with.post(path, &fields).await.expect(302);
    }

    async fn delete(&mut self, path: &str) {
        let page = self.with.get(path).await.expect(200);
        let fields = page.form_fields("form.bar");
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        self.with.post(path, &fields).await.expect(302);
    }

    fn choose(&mut self, among: &[i64]) -> i64 {
        among[self.random.random_range(0..among.len())]
    }

    fn city(&mut self) -> &'static str {
        CITIES[self.random.random_range(0..CITIES.len())]
    }

    /// A commit by the admin of the first application.
    async fn write_here(&mut self, app: &TestApp) {
        let addresses = numbers(&app.db, "SELECT id FROM lettings_address").await;
        let address = self.choose(&addresses);
        let (city, chosen) = (self.city(), self.random.random_range(0..3));
        match chosen {
            0 => {
                let path = format!("/admin/lettings/address/{address}/delete/");
                self.delete(&path).await;
            }
            1 => {
                let path = format!("/admin/lettings/address/{address}/change/");
                self.save(&path, "city", city).await;
            }
            _ => {
                let lettings = numbers(&app.db, "SELECT id FROM lettings_letting").await;
                let letting = self.choose(&lettings);
                self.delete(&format!("/admin/lettings/letting/{letting}/delete/"))
                    .await;
            }
        }
    }

    /// A commit by somebody else, of records or of derived tables.
    async fn write_there(&mut self, other: &Database) {
        let ids = numbers(other, "SELECT id FROM lettings_letting").await;
        let (id, city) = (self.choose(&ids), self.city());
        let new = id + self.random.random_range(1..2_000);
        let sql = match self.random.random_range(0..10) {
            0 => format!("UPDATE lettings_address SET city = '{city}' WHERE id = {id}"),
            1 => format!("DELETE FROM lettings_letting WHERE id = {id}"),
            2 | 3 => {
                let values = format!("{new}, 1, 'Bay Road', '{city}', 'MA', 2134, 'USA'");
                attempt(
                    other,
                    &format!("INSERT INTO lettings_address VALUES ({values})"),
                )
                .await;
                format!(
                    "INSERT INTO lettings_letting (id, title, address_id) \
                     VALUES ({new}, 'New', {new})"
                )
            }
            4 => format!("DELETE FROM oc_lettings_locality WHERE letting_id > {id}"),
            5 => "UPDATE oc_lettings_locality SET city = 'irvine'".to_owned(),
            6 => "DROP TABLE oc_lettings_locality".to_owned(),
            7 => format!("UPDATE oc_lettings_block SET row_count = {}", id % 3_000),
            8 => "DELETE FROM oc_lettings_block".to_owned(),
            _ => "ALTER TABLE oc_lettings_block RENAME COLUMN first_id TO other".to_owned(),
        };
        attempt(other, &sql).await;
    }
}

/// A page without what belongs to its visitor.
async fn page(visitor: &mut Visitor<'_>, path: &str) -> String {
    let answer = visitor.get(path).await;
    let mut text = format!("{} {}", answer.status, answer.header("location"));
    // Few pages have a token, and reading a sitemap of thousands of lines takes longer than making it.
    let tokens = if answer.body.contains("csrfmiddlewaretoken") {
        answer.attributes("[name=csrfmiddlewaretoken]", "value")
    } else {
        Vec::new()
    };
    text += &tokens
        .iter()
        .fold(answer.body.clone(), |body, token| body.replace(token, ""));
    text
}

/// Whether pages may use the derived tables now.
async fn are_used(app: &TestApp) -> bool {
    app.db.with_derived(async { Ok(()) }).await.is_some()
}

/// Waits until pages use the derived tables. On PostgreSQL commits in the databases of other tests make
/// them uncertain again.
async fn wait_until_used(app: &TestApp) {
    let start = Instant::now();
    while !are_used(app).await {
        assert!(start.elapsed() < DEADLINE);
        app.db.update_derived_tables().await.unwrap();
    }
}

/// The derived tables that are there.
async fn derived_tables(db: &Database) -> usize {
    let mut count = 0;
    for derived in DERIVED {
        let sql = format!("SELECT count(*) FROM {}", derived.table.name);
        count += usize::from(db.execute_unprepared(&sql).await.is_ok());
    }
    count
}

on_both_databases! {
    async fn pages_are_what_they_would_be_without(app: TestApp) {
        let mut random = chance();
        fill(&app, &mut random).await;
        let (other_app, other) = (second_app(&app), app.database.open());
        let mut pair = Pair::log_in(&app, &other_app, random).await;
        app.db.make_derived_tables().await.unwrap();
        for _ in 0..5 {
            wait_until_used(&app).await;
            pair.assert_same().await;
        }
        app.db.keep_derived_tables();
        for _ in 0..STEPS {
            if pair.random.random_range(0..3) == 0 {
                pair.write_here(&app).await;
            } else {
                pair.write_there(&other).await;
            }
            pair.assert_same().await;
        }
        // When nobody writes any more, they are right and in use.
        wait_until_used(&app).await;
        pair.assert_same().await;
        app.db.close().await.unwrap();
    }

    async fn saves_keep_the_tables_right(app: TestApp) {
        let mut random = chance();
        fill(&app, &mut random).await;
        let other_app = second_app(&app);
        let mut pair = Pair::log_in(&app, &other_app, random).await;
        app.db.make_derived_tables().await.unwrap();
        for _ in 0..15 {
            pair.write_here(&app).await;
            let updated = app.db.update_derived_tables().await.unwrap();
            let written: u64 = updated.iter().map(|one| one.written).sum();
            assert_eq!(written, 0, "{updated:?}");
        }
    }

    async fn a_row_of_the_last_page_is_added_by_hand(app: TestApp) {
        let mut random = chance();
        fill(&app, &mut random).await;
        app.db.make_derived_tables().await.unwrap();
        app.sql("INSERT INTO lettings_address VALUES \
                 (9000000000000000000, 1, 'Bay Road', 'Oslo', 'MA', 2134, 'USA')").await;
        app.sql("INSERT INTO lettings_letting (id, title, address_id) \
                 VALUES (9000000000000000000, 'Last', 9000000000000000000)").await;
        let last = format!("/lettings/?page={}", LETTINGS / PAGE + 1);
        assert!(app.get(&last).await.expect(200).body.contains("Last"));
        wait_until_used(&app).await;
        assert!(app.get(&last).await.expect(200).body.contains("Last"));
        app.get("/lettings/?page=999999999").await.expect(404);
    }

    async fn many_rows_are_found_while_others_commit(app: TestApp) {
        let mut random = chance();
        fill(&app, &mut random).await;
        let other = app.database.open();
        app.db.make_derived_tables().await.unwrap();
        wait_until_used(&app).await;
        attempt(&other, "UPDATE auth_user SET first_name = 'Eve'").await;
        let start = Instant::now();
        while are_used(&app).await {
            assert!(start.elapsed() < DEADLINE, "few rows are counted after a commit");
        }

        let after = numbers(&app.db, "SELECT max(id) FROM lettings_letting").await[0];
        add_lettings(&app, &mut random, after, MANY - LETTINGS).await;
        app.db.update_derived_tables().await.unwrap();
        let last = numbers(&app.db, "SELECT max(id) FROM lettings_letting").await[0];
        let moved = numbers(&app.db, "SELECT min(id) FROM lettings_address WHERE city = 'Ærø'").await[0];
        attempt(&other, &format!("UPDATE lettings_address SET city = 'Bonn' WHERE id = {moved}")).await;
        let new = last + 1;
        for sql in [
            format!("INSERT INTO lettings_address VALUES ({new}, 1, 'Bay Road', 'Bonn', 'MA', 2134, 'USA')"),
            format!("INSERT INTO lettings_letting (id, title, address_id) VALUES ({new}, 'Added', {new})"),
        ] {
            other.execute_unprepared(&sql).await.unwrap();
        }
        assert!(are_used(&app).await);
        let page = app.get(&format!("/lettings/?page={}", MANY / PAGE + 1)).await.expect(200);
        assert!(page.body.contains("Added"));
        // Bonn is not known yet, and the letting that moved there is not in the old city any more.
        assert!(!app.get("/profiles/user5/").await.expect(200).body.contains(&format!("Letting {moved}<")));
        app.db.update_derived_tables().await.unwrap();
        attempt(&other, "UPDATE profiles_profile SET favorite_city = 'Bonn'").await;
        let page = app.get("/profiles/user5/").await.expect(200);
        assert!(page.body.contains("Added") && page.body.contains(&format!("Letting {moved}")));
        app.db.close().await.unwrap();
    }

    async fn a_short_list_of_the_admin_has_at_once_what_others_add(app: TestApp) {
        app.add_letting(1, "One").await;
        add_account(&app, 50, "staff", &[]).await;
        let mut staff = Visitor::new(&app);
        staff.log_in("staff", PASSWORD).await.expect(302);
        app.db.make_derived_tables().await.unwrap();
        let other = app.database.open();
        for (id, title) in [(2, "Two"), (3, "Three"), (4, "Four")] {
            wait_until_used(&app).await;
            other.execute_unprepared(&format!(
                "INSERT INTO lettings_address VALUES ({id}, 1, 'Bay Road', 'Oslo', 'MA', 2134, 'USA')"
            )).await.unwrap();
            other.execute_unprepared(&format!(
                "INSERT INTO lettings_letting (id, title, address_id) VALUES ({id}, '{title}', {id})"
            )).await.unwrap();
            let list = staff.get("/admin/lettings/letting/").await.expect(200);
            assert!(list.body.contains(title), "{title}");
            assert!(list.body.contains(&format!("{id} lettings")), "{title}");
        }
        app.db.close().await.unwrap();
    }

    async fn neither_a_backup_nor_a_handback_keeps_them(app: TestApp) {
        app.add_letting(1, "One").await;
        app.db.make_derived_tables().await.unwrap();
        assert_eq!(derived_tables(&app.db).await, DERIVED.len());
        assert!(db::migrate::plan(&app.database.config(), &SCHEMA).await.unwrap().is_empty());

        let backup = back_up(&app.database, "one.backup");
        let restored = TestDatabase::empty(app.database.backend()).await;
        let variables = [("DATABASE_URL", restored.url.as_str())];
        let done = run(restored.folder.path(), &variables, &["restore", backup.to_str().unwrap()]);
        assert_eq!(done.code, Some(0), "{done:?}");
        let rows = rows_of(&restored).await;
        assert!(rows.iter().any(|row| row.contains("One")), "{rows:?}");
        assert_eq!(derived_tables(&restored.open()).await, 0);
        let made = run(restored.folder.path(), &variables, &["reindex"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        assert!(made.out.contains("Made oc_lettings_locality anew."), "{made:?}");
        assert_eq!(derived_tables(&restored.open()).await, DERIVED.len());

        app.db.close().await.unwrap();
        let wanted = HandbackOptions { form: Some(Form::Present), own_tables: OwnTables::Drop };
        handback::run(&app.database.config(), &SCHEMA, wanted).await.unwrap();
        assert_eq!(derived_tables(&app.database.open()).await, 0);
    }
}

#[tokio::test]
async fn reindex_says_that_a_database_is_not_migrated() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    std::fs::write(database.path(), "").unwrap();
    let variables = [("DATABASE_URL", database.url.as_str())];
    let failed = run(database.folder.path(), &variables, &["reindex"]);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.err.contains("is it migrated?"), "{failed:?}");
}
