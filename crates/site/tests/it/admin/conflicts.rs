//! Two people with one object: nobody overwrites what they have not seen.

use super::add_account;
use super::shared::{entries, logged_in, number, texts};
use crate::support::app::Answer;
use crate::support::{TestApp, on_both_databases};

const LETTING: &str = "/admin/lettings/letting/501/change/";
const ADDRESS: &str = "/admin/lettings/address/501/change/";

/// What says so.
const ALERT: &str = "main .message.error[role=alert] p:first-child";

/// The form of a page, as a browser would send it, with other values for some fields.
fn sent(page: &Answer, others: &[(&str, &str)]) -> Vec<(String, String)> {
    let inputs = "main form.record input[name][value]:not([type=checkbox])";
    let names = page.attributes(inputs, "name").into_iter();
    let mut fields: Vec<_> = names.zip(page.attributes(inputs, "value")).collect();
    for name in page.attributes("main form.record select[name]", "name") {
        let chosen = format!("select[name='{name}'] option[selected]");
        let values = page.attributes(&chosen, "value").into_iter();
        fields.extend(values.map(|value| (name.clone(), value)));
    }
    for (name, value) in others {
        fields.retain(|(other, _)| other != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect()
}

fn value(page: &Answer, name: &str) -> String {
    page.attributes(&format!("#id_{name}"), "value").concat()
}

const TOLD: &str = "Somebody else has changed this since you opened it; nothing was saved yet. What \
                    they changed is marked below. Save again to store it as it stands here.";

const KEPT: &str = "Somebody else has changed this meanwhile.";

async fn street(app: &TestApp) -> Vec<String> {
    texts(
        app,
        "SELECT city || ', ' || street FROM lettings_address WHERE id = 501",
    )
    .await
}

on_both_databases! {
    async fn what_somebody_else_has_saved_is_told_and_not_overwritten(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let opened = root.get(ADDRESS).await.expect(200);
        app.sql("UPDATE lettings_address SET street = 'Theirs', city = 'Rome' WHERE id = 501").await;
        // An error in it hides nothing, nor does it bring the form up to date unseen.
        let wrong = sent(&opened, &[("street", ""), ("_save", "1")]);
        let page = root.post(ADDRESS, &borrowed(&wrong)).await.expect(200);
        assert_eq!(page.texts(ALERT), [TOLD]);
        let mine = sent(&opened, &[("street", "Mine"), ("_save", "1")]);
        let page = root.post(ADDRESS, &borrowed(&mine)).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts(ALERT), [TOLD]);
        assert_eq!(page.texts("main .theirs"), ["Somebody else has stored meanwhile: Theirs", KEPT]);
        assert_eq!([value(&page, "street"), value(&page, "city")], ["Mine", "Rome"]);
        assert_eq!(page.attributes(".message.error a", "href"), [ADDRESS]);
        assert_eq!(street(&app).await, ["Rome, Theirs"]);
        assert_eq!(entries(&app).await, Vec::<String>::new());
        // Once it was seen, it can be put in its place.
        let again = sent(&page, &[("_save", "1")]);
        root.post(ADDRESS, &borrowed(&again)).await.expect(302);
        assert_eq!(street(&app).await, ["Rome, Mine"]);
        let entry = "lettings.address 2 501 Mine [{\"changed\": {\"fields\": [\"Street\"]}}]";
        assert_eq!(entries(&app).await, [entry]);
    }

    async fn an_address_within_a_letting_is_watched_too(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let opened = root.get(LETTING).await.expect(200);
        app.sql("UPDATE lettings_address SET street = 'Theirs' WHERE id = 501").await;
        let mine = sent(&opened, &[("title", "Mine"), ("_save", "1")]);
        let page = root.post(LETTING, &borrowed(&mine)).await.expect(200);
        assert_eq!(page.texts(ALERT), [TOLD]);
        assert_eq!(page.texts("main .theirs"), [KEPT]);
        assert_eq!(value(&page, "address-street"), "Theirs");
        let again = sent(&page, &[("_save", "1")]);
        root.post(LETTING, &borrowed(&again)).await.expect(302);
        assert_eq!(street(&app).await, ["Boston, Theirs"]);
        let entry = "lettings.letting 2 Mine [{\"changed\": {\"fields\": [\"Title\"]}}]";
        assert_eq!(entries(&app).await, [entry]);
    }

    async fn a_letting_that_got_another_address_can_still_be_saved(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        app.add_letting(502, "Gone").await;
        app.sql("DELETE FROM lettings_letting WHERE id = 502").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let opened = root.get(LETTING).await.expect(200);
        app.sql("UPDATE lettings_letting SET address_id = 502 WHERE id = 501").await;
        let mine = sent(&opened, &[("title", "Mine"), ("_save", "1")]);
        let page = root.post(LETTING, &borrowed(&mine)).await.expect(200);
        assert_eq!(page.texts(ALERT), [TOLD]);
        let address = "SELECT address_id FROM lettings_letting WHERE id = 501";
        assert_eq!(number(&app, address).await, 502);
        let again = sent(&page, &[("_save", "1")]);
        root.post(LETTING, &borrowed(&again)).await.expect(302);
        assert_eq!(number(&app, address).await, 502);
        assert_eq!(texts(&app, "SELECT title FROM lettings_letting WHERE id = 501").await, ["Mine"]);
    }

    async fn a_form_that_was_left_meanwhile_is_as_old_as_it_is(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let opened = root.get(LETTING).await.expect(200);
        let left = sent(&opened, &[("title", "Mine"), ("_go", "address:choose")]);
        let list = root.post(LETTING, &borrowed(&left)).await.expect(302);
        let list = root.get(list.header("location")).await.expect(200);
        app.sql("UPDATE lettings_letting SET title = 'Theirs' WHERE id = 501").await;
        let back = list.attributes("main .message.info a", "href");
        let page = root.get(&back[0]).await.expect(200);
        assert_eq!(value(&page, "title"), "Mine");
        let mine = sent(&page, &[("_save", "1")]);
        let page = root.post(LETTING, &borrowed(&mine)).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["Somebody else has stored meanwhile: Theirs"]);
        assert_eq!(texts(&app, "SELECT title FROM lettings_letting").await, ["Theirs"]);
    }

    async fn what_a_form_did_not_have_is_left_alone(app: TestApp) {
        add_account(&app, 602, "vic", &[("is_superuser", "FALSE")]).await;
        add_account(&app, 603, "mel", &[("is_superuser", "FALSE")]).await;
        app.sql("INSERT INTO auth_user_user_permissions (user_id, permission_id) SELECT 603, id FROM auth_permission WHERE codename = 'change_user'").await;
        app.sql("INSERT INTO auth_group (id, name) VALUES (701, 'keepers')").await;
        app.sql("INSERT INTO auth_user_groups (user_id, group_id) VALUES (602, 701)").await;
        let mut mel = logged_in(&app, "mel").await;
        let path = "/admin/auth/user/602/change/";
        let opened = mel.get(path).await.expect(200);
        app.sql("UPDATE auth_user SET is_superuser = TRUE WHERE id = 603").await;
        let mine = sent(&opened, &[("first_name", "Victor"), ("is_active", "on"), ("is_staff", "on"), ("_save", "1")]);
        mel.post(path, &borrowed(&mine)).await.expect(302);
        assert_eq!(texts(&app, "SELECT first_name FROM auth_user WHERE id = 602").await, ["Victor"]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM auth_user_groups").await, 1);
    }

    async fn a_login_is_no_change_of_an_account(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        add_account(&app, 602, "vic", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let path = "/admin/auth/user/602/change/";
        let opened = root.get(path).await.expect(200);
        logged_in(&app, "vic").await;
        let login = "SELECT CAST(last_login AS text) FROM auth_user WHERE id = 602";
        let before = texts(&app, login).await;
        let mine = sent(&opened, &[("first_name", "Victor"), ("is_active", "on"), ("is_staff", "on"), ("_save", "1")]);
        root.post(path, &borrowed(&mine)).await.expect(302);
        assert_eq!(texts(&app, login).await, before);
        assert_eq!(texts(&app, "SELECT first_name FROM auth_user WHERE id = 602").await, ["Victor"]);
    }

    async fn what_was_deleted_meanwhile_can_be_added_anew(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let opened = root.get(LETTING).await.expect(200);
        app.sql("DELETE FROM lettings_letting").await;
        let mine = sent(&opened, &[("title", "Mine"), ("_save", "1")]);
        let page = root.post(LETTING, &borrowed(&mine)).await.expect(200);
        page.assert_valid_html();
        assert!(page.texts("main [role=alert]")[0].starts_with("Somebody else has deleted this"));
        let delete = "/admin/lettings/letting/501/delete/";
        let answer = root.post(delete, &[("post", "yes")]).await.expect(302);
        assert_eq!(answer.header("location"), "/admin/");
        let told = "There is no letting with the key “501”. Perhaps it was deleted.";
        assert_eq!(root.get("/admin/").await.texts(".message"), [told]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_letting").await, 0);
        assert_eq!(entries(&app).await, Vec::<String>::new());
        let again = sent(&page, &[("_save", "1")]);
        let action = page.attributes("form.record", "action");
        root.post(&action[0], &borrowed(&again)).await.expect(302);
        assert_eq!(texts(&app, "SELECT title FROM lettings_letting").await, ["Mine"]);
    }
}
