//! The rules of the records hold whoever writes.

use db::Integer;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use site::domain::{address, letting, profile};

use crate::support::on_both_databases;

fn good_address() -> address::ActiveModel {
    address::ActiveModel {
        id: NotSet,
        number: Set(Integer(9999)),
        street: Set("é".repeat(64)),
        city: Set("B".to_owned()),
        state: Set("MA".to_owned()),
        zip_code: Set(Integer(99_999)),
        country_iso_code: Set("USA".to_owned()),
    }
}

on_both_databases! {
    async fn an_address_keeps_its_rules(app: TestApp) {
        let good = good_address;
        good().insert(&app.db).await.unwrap();
        let text = |length| Set("x".repeat(length));
        for (bad, problem) in [
            (address::ActiveModel { number: Set(Integer(-1)), ..good() }, "number"),
            (address::ActiveModel { number: Set(Integer(10_000)), ..good() }, "number"),
            (address::ActiveModel { street: text(0), ..good() }, "street"),
            (address::ActiveModel { street: text(65), ..good() }, "street"),
            (address::ActiveModel { city: text(0), ..good() }, "city"),
            (address::ActiveModel { city: text(65), ..good() }, "city"),
            (address::ActiveModel { state: text(1), ..good() }, "state"),
            (address::ActiveModel { state: text(3), ..good() }, "state"),
            (address::ActiveModel { zip_code: Set(Integer(-1)), ..good() }, "zip_code"),
            (address::ActiveModel { zip_code: Set(Integer(100_000)), ..good() }, "zip_code"),
            (address::ActiveModel { country_iso_code: text(2), ..good() }, "country_iso_code"),
            (address::ActiveModel { country_iso_code: text(4), ..good() }, "country_iso_code"),
        ] {
            let error = bad.insert(&app.db).await.unwrap_err().to_string();
            assert!(error.contains(&format!("{problem} must")), "{error}");
        }
        assert_eq!(address::Entity::find().all(&app.db).await.unwrap().len(), 1);
    }

    async fn a_letting_and_a_profile_keep_theirs(app: TestApp) {
        app.add_letting(1, "Taken").await;
        let free = good_address().insert(&app.db).await;
        // The sequence of PostgreSQL has not seen the id that was given by hand.
        let free = match free {
            Ok(free) => free,
            Err(_) => good_address().insert(&app.db).await.unwrap(),
        };
        let letting = |title: String, address_id| letting::ActiveModel {
            id: Set(Integer(9)),
            title: Set(title),
            address_id: Set(address_id),
        };
        for title in [String::new(), "x".repeat(257)] {
            assert!(letting(title, free.id).insert(&app.db).await.is_err());
        }
        let second = letting("Second".to_owned(), Integer(1)).insert(&app.db).await;
        assert!(second.is_err(), "one letting per address");
        letting("x".repeat(256), free.id).insert(&app.db).await.unwrap();

        app.add_profile(1, "ann").await;
        let profile = |city: String| profile::ActiveModel {
            id: Set(Integer(1)),
            favorite_city: Set(city),
            user_id: NotSet,
        };
        assert!(profile("x".repeat(65)).update(&app.db).await.is_err());
        profile(String::new()).update(&app.db).await.unwrap();
    }
}
