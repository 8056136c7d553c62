//! `/admin/password_reset/` and the link of its letter.

use sea_orm::{ConnectionTrait as _, Statement};

use super::{PASSWORD, add_account};
use crate::support::visitor::Visitor;
use crate::support::{CapturedLog, TestApp, on_both_databases};

const PATH: &str = "/admin/password_reset/";
const SENT: &str = "/admin/password_reset/done/";
const NEW: &str = "marble-lantern-42";

/// The letters of the outbox, oldest first: to whom, and what they say.
async fn letters(app: &TestApp) -> Vec<(String, String)> {
    let sql = "SELECT recipient, subject, text FROM oc_lettings_letter ORDER BY id";
    let statement = Statement::from_string(app.db.get_database_backend(), sql);
    let rows = app.db.query_all_raw(statement).await.unwrap();
    let text =
        |row: &sea_orm::QueryResult, index: usize| row.try_get_by::<String, _>(index).unwrap();
    rows.iter()
        .map(|row| {
            (
                text(row, 0),
                format!("{}\n\n{}", text(row, 1), text(row, 2)),
            )
        })
        .collect()
}

/// The path of the link in a letter.
fn link(letter: &str) -> String {
    let (_, rest) = letter.split_once("http://site.example").unwrap();
    rest.lines().next().unwrap().to_owned()
}

async fn ask(visitor: &mut Visitor<'_>, email: &str) {
    let answer = visitor.fill_in(PATH, &[("email", email)]).await.expect(302);
    assert_eq!(answer.header("location"), SENT);
}

/// Follows a link to the form behind it.
async fn follow(visitor: &mut Visitor<'_>, link: &str) -> String {
    let answer = visitor.get(link).await.expect(302);
    let form = answer.header("location").to_owned();
    assert!(form.ends_with("/set-password/"), "{form}");
    form
}

fn typed<'a>(new: &'a str, again: &'a str) -> [(&'static str, &'a str); 2] {
    [("new_password1", new), ("new_password2", again)]
}

