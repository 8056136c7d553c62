//! Lists: searched, narrowed down, sorted, paged, and saved as files.

use super::add_account;
use super::shared::{logged_in, number, texts};
use crate::support::{TestApp, on_both_databases};

const LIST: &str = "/admin/lettings/address/";

async fn addresses(app: &TestApp, count: i64) {
    for id in 1..=count {
        let (city, state) = if id % 2 == 0 {
            ("Rome", "NY")
        } else {
            ("Oslo", "MA")
        };
        app.sql(&format!(
            "INSERT INTO lettings_address VALUES ({id}, {id}, 'Bay Road', '{city}', '{state}', {}, 'USA')",
            id % 3
        ))
        .await;
    }
}

on_both_databases! {
    async fn a_list_is_searched_narrowed_down_and_sorted(app: TestApp) {
        addresses(&app, 6).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        for (query, keys) in [
            ("", "6 5 4 3 2 1"),
            ("q=rome", "6 4 2"),
            ("q=%22bay+road%22+5", "5"),
            ("q=%22road+bay%22", ""),
            ("q=n", ""),
            ("q=ny", "6 4 2"),
            ("q=2", "5 2"),
            ("state__exact=MA", "5 3 1"),
            ("state__exact=MA&q=3", "3"),
            ("o=2.-4", "5 1 3 2 4 6"),
            ("o=-2.4", "6 4 2 3 1 5"),
        ] {
            let page = root.get(&format!("{LIST}?{query}")).await.expect(200);
            let found = page.attributes("input[name=_selected_action]", "value");
            assert_eq!(found.join(" "), keys, "{query}");
        }
        let page = root.get(&format!("{LIST}?q=3&_facets=True")).await.expect(200);
        let choices = page.texts("select[name=state__exact] option");
        assert_eq!(choices, ["All", "MA (1)", "NY (0)"]);
    }

    async fn what_is_exported_is_what_is_listed(app: TestApp) {
        addresses(&app, 3).await;
        app.sql("UPDATE lettings_address SET street = '\"A\", B' WHERE id = 3").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let csv = root.get(&format!("{LIST}?state__exact=MA&_export=csv")).await.expect(200);
        assert_eq!(
            csv.body,
            "id,label,city,state,zip_code,country_iso_code\r\n\
             3,\"3 \"\"A\"\", B\",Oslo,MA,0,USA\r\n1,1 Bay Road,Oslo,MA,1,USA\r\n"
        );
        assert_eq!(csv.header("content-disposition"), "attachment; filename=\"address.csv\"");
        let json = root.get(&format!("{LIST}?q=rome&_export=json")).await.expect(200).json();
        assert_eq!(
            json,
            serde_json::json!([{"id": 2, "label": "2 Bay Road", "city": "Rome", "state": "NY",
                "zip_code": 2, "country_iso_code": "USA"}])
        );
        root.get(&format!("{LIST}?_export=xml")).await.expect(404);
    }

    async fn long_lists_have_pages_and_all_of_them_can_be_selected(app: TestApp) {
        addresses(&app, 150).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let rows = "input[name=_selected_action]";
        for (query, count) in [("", 100), ("?p=2", 50), ("?all=", 150)] {
            let page = root.get(&format!("{LIST}{query}")).await.expect(200);
            assert_eq!(page.attributes(rows, "value").len(), count, "{query}");
            let all = page.attributes("nav.pager a.more", "href");
            let is_open = usize::from(query != "?all=");
            assert_eq!(all.len(), is_open, "{query}");
        }
        let action = [("action", "delete_selected"), ("select_across", "1"), ("post", "yes")];
        let answer = root.post(&format!("{LIST}?state__exact=NY"), &action).await.expect(302);
        assert_eq!(answer.header("location"), format!("{LIST}?state__exact=NY"));
        let page = root.get(LIST).await.expect(200);
        assert_eq!(page.texts(".message"), ["Deleted: 75 addresses."]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_address").await, 75);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM django_admin_log").await, 75);
        let left = texts(&app, "SELECT DISTINCT state FROM lettings_address").await;
        assert_eq!(left, ["MA"]);
        // One that is not there, and one that was sent twice, count as they are.
        let action = [
            ("action", "delete_selected"), ("post", "yes"), ("_selected_action", "1"),
            ("_selected_action", "1"), ("_selected_action", "999"),
        ];
        root.post(LIST, &action).await.expect(302);
        assert_eq!(root.get(LIST).await.texts(".message"), ["Deleted: 1 address."]);
    }

    async fn what_was_found_has_pages_too(app: TestApp) {
        addresses(&app, 410).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        for (query, first, count, told) in [
            ("q=rome", "410", 100, "205 addresses"),
            ("q=rome&p=2", "210", 100, "205 addresses"),
            ("q=rome&p=3", "10", 5, "205 addresses"),
            ("q=rome&o=2.1&p=3", "402", 5, "205 addresses"),
            // More than are ever shown at once.
            ("q=rome&all=", "410", 100, "205 addresses"),
            ("q=3&all=", "403", 158, "158 addresses"),
            ("p=5", "10", 10, "410 addresses"),
        ] {
            let page = root.get(&format!("{LIST}?{query}")).await.expect(200);
            let keys = page.attributes("input[name=_selected_action]", "value");
            assert_eq!((keys[0].as_str(), keys.len()), (first, count), "{query}");
            assert_eq!(page.texts("nav.pager > :first-child"), [told], "{query}");
        }
    }
}
