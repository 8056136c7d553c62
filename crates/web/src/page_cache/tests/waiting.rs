//! Requests for a page while another one is being answered.

use std::future::pending;

use axum::response::IntoResponse as _;
use futures_util::future::{join, join_all, poll_immediate};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::*;

#[tokio::test]
async fn many_who_ask_at_once_have_it_made_once() {
    let gate = Arc::new(Notify::new());
    let waited = Arc::clone(&gate);
    let site = Site::new(move |number| {
        let gate = Arc::clone(&waited);
        async move {
            gate.notified().await;
            page(number)
        }
    })
    .await;
    // Before, so that nobody has to wait for the first look.
    site.db.generation().await.unwrap();
    let asking = join_all((0..50).map(|_| site.get("/books/")));
    let open = async {
        while site.calls() == 0 {
            tokio::task::yield_now().await;
        }
        gate.notify_one();
    };
    let (answers, ()) = timeout(PATIENCE, async { tokio::join!(asking, open) })
        .await
        .unwrap();
    for answer in answers {
        assert_eq!(text(answer).await, "page 1");
    }
    assert_eq!(site.calls(), 1);
}

/// A request whose handler has been called, and waits.
async fn begin(site: &Site) -> impl Future<Output = Response> + Unpin {
    let mut request = Box::pin(site.get("/books/"));
    while site.calls() == 0 {
        assert!(poll_immediate(&mut request).await.is_none());
        tokio::task::yield_now().await;
    }
    request
}

/// The answers to a request whose handler waits at the gate, and to others that come meanwhile, before
/// a commit.
async fn ask_while_another_is_answered(site: &Site, gate: &Notify) -> Vec<Response> {
    let first = begin(site).await;
    let mut others: Vec<_> = (0..10).map(|_| Box::pin(site.get("/books/"))).collect();
    for other in &mut others {
        assert!(poll_immediate(other).await.is_none());
    }
    site.commit().await;
    gate.notify_one();
    let answers = join(first, join_all(others));
    let (first, mut answers) = timeout(PATIENCE, answers).await.unwrap();
    answers.insert(0, first);
    answers
}

#[tokio::test]
async fn who_waited_while_something_was_committed_is_given_a_newer_page() {
    let gate = Arc::new(Notify::new());
    let waited = Arc::clone(&gate);
    let site = Site::new(move |number| {
        let gate = Arc::clone(&waited);
        async move {
            if number == 1 {
                gate.notified().await;
            }
            page(number)
        }
    })
    .await;
    site.db.generation().await.unwrap();
    let answers = ask_while_another_is_answered(&site, &gate).await;
    let mut texts = Vec::new();
    for answer in answers {
        texts.push(text(answer).await);
    }
    assert_eq!(texts[0], "page 1");
    assert!(!texts[1..].contains(&texts[0]), "{texts:?}");
}

#[tokio::test]
async fn nobody_waits_again_for_what_is_not_cacheable() {
    let site = Site::new(async |number| match number {
        1 => StatusCode::NOT_FOUND.into_response(),
        2 => pending().await,
        number => page(number),
    })
    .await;
    site.db.generation().await.unwrap();
    let first = site.get("/books/").await;
    assert_eq!(first.status(), StatusCode::NOT_FOUND);
    let mut second = Box::pin(site.get("/books/"));
    while site.calls() < 2 {
        assert!(poll_immediate(&mut second).await.is_none());
        tokio::task::yield_now().await;
    }
    let third = timeout(PATIENCE, site.get("/books/")).await.unwrap();
    assert_eq!(use_of(&third), Some(CacheUse::Passed));
    assert_eq!(text(third).await, "page 3");
}

#[tokio::test]
async fn who_waited_for_one_who_left_makes_it_themselves() {
    let site = Site::new(async |number| match number {
        1 => pending().await,
        number => page(number),
    })
    .await;
    site.db.generation().await.unwrap();
    let maker = begin(&site).await;
    let mut waiter = Box::pin(site.get("/books/"));
    assert!(poll_immediate(&mut waiter).await.is_none());
    drop(maker);
    let answer = timeout(PATIENCE, waiter).await.unwrap();
    assert_eq!(text(answer).await, "page 2");
}

#[tokio::test]
async fn who_comes_after_a_commit_does_not_wait_for_what_was_begun_before() {
    let site = Site::new(async |number| match number {
        1 => pending().await,
        number => page(number),
    })
    .await;
    site.db.generation().await.unwrap();
    let _maker = begin(&site).await;
    site.db
        .execute_unprepared("CREATE TABLE t (a)")
        .await
        .unwrap();
    let answer = timeout(PATIENCE, site.get("/books/")).await.unwrap();
    assert_eq!(text(answer).await, "page 2");
}

#[tokio::test]
async fn nobody_is_given_a_page_that_is_older_than_one_before() {
    let gate = Arc::new(Notify::new());
    let waited = Arc::clone(&gate);
    let edition = Arc::<AtomicUsize>::default();
    let read = Arc::clone(&edition);
    let site = Site::new(move |number| {
        let (gate, edition) = (Arc::clone(&waited), Arc::clone(&read));
        async move {
            if number == 1 {
                gate.notified().await;
            }
            page(edition.load(Ordering::SeqCst))
        }
    })
    .await;
    site.db.generation().await.unwrap();
    let first = begin(&site).await;
    // The first request cannot be stored any more, the second is.
    site.commit().await;
    let second = timeout(PATIENCE, site.get("/books/")).await.unwrap();
    assert_eq!(text(second).await, "page 0");
    // No poll may have detected the commit of others yet when the first request reads it.
    let others = site.database.open();
    others
        .execute_unprepared("CREATE TABLE u (a)")
        .await
        .unwrap();
    edition.store(1, Ordering::SeqCst);
    gate.notify_one();
    assert_eq!(text(first.await).await, "page 1");
    let third = timeout(PATIENCE, site.get("/books/")).await.unwrap();
    assert_eq!(text(third).await, "page 1");
}
