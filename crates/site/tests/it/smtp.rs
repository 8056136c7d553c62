//! The program and a real SMTP server: a test letter, a new password by mail, and letters that outlive
//! kills.

use std::collections::BTreeMap;

use mail::{About, Address, Letter};
use sea_orm::{ConnectionTrait as _, Statement};
use site::schema::OUTBOX;

use crate::admin::add_account;
use crate::support::app::SECRET_KEY;
use crate::support::browser::Browser;
use crate::support::program::{Server, run};
use crate::support::smtp::{SmtpServer, header};
use crate::support::{TestApp, on_both_databases};

#[test]
fn a_test_letter_tells_whether_the_server_takes_it() {
    let server = SmtpServer::start();
    let folder = tempfile::tempdir().unwrap();
    let settings = [
        ("EMAIL_URL", server.url.as_str()),
        ("DEFAULT_FROM_EMAIL", "Lettings <post@site.example>"),
        ("ENQUIRY_EMAIL", "owner@site.example"),
    ];
    let run_with = |settings: &[(&str, &str)], args: &[&str]| {
        run(
            folder.path(),
            settings,
            &[&["sendtestemail"], args].concat(),
        )
    };
    let sent = run_with(&settings, &["ann@example.com", "--managers"]);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    assert_eq!(
        sent.out,
        "Sent to ann@example.com.\nSent to owner@site.example.\n"
    );
    for to in ["ann@example.com", "owner@site.example"] {
        let letter = server.letter();
        assert_eq!(letter["to"][0], to);
        assert_eq!(header(&letter, "From"), "Lettings <post@site.example>");
    }
    let refused = run_with(&settings, &["refused@example.com"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused.err.contains("550") && refused.err.contains("no such mailbox"),
        "{refused:?}"
    );
    for (settings, args, code, told) in [
        (&settings[..], &["ann"][..], 2, "name@example.com"),
        (&settings[..], &[][..], 2, "ADDRESS"),
        (
            &settings[..2],
            &["--managers"][..],
            1,
            "ENQUIRY_EMAIL is not set",
        ),
        (&[], &["ann@example.com"], 1, "EMAIL_URL is not set"),
        (
            &[("EMAIL_URL", "mail.example")],
            &["ann@example.com"],
            2,
            "EMAIL_URL must be",
        ),
        (
            &[("EMAIL_URL", "smtp://127.0.0.1:1?tls=none")],
            &["ann@example.com"],
            1,
            "refused",
        ),
        (
            &[("EMAIL_URL", "smtps://mail.example?ca=/none.pem")],
            &["ann@example.com"],
            1,
            "certificates",
        ),
    ] {
        let failed = run_with(settings, args);
        assert_eq!(failed.code, Some(code), "{failed:?}");
        assert!(failed.err.contains(told), "{failed:?}");
    }
    // No database was made.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// How many letters there are, and how often the program is killed while it sends them.
const LETTERS: usize = 100;
const KILLS: usize = 4;

fn letter(number: usize) -> Letter {
    Letter {
        to: Address::parse(&format!("ann{number}@example.com")).unwrap(),
        reply_to: None,
        subject: format!("Letter {number}"),
        text: "Hello\n".to_owned(),
        html: String::new(),
        about: About::Nothing,
    }
}

async fn unsent(app: &TestApp) -> i64 {
    let sql = "SELECT COUNT(*) FROM oc_lettings_letter WHERE sent_at IS NULL";
    let statement = Statement::from_string(app.db.get_database_backend(), sql);
    let row = app.db.query_one_raw(statement).await.unwrap();
    row.unwrap().try_get_by(0).unwrap()
}

on_both_databases! {
    async fn a_new_password_comes_by_mail(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let smtp = SmtpServer::start();
        let settings = [
            ("ALLOWED_HOSTS", "127.0.0.1"),
            ("DATABASE_URL", &app.database.url),
            ("SECRET_KEY", SECRET_KEY),
            ("EMAIL_URL", &smtp.url),
            ("DEFAULT_FROM_EMAIL", "post@site.example"),
        ];
        let server = Server::start(app.database.folder.path(), &settings);
        let mut ann = Browser::default();
        let path = "/admin/password_reset/";
        let form = ann.get(&server, path).expect(200);
        ann.post(&server, path, &form, &[("email", "ann@example.com")]).expect(302);
        let letter = smtp.letter();
        let text = letter["text"].as_str().unwrap();
        let (_, link) = text.split_once(&format!("http://{}", server.address)).unwrap();
        let link = link.lines().next().unwrap().trim();
        let set = ann.get(&server, link).expect(302).header("location").to_owned();
        let form = ann.get(&server, &set).expect(200);
        let new = "marble-lantern-42";
        let fields = [("new_password1", new), ("new_password2", new)];
        ann.post(&server, &set, &form, &fields).expect(302);
        let (code, log) = server.stop("TERM");
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("letter 1 was sent"), "{log}");
        assert!(!log.contains("ann@example.com") && !log.contains(link), "{log}");
    }

    /// `kill -9` in the middle of a hundred letters: none is lost, and each kill repeats at most the one
    /// that was being sent.
    async fn no_letter_is_lost_by_kills(app: TestApp) {
        let smtp = SmtpServer::start();
        let settings = [
            ("ALLOWED_HOSTS", "127.0.0.1"),
            ("DATABASE_URL", &app.database.url),
            ("SECRET_KEY", SECRET_KEY),
            ("EMAIL_URL", &smtp.url),
            ("DEFAULT_FROM_EMAIL", "post@site.example"),
        ];
        for number in 0..LETTERS {
            OUTBOX.queue(&app.db, &letter(number)).await.unwrap();
        }
        let folder = app.database.folder.path();
        let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut take = |letter: &serde_json::Value| {
            let to = letter["to"][0].as_str().unwrap().to_owned();
            taken.entry(to).or_default().push(header(letter, "Message-ID"));
        };
        for _ in 0..KILLS {
            let server = Server::start(folder, &settings);
            for _ in 0..LETTERS / (KILLS + 1) {
                take(&smtp.letter());
            }
            server.stop("KILL");
        }
        // The leases of those that were killed are over.
        let over = "UPDATE oc_lettings_letter SET next_attempt_at = '2001-02-03 04:05:06' \
                    WHERE next_attempt_at IS NOT NULL";
        app.sql(over).await;
        let server = Server::start(folder, &settings);
        while unsent(&app).await > 0 {
            match smtp.told_already() {
                Some(letter) => take(&letter),
                None => tokio::task::yield_now().await,
            }
        }
        server.stop("TERM");
        while let Some(letter) = smtp.told_already() {
            take(&letter);
        }
        assert_eq!(taken.len(), LETTERS);
        let repeats: usize = taken.values().map(|ids| ids.len() - 1).sum();
        assert!(repeats <= KILLS, "{repeats} repeats");
        for (to, ids) in taken {
            assert!(ids.len() <= 2 && ids.iter().all(|id| *id == ids[0]), "{to}: {ids:?}");
        }
    }
}
