//! Who sees the e-mail addresses on profile pages, by how the database came to the program.

use crate::support::app::{SECRET_KEY, TestApp};
use crate::support::database::drops_of_records;
use crate::support::on_both_databases;
use crate::support::program::run;
use crate::support::visitor::Visitor;

use crate::admin::{PASSWORD, add_account};

const ADDRESS: &str = "ann@example.com";

/// As Django leaves a database: nothing in it is ours, and what it recorded it recorded long ago.
fn without_us() -> String {
    let tables = ["version", "login_failure", "login_attempt", "origin"];
    let drops = tables.map(|name| format!("DROP TABLE oc_lettings_{name}"));
    let update = "UPDATE django_migrations SET applied = '2024-05-06 07:08:09'".to_owned();
    let all = drops_of_records().into_iter().chain(drops).chain([update]);
    all.collect::<Vec<_>>().join("; ")
}

/// As the release before the one that records it left a database: nothing says where it came from.
fn earlier_release() -> String {
    let rest = [
        "DROP TABLE oc_lettings_login_attempt",
        "DROP TABLE oc_lettings_origin",
        "DELETE FROM oc_lettings_version WHERE version >= 3",
    ];
    let all = drops_of_records()
        .into_iter()
        .chain(rest.map(str::to_owned));
    all.collect::<Vec<_>>().join("; ")
}

impl TestApp {
    /// Does something to the database, and migrates it again.
    async fn after(self, sql: &str) -> Self {
        for statement in sql.split("; ") {
            self.sql(statement).await;
        }
        self.db.close().await.unwrap();
        Self::on(self.database, &[]).await
    }

    async fn shows_address(&self) -> bool {
        let page = self.get("/profiles/ann/").await.expect(200);
        page.assert_valid_html();
        let shows = page.body.contains(ADDRESS);
        let terms = page.texts("dt");
        assert_eq!(terms.contains(&"Email".to_owned()), shows, "{terms:?}");
        shows
    }

    fn check(&self, variables: &[(&str, &str)]) -> String {
        let base = [("DATABASE_URL", &*self.database.url)];
        let variables = [&base[..], variables].concat();
        let args = ["check", "--deploy", "--tag", "security"];
        run(self.database.folder.path(), &variables, &args).out
    }
}

on_both_databases! {
    async fn on_a_database_made_new_addresses_are_for_staff(app: TestApp) {
        app.add_profile(7, "ann").await;
        add_account(&app, 1, "boss", &[("email", "'boss@example.com'")]).await;
        add_account(&app, 2, "bob", &[("email", "''"), ("is_staff", "FALSE")]).await;
        assert!(!app.shows_address().await);
        assert!(!app.check(&[]).contains("W003"));
        // Everybody who is not logged in has the same copy.
        let page = app.get("/profiles/ann/").await;
        assert_eq!(page.header("cache-control"), "public, no-cache");
        assert!(page.header("set-cookie").is_empty());
        let mut boss = Visitor::new(&app);
        boss.log_in("boss", PASSWORD).await.expect(302);
        let page = boss.get("/profiles/ann/").await.expect(200);
        assert!(page.body.contains(ADDRESS), "{}", page.body);
        assert!(page.header("cache-control").contains("no-store"));
        // A cookie that opens nothing opens no address.
        boss.cookies.0.insert("sessionid".to_owned(), "0123456789abcdefghijklmnopqrstuv".to_owned());
        let page = boss.get("/profiles/ann/").await.expect(200);
        assert!(!page.body.contains(ADDRESS), "{}", page.body);

        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "on")]);
        assert!(app.shows_address().await);
        assert!(app.check(&[("PROFILE_EMAIL_PUBLIC", "on")]).contains("W003"));
    }

    async fn on_an_adopted_database_they_are_public_as_before(app: TestApp) {
        app.add_profile(7, "ann").await;
        let app = app.after(&without_us()).await;
        assert!(app.shows_address().await);
        let page = app.get("/profiles/ann/").await;
        assert_eq!(page.header("cache-control"), "public, no-cache");
        assert!(app.check(&[]).contains("oc_lettings.W003"));
        // Migrated again it stays what it was.
        let app = app.after("DELETE FROM django_session").await;
        assert!(app.shows_address().await);

        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "off")]);
        assert!(!app.shows_address().await);
        assert!(!app.check(&[("PROFILE_EMAIL_PUBLIC", "off")]).contains("W003"));
    }

    async fn a_database_of_an_earlier_release_is_judged_by_its_rows(app: TestApp) {
        app.add_profile(7, "ann").await;
        let app = app.after(&earlier_release()).await;
        assert!(!app.shows_address().await, "it was made new by that release");
        let earlier_release = earlier_release();
        let rename = |from, to| format!(
            "{earlier_release}; UPDATE django_migrations SET name = '{to}' \
             WHERE app = 'lettings' AND name = '{from}'"
        );
        let app = app.after(&rename("0001_initial", "0001_start")).await;
        assert!(app.shows_address().await, "they are not those that the program records");
        let app = app.after(&rename("0001_start", "0001_initial")).await;
        assert!(!app.shows_address().await);
        let earlier = format!(
            "{earlier_release}; UPDATE django_migrations SET applied = '2024-05-06 07:08:09'"
        );
        let app = app.after(&earlier).await;
        assert!(app.shows_address().await, "Django had recorded its migrations before");
    }

    async fn what_is_not_known_is_not_shown(app: TestApp) {
        app.add_profile(7, "ann").await;
        app.sql("DELETE FROM oc_lettings_origin").await;
        assert!(!app.shows_address().await);
        app.sql("DROP TABLE oc_lettings_origin").await;
        assert!(!app.shows_address().await);
    }
}

/// What adoption by a restore brings along shows at once, and goes at once.
#[tokio::test]
async fn a_restored_database_brings_its_own_rule_along() {
    use crate::support::{Backend, TestDatabase};
    let adopted = TestApp::open(Backend::Sqlite).await;
    adopted.add_profile(7, "ann").await;
    let adopted = adopted.after(&without_us()).await;
    let folder = adopted.database.folder.path().to_owned();
    let of = |url: &str| {
        [
            ("DATABASE_URL", url.to_owned()),
            ("SECRET_KEY", SECRET_KEY.to_owned()),
        ]
    };
    let run_on = |url: &str, args: &[&str]| {
        let variables = of(url);
        let variables: Vec<_> = variables
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let run = run(&folder, &variables, args);
        assert_eq!(run.code, Some(0), "{run:?}");
    };
    run_on(&adopted.database.url, &["backup", "adopted.backup"]);
    let new = TestApp::on(TestDatabase::empty(Backend::Sqlite).await, &[]).await;
    new.add_profile(7, "ann").await;
    assert!(!new.shows_address().await);
    run_on(&new.database.url, &["backup", "new.backup"]);
    run_on(
        &new.database.url,
        &["restore", "adopted.backup", "--replace"],
    );
    assert!(new.shows_address().await);
    run_on(&new.database.url, &["restore", "new.backup", "--replace"]);
    assert!(!new.shows_address().await);
}
