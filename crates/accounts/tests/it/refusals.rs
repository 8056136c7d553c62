//! A refusal costs about as much whatever its reason, and a hash waits for a place.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use accounts::hashers::{self, Hashing, Verification};

/// Processor time, which does not count what other programs take meanwhile.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds = text.split(' ').next().unwrap();
    Duration::from_nanos(nanoseconds.parse().unwrap())
}

/// What some work costs: the thread's time on a processor, and the time by the clock.
fn cost(work: impl FnOnce()) -> (Duration, Duration) {
    let (before, start) = (processor_time(), Instant::now());
    work();
    let spent = processor_time().saturating_sub(before);
    (spent, start.elapsed())
}

#[test]
fn every_refusal_costs_about_a_hash() {
    let salt = "abcdefghijklmnopqrstuv";
    let stored = [
        ("nobody", None),
        ("unusable", Some(hashers::unusable())),
        ("unknown", Some("md5$salt$hash".to_owned())),
        ("too dear", Some(format!("pbkdf2_sha256$99999999${salt}$x"))),
        ("wrong", Some(hashers::encode("right"))),
        ("old", Some(hashers::encode_with("right", salt, 180_000))),
        ("sha1", Some(format!("pbkdf2_sha1$1000${salt}$x"))),
        (
            "bcrypt",
            Some(
                "bcrypt_sha256$$2b$04$abcdefghijklmnopqrstuuVgDStKkCjyXnq9sRr0MthEctPVQBHUW"
                    .to_owned(),
            ),
        ),
        ("scrypt", Some(format!("scrypt$1024${salt}$8$1$x"))),
    ];
    // Nor does the right password of a hash of less work cost less: the account may be closed.
    let old = hashers::encode_with("right", salt, 180_000);
    let mut costs = vec![(
        "right",
        cost(|| assert!(hashers::verify("right", Some(&old)))),
    )];
    for (kind, stored) in stored {
        let refused = || assert!(!hashers::verify("wrong", stored.as_deref()), "{kind}");
        costs.push((kind, cost(refused)));
    }
    let dearest = costs.iter().map(|(_, (spent, _))| *spent).max().unwrap();
    for (kind, (spent, elapsed)) in &costs {
        // Without the work that nobody needs, the cheapest would be thousands of times cheaper. On
        // a busy machine the clock alone may have made a refusal take its time.
        assert!(*spent.max(elapsed) * 3 > dearest, "{kind}: {costs:?}");
    }
}

#[tokio::test]
async fn a_hash_waits_for_its_place_and_no_page_does() {
    let hashing = Hashing::new(NonZeroUsize::MIN);
    let weak = hashers::encode_with("right", "salt", 10);
    let mut waiting: Vec<_> = (0..8)
        .map(|number| {
            let password = if number == 3 { "right" } else { "wrong" };
            let (hashing, weak) = (hashing.clone(), weak.clone());
            tokio::spawn(async move { hashing.verify(password.into(), Some(weak)).await })
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
    let right = hashing.verify("right".into(), Some(encoded)).await;
    assert_eq!(right, Verification::Right { must_update: false });
    assert_eq!(
        hashing.verify("right".into(), None).await,
        Verification::Wrong
    );
}
