//! Letters on their way to a real server that is encrypted, asks for a login, refuses, puts off, hangs,
//! and comes and goes.

use std::collections::BTreeMap;
use std::time::Duration;

use mail::{About, Address, Letter, Timing};

use crate::support::{OUTBOX, Post, SmtpServer, TIMING, header, letter, on_both_databases};

on_both_databases! {
    async fn a_letter_arrives_whole_over_tls_with_a_login(post: Post) {
        for tls in ["starttls", "wrapped"] {
            let (server, url, _) = SmtpServer::secure(tls, post.database.folder.path());
            let mailing = post.mailing(&url);
            let whole = Letter {
                reply_to: Some(Address::parse("zoe@bücher.example").unwrap()),
                html: "<!DOCTYPE html><title>À lire</title><p>Bonjour".to_owned(),
                about: About::Record { kind: "order", id: 7 },
                ..letter("ann@example.com")
            };
            let id = OUTBOX.queue(&post.db, &whole).await.unwrap();
            mailing.send_due().await.unwrap();
            let row = post.row(id).await.unwrap();
            assert!(row.is_sent, "{row:?}");
            let message = server.next();
            assert_eq!(message["tls"], true);
            assert_eq!(message["user"], "ann");
            assert_eq!(message["to"][0], "ann@example.com");
            assert_eq!(message["sender"], "post@books.example");
            assert_eq!(message["hello"], "books.example");
            let text = message["text"].as_str().unwrap();
            assert_eq!(text.replace("\r\n", "\n"), whole.text);
            assert_eq!(message["html"].as_str().unwrap().trim_end(), whole.html);
            for (name, value) in [
                ("From", "Books <post@books.example>"),
                ("To", "ann@example.com"),
                ("Reply-To", "zoe@xn--bcher-kva.example"),
                ("Subject", "A book, à lire"),
                ("Message-ID", &format!("<{}>", row.message_id)),
            ] {
                assert_eq!(header(&message, name), value, "{message}");
            }
            assert!(row.message_id.ends_with("@books.example"));
        }
    }

    async fn a_password_is_sent_to_nobody_else(post: Post) {
        let id = post.queue("ann@example.com").await;
        let folder = post.database.folder.path();
        // A server without TLS, and one whose certificate nobody knows.
        let open = SmtpServer::start(&["--login", "ann:p/w:d"]);
        let in_clear = format!("smtp://ann:p%2Fw%3Ad@localhost:{}", open.port);
        let (other, url, _) = SmtpServer::secure("starttls", folder);
        let unknown = url.split('?').next().unwrap();
        for url in [in_clear.as_str(), unknown] {
            post.mailing(url).send_due().await.unwrap();
            let row = post.row(id).await.unwrap();
            assert!(row.waits && row.error.starts_with("unreachable: "), "{row:?}");
        }
        assert_eq!((open.end(), other.end()), (vec![], vec![]));
    }

    /// A wrong password is answered 535, and yet it is no fault of the letter's.
    async fn a_refused_login_gives_no_letter_up(post: Post) {
        let folder = post.database.folder.path();
        let (server, url, _) = SmtpServer::secure("starttls", folder);
        let id = post.queue("ann@example.com").await;
        post.mailing(&url.replace("ann:", "bob:")).send_due().await.unwrap();
        let row = post.row(id).await.unwrap();
        assert!(row.waits && row.error.contains("535"), "{row:?}");
        post.mailing(&url).send_due().await.unwrap();
        assert!(post.row(id).await.unwrap().is_sent);
        let told = server.end();
        assert!(told.len() >= 2 && told[0]["denied"].is_string(), "{told:?}");
    }

    async fn what_is_refused_is_given_up_and_holds_nobody_up(post: Post) {
        let server = SmtpServer::start(&[]);
        let mailing = post.mailing(&server.url());
        let refused = post.queue("refused@example.com").await;
        let bad = post.queue("bad@example.com").await;
        let grey = post.queue("grey@example.com").await;
        let good = post.queue("ann@example.com").await;
        mailing.send_due().await.unwrap();
        for (id, code) in [(refused, "550"), (bad, "554")] {
            let row = post.row(id).await.unwrap();
            assert!(!row.waits && !row.is_sent && row.error.contains(code), "{row:?}");
            assert_eq!(row.attempts, 1);
        }
        for (id, attempts) in [(grey, 2), (good, 1)] {
            let row = post.row(id).await.unwrap();
            assert!(row.is_sent && row.error.is_empty(), "{row:?}");
            assert_eq!(row.attempts, attempts);
        }
        let stats = mailing.stats();
        assert_eq!((stats.sent(), stats.deferred(), stats.given_up()), (2, 1, 2));
        assert_eq!(server.next()["refused"], "refused@example.com");
    }

    /// The server closes the connection, does not answer, or takes a letter without saying so: the letter
    /// comes once more then, as the same message.
    async fn a_broken_connection_repeats_a_letter_once(post: Post) {
        let server = SmtpServer::start(&[]);
        let timing = Timing { delivery: Duration::from_secs(2), ..TIMING };
        let mailing = post.timed(&server.url(), timing);
        let mut ids = Vec::new();
        for name in ["closed", "lost", "slow"] {
            ids.push(post.queue(&format!("{name}@example.com")).await);
        }
        for _ in 0..4 {
            mailing.send_due().await.unwrap();
        }
        for id in &ids[..2] {
            let row = post.row(*id).await.unwrap();
            assert!(row.is_sent, "{row:?}");
            assert_eq!(row.attempts, 2);
        }
        let slow = post.row(ids[2]).await.unwrap();
        assert!(slow.waits && slow.error.contains("did not answer in time"), "{slow:?}");
        let told = server.end();
        let taken: Vec<_> = told.iter().filter(|told| told["headers"].is_array()).collect();
        let times = |name: &'static str| taken.iter().filter(move |told| told["to"][0] == format!("{name}@example.com"));
        assert_eq!((times("closed").count(), times("lost").count(), times("slow").count()), (1, 2, 0));
        let same: Vec<_> = times("lost").map(|told| told["headers"].clone()).collect();
        assert_eq!(same[0], same[1]);
    }

    /// Two instances, a server that comes and goes, and a hundred letters, some of them put off or taken
    /// without an answer.
    async fn no_letter_is_lost_while_the_server_comes_and_goes(post: Post) {
        const LETTERS: usize = 100;
        let mut server = SmtpServer::start(&[]);
        let (url, port) = (server.url(), server.port.to_string());
        let mailings = [post.mailing(&url), post.mailing(&url)];
        let tasks = mailings.clone().map(|mailing| {
            tokio::spawn(async move { mailing.keep_sending().await })
        });
        let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut note = |told: &serde_json::Value| {
            if told["headers"].is_array() {
                let to = told["to"][0].as_str().unwrap().to_owned();
                taken.entry(to).or_default().push(header(told, "Message-ID"));
            }
        };
        for number in 0..LETTERS {
            let name = ["ann", "grey", "lost", "bob", "closed"][number % 5];
            post.queue(&format!("{name}{number}@example.com")).await;
            mailings[0].wake();
            if number % 25 == 24 {
                // What is under way is cut off. Nobody listens for some letters.
                server.end().iter().for_each(&mut note);
                post.queue(&format!("down{number}@example.com")).await;
                mailings[1].wake();
                tokio::task::yield_now().await;
                server = SmtpServer::start(&["--port", &port]);
            }
        }
        while waits(&post).await > 0 {
            mailings[0].wake();
            tokio::task::yield_now().await;
        }
        for mailing in &mailings {
            mailing.stop();
        }
        for task in tasks {
            task.await.unwrap();
        }
        server.end().iter().for_each(&mut note);
        assert_eq!(taken.len(), LETTERS + 4);
        for (to, ids) in taken {
            assert!(ids.iter().all(|id| *id == ids[0]), "{to}: {ids:?}");
            // Once for each time that it was cut off: by the server's end, and by the recipient's name.
            assert!(ids.len() <= 3, "{to}: {ids:?}");
        }
    }
}

async fn waits(post: &Post) -> i64 {
    post.count("next_attempt_at IS NOT NULL").await
}
