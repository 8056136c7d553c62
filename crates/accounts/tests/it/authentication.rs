//! Who comes in, who is refused, whose hash is made anew.

use accounts::authenticate::{OpenTo, Outcome, Refusal};
use accounts::{hashers, user};

use crate::support::{PASSWORD, on_both_databases};

fn refused(refusal: Refusal) -> Outcome {
    let begins = None;
    Outcome::Refused { refusal, begins }
}

on_both_databases! {
    async fn the_right_password_lets_in_and_renews_a_weak_hash(shop: Shop) {
        let before = shop.add_user("ann").await;
        let Outcome::Authenticated { user, is_rehashed } = shop.try_in("ann", PASSWORD, OpenTo::Everybody).await else {
            panic!("refused");
        };
        assert!(is_rehashed && user.password.starts_with("pbkdf2_sha256$600000$"));
        assert_ne!(user.password, before.password);
        assert_eq!(shop.user("ann").await, user);
        let again = shop.try_in(" ann ", PASSWORD, OpenTo::Everybody).await;
        assert_eq!(again, Outcome::Authenticated { user: user.clone(), is_rehashed: false });
        // What another program made with more work stays.
        let strong = hashers::encode_with(PASSWORD, "abcdefghijklmnopqrstuv", 600_001);
        shop.sql(&format!("UPDATE auth_user SET password = '{strong}'")).await;
        let Outcome::Authenticated { user, is_rehashed: false } = shop.try_in("ann", PASSWORD, OpenTo::Everybody).await else {
            panic!("made anew");
        };
        assert_eq!((user.password, shop.user("ann").await.password), (strong.clone(), strong));
    }

    async fn everybody_else_is_refused_and_nothing_is_written(shop: Shop) {
        for (name, change) in [
            ("inactive", "is_active = false, is_staff = true"),
            ("member", "is_staff = false"),
            ("closed", "is_staff = true, password = '!abcdefghij'"),
            ("unknown-format", "is_staff = true, password = 'md5$salt$hash'"),
            ("empty", "is_staff = true, password = ''"),
            ("staff", "is_staff = true"),
        ] {
            shop.add_user(name).await;
            shop.sql(&format!("UPDATE auth_user SET {change} WHERE username = '{name}'")).await;
        }
        for (name, password, refusal) in [
            ("nobody", PASSWORD, Refusal::UnknownUser),
            ("staff\0", PASSWORD, Refusal::Malformed),
            ("st\naff", PASSWORD, Refusal::Malformed),
            ("staff", "correct\0", Refusal::Malformed),
            ("", "", Refusal::UnknownUser),
            ("staff", "wrong", Refusal::WrongPassword),
            ("staff", "", Refusal::WrongPassword),
            ("closed", PASSWORD, Refusal::WrongPassword),
            ("closed", "!abcdefghij", Refusal::WrongPassword),
            ("unknown-format", PASSWORD, Refusal::WrongPassword),
            ("empty", "", Refusal::WrongPassword),
            ("inactive", PASSWORD, Refusal::Inactive),
            ("member", PASSWORD, Refusal::NotStaff),
        ] {
            // Each on its own: they would lock the address together.
            shop.sql("DELETE FROM shop_login_attempt").await;
            let rows = "SELECT coalesce(string_agg(password, ','), '') FROM auth_user";
            let before = shop.text(rows).await;
            let outcome = shop.try_in(name, password, OpenTo::Staff).await;
            assert_eq!(outcome, refused(refusal), "{name}");
            assert_eq!(shop.text(rows).await, before, "{name}");
        }
        assert!(matches!(shop.try_in("member", PASSWORD, OpenTo::Everybody).await, Outcome::Authenticated { .. }));
        assert!(matches!(shop.try_in("staff", PASSWORD, OpenTo::Staff).await, Outcome::Authenticated { .. }));
    }

    async fn five_failures_lock_the_account_for_the_right_password_too(shop: Shop) {
        shop.add_user("ann").await;
        for _ in 0..4 {
            let outcome = shop.try_in("ann", "wrong", OpenTo::Everybody).await;
            assert_eq!(outcome, refused(Refusal::WrongPassword));
        }
        // The fifth was the right one: the count begins anew.
        assert!(matches!(shop.try_in("ann", PASSWORD, OpenTo::Everybody).await, Outcome::Authenticated { .. }));
        for number in 1..=5 {
            let outcome = shop.try_in("ann", "wrong", OpenTo::Everybody).await;
            let Outcome::Refused { refusal: Refusal::WrongPassword, begins } = outcome else {
                panic!("{outcome:?}");
            };
            assert_eq!(begins.is_some(), number == 5);
        }
        for password in [PASSWORD, "wrong", PASSWORD] {
            let outcome = shop.try_in("ann", password, OpenTo::Everybody).await;
            assert!(matches!(outcome, Outcome::Locked(_)), "{outcome:?}");
        }
    }

    async fn one_hash_of_each_cost_is_found(shop: Shop) {
        for (name, hash) in [
            ("ours", "pbkdf2_sha256$600000$abc$x"),
            ("ours-too", "pbkdf2_sha256$600000$xyz$x"),
            ("django", "pbkdf2_sha256$1000000$abc$x"),
            ("argon2", "argon2$argon2id$v=19$m=102400,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA"),
            ("scrypt", "scrypt$16384$salt$8$5$x"),
            ("nobody", "!unusable"),
            ("md5", "md5$salt$x"),
        ] {
            shop.add_user(name).await;
            shop.sql(&format!("UPDATE auth_user SET password = '{hash}' WHERE username = '{name}'")).await;
        }
        let mut found = user::stored_hashes(&shop.db).await.unwrap();
        found.sort();
        assert_eq!(found.len(), 4, "{found:?}");
        let memory: Vec<_> = found.iter().map(|hash| hashers::memory_bytes(hash) >> 20).collect();
        assert_eq!(memory, [100, 0, 0, 16]);
    }
}
