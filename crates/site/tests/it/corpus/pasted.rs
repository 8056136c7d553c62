//! What an owner is told can be done as it is told: commands are pasted into a shell, statements into the
//! database's own program, and what `--plan` has said holds.

use std::process::Command;

use sea_orm::ConnectionTrait as _;

use super::{adopt, case, contents, database_of, program, seen};
use crate::support::program::Run;
use crate::support::{Backend, TestApp};

/// The arguments that a shell makes of a command that was told.
fn arguments(told: &str) -> Vec<String> {
    let script = format!("for argument in {told}; do printf '%s\\n' \"$argument\"; done");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

async fn names_are_quoted(backend: Backend) {
    let named = case("names_to_quote");
    let database = database_of(&named, backend).await;
    let before = contents(&database).await;
    let refused = program(&database, &["migrate", "--plan"]);
    let told = refused.err.lines();
    let told = told.filter_map(|line| line.strip_prefix("    oc-lettings "));
    let told: Vec<_> = told.collect();
    let args = arguments(told[0]);
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let [migrate, from] = [args[0], args[1]];
    assert_eq!([migrate, from], ["migrate", "--from"], "{refused:?}");
    let shows = vec!["Cabin at 20 Pier".to_owned()];
    adopt(&named, database, &args[1..], (&before, &shows)).await;
}

#[tokio::test]
async fn names_are_quoted_on_sqlite() {
    names_are_quoted(Backend::Sqlite).await;
}

#[tokio::test]
async fn names_are_quoted_on_postgresql() {
    names_are_quoted(Backend::Postgres).await;
}

/// The case of a name is not what anybody remembers; a view is nothing to copy from.
#[tokio::test]
async fn a_name_is_found_in_another_case() {
    let database = database_of(&case("rows_beside_empty_tables"), Backend::Sqlite).await;
    let from = "Address= LETTING_Address ,letting = \"Letting_LETTING\"";
    let plan = program(&database, &["migrate", "--plan", "--from", from]);
    assert_eq!(plan.code, Some(0), "{plan:?}");
    assert!(
        plan.out.contains("2 lettings, copied from letting_letting"),
        "{plan:?}"
    );
    for wrong in [
        "letting=\"a",
        "letting=a,",
        "letting=\"a\"b",
        "=a",
        "letting=",
    ] {
        let refused = program(&database, &["migrate", "--plan", "--from", wrong]);
        assert_eq!(refused.code, Some(2), "{wrong}: {refused:?}");
    }
    let database = database_of(&case("view_beside_empty_tables"), Backend::Sqlite).await;
    let refused = program(&database, &["migrate", "--from", "letting=old_letting"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused
            .err
            .contains("`old_letting` is a view, and no table"),
        "{refused:?}"
    );
}

/// The address of a letting is fetched from where it is by the statement that was told.
async fn addresses_come_from_where_they_are(backend: Backend) {
    let database = database_of(&case("addresses_in_a_third_table"), backend).await;
    let refused = program(&database, &["migrate"]);
    assert!(
        refused
            .err
            .contains("`archive_address` has what 1 row mean"),
        "{refused:?}"
    );
    let (_, statement) = refused.err.split_once("add it by `").unwrap();
    let (statement, _) = statement.split_once('`').unwrap();
    let db = database.open();
    db.execute_unprepared(statement).await.unwrap();
    db.close().await.unwrap();
    assert_eq!(program(&database, &["migrate"]).code, Some(0));
    let app = TestApp::unmigrated(database, &[]);
    let expected = ["Old House at 7 Old Street", "Old Hut at 1 Lost Lane"];
    assert_eq!(seen(&app).await, expected);
}

#[tokio::test]
async fn addresses_come_from_where_they_are_on_sqlite() {
    addresses_come_from_where_they_are(Backend::Sqlite).await;
}

#[tokio::test]
async fn addresses_come_from_where_they_are_on_postgresql() {
    addresses_come_from_where_they_are(Backend::Postgres).await;
}

/// A plan that cannot be carried out says so, in the words in which `migrate` does.
async fn plan_and_migrate_say_the_same(backend: Backend) {
    let rules = [
        "ALTER TABLE lettings_address ADD COLUMN x integer CHECK (street <> 'Old Street')",
        "CREATE UNIQUE INDEX one_street ON lettings_address (street)",
    ];
    for rule in rules {
        let database = database_of(&case("half_moved"), backend).await;
        let db = database.open();
        for sql in [
            "DELETE FROM lettings_address",
            "INSERT INTO oc_lettings_site_address VALUES (4, 8, 'Old Street', 'Savannah', 'GA', 1, 'USA')",
            rule,
        ] {
            db.execute_unprepared(sql).await.unwrap();
        }
        db.close().await.unwrap();
        let before = contents(&database).await;
        let plan = program(&database, &["migrate", "--plan"]);
        assert_eq!(plan.code, Some(1), "{rule}: {plan:?}");
        let done = program(&database, &["migrate"]);
        assert_eq!(done.code, Some(1), "{rule}: {done:?}");
        let last = |run: &Run| run.err.lines().last().map(str::to_owned);
        assert_eq!(last(&done), last(&plan), "{rule}");
        let step = "the step \"Copy rows of oc_lettings_site_address to lettings_address\" fails, and \
                    the database was left as it was: ";
        assert!(done.err.contains(step), "{done:?}");
        assert_eq!(contents(&database).await, before);
    }
}

#[tokio::test]
async fn plan_and_migrate_say_the_same_on_sqlite() {
    plan_and_migrate_say_the_same(Backend::Sqlite).await;
}

#[tokio::test]
async fn plan_and_migrate_say_the_same_on_postgresql() {
    plan_and_migrate_say_the_same(Backend::Postgres).await;
}

/// A column that the site writes to and the database computes cannot be written to.
#[tokio::test]
async fn a_computed_column_is_refused_by_name() {
    let database = database_of(&case("modular_empty"), Backend::Sqlite).await;
    let db = database.open();
    for sql in [
        "DROP TABLE lettings_letting",
        "CREATE TABLE lettings_letting (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, \
         title text AS ('House') STORED, address_id bigint NOT NULL UNIQUE)",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db.close().await.unwrap();
    let refused = program(&database, &["migrate", "--plan"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("`lettings_letting.title` is computed"),
        "{refused:?}"
    );
}
