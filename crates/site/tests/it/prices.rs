//! What lettings cost, as pages show it.

use db::Integer;
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::{NotSet, Set};
use site::domain::home;
use site::domain::home::season;

use crate::homes::{add_home, good_home};
use crate::page_cache::{asked, told};
use crate::support::app::SetDay;
use crate::support::{TestApp, on_both_databases};

const FRENCH: &[(&str, &str)] = &[("accept-language", "fr")];

async fn add_season(app: &TestApp, home: Integer, nights: (&str, &str), price: i64) {
    let new = season::ActiveModel {
        id: NotSet,
        home_id: Set(home),
        first_night: Set(nights.0.parse().unwrap()),
        last_night: Set(nights.1.parse().unwrap()),
        night_price: Set(Integer(price)),
        min_nights: Set(None),
    };
    new.insert(&app.db).await.unwrap();
}

on_both_databases! {
    async fn a_card_says_from_what_a_night_is(app: TestApp) {
        let app = app.on_days(&SetDay::new("2027-03-01"), &[]);
        app.add_letting(1, "Without a home").await;
        let home = add_home(&app, 2).await;
        add_season(&app, home.id, ("2027-11-01", "2027-11-30"), 9_550).await;
        app.add_letting(3, "Not for sale").await;
        let unsold = home::ActiveModel { night_price: Set(None), ..good_home(3) };
        unsold.insert(&app.db).await.unwrap();
        for path in ["/", "/lettings/"] {
            let page = app.get(path).await.expect(200);
            page.assert_valid_html();
            assert_eq!(page.texts(".card .price"), ["from $95.50 a night"], "{path}");
            let page = app.send(asked(path, FRENCH)).await;
            assert_eq!(page.texts(".card .price"), ["à partir de 95,50 $ la nuit"]);
        }
        let euros = app.on_days(&SetDay::new("2028-03-01"), &[("CURRENCY", "EUR")]);
        assert_eq!(euros.get("/lettings/").await.texts(".price"), ["from €120 a night"]);
    }

    async fn a_page_from_memory_is_of_its_day(app: TestApp) {
        let day = SetDay::new("2027-03-01");
        let app = app.on_days(&day, &[("PAGE_CACHE_SIZE", "4MB")]);
        let home = add_home(&app, 1).await;
        app.add_profile(1, "ann").await;
        app.sql("UPDATE profiles_profile SET favorite_city = 'Boston'").await;
        add_season(&app, home.id, ("2027-03-01", "2027-03-01"), 5_000).await;
        for path in ["/", "/lettings/", "/profiles/ann/"] {
            for _ in 0..3 {
                day.set("2027-03-01");
                assert_eq!(app.get(path).await.texts(".price"), ["from $50 a night"], "{path}");
                day.set("2027-03-02");
                assert_eq!(app.get(path).await.texts(".price"), ["from $120 a night"], "{path}");
            }
        }
    }

    async fn a_letting_says_what_it_costs_by_season(app: TestApp) {
        let app = app.on_days(&SetDay::new("2027-03-01"), &[]);
        let home = add_home(&app, 1).await;
        add_season(&app, home.id, ("2026-11-01", "2027-02-28"), 1_000).await;
        let page = app.get("/lettings/1/").await.expect(200);
        page.assert_valid_html();
        insta::assert_snapshot!("prices_en", page.texts(".prices").join("\n"));
        assert_eq!(page.attributes("#from", "min"), ["2027-03-01"]);
        assert_eq!(page.attributes("#adults", "value"), ["2"]);
        assert!(page.texts(".offer li").contains(&"Check-in from 3 PM".to_owned()));
        let page = app.send(asked("/lettings/1/", FRENCH)).await.expect(200);
        page.assert_valid_html();
        insta::assert_snapshot!("prices_fr", page.texts(".prices").join("\n"));
        assert!(page.texts(".offer li").iter().any(|line| line.ends_with("15:00")));
        // Nothing is for sale.
        app.sql("UPDATE oc_lettings_home SET night_price = NULL").await;
        let page = app.get("/lettings/1/?from=2027-03-01").await.expect(200);
        assert!(page.texts(".prices").is_empty());
    }

    async fn a_stay_has_its_total(app: TestApp) {
        let app = app.on_days(&SetDay::new("2027-03-01"), &[]);
        add_home(&app, 1).await;
        let path = "/lettings/1/?from=2027-06-27&to=2027-07-04&adults=2&children=1";
        let page = app.get(path).await.expect(200);
        page.assert_valid_html();
        insta::assert_snapshot!("bill_en", page.texts(".bill").join("\n"));
        assert_eq!(page.attributes("#from", "value"), ["2027-06-27"]);
        assert_eq!(page.attributes("#children", "value"), ["1"]);
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
        let canonical = page.attributes("link[rel=canonical]", "href");
        assert_eq!(canonical, ["http://site.example/lettings/1/"]);
        let page = app.send(asked(path, FRENCH)).await.expect(200);
        page.assert_valid_html();
        insta::assert_snapshot!("bill_fr", page.texts(".bill").join("\n"));
    }

    async fn a_tax_is_an_amount_in_any_currency(app: TestApp) {
        add_home(&app, 1).await;
        app.sql("UPDATE oc_lettings_home SET tax_kind = 'adult-night', tax_amount = 200").await;
        let mut app = app;
        let stay = "/lettings/1/?from=2027-09-07&to=2027-09-09&adults=2&children=0";
        // Two for each of two adults and two nights, whatever the smallest coin is.
        for (currency, tax) in [("USD", "$8"), ("JPY", "¥8"), ("KWD", "KWD 8")] {
            app = app.on_days(&SetDay::new("2027-03-01"), &[("CURRENCY", currency)]);
            let page = app.get(stay).await.expect(200);
            let lines = page.texts(".bill *");
            assert!(lines.contains(&tax.to_owned()), "{currency}: {lines:?}");
        }
    }

    async fn what_is_wrong_with_a_stay_stands_beside_its_field(app: TestApp) {
        let app = app.on_days(&SetDay::new("2027-03-01"), &[]);
        add_home(&app, 1).await;
        for (query, field, problem) in [
            ("from=&to=&adults=&children=", "from", "Choose the day of your arrival."),
            ("adults=2", "from", "Choose the day of your arrival."),
            ("from=2027-02-28&to=2027-03-05&adults=1", "from", "This day is past."),
            ("from=2027-03-03&adults=1", "to", "Choose the day of your departure."),
            ("from=2027-03-03&to=2027-03-03&adults=1", "to", "The departure has to be after the arrival."),
            ("from=2027-03-03&to=2027-03-04&adults=1", "to", "A stay that begins then has at least 2 nights."),
            ("from=2027-07-03&to=2027-07-06&adults=1", "to", "A stay that begins then has at least 7 nights."),
            ("from=2027-03-03&to=9999-12-31&adults=1", "to", "A stay has at most 28 nights."),
            ("from=2027-03-03&to=2027-03-06&adults=0", "adults", "How many adults come? At least one has to."),
            ("from=2027-03-03&to=2027-03-06&adults=3&children=2", "adults", "There is room for 4 guests, children included."),
            ("from=2027-03-03&to=2027-03-06&adults=3&children=x", "children", "How many children come? If none, write 0."),
        ] {
            let page = app.get(&format!("/lettings/1/?{query}")).await.expect(200);
            page.assert_valid_html();
            assert_eq!(page.texts(&format!("#{field}-error")), [problem], "{query}");
            assert_eq!(page.texts(".errors").len(), 1, "{query}");
            assert_eq!(page.attributes("[aria-invalid]", "id"), [field]);
            assert!(page.texts(".bill").is_empty());
            let children = page.attributes("#children", "value");
            assert_eq!(children[0], query.split_once("children=").map_or("", |(_, number)| number));
        }
        app.sql("UPDATE oc_lettings_home SET allows_children = FALSE").await;
        let stay = "/lettings/1/?from=2027-03-03&to=2027-03-06&adults=1";
        let page = app.get(&format!("{stay}&children=0")).await;
        assert_eq!((page.texts(".bill").len(), page.texts("#children").len()), (1, 0));
        let page = app.get(&format!("{stay}&children=1")).await;
        assert_eq!(page.texts("#children-error"), ["This place is not suited to children."]);
    }

    async fn no_stay_fails_or_fills_the_memory(app: TestApp) {
        let app = app.on_days(&SetDay::new("2027-03-01"), &[("PAGE_CACHE_SIZE", "4MB")]);
        add_home(&app, 1).await;
        app.sql("UPDATE oc_lettings_home SET max_nights = NULL, min_nights = 1").await;
        let huge = "9".repeat(400);
        for value in ["", "%00", "%FF", "-1", "0", "9223372036854775807", &huge, "0000-00-00",
            "9999-12-31", "2027-13-01", "%3Cscript%3E", "2027-03-01%0A", "%D9%A1"]
        {
            for name in ["from", "to", "adults", "children"] {
                let path = format!(
                    "/lettings/1/?from=2027-03-01&to=9999-12-31&adults=1&children=0&{name}={value}"
                );
                let page = app.get(&path).await.expect(200);
                assert_eq!(page.header("cache-control"), "no-store");
                assert!(!page.body.contains("<script>"));
            }
        }
        for _ in 0..3 {
            let stay = asked("/lettings/1/?from=2027-03-01&to=2027-03-03&adults=1", &[]);
            assert_eq!(told(&app, stay).await.1, "passed");
        }
    }
}
