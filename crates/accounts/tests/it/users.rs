//! Users are found by exactly their names, made by the rules, and changed alone.

use accounts::user::{self, NewSuperuser, Username};
use accounts::{content_type, group, hashers};
use db::Integer;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::{NotSet, Set};

use crate::support::on_both_databases;

on_both_databases! {
    async fn a_superuser_is_made_once(shop: Shop) {
        let new = NewSuperuser {
            username: Username::parse("ﬁnn").unwrap(),
            email: "Finn@Books.EXAMPLE".to_owned(),
            password: hashers::unusable(),
        };
        let made = user::create_superuser(&shop.db, new.clone()).await.unwrap();
        assert!(made.is_superuser && made.is_staff && made.is_active);
        assert_eq!(made, shop.user("finn").await);
        assert_eq!((made.email.as_str(), made.last_login), ("Finn@books.example", None));
        let again = user::create_superuser(&shop.db, new).await;
        assert!(again.is_err(), "the name is taken");
    }

    async fn names_are_matched_exactly(shop: Shop) {
        let ann = shop.add_user("Ann").await;
        let long = "x".repeat(100_000);
        for (name, is_found) in [
            ("Ann", true), ("ann", false), ("Ann ", false), ("A%", false), ("", false),
            ("Ann\0", false), (long.as_str(), false),
        ] {
            let found = user::find_by_username(&shop.db, name).await.unwrap();
            assert_eq!(found.is_some(), is_found, "{name:.9}");
        }
        let found = |id| user::find_by_id(&shop.db, id);
        assert_eq!(found(ann.id).await.unwrap(), Some(ann));
        for id in [0, -1, i64::MAX] {
            assert_eq!(found(Integer(id)).await.unwrap(), None, "{id}");
        }
    }

    async fn a_password_is_changed_alone(shop: Shop) {
        let ann = shop.add_user("ann").await;
        let bob = shop.add_user("bob").await;
        user::set_password(&shop.db, ann.id, "!none".to_owned()).await.unwrap();
        let changed = shop.user("ann").await;
        assert_eq!(changed, user::Model { password: "!none".to_owned(), ..ann });
        assert_eq!(shop.user("bob").await, bob);
        let nobody = user::set_password(&shop.db, Integer(99), "!none".to_owned()).await;
        assert!(nobody.is_err());
    }

    async fn records_keep_their_rules(shop: Shop) {
        let ann = shop.add_user("ann").await;
        let change = || user::ActiveModel {
            id: Set(ann.id),
            ..ActiveModelTrait::default()
        };
        let text = |length| Set("é".repeat(length));
        for (bad, problem) in [
            (user::ActiveModel { username: text(0), ..change() }, "username"),
            (user::ActiveModel { username: text(151), ..change() }, "username"),
            (user::ActiveModel { password: text(0), ..change() }, "password"),
            (user::ActiveModel { password: text(129), ..change() }, "password"),
            (user::ActiveModel { first_name: text(151), ..change() }, "first_name"),
            (user::ActiveModel { last_name: text(151), ..change() }, "last_name"),
            (user::ActiveModel { email: text(255), ..change() }, "email"),
            (user::ActiveModel { email: Set("\0".to_owned()), ..change() }, "email"),
        ] {
            let error = bad.update(&shop.db).await.unwrap_err().to_string();
            assert!(error.contains(&format!("{problem} must")), "{error}");
        }
        let longest = user::ActiveModel { username: text(150), email: text(254), ..change() };
        longest.update(&shop.db).await.unwrap();
        let group = |name| group::ActiveModel { id: NotSet, name };
        assert!(group(text(0)).insert(&shop.db).await.is_err());
        assert!(group(text(151)).insert(&shop.db).await.is_err());
        group(text(150)).insert(&shop.db).await.unwrap();
    }

    async fn a_content_type_is_found_by_its_names(shop: Shop) {
        shop.sql("INSERT INTO django_content_type (id, app_label, model) VALUES (7, 'shop', 'book')").await;
        let found = content_type::find(&shop.db, "shop", "book").await.unwrap();
        assert_eq!(found.map(|found| found.id), Some(Integer(7)));
        assert_eq!(content_type::find(&shop.db, "shop", "Book").await.unwrap(), None);
    }
}
