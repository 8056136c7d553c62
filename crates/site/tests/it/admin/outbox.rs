//! `/admin/mail/letter/`

use mail::{About, Address, Letter};
use site::schema::OUTBOX;

use super::{PASSWORD, add_account};
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

const PATH: &str = "/admin/mail/letter/";

async fn queue(app: &TestApp, subject: &str, about: About) -> i64 {
    let letter = Letter {
        to: Address::parse("ann@example.com").unwrap(),
        reply_to: None,
        subject: subject.to_owned(),
        text: "Hello\n".to_owned(),
        html: String::new(),
        about,
    };
    OUTBOX.queue(&app.db, &letter).await.unwrap()
}

on_both_databases! {
    async fn a_superuser_sees_what_became_of_letters_and_sends_them_again(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let empty = ann.get(PATH).await.expect(200);
        empty.assert_valid_html();
        assert_eq!(empty.texts("main p.soft"), ["There are no letters."]);
        let index = ann.get("/admin/").await.expect(200);
        assert_eq!(index.texts(&format!("main a[href='{PATH}']")), ["Outbox"]);
        queue(&app, "Waiting <b>", About::Nothing).await;
        let sent = queue(&app, "Sent", About::Secret).await;
        let given_up = queue(&app, "Given up", About::Nothing).await;
        let done = "UPDATE oc_lettings_letter SET next_attempt_at = NULL, attempts = 1";
        let time = "'2026-01-02 03:04:05'";
        app.sql(&format!("{done}, sent_at = {time}, text = '' WHERE id = {sent}")).await;
        app.sql(&format!("{done}, error = '550 no such mailbox' WHERE id = {given_up}")).await;
        let page = ann.get(PATH).await.expect(200);
        page.assert_valid_html();
        let rows = page.texts("main tbody tr");
        for (row, parts) in rows.iter().zip([
            &["Given up", "550 no such mailbox", "Send again"][..],
            &["Sent", "ann@example.com"],
            &["Waiting <b>", "Waits", "Send again"],
        ]) {
            assert!(parts.iter().all(|part| row.contains(part)), "{row}");
        }
        assert!(!rows[1].contains("Send again"), "{}", rows[1]);
        assert_eq!(page.texts("main p.warning").len(), 1, "EMAIL_URL is not set");
        for (id, told) in [
            (given_up.to_string(), "The letter is being sent again."),
            (sent.to_string(), "The letter is gone, has no content any more"),
            ("x".to_owned(), "The letter is gone, has no content any more"),
        ] {
            ann.fill_in(PATH, &[("again", &id)]).await.expect(302);
            let page = ann.get(PATH).await.expect(200);
            assert!(page.texts("main p.message").iter().any(|text| text.contains(told)), "{told}");
        }
        let page = ann.get(PATH).await.expect(200);
        assert!(page.texts("main tbody tr")[0].contains("Waits"));
    }

    async fn letters_are_for_superusers_alone(app: TestApp) {
        add_account(&app, 1, "ann", &[("is_superuser", "FALSE")]).await;
        let id = queue(&app, "A letter", About::Nothing).await.to_string();
        Visitor::new(&app).get(PATH).await.expect(302);
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        ann.get(PATH).await.expect(403);
        let index = ann.get("/admin/").await.expect(200);
        assert!(index.texts(&format!("main a[href='{PATH}']")).is_empty());
        let secret = ann.cookies.0["csrftoken"].clone();
        ann.headers.push(("x-csrftoken", secret));
        ann.post(PATH, &[("again", &id)]).await.expect(403);
    }

    async fn long_lists_are_in_pages(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        for number in 0..51 {
            queue(&app, &format!("Letter {number}"), About::Nothing).await;
        }
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let first = ann.get(PATH).await.expect(200);
        assert_eq!(first.texts("main tbody tr").len(), 50);
        let next = first.attributes("main a[rel=next]", "href");
        let second = ann.get(&next[0]).await.expect(200);
        second.assert_valid_html();
        assert_eq!(second.texts("main tbody tr").len(), 1);
        assert_eq!(second.attributes("main a[rel=prev]", "href"), ["/admin/mail/letter/?page=1"]);
    }
}
