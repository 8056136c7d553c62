//! What is typed at the way in is measured before anything is done with it; and a form is read when
//! it is known who sends it, no sooner.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http::Method;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::shared::number;
use super::{PASSWORD, add_account};
use crate::support::app::request;
use crate::support::on_both_databases;
use crate::support::visitor::Visitor;

const ADD: &str = "/admin/lettings/address/add/";
const ANONYMOUS: usize = 0;
const COOKIE: usize = 1;
const STAFF: usize = 2;
const LOGIN: &str = "/admin/login/";
const LONG: &str = "This may have at most 150 characters.";
const CONTROL_CHARACTER: &str = "This holds a character that cannot be kept.";

/// A body that tells whether anybody has asked for it.
struct TrackedBody {
    length: u64,
    was_polled: Arc<AtomicBool>,
}

impl HttpBody for TrackedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.was_polled.store(true, Relaxed);
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

on_both_databases! {
    async fn a_name_that_no_account_has_is_refused_before_it_is_composed_counted_or_shown(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let giant = "\u{fdfa}".repeat(1_500);
        let long = "x".repeat(151);
        for (name, error) in [
            (giant.as_str(), LONG),
            (long.as_str(), LONG),
            ("ann\0", CONTROL_CHARACTER),
            ("a\u{7}nn", CONTROL_CHARACTER),
            ("ann\n", CONTROL_CHARACTER),
        ] {
            // More often than a name that is counted may fail.
            for _ in 0..6 {
                let page = Visitor::new(&app).log_in(name, PASSWORD).await.expect(200);
                assert_eq!(page.texts("main ul.errors li"), [error], "{name:?}");
                let shown = page.attributes("#id_username", "value");
                let shown = shown.first().map_or("", String::as_str);
                assert!(shown.chars().count() <= 150, "{name:?}");
                assert!(!shown.contains(char::is_control), "{name:?}");
                assert!(page.body.len() < 20_000, "{} bytes", page.body.len());
            }
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_login_attempt").await, 0);
        Visitor::new(&app).log_in(" ann ", PASSWORD).await.expect(302);
    }

    async fn a_password_with_what_nobody_sees_is_refused_unhashed(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        for end in ["\0", "\0\0\0\0\0\0\0", "\n", "\u{1b}"] {
            let password = format!("{PASSWORD}{end}");
            let page = Visitor::new(&app).log_in("ann", &password).await.expect(200);
            assert_eq!(page.texts("main ul.errors li"), [CONTROL_CHARACTER], "{end:?}");
            let mut ann = Visitor::new(&app);
            ann.log_in("ann", PASSWORD).await.expect(302);
            for [old, new] in [[&*password, "Correct-horse-7"], [PASSWORD, &*format!("Correct-horse-7{end}")]] {
                let fields = [("old_password", old), ("new_password1", new), ("new_password2", new)];
                let page = ann.fill_in("/admin/password_change/", &fields).await.expect(200);
                assert_eq!(page.texts("main ul.errors li")[0], CONTROL_CHARACTER, "{end:?}");
            }
        }
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_login_attempt WHERE failures > 0").await, 0);
    }

    async fn who_may_send_a_form_is_decided_before_it_is_read(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut stranger = Visitor::new(&app);
        stranger.get(LOGIN).await.expect(200);
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let mut visitors = [Visitor::new(&app), stranger, ann];
        for (who, path, origin, length, status) in [
            (ANONYMOUS, "/lettings/", "", 10, 405),
            (ANONYMOUS, "/nothing/", "", 10, 404),
            (ANONYMOUS, "/i18n/setlang/", "http://evil.example", 10, 403),
            (ANONYMOUS, "/i18n/setlang/", "", 16 * 1024 + 1, 413),
            (ANONYMOUS, LOGIN, "", 10, 403),
            (COOKIE, LOGIN, "http://evil.example", 10, 403),
            (COOKIE, LOGIN, "", 16 * 1024 + 1, 413),
            (ANONYMOUS, "/admin/logout/", "", 10, 403),
            (COOKIE, "/admin/logout/", "", 16 * 1024 + 1, 413),
            (COOKIE, "/admin/password_change/", "", 10, 302),
            (STAFF, "/admin/password_change/", "", 16 * 1024 + 1, 413),
            (ANONYMOUS, ADD, "", 10, 403),
            (COOKIE, ADD, "", 10, 302),
            (COOKIE, ADD, "", 10_000_000, 302),
            (COOKIE, "/admin/lettings/letting/", "", 10, 302),
            (COOKIE, "/admin/lettings/letting/1/change/", "", 10, 302),
            (COOKIE, "/admin/lettings/letting/1/delete/", "", 10, 302),
            (COOKIE, "/admin/auth/user/1/password/", "", 10, 302),
            (STAFF, ADD, "http://evil.example", 10, 403),
            (STAFF, ADD, "", 256 * 1024 + 1, 413),
        ] {
            let was_polled = Arc::<AtomicBool>::default();
            let mut post = request(Method::POST, path);
            let headers = post.headers_mut();
            headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
            if !origin.is_empty() {
                headers.insert("origin", origin.parse().unwrap());
            }
            *post.body_mut() = Body::new(TrackedBody { length, was_polled: was_polled.clone() });
            visitors[who].send(post).await.expect(status);
            assert!(!was_polled.load(Relaxed), "{path} was read");
        }
    }
}
