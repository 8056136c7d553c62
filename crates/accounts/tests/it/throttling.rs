//! Failures are counted, lock what they should, and are forgotten in time; what is under way or right
//! is none.

use std::time::Duration;

use accounts::device::Caller;
use accounts::throttle::{
    self, Admission, Attempt, Lock, MAX_FOR_ACCOUNT, MAX_FOR_ADDRESS, Reservation, SITE_FACTOR,
    SLOWED_AFTER, SLOWED_ATTEMPT, Scope, Throttle, WINDOW,
};
use chrono::{DateTime, TimeDelta, Utc};
use db::DbBackend;
use db::datetime::now;
use sea_orm::ConnectionTrait as _;
use tokio::task::JoinSet;

use crate::support::{FAILURES, Shop, on_both_databases};

async fn reserve(shop: &Shop, username: &str, address: &str, time: DateTime<Utc>) -> Admission {
    reserve_in(&shop.throttle, (username, address, None), time).await
}

async fn reserve_in(
    throttle: &Throttle,
    (username, address, device): (&str, &str, Option<&str>),
    time: DateTime<Utc>,
) -> Admission {
    let attempt = Attempt {
        username,
        address: address.parse().unwrap(),
        device,
    };
    throttle::reserve(throttle, attempt, time).await.unwrap()
}

