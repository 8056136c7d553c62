//! What an address is written with where a number does not do, in the form of its letting.

use super::add_account;
use super::homes::{post, sent};
use super::shared::{entries, logged_in, texts};
use crate::support::app::Answer;
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

const ADD: &str = "/admin/lettings/letting/add/";
const CHANGE: &str = "/admin/lettings/letting/501/change/";
const WRITTEN: &str = "SELECT CAST(address_id AS text) || ' ' || number || '|' || postal_code \
    FROM oc_lettings_address ORDER BY id";

/// Sends the form of a page with other values, as a browser without scripts.
async fn send(visitor: &mut Visitor<'_>, path: &str, others: &[(&str, &str)]) -> Answer {
    let page = visitor.get(path).await.expect(200);
    let others: Vec<_> = others
        .iter()
        .map(|(name, value)| (*name, [*value]))
        .collect();
    let mut all: Vec<(&str, &[&str])> = vec![("_save", &["1"])];
    all.extend(others.iter().map(|(name, values)| (*name, &values[..])));
    post(visitor, path, &sent(&page, &all)).await
}

/// A letting whose address is in London, and staff.
async fn with_letting(app: &TestApp) -> Visitor<'_> {
    app.add_letting(501, "Old Mill").await;
    app.sql("UPDATE lettings_address SET country_iso_code = 'GBR' WHERE id = 501")
        .await;
    add_account(app, 601, "root", &[]).await;
    logged_in(app, "root").await
}

on_both_databases! {
    async fn a_letting_is_added_with_an_address_that_is_no_number(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let page = root.get(ADD).await.expect(200);
        page.assert_valid_html();
        assert!(page.texts("main h2").contains(&"Postal form".to_owned()), "{:?}", page.texts("main h2"));
        // There is no other row that a number would tell it from.
        assert_eq!(page.texts("main legend"), [""; 0]);
        let address = [
            ("title", "Flat"), ("address-number", "12"), ("address-street", "Mall"), ("address-city", "London"),
            ("address-state", "LN"), ("address-zip_code", "1"), ("address-country_iso_code", "GBR"),
        ];
        let written = [("address-new1-number", "12 bis"), ("address-new1-postal_code", "SW1A 1AA")];
        let long = [&address[..], &[("address-new1-number", "12 bis, the door behind the tree")]].concat();
        let refused = send(&mut root, ADD, &long).await.expect(200);
        assert!(refused.body.contains("12 bis, the door"), "{}", refused.body);
        send(&mut root, ADD, &[("title", "Flat"), written[0]]).await.expect(200);
        assert_eq!(texts(&app, "SELECT title FROM lettings_letting").await, [""; 0]);
        send(&mut root, ADD, &[&address[..], &written].concat()).await.expect(302);
        let id = texts(&app, "SELECT CAST(id AS text) FROM lettings_letting").await.concat();
        let shown = app.get(&format!("/lettings/{id}/")).await.expect(200).texts("address").concat();
        assert!(shown.contains("12 bis") && shown.contains("SW1A 1AA"), "{shown}");
        let told = entries(&app).await;
        let added = r#"[{"added": {}}, {"added": {"name": "address", "object": "12 bis SW1A 1AA"}}]"#;
        assert!(told.iter().any(|entry| entry.contains(added)), "{told:?}");
    }

    async fn the_form_of_a_letting_changes_how_its_address_is_written(app: TestApp) {
        let mut root = with_letting(&app).await;
        let written = [("address-new1-number", "12 bis"), ("address-new1-postal_code", "SW1A 1AA")];
        send(&mut root, CHANGE, &written).await.expect(302);
        assert_eq!(texts(&app, WRITTEN).await, ["501 12 bis|SW1A 1AA"]);
        let id = texts(&app, "SELECT CAST(id AS text) FROM oc_lettings_address").await.concat();
        let name = |field: &str| format!("address-{id}-{field}");
        let count = entries(&app).await.len();
        send(&mut root, CHANGE, &[("title", "New Mill")]).await.expect(302);
        // The address has no entry, since nothing of it was changed.
        assert_eq!(entries(&app).await.len(), count + 1);
        let (number, both) = (name("number"), name("DELETE"));
        send(&mut root, CHANGE, &[(&number, "12 ter"), ("address-city", "Bath")]).await.expect(302);
        assert_eq!(texts(&app, WRITTEN).await, ["501 12 ter|SW1A 1AA"]);
        assert_eq!(texts(&app, "SELECT city FROM lettings_address").await, ["Bath"]);
        let shown = app.get("/lettings/501/").await.expect(200).texts("address").concat();
        assert!(shown.contains("12 ter"), "{shown}");
        send(&mut root, CHANGE, &[(&both, "on")]).await.expect(302);
        assert_eq!(texts(&app, WRITTEN).await, [""; 0]);
    }

    async fn what_is_typed_is_never_written_to_another_address(app: TestApp) {
        let mut root = with_letting(&app).await;
        app.add_letting(502, "Other").await;
        app.sql("DELETE FROM lettings_letting WHERE id = 502").await;
        send(&mut root, CHANGE, &[("address-new1-number", "12 bis")]).await.expect(302);
        let id = texts(&app, "SELECT CAST(id AS text) FROM oc_lettings_address").await.concat();
        let number = format!("address-{id}-number");
        let either = "Choose another one or fill in below, not both.";
        for (path, typed) in [(CHANGE, &number[..]), (ADD, "address-new1-number")] {
            let fields = [("title", "Mill"), ("address", "502"), (typed, "9 bis")];
            let refused = send(&mut root, path, &fields).await.expect(200);
            assert!(refused.body.contains(either), "{}", refused.body);
        }
        assert_eq!(texts(&app, WRITTEN).await, ["501 12 bis|"]);
        // As it is stored it says nothing of the one that is chosen.
        send(&mut root, CHANGE, &[("address", "502")]).await.expect(302);
        assert_eq!(texts(&app, WRITTEN).await, ["501 12 bis|"]);
        assert_eq!(texts(&app, "SELECT CAST(address_id AS text) FROM lettings_letting").await, ["502"]);
    }

    async fn who_has_crossed_another_is_told_of_a_written_address(app: TestApp) {
        let mut root = with_letting(&app).await;
        let page = root.get(CHANGE).await.expect(200);
        app.sql("INSERT INTO oc_lettings_address (address_id, number, postal_code) VALUES (501, '7 b', '')").await;
        let mine = sent(&page, &[("address-city", &["Bath"]), ("_save", &["1"])]);
        let told = post(&mut root, CHANGE, &mine).await.expect(200);
        assert!(told.body.contains("7 b"), "{}", told.body);
        assert_eq!(told.attributes("[name=address-city]", "value"), ["Bath"]);
        assert_eq!(told.texts(".theirs").len(), 1, "{}", told.body);
        let again = told.form_fields("main form.record");
        post(&mut root, CHANGE, &again).await.expect(302);
        assert_eq!(texts(&app, WRITTEN).await, ["501 7 b|"]);
        assert_eq!(texts(&app, "SELECT city FROM lettings_address").await, ["Bath"]);
    }
}
