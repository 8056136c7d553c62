//! Everybody who is refused waits alike, and a hash waits for a slot.

use std::num::NonZeroUsize;
use std::time::Duration;

use accounts::authenticate::{OpenTo, Outcome};
use accounts::device::Caller;
use accounts::hashers::{self, Busy, Hashing, Verification};
use tokio::time::Instant;

use crate::support::{Backend, PASSWORD, Shop};

/// One stored password of each kind, with costs that a test has time for.
fn kinds() -> Vec<(&'static str, String)> {
    let salt = "abcdefghijklmnopqrstuv";
    vec![
        ("unusable", hashers::unusable()),
        ("md5", "md5$salt$hash".to_owned()),
        ("too-dear", format!("pbkdf2_sha256$99999999${salt}$x")),
        ("pbkdf2", hashers::encode_with("right", salt, 1_000)),
        ("django-5", hashers::encode_with("right", salt, 1_000_000)),
        ("sha1", format!("pbkdf2_sha1$1000${salt}$x")),
        (
            "bcrypt",
            "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW".to_owned(),
        ),
        ("scrypt", format!("scrypt$1024${salt}$8$1$x")),
        (
            "argon2",
            "argon2$argon2id$v=19$m=1024,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$aGFzaA".to_owned(),
        ),
    ]
}

/// By a clock that stands still while a hash is computed: what is left is the wait. The time of the
/// real hash is in it, and it ends with all others.
#[tokio::test]
async fn everybody_who_is_refused_waits_as_long_from_the_first_request_on() {
    let shop = Shop::open(Backend::Sqlite).await;
    let mut names = vec!["nobody", "inactive"];
    shop.add_user("inactive").await;
    shop.sql("UPDATE auth_user SET is_active = false").await;
    for (name, encoded) in kinds() {
        shop.add_user(name).await;
        let sql = format!("UPDATE auth_user SET password = '{encoded}' WHERE username = '{name}'");
        shop.sql(&sql).await;
        names.push(name);
    }
    let login_gate = shop.login_gate();
    login_gate.learn().await.unwrap();
    for name in names {
        let password = if name == "inactive" {
            PASSWORD
        } else {
            "wrong"
        };
        let start = Instant::now();
        let outcome = shop
            .try_at(&login_gate, name, password, OpenTo::Everybody)
            .await;
        assert!(
            matches!(outcome, Outcome::Refused { .. }),
            "{name}: {outcome:?}"
        );
        // A million rounds take a third longer than the least that is waited for new hashes.
        let waited = start.elapsed();
        assert!(waited >= login_gate.hashing.refusal(), "{name}: {waited:?}");
        shop.sql("DELETE FROM shop_login_attempt").await;
    }
}

#[tokio::test]
async fn a_refusal_of_nobody_takes_no_place() {
    let hashing = Hashing::new(NonZeroUsize::MIN);
    let dear = hashers::encode_with("right", "salt", 10);
    let held = hashing
        .acquire_slot(Caller::KnownDevice, Some(dear.clone()))
        .await
        .unwrap();
    let mut waiting = Vec::new();
    for _ in 0..100 {
        waiting.push(hashing.acquire_slot(Caller::Stranger, None).await.unwrap());
    }
    assert!(
        format!("{hashing:?}").contains("free_places: 1"),
        "{hashing:?}"
    );
    let stranger = hashing
        .acquire_slot(Caller::Stranger, Some(dear))
        .await
        .unwrap();
    assert_eq!(
        stranger.verify("right".into()).await,
        Verification::Right { must_update: true }
    );
    for slot in waiting {
        assert_eq!(slot.verify("right".into()).await, Verification::Wrong);
    }
    drop(held);
}

#[tokio::test]
async fn a_flood_of_strangers_meets_the_end_of_the_line_and_a_known_device_does_not() {
    let hashing = Hashing::new(NonZeroUsize::MIN);
    hashing.learn(Vec::new()).await;
    let stored = format!("pbkdf2_sha256$600000${}$x", "a".repeat(22));
    let first = hashing
        .acquire_slot(Caller::Stranger, Some(stored.clone()))
        .await
        .unwrap();
    let mut line = tokio::task::JoinSet::new();
    for _ in 0..1_000 {
        let (hashing, stored) = (hashing.clone(), stored.clone());
        line.spawn(async move {
            hashing
                .acquire_slot(Caller::Stranger, Some(stored))
                .await
                .map(drop)
        });
    }
    // Those who find the line too long are told at once, while the first is still at it.
    let mut sent_away = 0;
    while sent_away < 500 {
        assert_eq!(line.join_next().await.unwrap().unwrap(), Err(Busy));
        sent_away += 1;
    }
    assert!(
        hashing.acquire_slot(Caller::Stranger, None).await.is_err(),
        "nobody is told apart by that"
    );
    let known = hashing.acquire_slot(
        Caller::KnownDevice,
        Some(hashers::encode_with("right", "salt", 10)),
    );
    let known = known.await.unwrap().verify("right".into()).await;
    assert_eq!(known, Verification::Right { must_update: true });
    drop(first);
    let rest = line.join_all().await;
    assert!(rest.contains(&Ok(())), "the line goes on");
}

#[tokio::test]
async fn a_hash_waits_for_its_place_and_no_page_does() {
    let hashing = Hashing::new(NonZeroUsize::MIN);
    let weak = hashers::encode_with("right", "salt", 10);
    let mut waiting: Vec<_> = (0..8)
        .map(|number| {
            let password = if number == 3 { "right" } else { "wrong" };
            let (hashing, weak) = (hashing.clone(), weak.clone());
            tokio::spawn(async move {
                let slot = hashing
                    .acquire_slot(Caller::Stranger, Some(weak))
                    .await
                    .unwrap();
                slot.verify(password.into()).await
            })
        })
        .collect();
    // This thread is the only one of the runtime: it goes on while hashes are computed.
    while format!("{hashing:?}").contains("free_places: 1") {
        tokio::task::yield_now().await;
    }
    assert!(!waiting[7].is_finished());
    // Who does not wait any longer costs nothing more.
    waiting.pop().unwrap().abort();
    for (number, task) in waiting.into_iter().enumerate() {
        let expected = if number == 3 {
            Verification::Right { must_update: true }
        } else {
            Verification::Wrong
        };
        assert_eq!(task.await.unwrap(), expected, "{number}");
    }
    let encoded = hashing.encode("right".into()).await;
    let slot = hashing
        .acquire_slot(Caller::KnownDevice, Some(encoded))
        .await
        .unwrap();
    let right = slot.verify("right".into()).await;
    assert_eq!(right, Verification::Right { must_update: false });
    let known = hashing.refusal();
    assert!(known > Duration::ZERO, "the dearest that was met counts");
}
