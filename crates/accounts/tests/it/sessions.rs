//! Sessions in the database: found while they last, renewed, gone.

use accounts::session::{self, Data, SessionKey};
use chrono::TimeDelta;
use db::datetime::now;
use serde_json::json;

use crate::support::on_both_databases;

fn data() -> Data {
    let mut data = Data::default();
    data.insert("cart", json!([1, "é"]));
    data
}

on_both_databases! {
    async fn a_session_is_made_found_changed_and_ended(shop: Shop) {
        let (db, keys) = (&shop.db, &shop.keys);
        let mut made = session::create(db, keys, data()).await.unwrap();
        assert!(made.key.as_str().len() == 32, "{}", made.key.as_str());
        let load = || async {
            let loaded = session::load(db, keys, made.key.clone()).await.unwrap();
            loaded.map(|loaded| (loaded.session.data, loaded.must_renew))
        };
        assert_eq!(load().await, Some((data(), false)));
        made.data.insert("cart", json!([]));
        assert!(session::save(db, keys, &made).await.unwrap());
        let loaded = session::load(db, keys, made.key.clone()).await.unwrap().unwrap();
        assert_eq!(loaded.session, made);
        session::delete(db, &made.key).await.unwrap();
        assert_eq!(session::load(db, keys, made.key.clone()).await.unwrap(), None);
        // Nothing brings it back.
        assert!(!session::save(db, keys, &made).await.unwrap());
        assert_eq!(session::cycle(db, keys, made).await.unwrap(), None);
    }

    async fn what_could_not_be_read_back_is_not_written(shop: Shop) {
        let (db, keys) = (&shop.db, &shop.keys);
        let made = session::create(db, keys, data()).await.unwrap();
        let mut large = made.clone();
        // Six bytes each, as a session is written.
        large.data.insert("draft", "é".repeat(session::MAX_SESSION_BYTES / 6).into());
        session::save(db, keys, &large).await.unwrap_err();
        session::cycle(db, keys, large.clone()).await.unwrap_err();
        session::create(db, keys, large.data.clone()).await.unwrap_err();
        let kept = session::load(db, keys, made.key.clone()).await.unwrap().unwrap();
        assert_eq!(kept.session, made);
        large.data.insert("draft", "é".repeat(session::MAX_SESSION_BYTES / 6 - 20).into());
        assert!(session::save(db, keys, &large).await.unwrap());
        let kept = session::load(db, keys, made.key).await.unwrap().unwrap();
        assert_eq!(kept.session, large);
    }

    async fn a_new_key_takes_the_place_of_the_old(shop: Shop) {
        let (db, keys) = (&shop.db, &shop.keys);
        let before = session::create(db, keys, data()).await.unwrap();
        let other = session::create(db, keys, Data::default()).await.unwrap();
        let after = session::cycle(db, keys, before.clone()).await.unwrap().unwrap();
        assert_ne!(after.key, before.key);
        assert_eq!(session::load(db, keys, before.key).await.unwrap(), None);
        for session in [after, other] {
            let loaded = session::load(db, keys, session.key.clone()).await.unwrap().unwrap();
            assert_eq!(loaded.session, session);
        }
    }

    async fn what_an_earlier_key_signed_must_be_renewed(shop: Shop) {
        let made = session::create(&shop.db, &shop.keys, data()).await.unwrap();
        let keys = shop.changed_keys();
        let loaded = session::load(&shop.db, &keys, made.key.clone()).await.unwrap().unwrap();
        assert!(loaded.must_renew);
        let renewed = session::cycle(&shop.db, &keys, loaded.session).await.unwrap().unwrap();
        let loaded = session::load(&shop.db, &keys, renewed.key.clone()).await.unwrap().unwrap();
        assert!(!loaded.must_renew);
        // The earlier key alone opens it no more.
        assert_eq!(session::load(&shop.db, &shop.keys, renewed.key).await.unwrap(), None);
    }

    async fn a_session_ends_by_itself_and_is_cleared(shop: Shop) {
        let mut short = data();
        short.insert("_session_expiry", json!(-1));
        let over = session::create(&shop.db, &shop.keys, short).await.unwrap();
        let lasting = session::create(&shop.db, &shop.keys, data()).await.unwrap();
        assert_eq!(session::load(&shop.db, &shop.keys, over.key).await.unwrap(), None);
        let clear = |time| session::clear_expired(&shop.db, time);
        assert_eq!(clear(now()).await.unwrap(), 1);
        let found = session::load(&shop.db, &shop.keys, lasting.key).await.unwrap();
        assert!(found.is_some());
        assert_eq!(clear(now() + TimeDelta::days(13)).await.unwrap(), 0);
        assert_eq!(clear(now() + TimeDelta::days(15)).await.unwrap(), 1);
    }

    async fn rows_are_djangos(shop: Shop) {
        // Of Django 3.0, in its form, by its clock.
        shop.sql("INSERT INTO django_session (session_key, session_data, expire_date) VALUES \
            ('oldoldoldoldoldoldoldoldoldoldol', 'NGRlYmY5NjZiNmE3MGQyM2ViOWJiYjFmYjk3NDFlYjBkYmE1YjgwYzp7InUiOiJcdTAwZTlcdTIwYWMifQ==', \
            '2999-12-31 23:59:59')").await;
        let key = SessionKey::parse("oldoldoldoldoldoldoldoldoldoldol").unwrap();
        let loaded = session::load(&shop.db, &shop.keys, key).await.unwrap().unwrap();
        assert_eq!(loaded.session.data.get("u"), Some(&json!("é€")));
        session::save(&shop.db, &shop.keys, &loaded.session).await.unwrap();
        let written = shop.text("SELECT session_data FROM django_session").await;
        assert!(written.starts_with("eyJ1IjoiXHUwMGU5XHUyMGFjIn0:"), "{written}");
        let expires = shop.text("SELECT CAST(expire_date AS text) FROM django_session").await;
        let (date, time) = expires.split_once(' ').unwrap();
        assert_eq!((date.len(), time.as_bytes()[2]), (10, b':'), "{expires}");
    }

    async fn a_row_that_cannot_be_opened_is_no_session(shop: Shop) {
        let made = session::create(&shop.db, &shop.keys, data()).await.unwrap();
        shop.sql("UPDATE django_session SET session_data = 'x' || session_data").await;
        assert_eq!(session::load(&shop.db, &shop.keys, made.key).await.unwrap(), None);
    }
}

#[test]
fn what_cannot_be_a_key_is_none() {
    let long = "a".repeat(41);
    for text in [
        "",
        "short12",
        &long,
        "abc defgh",
        "abcdefg\0",
        "abcdéfgh",
        "abcdefg'",
    ] {
        assert_eq!(SessionKey::parse(text), None, "{text}");
    }
    let key = SessionKey::parse("0123456789abcdefghijklmnopqrstuv").unwrap();
    assert_eq!(format!("{key:?}"), "SessionKey(…)");
}