on_both_databases! {
    async fn a_link_sets_a_new_password_once(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut elsewhere = Visitor::new(&app);
        elsewhere.log_in("ann", PASSWORD).await.expect(302);
        let mut ann = Visitor::new(&app);
        ann.get(PATH).await.expect(200).assert_valid_html();
        ask(&mut ann, "Ann@Example.COM").await;
        let done = ann.get(SENT).await.expect(200);
        done.assert_valid_html();
        let letters = letters(&app).await;
        let [(to, text)] = &letters[..] else { panic!("{letters:?}") };
        assert_eq!(to, "ann@example.com");
        assert!(text.contains("the account ann."), "{text}");
        let link = link(text);
        let form = follow(&mut ann, &link).await;
        let page = ann.get(&form).await.expect(200);
        page.assert_valid_html();
        let token = link.split('/').nth(4).unwrap();
        assert!(!page.body.contains(token), "{}", page.body);
        for (fields, told) in [
            (typed("", ""), "This field is required."),
            (typed(NEW, "other"), "The two new passwords differ."),
            (typed("short", "short"), "too short"),
        ] {
            let answer = ann.fill_in(&form, &fields).await.expect(200);
            answer.assert_valid_html();
            let errors = answer.texts("ul.errors li").join(" ");
            assert!(errors.contains(told), "{errors}");
        }
        let answer = ann.fill_in(&form, &typed(NEW, NEW)).await.expect(302);
        assert_eq!(answer.header("location"), "/admin/reset/done/");
        ann.get("/admin/reset/done/").await.expect(200).assert_valid_html();
        elsewhere.get("/admin/").await.expect(302);
        Visitor::new(&app).log_in("ann", PASSWORD).await.expect(200);
        Visitor::new(&app).log_in("ann", NEW).await.expect(302);
        for path in [&link, &form] {
            let page = ann.get(path).await.expect(200);
            page.assert_valid_html();
            assert_eq!(page.texts("h1"), ["This link does not work any more"]);
        }
    }

    /// Two have the form open, and only the first of them sets a password.
    async fn one_link_is_good_for_one_password(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let (mut ann, mut eve) = (Visitor::new(&app), Visitor::new(&app));
        ask(&mut ann, "ann@example.com").await;
        let link = link(&letters(&app).await[0].1);
        let form = follow(&mut ann, &link).await;
        follow(&mut eve, &link).await;
        ann.fill_in(&form, &typed(NEW, NEW)).await.expect(302);
        let page = eve.get(&form).await.expect(200);
        assert_eq!(page.texts("h1"), ["This link does not work any more"]);
        Visitor::new(&app).log_in("ann", NEW).await.expect(302);
    }

    async fn nobody_learns_who_has_an_account(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        add_account(&app, 2, "bob", &[("email", "'bob@example.com'"), ("is_active", "FALSE")]).await;
        add_account(&app, 3, "cat", &[("email", "'cat@example.com'"), ("password", "'!none'")]).await;
        add_account(&app, 4, "dan", &[("email", "''")]).await;
        // A Kelvin sign, which some fold to a k.
        add_account(&app, 5, "kim", &[("email", "'\u{212a}im@example.com'")]).await;
        let mut pages = Vec::new();
        for email in ["nobody@example.com", "bob@example.com", "cat@example.com", "kim@example.com", "ann@example.com"] {
            let mut visitor = Visitor::new(&app);
            ask(&mut visitor, email).await;
            pages.push(visitor.get(SENT).await.expect(200).texts("main"));
        }
        assert!(pages.iter().all(|page| *page == pages[0]));
        let letters = letters(&app).await;
        let to: Vec<_> = letters.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(to, ["ann@example.com"]);
    }

    async fn every_account_of_an_address_has_a_letter_in_the_readers_language(app: TestApp) {
        for (id, name) in [(1, "ann"), (2, "ann.lee")] {
            add_account(&app, id, name, &[]).await;
        }
        let mut ann = Visitor::new(&app);
        ann.headers.push(("accept-language", "fr".to_owned()));
        ask(&mut ann, "ann@example.com").await;
        let letters = letters(&app).await;
        assert_eq!(letters.len(), 2);
        assert!(letters[0].1.contains("le compte ann."), "{}", letters[0].1);
        assert!(letters[1].1.contains("le compte ann.lee."), "{}", letters[1].1);
    }

    async fn who_asks_too_often_waits_and_a_mailbox_is_not_flooded(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        for client in ["192.0.2.1", "192.0.2.2"] {
            let mut visitor = Visitor::from(&app, client);
            for _ in 0..5 {
                ask(&mut visitor, "ann@example.com").await;
            }
            let answer = visitor.fill_in(PATH, &[("email", "ann@example.com")]).await.expect(429);
            answer.assert_valid_html();
            assert_ne!(answer.header("retry-after"), "");
        }
        assert_eq!(letters(&app).await.len(), 5);
        // A login is counted by itself.
        Visitor::from(&app, "192.0.2.1").log_in("ann", PASSWORD).await.expect(302);
    }

    async fn what_is_no_link_opens_nothing(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        for email in ["", "ann", "ann@example.com\0"] {
            let answer = ann.fill_in(PATH, &[("email", email)]).await.expect(200);
            answer.assert_valid_html();
            assert_eq!(answer.texts("#email-errors li").len(), 1);
        }
        ask(&mut ann, "ann@example.com").await;
        let link = link(&letters(&app).await[0].1);
        let changed = link.replace("/MQ/", "/Mg/");
        for path in [
            changed.as_str(),
            "/admin/reset/MQ/set-password/",
            "/admin/reset/MQ/abc-def/",
            "/admin/reset/%00/%F0%9F%8F%A0/",
            "/admin/reset/x/y/",
        ] {
            let page = Visitor::new(&app).get(path).await.expect(200);
            assert_eq!(page.texts("h1"), ["This link does not work any more"], "{path}");
        }
        assert_eq!(Visitor::new(&app).session(), None);
        // Whoever sends the form without its token is refused.
        Visitor::new(&app).post(PATH, &[("email", "ann@example.com")]).await.expect(403);
    }

    async fn a_token_is_not_logged(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let log = CapturedLog::start();
        let mut ann = Visitor::new(&app);
        ask(&mut ann, "ann@example.com").await;
        let link = link(&letters(&app).await[0].1);
        follow(&mut ann, &link).await;
        let logged = format!("{:?}", log.lines());
        let token = link.split('/').nth(4).unwrap();
        assert!(!logged.contains(token) && !logged.contains("ann@example.com"), "{logged}");
        assert!(logged.contains("/admin/reset/MQ/[Filtered]/"), "{logged}");
    }

    async fn the_login_leads_there_where_letters_are_sent(app: TestApp) {
        let login = async |app: &TestApp| {
            let page = app.get("/admin/login/").await.expect(200);
            page.attributes("main a[href='/admin/password_reset/']", "href").len()
        };
        assert_eq!(login(&app).await, 0);
        let app = app.with(&[("EMAIL_URL", "smtp://mail.example")]);
        assert_eq!(login(&app).await, 1);
    }
}
