//! Sessions: whose they are, and when they are nobody's.

use super::{HASH, PASSWORD, add_account};
use crate::support::app::SECRET_KEY;
use crate::support::on_both_databases;
use crate::support::visitor::Visitor;

on_both_databases! {
    async fn a_session_that_is_not_ours_is_nobodys(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let key = ann.session().unwrap().to_owned();
        for forged in ["", "short", "0123456789abcdefghijklmnopqrstuv", "'; DROP TABLE x; --"] {
            let mut thief = Visitor::new(&app);
            thief.cookies.0.insert("sessionid".to_owned(), forged.to_owned());
            thief.get("/admin/").await.expect(302);
        }
        // A row that somebody else has written.
        app.sql(&format!("UPDATE django_session SET session_data = 'e30:1vMix6:x' WHERE session_key = '{key}'")).await;
        ann.get("/admin/").await.expect(302);
        assert_eq!(ann.session(), None);
    }

    async fn a_session_ends_with_its_time(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        app.sql("UPDATE django_session SET expire_date = '2026-01-01 00:00:00'").await;
        ann.get("/admin/").await.expect(302);
    }

    async fn a_session_ends_with_the_account_and_with_the_password(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let other = HASH.replace("abcdefghijklmnopqrstuv", "vutsrqponmlkjihgfedcba");
        for change in [
            "is_active = FALSE".to_owned(),
            format!("password = '{other}'"),
            "id = 2".to_owned(),
        ] {
            let mut ann = Visitor::new(&app);
            ann.log_in("ann", PASSWORD).await.expect(302);
            ann.get("/admin/").await.expect(200);
            app.sql(&format!("UPDATE auth_user SET {change}")).await;
            ann.get("/admin/").await.expect(302);
            assert_eq!(ann.session(), None, "{change}");
            app.sql("DELETE FROM auth_user").await;
            add_account(&app, 1, "ann", &[]).await;
        }
    }

    async fn a_session_that_was_given_to_somebody_is_not_taken_over(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut thief = Visitor::new(&app);
        thief.log_in("ann", PASSWORD).await.expect(302);
        let fixed = thief.session().unwrap().to_owned();
        let mut ann = Visitor::new(&app);
        ann.cookies.0.insert("sessionid".to_owned(), fixed.clone());
        // Whoever is in already is not asked; a login that is sent all the same has a key of its own.
        let page = ann.get("/admin/").await.expect(200);
        let token = page.attributes("[name=csrfmiddlewaretoken]", "value")[0].clone();
        let fields = [("csrfmiddlewaretoken", &*token), ("username", "ann"), ("password", PASSWORD)];
        ann.post("/admin/login/", &fields).await.expect(302);
        assert_ne!(ann.session(), Some(&*fixed));
        thief.get("/admin/").await.expect(302);
        let mut unknown = Visitor::new(&app);
        unknown.cookies.0.insert("sessionid".to_owned(), "0123456789abcdefghijklmnopqrstuv".to_owned());
        unknown.log_in("ann", PASSWORD).await.expect(302);
        assert_ne!(unknown.session(), Some("0123456789abcdefghijklmnopqrstuv"));
    }

    async fn a_session_of_an_earlier_key_is_made_anew_at_once(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let cookies = ann.cookies.clone();
        let changed = "another-key-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789";
        let app = app.with(&[("SECRET_KEY", changed), ("SECRET_KEY_FALLBACKS", SECRET_KEY)]);
        let mut ann = Visitor::new(&app);
        ann.cookies = cookies.clone();
        ann.get("/admin/").await.expect(200);
        assert_ne!(ann.session(), Some(&*cookies.0["sessionid"]));
        let renewed = ann.cookies.clone();
        let app = app.with(&[("SECRET_KEY", changed)]);
        let mut ann = Visitor::new(&app);
        ann.cookies = renewed;
        ann.get("/admin/").await.expect(200);
        ann.cookies = cookies;
        ann.get("/admin/").await.expect(302);
    }

    async fn over_https_cookies_stay_there(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.headers.push(("x-forwarded-proto", "https".to_owned()));
        ann.headers.push(("origin", "https://site.example".to_owned()));
        let answer = ann.log_in("ann", PASSWORD).await.expect(302);
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        let cookies: Vec<_> = cookies.iter().map(|cookie| cookie.to_str().unwrap()).collect();
        assert_eq!(cookies.len(), 3, "{cookies:?}");
        assert!(cookies.iter().all(|cookie| cookie.ends_with("; Secure")), "{cookies:?}");
        for (cookie, name) in cookies.iter().zip(["device=", "sessionid="]) {
            assert!(cookie.starts_with(name) && cookie.contains("; HttpOnly"), "{cookie}");
        }
        assert!(cookies.iter().all(|cookie| cookie.contains("; SameSite=Lax")), "{cookies:?}");
    }

    async fn a_public_page_asks_for_no_session(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let page = ann.get("/").await.expect(200);
        assert_eq!(page.header("cache-control"), "public, no-cache");
        assert_eq!(page.header("set-cookie"), "");
        app.sql("DROP TABLE django_session").await;
        ann.get("/").await.expect(200);
        ann.get("/lettings/").await.expect(200);
    }

    async fn an_address_that_is_not_public_is_shown_to_staff(app: TestApp) {
        app.add_profile(9, "guest").await;
        add_account(&app, 1, "ann", &[("email", "'boss@example.com'")]).await;
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "off")]);
        let mut ann = Visitor::new(&app);
        let page = ann.get("/profiles/guest/").await.expect(200);
        assert!(!page.body.contains("ann@example.com"), "{}", page.body);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let page = ann.get("/profiles/guest/").await.expect(200);
        assert!(page.body.contains("ann@example.com"), "{}", page.body);
        assert!(page.header("cache-control").contains("no-store"));
    }
}