#[track_caller]
fn reserved(admission: Admission) -> Reservation {
    match admission {
        Admission::Reserved(reservation) => reservation,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn locked(admission: Admission) -> Lock {
    match admission {
        Admission::Locked(lock) => lock,
        other => panic!("{other:?}"),
    }
}

/// A wrong password; the lock that begins with it.
async fn fail(shop: &Shop, username: &str, address: &str, time: DateTime<Utc>) -> Option<Lock> {
    let reservation = reserved(reserve(shop, username, address, time).await);
    reservation.fail().await.unwrap()
}

async fn succeed(shop: &Shop, username: &str, address: &str, time: DateTime<Utc>) {
    let reservation = reserved(reserve(shop, username, address, time).await);
    reservation.succeed().await.unwrap();
}

async fn rows(shop: &Shop) -> String {
    shop.text("SELECT CAST(count(*) AS text) FROM shop_login_attempt")
        .await
}

const HERE: &str = "192.0.2.1";
const THERE: &str = "192.0.2.2";

on_both_databases! {
    async fn an_account_is_locked_for_one_address_until_the_window_has_passed(shop: Shop) {
        let start = now();
        let at = |minutes| start + TimeDelta::minutes(minutes);
        for minute in 0..MAX_FOR_ACCOUNT - 1 {
            assert_eq!(fail(&shop, "ann", HERE, at(minute)).await, None);
        }
        let lock = |minutes: u64| Lock {
            scope: Scope::Account,
            retry_after: Duration::from_secs(60 * minutes),
        };
        assert_eq!(fail(&shop, "ann", HERE, at(4)).await, Some(lock(11)));
        assert_eq!(locked(reserve(&shop, "ann", HERE, at(5)).await), lock(10));
        assert_eq!(locked(reserve(&shop, "ann", HERE, at(6)).await), lock(9));
        // From elsewhere, and for others, the door is open.
        assert_eq!(fail(&shop, "ann", THERE, at(6)).await, None);
        assert_eq!(fail(&shop, "Ann", HERE, at(6)).await, None);
        // Who tries on does not make it last longer.
        let last = start + WINDOW - TimeDelta::seconds(1);
        assert_eq!(locked(reserve(&shop, "ann", HERE, last).await).retry_after.as_secs(), 1);
        assert_eq!(fail(&shop, "ann", HERE, start + WINDOW).await, None);
    }

    async fn an_address_is_locked_for_all_accounts(shop: Shop) {
        let start = now();
        for number in 1..MAX_FOR_ADDRESS {
            assert_eq!(fail(&shop, &format!("user{number}"), HERE, start).await, None);
        }
        let begun = fail(&shop, "last", HERE, start).await.unwrap();
        assert_eq!((begun.scope, begun.retry_after.as_secs()), (Scope::Address, 900));
        let before = rows(&shop).await;
        for number in 0..50 {
            let lock = locked(reserve(&shop, &format!("other{number}"), HERE, start).await);
            assert_eq!(lock, begun);
        }
        assert_eq!(rows(&shop).await, before, "who is locked out does not fill the table");
        assert_eq!(fail(&shop, "ann", THERE, start).await, None);
        assert_eq!(fail(&shop, "ann", HERE, start + WINDOW).await, None);
    }

    async fn a_network_of_ipv6_is_one_address_and_a_site_has_its_own_count(shop: Shop) {
        let start = now();
        for number in 0..MAX_FOR_ACCOUNT {
            let address = format!("2001:db8:1:2:{number}::{number}");
            fail(&shop, "ann", &address, start).await;
        }
        locked(reserve(&shop, "ann", "2001:db8:1:2:ffff::", start).await);
        // One account, from ever other networks of one site.
        for network in MAX_FOR_ACCOUNT..MAX_FOR_ACCOUNT * SITE_FACTOR {
            fail(&shop, "ann", &format!("2001:db8:1:f{network:02}::1"), start).await;
        }
        let lock = locked(reserve(&shop, "ann", "2001:db8:1:3::", start).await);
        assert_eq!(lock.scope, Scope::Account);
        reserved(reserve(&shop, "ann", "2001:db8:2:3::", start).await).release().await.unwrap();
        // And many accounts.
        for number in 0..(MAX_FOR_ADDRESS - MAX_FOR_ACCOUNT) * SITE_FACTOR {
            let address = format!("2001:db8:1:e{number:02}::1");
            fail(&shop, &format!("user{number}"), &address, start).await;
        }
        let lock = locked(reserve(&shop, "bob", "2001:db8:1:4::", start).await);
        assert_eq!(lock.scope, Scope::Address);
        for _ in 0..MAX_FOR_ACCOUNT {
            fail(&shop, "bob", HERE, start).await;
        }
        locked(reserve(&shop, "bob", &format!("::ffff:{HERE}"), start).await);
    }

    async fn the_right_password_leaves_nothing_behind(shop: Shop) {
        let start = now();
        for _ in 0..3 {
            for _ in 0..MAX_FOR_ACCOUNT - 1 {
                assert_eq!(fail(&shop, "ann", HERE, start).await, None);
            }
            succeed(&shop, "ann", HERE, start).await;
        }
        // Eight failures are left to the address. Whoever makes none leaves none.
        for number in 0..100 {
            succeed(&shop, &format!("user{number}"), HERE, start).await;
        }
        let left = "SELECT CAST(sum(failures) AS text) || ' ' || CAST(sum(pending) AS text) FROM shop_login_attempt";
        // Twelve of the address, and twelve of the account from everywhere.
        assert_eq!(shop.text(left).await, "24 0");
        assert_eq!(rows(&shop).await, "2");
        for number in 0..7 {
            assert_eq!(fail(&shop, &format!("user{number}"), HERE, start).await, None);
        }
        assert!(fail(&shop, "last", HERE, start).await.is_some());
    }

    async fn attempts_beyond_what_is_left_wait_for_those_under_way(shop: Shop) {
        let start = now();
        let mut under_way = Vec::new();
        for number in 0..MAX_FOR_ADDRESS {
            under_way.push(reserved(reserve(&shop, &format!("user{number}"), HERE, start).await));
        }
        let others: Vec<_> = (0..10)
            .map(|number| {
                let throttle = shop.throttle.clone();
                tokio::spawn(async move {
                    let name = format!("other{number}");
                    let turn = reserve_in(&throttle, (&name, HERE, None), start).await;
                    reserved(turn).succeed().await.unwrap();
                })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(others.iter().all(|other| !other.is_finished()));
        for reservation in under_way {
            reservation.succeed().await.unwrap();
        }
        for other in others {
            other.await.unwrap();
        }
        assert_eq!(rows(&shop).await, "0");
        // Whose turn does not come is told so, and counts for nothing.
        let mut under_way = Vec::new();
        for _ in 0..MAX_FOR_ACCOUNT {
            under_way.push(reserved(reserve(&shop, "ann", HERE, start).await));
        }
        assert!(matches!(reserve(&shop, "ann", HERE, start).await, Admission::Busy));
        // Whoever leaves gives the place back.
        drop(under_way.pop());
        succeed(&shop, "ann", HERE, start).await;
        // What a program left when it was killed is forgotten.
        under_way.into_iter().for_each(std::mem::forget);
        shop.sql("UPDATE shop_login_attempt SET pending = 5").await;
        assert!(matches!(reserve(&shop, "ann", HERE, start).await, Admission::Busy));
        succeed(&shop, "ann", HERE, start + TimeDelta::minutes(2)).await;
    }

    async fn a_crowd_of_strangers_asks_nothing_of_the_database(shop: Shop) {
        let start = now();
        for _ in 0..MAX_FOR_ACCOUNT {
            fail(&shop, "ann", HERE, start).await;
        }
        let mut crowd = Vec::new();
        for number in 0..64 {
            let (name, address) = (format!("user{number}"), format!("198.51.100.{number}"));
            crowd.push(reserved(reserve(&shop, &name, &address, start).await));
        }
        // Only the database knows that this one is locked.
        assert!(matches!(reserve(&shop, "ann", HERE, start).await, Admission::Busy));
        // A known device is in no crowd.
        let device = ("user0", THERE, Some("mark"));
        reserved(reserve_in(&shop.throttle, device, start).await).succeed().await.unwrap();
        // Whoever is done makes room.
        crowd.pop().unwrap().succeed().await.unwrap();
        locked(reserve(&shop, "ann", HERE, start).await);
    }

    async fn of_many_at_once_no_more_get_through_than_may(shop: Shop) {
        let start = now();
        for (names, address, expected) in [(1, HERE, 5), (50, THERE, 20)] {
            let instances: Vec<_> = (0..4).map(|_| shop.throttle_elsewhere()).collect();
            let mut attempts = JoinSet::new();
            for number in 0..50 {
                let throttle = instances[number % instances.len()].clone();
                attempts.spawn(async move {
                    let username = format!("user{}", number % names);
                    match reserve_in(&throttle, (&username, address, None), start).await {
                        Admission::Reserved(reservation) => Some(reservation.fail().await.unwrap()),
                        Admission::Locked(_) | Admission::Busy => None,
                    }
                });
            }
            let failures: Vec<_> = attempts.join_all().await.into_iter().flatten().collect();
            let begun = failures.iter().flatten().count();
            assert_eq!((failures.len(), begun), (expected, 1));
        }
    }

    async fn an_account_under_attack_from_everywhere_is_slowed_and_never_locked(shop: Shop) {
        let start = now();
        for number in 0..SLOWED_AFTER {
            let address = format!("198.51.100.{number}");
            let reservation = reserved(reserve(&shop, "ann", &address, start).await);
            assert_eq!(reservation.least_duration(), Duration::ZERO);
            reservation.fail().await.unwrap();
        }
        let first = reserved(reserve(&shop, "ann", HERE, start).await);
        assert_eq!(first.least_duration(), SLOWED_ATTEMPT);
        assert!(matches!(reserve(&shop, "ann", THERE, start).await, Admission::Busy));
        // A known device does not feel it.
        let device = ("ann", THERE, Some("mark"));
        let known = reserved(reserve_in(&shop.throttle, device, start).await);
        assert_eq!((known.caller(), known.least_duration()), (Caller::KnownDevice, Duration::ZERO));
        known.succeed().await.unwrap();
        first.fail().await.unwrap();
        for number in 0..100 {
            let address = format!("203.0.113.{number}");
            reserved(reserve(&shop, "ann", &address, start).await).fail().await.unwrap();
        }
        succeed(&shop, "ann", THERE, start).await;
        // Nobody else is slowed.
        assert_eq!(reserved(reserve(&shop, "bob", HERE, start).await).least_duration(), Duration::ZERO);
    }

    async fn a_known_device_has_a_count_of_its_own(shop: Shop) {
        let start = now();
        for number in 0..MAX_FOR_ADDRESS {
            fail(&shop, &format!("user{number}"), HERE, start).await;
        }
        let device = ("ann", HERE, Some("mark"));
        // The address is locked for strangers alone.
        locked(reserve(&shop, "ann", HERE, start).await);
        for _ in 0..MAX_FOR_ACCOUNT {
            let known = reserved(reserve_in(&shop.throttle, device, start).await);
            known.fail().await.unwrap();
        }
        // A stolen cookie is no free ticket, here or elsewhere.
        locked(reserve_in(&shop.throttle, device, start).await);
        let elsewhere = reserved(reserve_in(&shop.throttle, ("ann", THERE, Some("mark")), start).await);
        assert_eq!(elsewhere.caller(), Caller::Stranger);
        elsewhere.release().await.unwrap();
        let other = reserved(reserve_in(&shop.throttle, ("ann", HERE, Some("other")), start).await);
        other.succeed().await.unwrap();
    }

    async fn those_who_wait_to_be_counted_leave_connections_to_others(shop: Shop) {
        let writer = shop.db.begin().await.unwrap();
        if writer.get_database_backend() == DbBackend::Postgres {
            let lock = format!("LOCK TABLE {FAILURES} IN EXCLUSIVE MODE");
            writer.execute_unprepared(&lock).await.unwrap();
        }
        let mut attempts = JoinSet::new();
        for number in 0..10 {
            let throttle = shop.throttle.clone();
            attempts.spawn(async move {
                let username = format!("user{number}");
                let turn = reserve_in(&throttle, (&username, HERE, None), now()).await;
                reserved(turn).release().await.unwrap();
            });
        }
        // They come as far as they can, which is before whoever reads now.
        tokio::task::yield_now().await;
        assert_eq!(shop.text("SELECT CAST(1 AS text)").await, "1");
        writer.rollback().await.unwrap();
        attempts.join_all().await;
    }

    async fn what_is_over_is_swept(shop: Shop) {
        let start = now();
        for number in 0..3 {
            fail(&shop, "ann", &format!("192.0.2.{number}"), start).await;
        }
        assert_eq!(rows(&shop).await, "7");
        let early = throttle::sweep(&shop.db, FAILURES, start + WINDOW - TimeDelta::seconds(1)).await;
        assert_eq!(early.unwrap(), 0);
        // The next who fails from elsewhere takes the old rows along.
        fail(&shop, "bob", "192.0.2.99", start + WINDOW).await;
        assert_eq!(rows(&shop).await, "3");
        let late = throttle::sweep(&shop.db, FAILURES, start + WINDOW * 3).await;
        assert_eq!(late.unwrap(), 3);
    }

    async fn the_table_holds_neither_names_nor_addresses(shop: Shop) {
        fail(&shop, "ann", HERE, now()).await;
        let keys = shop.text("SELECT string_agg(key, ' ') FROM shop_login_attempt").await;
        assert!(!keys.contains("ann") && !keys.contains("192"), "{keys}");
        assert_eq!(keys.len(), 43 * 3 + 2);
    }
}
