//! Rules that an owner has put into the database: what breaks them is told, and nothing is lost.

use super::add_account;
use super::shared::{entries, logged_in, number};
use crate::support::{Backend, TestApp, on_both_databases};

const ADDRESS: &str = "/admin/lettings/address/";

const REFUSED: &str = "The database refuses this: “";

/// What is told above a form or a list.
const TOLD: &str = ".message.error";

fn address<'a>(number: &'a str, street: &'a str) -> [(&'static str, &'a str); 6] {
    [
        ("number", number),
        ("street", street),
        ("city", "Boston"),
        ("state", "MA"),
        ("zip_code", "2134"),
        ("country_iso_code", "USA"),
    ]
}

on_both_databases! {
    async fn a_check_of_the_owners_is_an_error_of_the_form(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        // Of a column, since SQLite adds none to a table; it may look at others.
        app.sql(
            "ALTER TABLE lettings_address \
             ADD COLUMN note integer DEFAULT 0 CONSTRAINT low_numbers CHECK (number < 5000)",
        )
        .await;
        let mut root = logged_in(&app, "root").await;
        let high = address("5000", "Hill Road");
        for path in [format!("{ADDRESS}add/"), format!("{ADDRESS}501/change/")] {
            let page = root.post(&path, &high).await.expect(200);
            page.assert_valid_html();
            let told = page.texts(TOLD).concat();
            assert!(told.contains(REFUSED) && told.contains("low_numbers"), "{told}");
            assert!(told.contains("Nothing was changed."), "{told}");
            assert_eq!(page.attributes("#id_number", "value"), ["5000"]);
            assert_eq!(page.attributes("#id_street", "value"), ["Hill Road"]);
        }
        let kept = "SELECT COUNT(*) FROM lettings_address WHERE street = 'Bay Road'";
        assert_eq!(number(&app, kept).await, 1);
        assert_eq!(entries(&app).await, Vec::<String>::new());
        let low = address("4999", "Hill Road");
        root.post(&format!("{ADDRESS}501/change/"), &low).await.expect(302);
        // Within the form of another object, which is not made either.
        let mut both = vec![("title", "Mill"), ("address", "")];
        let names = high.map(|(name, _)| format!("address-{name}"));
        both.extend(names.iter().map(String::as_str).zip(high.map(|(_, value)| value)));
        let page = root.post("/admin/lettings/letting/add/", &both).await.expect(200);
        assert!(page.texts(TOLD).concat().contains(REFUSED));
        assert_eq!(page.attributes("#id_title", "value"), ["Mill"]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_letting").await, 1);
    }

    async fn a_unique_index_of_the_owners_is_not_taken_for_somebody_else(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        app.sql("CREATE UNIQUE INDEX one_street ON lettings_address (street)").await;
        let mut root = logged_in(&app, "root").await;
        let page = root.post(&format!("{ADDRESS}add/"), &address("7", "Bay Road")).await.expect(200);
        assert!(page.texts(TOLD).concat().contains(REFUSED));
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_address").await, 1);
    }

    async fn a_password_that_a_rule_forbids_is_told_beside_its_field(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        add_account(&app, 602, "ann", &[]).await;
        app.sql(
            "ALTER TABLE auth_user \
             ADD COLUMN note integer DEFAULT 0 CONSTRAINT always_set CHECK (password NOT LIKE '!%')",
        )
        .await;
        let mut root = logged_in(&app, "root").await;
        let path = "/admin/auth/user/602/password/";
        let page = root.post(path, &[("unset-password", "1")]).await.expect(200);
        let told = page.texts("#password1-errors li").concat();
        assert!(told.starts_with(REFUSED) && told.contains("always_set"), "{told}");
        assert_eq!(entries(&app).await, Vec::<String>::new());
        let new = [("password1", "marble-lantern-42"), ("password2", "marble-lantern-42")];
        root.post(path, &new).await.expect(302);
    }
}

/// Deletes an address that a trigger keeps, alone and as one of several.
async fn deletion_is_refused(app: &TestApp) {
    app.add_letting(501, "Old Mill").await;
    add_account(app, 601, "root", &[]).await;
    let mut root = logged_in(app, "root").await;
    let answer = root.post(&format!("{ADDRESS}501/delete/"), &[]).await;
    answer.expect(302);
    let told = root.get(ADDRESS).await.expect(200).texts(TOLD).concat();
    assert!(
        told.contains(REFUSED) && told.contains("addresses are kept"),
        "{told}"
    );
    let several = [
        ("action", "delete_selected"),
        ("_selected_action", "501"),
        ("post", "yes"),
    ];
    root.post(ADDRESS, &several).await.expect(302);
    let told = root.get(ADDRESS).await.expect(200).texts(TOLD).concat();
    assert!(told.contains(REFUSED), "{told}");
    assert_eq!(
        number(app, "SELECT COUNT(*) FROM lettings_letting").await,
        1
    );
    assert_eq!(entries(app).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_trigger_keeps_on_sqlite_stays() {
    let app = TestApp::open(Backend::Sqlite).await;
    app.sql(
        "CREATE TRIGGER keep BEFORE DELETE ON lettings_address \
         BEGIN SELECT RAISE(ABORT, 'addresses are kept'); END",
    )
    .await;
    deletion_is_refused(&app).await;
}

#[tokio::test]
async fn what_a_trigger_keeps_on_postgres_stays() {
    let app = TestApp::open(Backend::Postgres).await;
    app.sql(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'addresses are kept'; END $$; \
         CREATE TRIGGER keep BEFORE DELETE ON lettings_address \
         FOR EACH ROW EXECUTE FUNCTION keep()",
    )
    .await;
    deletion_is_refused(&app).await;
}

#[tokio::test]
async fn a_column_that_is_narrower_on_postgres_is_told() {
    let app = TestApp::open(Backend::Postgres).await;
    add_account(&app, 601, "root", &[]).await;
    app.sql("ALTER TABLE lettings_address ALTER COLUMN street TYPE varchar(10)")
        .await;
    let mut root = logged_in(&app, "root").await;
    let path = format!("{ADDRESS}add/");
    let long = address("7", "Long Hill Road");
    let page = root.post(&path, &long).await.expect(200);
    assert!(page.texts(TOLD).concat().contains(REFUSED));
    root.post(&path, &address("7", "Hill Road"))
        .await
        .expect(302);
}
