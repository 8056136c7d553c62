//! Forms that come from somewhere else, or are too much.

use http::Method;

use super::{PASSWORD, add_account};
use crate::support::app::request;
use crate::support::on_both_databases;
use crate::support::visitor::Visitor;

const LOGIN: &str = "/admin/login/";

on_both_databases! {
    async fn a_form_without_the_token_of_its_visitor_is_refused(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let fields = [("username", "ann"), ("password", PASSWORD)];
        let mut visitor = Visitor::new(&app);
        // No cookie.
        let answer = visitor.post(LOGIN, &fields).await.expect(403);
        answer.assert_valid_html();
        assert!(answer.texts(".lead")[0].starts_with("This form can no longer be sent"));
        let page = visitor.get(LOGIN).await.expect(200);
        // No token, that of somebody else, none at all.
        visitor.post(LOGIN, &fields).await.expect(403);
        let other = Visitor::new(&app).get(LOGIN).await;
        let foreign = other.attributes("[name=csrfmiddlewaretoken]", "value")[0].clone();
        for token in ["", "x", foreign.as_str()] {
            let token = ("csrfmiddlewaretoken", token);
            visitor.post(LOGIN, &[&[token], &fields[..]].concat()).await.expect(403);
        }
        assert_eq!(visitor.session(), None);
        // The secret itself will do, as will a header (Django's own scripts send that).
        let secret = visitor.cookies.0["csrftoken"].clone();
        visitor.headers.push(("x-csrftoken", secret));
        visitor.post(LOGIN, &fields).await.expect(302);
        assert_eq!(page.header("vary"), "Accept-Language, Cookie");
    }

    async fn a_form_of_another_site_is_refused(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        for (headers, status) in [
            (&[("origin", "https://evil.example")][..], 403),
            (&[("origin", "null")], 403),
            (&[("origin", "http://site.example")], 302),
            (&[("origin", "https://site.example")], 403),
            (&[("origin", "https://site.example"), ("x-forwarded-proto", "https")], 302),
            (&[("x-forwarded-proto", "https")], 403),
            (&[("x-forwarded-proto", "https"), ("referer", "https://evil.example/")], 403),
            (&[("x-forwarded-proto", "https"), ("referer", "https://site.example/x")], 302),
        ] {
            let mut visitor = Visitor::new(&app);
            visitor.headers = headers.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
            let answer = visitor.log_in("ann", PASSWORD).await;
            answer.expect(status);
        }
        let app = app.with(&[("CSRF_TRUSTED_ORIGINS", "https://*.partner.example")]);
        let mut visitor = Visitor::new(&app);
        visitor.headers.push(("origin", "https://a.partner.example".to_owned()));
        visitor.log_in("ann", PASSWORD).await.expect(302);
    }

    async fn a_method_that_is_not_taken_is_told_before_any_token(app: TestApp) {
        for (path, allowed) in [
            ("/admin/login/", "GET,HEAD,POST"),
            ("/admin/logout/", "POST"),
            ("/admin/", "GET,HEAD"),
            ("/admin/password_change/", "GET,HEAD,POST"),
            ("/admin/lettings/letting/", "GET,HEAD,POST"),
            ("/admin/lettings/letting/add/", "GET,HEAD,POST"),
            ("/admin/lettings/letting/1/change/", "GET,HEAD,POST"),
            ("/admin/lettings/letting/1/delete/", "GET,HEAD,POST"),
            ("/admin/lettings/letting/1/history/", "GET,HEAD"),
            ("/admin/auth/user/1/password/", "GET,HEAD,POST"),
        ] {
            for method in [Method::PUT, Method::DELETE, Method::OPTIONS] {
                let answer = app.send(request(method, path)).await.expect(405);
                assert_eq!(answer.header("allow"), allowed, "{path}");
            }
        }
    }

    async fn too_much_is_refused_and_of_equal_names_the_last_counts(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut visitor = Visitor::new(&app);
        let large = "x".repeat(16 * 1024);
        visitor.fill_in(LOGIN, &[("username", "ann"), ("password", &large)]).await.expect(413);
        let many = vec![("a", "1"); 2_000];
        visitor.fill_in(LOGIN, &many).await.expect(400).assert_valid_html();
        let fields = [("username", "bob"), ("password", PASSWORD), ("username", "ann")];
        visitor.fill_in(LOGIN, &fields).await.expect(302);
    }
}
