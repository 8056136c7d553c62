//! What cannot be meant is answered clearly, and writes nothing.

use rand::Rng as _;

use super::add_account;
use super::shared::{entries, logged_in, number, texts};
use crate::support::browser::form;
use crate::support::{chance, on_both_databases};

const ADD: &str = "/admin/lettings/address/add/";

const GOOD: [(&str, &str); 6] = [
    ("number", "7"),
    ("street", "Good Street"),
    ("city", "Boston"),
    ("state", "MA"),
    ("zip_code", "2134"),
    ("country_iso_code", "USA"),
];

on_both_databases! {
    async fn what_is_wrong_stands_beside_its_field(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let long = "x".repeat(65);
        for (name, typed, error) in [
            ("number", "", "This field is required."),
            ("number", "seven", "Enter a whole number."),
            ("number", "-1", "Enter 0 or more."),
            ("number", "10000", "Enter 9999 or less."),
            ("number", "99999999999999999999", "Enter 9999 or less."),
            ("street", " ", "This field is required."),
            ("street", &long, "This may have at most 64 characters."),
            ("city", "a\0b", "This holds a character that cannot be kept."),
            ("city", "a\nb", "This holds a character that cannot be kept."),
            ("state", "M\u{1b}", "This holds a character that cannot be kept."),
            ("state", "M", "This needs at least 2 characters."),
            ("zip_code", "1.5", "Enter a whole number."),
            ("country_iso_code", "USAA", "This may have at most 3 characters."),
        ] {
            let fields = GOOD.map(|(k, v)| if k == name { (k, typed) } else { (k, v) });
            let page = root.post(ADD, &fields).await.expect(200);
            let found = page.texts(&format!("main ul.errors#{name}-errors li"));
            assert_eq!(found, [error], "{name} {typed}");
            assert_eq!(page.texts("main ul.errors").len(), 1, "{name} {typed}");
            for (name, typed) in fields {
                let chosen = format!("#id_{name}[value], select#id_{name} option[selected]");
                let kept = page.attributes(&chosen, "value");
                // No more of it than the field takes, and nothing that nobody sees.
                let most = match name {
                    "street" | "city" => 64,
                    "country_iso_code" => 3,
                    _ => 200,
                };
                let shown = typed.chars().filter(|one| !one.is_control()).take(most);
                assert_eq!(kept, [shown.collect::<String>()], "{name}");
            }
        }
        let unknown = [("title", "Home"), ("address", "999")];
        let page = root.post("/admin/lettings/letting/add/", &unknown).await.expect(200);
        assert_eq!(page.texts("#address-errors li"), ["Choose one that is there: this one is not."]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_address").await, 0);
        assert_eq!(entries(&app).await, Vec::<String>::new());
    }

    async fn too_much_and_forms_without_a_token_are_refused(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        root.post(ADD, &vec![("number", "1"); 10_000]).await.expect(400);
        let large = "x".repeat(256 * 1024);
        root.post(ADD, &[("street", &large)]).await.expect(413);
        root.headers.clear();
        root.post(ADD, &GOOD).await.expect(403);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_address").await, 0);
    }

    async fn odd_addresses_have_a_clear_answer(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let list = "/admin/lettings/letting/";
        for (query, expected) in [
            ("p=0", "?e=1"),
            ("p=x", "?e=1"),
            ("p=99999999999999999999", "?e=1"),
            ("bogus=1", "?e=1"),
            // What was on this page may be gone: to the last there is.
            ("p=2", ""),
            ("p=9223372036854775807", ""),
            ("q=mill&p=2", "?q=mill"),
            ("q=mill&p=9223372036854775807", "?q=mill"),
        ] {
            let answer = root.get(&format!("{list}?{query}")).await.expect(302);
            assert_eq!(answer.header("location"), format!("{list}{expected}"), "{query}");
        }
        let told = "The list could not be shown as the address asked for; this is all of it.";
        let page = root.get(&format!("{list}?e=1")).await.expect(200);
        assert_eq!(page.texts(".message"), [told]);
        let many = "a+".repeat(3_000);
        let wide = "b".repeat(60_000);
        for query in ["o=99", "o=-.x.1", "q=%00", "q=%25", "address__city__exact=Nowhere", &format!("q={many}"), &format!("q={wide}")] {
            root.get(&format!("{list}?{query}")).await.expect(200);
        }
        for query in ["is_staff__exact=2", "groups__id__exact=x"] {
            root.get(&format!("/admin/auth/user/?{query}")).await.expect(302);
        }
        for key in ["999", "0", "9223372036854775807", "99999999999999999999", "-1", "x", "%00"] {
            for end in ["change", "delete", "history"] {
                let answer = root.get(&format!("{list}{key}/{end}/")).await.expect(302);
                assert_eq!(answer.header("location"), "/admin/", "{key} {end}");
            }
        }
    }

    async fn of_a_field_that_is_sent_twice_the_last_counts(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let twice = [&[("number", "1")], &GOOD[..], &[("street", "Bay Road")]].concat();
        root.post(ADD, &twice).await.expect(302);
        let found = texts(&app, "SELECT CAST(number AS text) || street FROM lettings_address").await;
        assert_eq!(found, ["7Bay Road"]);
    }

    async fn nothing_that_chance_sends_is_too_much(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let mut chance = chance();
        let mut any = |from: &[&'static str]| from[chance.random_range(0..from.len())];
        let names = [
            "q", "o", "p", "all", "e", "_facets", "_draft", "_resume", "_chosen", "_export", "id",
            "_changelist_filters", "address__city__exact", "title", "address", "_version", "_go",
            "address-number", "address-city", "action", "select_across", "_selected_action", "post",
        ];
        let values = [
            "", "1", "501", "-1", "2", "0", "x", "1.-2", "csv", "9223372036854775807", "address:add",
            "address:choose", "title:add", ":", "address:", "9223372036854775808", "\0", "%", "_",
            "\\", "'", "\"", "é🏠", "delete_selected", "true", "/admin/", "[]", "\u{feff}",
        ];
        let paths = ["", "add/", "501/", "501/change/", "501/history/", "501/password/"];
        for _ in 0..120 {
            let query = [(); 3].map(|()| (any(&names), any(&values)));
            let path = format!("/admin/lettings/letting/{}?{}", any(&paths), form(&query));
            let fields = [(); 6].map(|()| (any(&names), any(&values)));
            for answer in [root.get(&path).await, root.post(&path, &fields).await] {
                assert!(answer.status.as_u16() < 500, "{path} {fields:?}: {}", answer.body);
            }
        }
    }
}
