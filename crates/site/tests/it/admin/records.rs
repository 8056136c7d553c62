//! Objects are added, changed and deleted, and the history has it in Django's words.

use super::add_account;
use super::shared::{entries, logged_in, number, texts};
use crate::support::on_both_databases;

const LETTING: &str = "/admin/lettings/letting/";

const ADDRESS: [(&str, &str); 6] = [
    ("address-number", "7"),
    ("address-street", "Bay Road"),
    ("address-city", "Boston"),
    ("address-state", "MA"),
    ("address-zip_code", "2134"),
    ("address-country_iso_code", "USA"),
];

on_both_databases! {
    async fn each_button_leads_on_and_the_history_is_djangos(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let base = "/admin/auth/group/";
        let kept = "?_changelist_filters=q%3Dx";
        let key = |name: &str| format!("SELECT id FROM auth_group WHERE name = '{name}'");
        for (name, button) in [("Staff <b>", "_save"), ("Two", "_continue"), ("Three", "_addanother")] {
            let form = [("name", name), (button, "1")];
            let answer = root.post(&format!("{base}add/{kept}"), &form).await.expect(302);
            let id = number(&app, &key(name)).await;
            let expected = match button {
                "_save" => format!("{base}?q=x"),
                "_continue" => format!("{base}{id}/change/{kept}"),
                _ => format!("{base}add/{kept}"),
            };
            assert_eq!(answer.header("location"), expected);
            let told = root.get("/admin/").await.texts(".message");
            assert!(told[0].starts_with(&format!("The group “{name}” was added.")), "{told:?}");
        }
        // Of an address only what can be seen is kept.
        let odd = "?_changelist_filters=q%3D%C3%A9%0D%0AX%3A+y";
        let answer = root.post(&format!("{base}add/{odd}"), &[("name", "Four")]).await.expect(302);
        assert_eq!(answer.header("location"), format!("{base}?q=%C3%A9X%3A+y"));
        let id = number(&app, &key("Staff <b>")).await;
        let page = root.get(&format!("{base}{id}/change/{kept}")).await.expect(200);
        let delete = format!("{base}{id}/delete/{kept}");
        assert_eq!(page.attributes("a.danger", "href"), [delete.as_str()]);
        let page = root.get(&delete).await.expect(200);
        assert_eq!(page.attributes(".bar a", "href"), [format!("{base}{id}/change/{kept}")]);
        let right = texts(&app, "SELECT CAST(MIN(id) AS text) FROM auth_permission").await;
        let form = [("name", "Staff2"), ("permissions", right[0].as_str())];
        for _ in 0..2 {
            let answer = root.post(&format!("{base}{id}/change/"), &form).await.expect(302);
            assert_eq!(answer.header("location"), base);
        }
        let answer = root.post(&delete, &[("post", "yes")]).await.expect(302);
        assert_eq!(answer.header("location"), format!("{base}?q=x"));
        assert_eq!(
            entries(&app).await,
            [
                "auth.group 1 Staff <b> [{\"added\": {}}]",
                "auth.group 1 Two [{\"added\": {}}]",
                "auth.group 1 Three [{\"added\": {}}]",
                "auth.group 1 Four [{\"added\": {}}]",
                "auth.group 2 Staff2 [{\"changed\": {\"fields\": [\"Name\", \"Permissions\"]}}]",
                "auth.group 2 Staff2 []",
                "auth.group 3 Staff2 ",
            ]
        );
    }

    async fn a_letting_is_made_and_changed_with_its_address(app: TestApp) {
        app.add_letting(501, "Other").await;
        app.sql("DELETE FROM lettings_letting").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let both = [&[("title", "Mill"), ("address", "501")], &ADDRESS[..]].concat();
        let page = root.post(&format!("{LETTING}add/"), &both).await.expect(200);
        let either = ["Choose another one or fill in below, not both."];
        assert_eq!(page.texts("#address-errors li"), either);
        let new = [&[("title", "Mill"), ("address", "")], &ADDRESS[..]].concat();
        root.post(&format!("{LETTING}add/"), &new).await.expect(302);
        let id = number(&app, "SELECT id FROM lettings_letting").await;
        let page = root.get(&format!("/lettings/{id}/")).await.expect(200);
        assert_eq!(page.texts("h1"), ["Mill"]);
        let address = number(&app, "SELECT address_id FROM lettings_letting").await.to_string();
        let mut form = [&[("title", "Mill"), ("address", address.as_str())], &ADDRESS[..]].concat();
        form[3].1 = "New Road";
        root.post(&format!("{LETTING}{id}/change/"), &form).await.expect(302);
        form[1].1 = "501";
        root.post(&format!("{LETTING}{id}/change/"), &form).await.expect(302);
        assert_eq!(number(&app, "SELECT address_id FROM lettings_letting").await, 501);
        assert_eq!(
            entries(&app).await,
            [
                "lettings.address 1 7 Bay Road [{\"added\": {}}]",
                "lettings.letting 1 Mill [{\"added\": {}}]",
                "lettings.address 2 7 New Road [{\"changed\": {\"fields\": [\"Street\"]}}]",
                "lettings.letting 2 Mill []",
                "lettings.letting 2 Mill [{\"changed\": {\"fields\": [\"Address\"]}}]",
            ]
        );
        let kind = number(&app, "SELECT id FROM django_content_type WHERE model = 'letting'").await;
        let answer = root.get(&format!("/admin/r/{kind}/{id}/")).await.expect(302);
        assert_eq!(answer.header("location"), format!("/lettings/{id}/"));
        root.get(&format!("/admin/r/{kind}/9999/")).await.expect(404);
        root.get(&format!("/admin/r/9999/{id}/")).await.expect(404);
        root.post("/admin/lettings/address/501/delete/", &[]).await.expect(302);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_letting").await, 0);
    }

    async fn who_deletes_his_own_account_takes_his_history_along(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        root.post("/admin/auth/group/add/", &[("name", "One")]).await.expect(302);
        root.post("/admin/auth/user/601/delete/", &[]).await.expect(302);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM auth_user").await, 0);
        assert_eq!(entries(&app).await, Vec::<String>::new());
        root.get("/admin/").await.expect(302);
    }
}
