//! Whose a session is: from the login to the change of the password, of the key, of the account.

use accounts::login::{Visitor, keep_logged_in, log_in, visitor_of};
use accounts::session::{self, Data, Session};
use accounts::signing::{Algorithm, Keys, salted_hmac_hex};
use accounts::{hashers, user};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::{Shop, on_both_databases};

async fn visitor(shop: &Shop, keys: &Keys, session: &Session) -> Visitor {
    visitor_of(&shop.db, keys, session).await.unwrap()
}

on_both_databases! {
    async fn an_anonymous_session_is_kept_under_a_new_key(shop: Shop) {
        let (db, keys) = (&shop.db, &shop.keys);
        let ann = shop.add_user("ann").await;
        let mut data = Data::default();
        data.insert("cart", json!([1]));
        let before = session::create(db, keys, data).await.unwrap();
        assert_eq!(visitor(&shop, keys, &before).await, Visitor::Anonymous);
        let after = log_in(db, keys, Some(before.clone()), &ann).await.unwrap();
        assert_eq!(after.data.get("cart"), Some(&json!([1])));
        assert_ne!(after.key, before.key);
        assert_eq!(session::load(db, keys, before.key).await.unwrap(), None);
        let loaded = session::load(db, keys, after.key).await.unwrap().unwrap();
        let ann = shop.user("ann").await;
        assert!(ann.last_login.is_some());
        let expected = Visitor::User { user: ann, must_renew: false };
        assert_eq!(visitor(&shop, keys, &loaded.session).await, expected);
    }

    async fn a_session_of_somebody_else_is_emptied(shop: Shop) {
        let (db, keys) = (&shop.db, &shop.keys);
        let ann = shop.add_user("ann").await;
        let bob = shop.add_user("bob").await;
        let mut session = log_in(db, keys, None, &ann).await.unwrap();
        session.data.insert("cart", json!([1]));
        // The same user keeps what there is.
        let session = log_in(db, keys, Some(session), &ann).await.unwrap();
        assert_eq!(session.data.get("cart"), Some(&json!([1])));
        let session = log_in(db, keys, Some(session), &bob).await.unwrap();
        assert_eq!(session.data.get("cart"), None);
        let rows = shop.text("SELECT CAST(count(*) AS text) FROM django_session").await;
        assert_eq!(rows, "1");
        // Whose session is gone meanwhile logs in all the same, with one that is new.
        session::delete(db, &session.key).await.unwrap();
        let after = log_in(db, keys, Some(session.clone()), &bob).await.unwrap();
        assert_ne!(after.key, session.key);
        assert!(matches!(visitor(&shop, keys, &after).await, Visitor::User { .. }));
    }

    async fn a_changed_password_ends_all_sessions_but_one(shop: Shop) {
        let (db, keys) = (&shop.db, &shop.keys);
        let ann = shop.add_user("ann").await;
        let here = log_in(db, keys, None, &ann).await.unwrap();
        let there = log_in(db, keys, None, &ann).await.unwrap();
        let hash = hashers::encode_with("another", "salt", 10);
        user::set_password(db, ann.id, hash).await.unwrap();
        let changed = shop.user("ann").await;
        assert_eq!(visitor(&shop, keys, &there).await, Visitor::Stale);
        assert_eq!(visitor(&shop, keys, &here).await, Visitor::Stale);
        let kept = keep_logged_in(db, keys, here.clone(), &changed).await.unwrap().unwrap();
        assert_ne!(kept.key, here.key);
        let expected = Visitor::User { user: changed, must_renew: false };
        assert_eq!(visitor(&shop, keys, &kept).await, expected);
        assert_eq!(visitor(&shop, keys, &there).await, Visitor::Stale);
    }

    async fn who_is_gone_or_inactive_is_logged_in_no_more(shop: Shop) {
        let ann = shop.add_user("ann").await;
        let session = log_in(&shop.db, &shop.keys, None, &ann).await.unwrap();
        shop.sql("UPDATE auth_user SET is_active = false").await;
        assert_eq!(visitor(&shop, &shop.keys, &session).await, Visitor::Stale);
        shop.sql("UPDATE auth_user SET is_active = true").await;
        assert!(matches!(visitor(&shop, &shop.keys, &session).await, Visitor::User { .. }));
        shop.sql("DELETE FROM auth_user").await;
        assert_eq!(visitor(&shop, &shop.keys, &session).await, Visitor::Stale);
    }

    async fn an_earlier_key_or_function_is_taken_and_renewed(shop: Shop) {
        let ann = shop.add_user("ann").await;
        let keys = shop.changed_keys();
        let session = log_in(&shop.db, &shop.keys, None, &ann).await.unwrap();
        let ann = shop.user("ann").await;
        let of = |must_renew| Visitor::User { user: ann.clone(), must_renew };
        assert_eq!(visitor(&shop, &keys, &session).await, of(true));
        let renewed = keep_logged_in(&shop.db, &keys, session.clone(), &ann).await.unwrap().unwrap();
        assert_eq!(visitor(&shop, &keys, &renewed).await, of(false));
        assert_eq!(visitor(&shop, &shop.keys, &renewed).await, Visitor::Stale);
        // Of Django 3.0.
        let mut old = session;
        let salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash";
        let key = shop.keys.current.expose_secret().as_bytes();
        let hash = salted_hmac_hex(salt, ann.password.as_bytes(), key, Algorithm::Sha1);
        old.data.insert("_auth_user_hash", hash.into());
        assert_eq!(visitor(&shop, &shop.keys, &old).await, of(true));
    }

    async fn a_login_by_another_door_is_nobodys(shop: Shop) {
        let ann = shop.add_user("ann").await;
        let session = log_in(&shop.db, &shop.keys, None, &ann).await.unwrap();
        for (name, value) in [
            ("_auth_user_backend", json!("shop.backends.Ldap")),
            ("_auth_user_id", json!("one")),
            ("_auth_user_id", json!("99999999999999999999")),
            ("_auth_user_hash", json!(null)),
        ] {
            let mut session = session.clone();
            session.data.insert(name, value);
            assert_eq!(visitor(&shop, &shop.keys, &session).await, Visitor::Anonymous, "{name}");
        }
    }
}
