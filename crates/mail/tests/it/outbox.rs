//! What becomes of letters in the table: queued with a transaction, sent by one, kept, erased.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use db::datetime::now;
use mail::{About, Address, Letter};
use sea_orm::ConnectionTrait as _;

use crate::support::{OUTBOX, Post, TIMING, letter, on_both_databases};

/// The texts of the letters in a folder, by their names.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    files.sort();
    files
}

/// Where letters are files, and the address of that folder.
fn folder(post: &Post) -> (std::path::PathBuf, String) {
    let folder = post.database.folder.path().join("letters");
    fs::create_dir(&folder).unwrap();
    let url = format!("file:{}", folder.display());
    (folder, url)
}

on_both_databases! {
    async fn a_letter_belongs_to_its_transaction(post: Post) {
        let (folder, url) = folder(&post);
        let mailing = post.mailing(&url);
        let transaction = post.db.begin().await.unwrap();
        OUTBOX.queue(&transaction, &letter("ann@example.com")).await.unwrap();
        transaction.rollback().await.unwrap();
        let transaction = post.db.begin().await.unwrap();
        let id = OUTBOX.queue(&transaction, &letter("bob@example.com")).await.unwrap();
        transaction.commit().await.unwrap();
        mailing.send_due().await.unwrap();
        let files = files(&folder);
        assert_eq!(files.len(), 1);
        assert!(files[0].1.contains("\r\nTo: bob@example.com\r\n"), "{}", files[0].1);
        let row = post.row(id).await.unwrap();
        assert!(row.is_sent && !row.waits && row.error.is_empty());
        assert_eq!(row.attempts, 1);
        assert_eq!(format!("{}.eml", row.message_id.split('@').next().unwrap()), files[0].0);
        assert_eq!((mailing.stats().sent(), mailing.stats().waiting()), (1, 0));
    }

    /// As after a crash between the sending and its note: the letter is the same to the last byte.
    async fn a_letter_that_was_not_noted_is_sent_as_the_same_message(post: Post) {
        let (folder, url) = folder(&post);
        let mailing = post.mailing(&url);
        let id = post.queue("ann@example.com").await;
        mailing.send_due().await.unwrap();
        let first = files(&folder);
        post.db.execute_unprepared("UPDATE post_letter SET next_attempt_at = queued_at, sent_at = NULL").await.unwrap();
        mailing.send_due().await.unwrap();
        assert_eq!(files(&folder), first);
        assert_eq!(post.row(id).await.unwrap().attempts, 2);
    }

    async fn several_instances_send_each_letter_once(post: Post) {
        let (folder, url) = folder(&post);
        let mut ids = Vec::new();
        for number in 0..40 {
            ids.push(post.queue(&format!("ann{number}@example.com")).await);
        }
        let mailings = [post.mailing(&url), post.mailing(&url), post.mailing(&url)];
        let [first, second, third] = &mailings;
        let sent = tokio::join!(first.send_due(), second.send_due(), third.send_due());
        // On SQLite one may have found the file locked by another: what is left is sent now.
        drop(sent);
        post.let_time_pass().await;
        first.send_due().await.unwrap();
        assert_eq!(files(&folder).len(), 40);
        let sent: u64 = mailings.iter().map(|mailing| mailing.stats().sent()).sum();
        assert_eq!(sent, 40);
        for id in ids {
            let row = post.row(id).await.unwrap();
            assert!(row.is_sent, "{row:?}");
        }
    }

    async fn what_cannot_be_written_waits_and_is_given_up_in_the_end(post: Post) {
        let mailing = post.mailing("file:/no/such/folder");
        let id = post.queue("ann@example.com").await;
        for attempts in 1..=TIMING.attempts {
            mailing.send_due().await.unwrap();
            let row = post.row(id).await.unwrap();
            assert_eq!((row.attempts, row.waits), (attempts, attempts < TIMING.attempts));
            assert!(row.error.starts_with("unreachable: No such file"), "{}", row.error);
        }
        assert_eq!((mailing.stats().deferred(), mailing.stats().given_up()), (19, 1));
        let (folder, url) = folder(&post);
        assert!(OUTBOX.send_again(&post.db, id).await.unwrap());
        post.mailing(&url).send_due().await.unwrap();
        assert_eq!(files(&folder).len(), 1);
        assert!(post.row(id).await.unwrap().is_sent);
    }

    async fn a_secret_is_erased_once_it_was_sent(post: Post) {
        let (folder, url) = folder(&post);
        let secret = Letter { about: About::Secret, ..letter("ann@example.com") };
        let id = OUTBOX.queue(&post.db, &secret).await.unwrap();
        let to = Address::parse("ann@example.com").unwrap();
        post.mailing("file:/no/such/folder").send_due().await.unwrap();
        assert!(!post.row(id).await.unwrap().text.is_empty());
        post.mailing(&url).send_due().await.unwrap();
        assert_eq!(files(&folder).len(), 1);
        assert_eq!(post.row(id).await.unwrap().text, "");
        assert!(!OUTBOX.send_again(&post.db, id).await.unwrap());
        let hour = now() - TimeDelta::hours(1);
        assert_eq!(OUTBOX.count_secrets(&post.db, &to, hour).await.unwrap(), 1);
    }

    async fn old_letters_go_unless_they_belong_to_a_record(post: Post) {
        let (_, url) = folder(&post);
        let about = |id| About::Record { kind: "order", id };
        let mut ids = Vec::new();
        for about in [About::Nothing, About::Secret, about(7), about(8)] {
            let letter = Letter { about, ..letter("ann@example.com") };
            ids.push(OUTBOX.queue(&post.db, &letter).await.unwrap());
        }
        let mailing = post.mailing(&url);
        mailing.send_due().await.unwrap();
        let waiting = post.queue("bob@example.com").await;
        post.db.execute_unprepared("UPDATE post_letter SET queued_at = '2001-02-03 04:05:06'").await.unwrap();
        let waits = format!("UPDATE post_letter SET next_attempt_at = '2999-01-01 00:00:00' WHERE id = {waiting}");
        post.db.execute_unprepared(&waits).await.unwrap();
        mailing.sweep().await.unwrap();
        let mut left = BTreeSet::new();
        for id in ids.iter().chain([&waiting]) {
            if post.row(*id).await.is_some() {
                left.insert(*id);
            }
        }
        assert_eq!(left, BTreeSet::from([ids[2], ids[3], waiting]));
        assert_eq!(OUTBOX.erase(&post.db, &about(7)).await.unwrap(), 1);
        assert!(post.row(ids[2]).await.is_none() && post.row(ids[3]).await.is_some());
    }
}
