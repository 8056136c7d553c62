//! Addresses as their countries write them, and what Django's columns cannot hold of them.

use db::Integer;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, PaginatorTrait as _};
use site::domain::address::written;

use crate::backup::{back_up, rows_of};
use crate::fixtures::{dump, load, run_on};
use crate::homes::add_home;
use crate::page_cache::asked;
use crate::support::on_both_databases;

fn written(address: i64, number: &str, postal_code: &str) -> written::ActiveModel {
    written::ActiveModel {
        id: NotSet,
        address_id: Set(Integer(address)),
        number: Set(number.to_owned()),
        postal_code: Set(postal_code.to_owned()),
    }
}

on_both_databases! {
    async fn each_country_writes_its_addresses(app: TestApp) {
        app.add_letting(5, "Somewhere").await;
        for (country, english, french, code) in [
            ("USA", "5 Bay Road Boston, MA 02134 United States", "5 Bay Road Boston, MA 02134 États-Unis", "US"),
            ("FRA", "5 Bay Road 02134 Boston France", "5 Bay Road 02134 Boston France", "FR"),
            ("GBR", "5 Bay Road Boston 2134 United Kingdom", "5 Bay Road Boston 2134 Royaume-Uni", "GB"),
            ("DEU", "Bay Road 5 2134 Boston Germany", "Bay Road 5 2134 Boston Allemagne", "DE"),
            ("CAN", "5 Bay Road Boston, MA 2134 Canada", "5 Bay Road Boston, MA 2134 Canada", "CA"),
            ("XXX", "5 Bay Road Boston, MA 2134 XXX", "5 Bay Road Boston, MA 2134 XXX", "XXX"),
        ] {
            app.sql(&format!("UPDATE lettings_address SET country_iso_code = '{country}'")).await;
            let page = app.get("/lettings/5/").await.expect(200);
            page.assert_valid_html();
            assert_eq!(page.texts("address"), [english]);
            assert_eq!(page.linked_data()[0]["address"]["addressCountry"], code);
            let page = app.send(asked("/lettings/5/", &[("accept-language", "fr")])).await;
            assert_eq!(page.texts("address"), [french]);
        }
    }

    async fn what_django_cannot_hold_is_shown_in_its_place(app: TestApp) {
        app.add_letting(5, "Somewhere").await;
        app.sql("UPDATE lettings_address SET country_iso_code = 'GBR'").await;
        written(5, "12 bis", "SW1A 1AA").insert(&app.db).await.unwrap();
        let page = app.get("/lettings/5/").await.expect(200);
        assert_eq!(page.texts("address"), ["12 bis Bay Road Boston SW1A 1AA United Kingdom"]);
        let address = &page.linked_data()[0]["address"];
        assert_eq!(address["streetAddress"], "12 bis Bay Road");
        assert_eq!(address["postalCode"], "SW1A 1AA");
        app.sql("UPDATE oc_lettings_address SET number = ''").await;
        let page = app.get("/lettings/5/").await.expect(200);
        assert_eq!(page.texts("address"), ["5 Bay Road Boston SW1A 1AA United Kingdom"]);
        add_home(&app, 6).await;
        written(6, "12 bis", "").insert(&app.db).await.unwrap();
        app.sql("UPDATE oc_lettings_home SET shows_street = FALSE").await;
        let page = app.get("/lettings/6/").await.expect(200);
        assert_eq!(page.texts("address"), ["Boston, MA 02134 United States"]);
        assert!(!page.body.contains("12 bis"));
    }

    async fn a_written_address_keeps_its_rules_and_goes_with_its_address(app: TestApp) {
        app.add_letting(1, "Somewhere").await;
        let long = "x".repeat(17);
        for (bad, problem) in [
            (written(1, &long, ""), "number must"),
            (written(1, "", &long), "postal_code must"),
            (written(1, "1\n2", ""), "number must"),
        ] {
            let error = bad.insert(&app.db).await.unwrap_err().to_string();
            assert!(error.contains(problem), "{problem} is not in: {error}");
        }
        written(1, "12 bis", "").insert(&app.db).await.unwrap();
        assert!(written(1, "12 ter", "").insert(&app.db).await.is_err(), "a second one");
        app.sql("DELETE FROM lettings_letting").await;
        app.sql("DELETE FROM lettings_address").await;
        assert_eq!(written::Entity::find().count(&app.db).await.unwrap(), 0);
    }

    async fn written_addresses_go_into_fixtures_and_backups(app: TestApp) {
        app.add_letting(1, "Somewhere").await;
        written(1, "12 bis", "SW1A 1AA").insert(&app.db).await.unwrap();
        assert!(!dump(&app.database, &[]).contains("12 bis"));
        let all = dump(&app.database, &["--own"]);
        assert!(all.contains("homes.address") && all.contains("12 bis"), "{all}");
        app.db.close().await.unwrap();
        let before = rows_of(&app.database).await;
        let file = back_up(&app.database, "addresses.backup");
        app.sql("DELETE FROM lettings_letting").await;
        app.sql("DELETE FROM lettings_address").await;
        load(&app.database, &all);
        assert_eq!(dump(&app.database, &["--own"]), all);
        app.db.close().await.unwrap();
        let restored = run_on(&app.database, &["restore", file.to_str().unwrap(), "--replace"]);
        assert_eq!(restored.code, Some(0), "{restored:?}");
        assert_eq!(rows_of(&app.database).await, before);
    }
}
