//! Failures are counted in one statement, lock what they should, and are forgotten in time.

use accounts::throttle::{self, Attempt, Lock, MAX_FOR_ACCOUNT, MAX_FOR_ADDRESS, Scope, WINDOW};
use chrono::{DateTime, TimeDelta, Utc};
use db::DbBackend;
use db::datetime::now;
use sea_orm::ConnectionTrait as _;

use crate::support::{FAILURES, Shop, on_both_databases};

async fn count(shop: &Shop, username: &str, address: &str, time: DateTime<Utc>) -> Option<Lock> {
    let attempt = Attempt {
        username,
        address: address.parse().unwrap(),
    };
    throttle::count(&shop.throttle, attempt, time)
        .await
        .unwrap()
}

async fn reset(shop: &Shop, username: &str, address: &str) {
    let attempt = Attempt {
        username,
        address: address.parse().unwrap(),
    };
    throttle::reset(&shop.throttle, attempt).await.unwrap();
}

const HERE: &str = "192.0.2.1";
const THERE: &str = "192.0.2.2";

on_both_databases! {
    async fn an_account_is_locked_for_one_address_until_the_window_has_passed(shop: Shop) {
        let start = now();
        for minute in 0..MAX_FOR_ACCOUNT {
            let time = start + TimeDelta::minutes(minute);
            assert_eq!(count(&shop, "ann", HERE, time).await, None);
        }
        let lock = |minutes: u64, has_begun| Some(Lock {
            scope: Scope::Account,
            retry_after: std::time::Duration::from_secs(60 * minutes),
            has_begun,
        });
        let at = |minutes| start + TimeDelta::minutes(minutes);
        assert_eq!(count(&shop, "ann", HERE, at(5)).await, lock(10, true));
        assert_eq!(count(&shop, "ann", HERE, at(6)).await, lock(9, false));
        // From elsewhere, and for others, the door is open.
        assert_eq!(count(&shop, "ann", THERE, at(6)).await, None);
        assert_eq!(count(&shop, "Ann", HERE, at(6)).await, None);
        // Who tries on does not make it last longer.
        let last = start + WINDOW - TimeDelta::seconds(1);
        let Some(lock) = count(&shop, "ann", HERE, last).await else { panic!("open") };
        assert_eq!(lock.retry_after.as_secs(), 1);
        assert_eq!(count(&shop, "ann", HERE, start + WINDOW).await, None);
    }

    async fn an_address_is_locked_for_all_accounts(shop: Shop) {
        let start = now();
        for number in 0..MAX_FOR_ADDRESS {
            assert_eq!(count(&shop, &format!("user{number}"), HERE, start).await, None);
        }
        let Some(lock) = count(&shop, "ann", HERE, start).await else { panic!("open") };
        assert_eq!((lock.scope, lock.retry_after.as_secs(), lock.has_begun), (Scope::Address, 900, true));
        let rows = || shop.text("SELECT CAST(count(*) AS text) FROM shop_login_failure");
        let before = rows().await;
        for number in 0..50 {
            let lock = count(&shop, &format!("other{number}"), HERE, start).await.unwrap();
            assert!(lock.scope == Scope::Address && !lock.has_begun);
        }
        assert_eq!(rows().await, before, "who is locked out does not fill the table");
        assert_eq!(count(&shop, "ann", THERE, start).await, None);
        assert_eq!(count(&shop, "ann", HERE, start + WINDOW).await, None);
    }

    async fn a_locked_account_counts_nothing_against_its_address(shop: Shop) {
        let start = now();
        for _ in 0..100 {
            count(&shop, "ann", HERE, start).await;
        }
        for number in 0..MAX_FOR_ADDRESS - MAX_FOR_ACCOUNT {
            assert_eq!(count(&shop, &format!("user{number}"), HERE, start).await, None);
        }
        assert!(count(&shop, "bob", HERE, start).await.is_some());
    }

    async fn a_network_of_ipv6_is_one_address(shop: Shop) {
        let start = now();
        for number in 0..MAX_FOR_ACCOUNT {
            let address = format!("2001:db8:1:2:{number}::{number}");
            assert_eq!(count(&shop, "ann", &address, start).await, None);
        }
        assert!(count(&shop, "ann", "2001:db8:1:2:ffff::", start).await.is_some());
        assert_eq!(count(&shop, "ann", "2001:db8:1:3::", start).await, None);
        for _ in 0..MAX_FOR_ACCOUNT {
            assert_eq!(count(&shop, "bob", HERE, start).await, None);
        }
        assert!(count(&shop, "bob", &format!("::ffff:{HERE}"), start).await.is_some());
    }

    async fn the_right_password_takes_its_count_back(shop: Shop) {
        let start = now();
        for _ in 0..3 {
            for _ in 0..MAX_FOR_ACCOUNT {
                assert_eq!(count(&shop, "ann", HERE, start).await, None);
            }
            reset(&shop, "ann", HERE).await;
        }
        // Twelve failures are left to the address. Whoever makes none leaves none.
        for number in 0..100 {
            let name = format!("user{number}");
            assert_eq!(count(&shop, &name, HERE, start).await, None);
            reset(&shop, &name, HERE).await;
        }
        // Nothing to take back is no error.
        reset(&shop, "nobody", THERE).await;
    }

    async fn of_many_at_once_no_more_get_through_than_may(shop: Shop) {
        let start = now();
        let mut accounts = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let throttle = shop.throttle_elsewhere();
            accounts.spawn(async move {
                let attempt = Attempt { username: "ann", address: HERE.parse().unwrap() };
                throttle::count(&throttle, attempt, start).await.unwrap()
            });
        }
        let locks = accounts.join_all().await;
        let through = locks.iter().filter(|lock| lock.is_none()).count();
        let begun = locks.iter().flatten().filter(|lock| lock.has_begun).count();
        assert_eq!((through, begun), (5, 1));
        let mut addresses = tokio::task::JoinSet::new();
        for number in 0..50 {
            let throttle = shop.throttle_elsewhere();
            addresses.spawn(async move {
                let username = format!("user{number}");
                let attempt = Attempt { username: &username, address: THERE.parse().unwrap() };
                throttle::count(&throttle, attempt, start).await.unwrap()
            });
        }
        let locks = addresses.join_all().await;
        let through = locks.iter().filter(|lock| lock.is_none()).count();
        let begun = locks.iter().flatten().filter(|lock| lock.has_begun).count();
        assert_eq!((through, begun), (20, 1));
    }

    async fn those_who_wait_to_be_counted_leave_connections_to_others(shop: Shop) {
        let writer = shop.db.begin().await.unwrap();
        if writer.get_database_backend() == DbBackend::Postgres {
            let lock = format!("LOCK TABLE {FAILURES} IN EXCLUSIVE MODE");
            writer.execute_unprepared(&lock).await.unwrap();
        }
        let mut attempts = tokio::task::JoinSet::new();
        for number in 0..10 {
            let throttle = shop.throttle.clone();
            attempts.spawn(async move {
                let username = format!("user{number}");
                let attempt = Attempt { username: &username, address: HERE.parse().unwrap() };
                throttle::count(&throttle, attempt, now()).await.unwrap()
            });
        }
        // They come as far as they can, which is before whoever reads now.
        tokio::task::yield_now().await;
        assert_eq!(shop.text("SELECT CAST(1 AS text)").await, "1");
        writer.rollback().await.unwrap();
        assert_eq!(attempts.join_all().await, [None; 10]);
    }

    async fn what_is_over_is_swept(shop: Shop) {
        let start = now();
        for number in 0..3 {
            count(&shop, "ann", &format!("192.0.2.{number}"), start).await;
        }
        let rows = || shop.text("SELECT CAST(count(*) AS text) FROM shop_login_failure");
        assert_eq!(rows().await, "6");
        let early = throttle::sweep(&shop.db, FAILURES, start + WINDOW - TimeDelta::seconds(1)).await;
        assert_eq!(early.unwrap(), 0);
        // The next who fails from elsewhere takes the old rows with him.
        count(&shop, "bob", "192.0.2.99", start + WINDOW).await;
        assert_eq!(rows().await, "2");
        let late = throttle::sweep(&shop.db, FAILURES, start + WINDOW * 3).await;
        assert_eq!(late.unwrap(), 2);
    }

    async fn the_table_holds_neither_names_nor_addresses(shop: Shop) {
        count(&shop, "ann", HERE, now()).await;
        let keys = shop.text("SELECT string_agg(key, ' ') FROM shop_login_failure").await;
        assert!(!keys.contains("ann") && !keys.contains("192"), "{keys}");
        assert_eq!(keys.len(), 43 + 1 + 43);
    }
}
