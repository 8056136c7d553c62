//! What lettings cost, as pages show it.

use db::Integer;
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::{NotSet, Set};
use site::domain::home;
use site::domain::home::season;

use crate::homes::{add_home, good_home};
use crate::page_cache::asked;
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
}
