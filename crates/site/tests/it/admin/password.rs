//! `/admin/password_change/`

use super::{PASSWORD, add_account};
use crate::support::on_both_databases;
use crate::support::visitor::Visitor;

const PATH: &str = "/admin/password_change/";
const NEW: &str = "marble-lantern-42";

fn fields<'a>(old: &'a str, new: &'a str, again: &'a str) -> [(&'static str, &'a str); 3] {
    [
        ("old_password", old),
        ("new_password1", new),
        ("new_password2", again),
    ]
}

on_both_databases! {
    async fn a_new_password_ends_the_other_sessions_alone(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let (mut ann, mut elsewhere) = (Visitor::new(&app), Visitor::new(&app));
        for visitor in [&mut ann, &mut elsewhere] {
            visitor.log_in("ann", PASSWORD).await.expect(302);
        }
        let before = ann.session().map(str::to_owned);
        ann.get(PATH).await.expect(200).assert_valid_html();
        let answer = ann.fill_in(PATH, &fields(PASSWORD, NEW, NEW)).await.expect(302);
        assert_eq!(answer.header("location"), "/admin/password_change/done/");
        let done = ann.get("/admin/password_change/done/").await.expect(200);
        done.assert_valid_html();
        assert_ne!(ann.session().map(str::to_owned), before);
        elsewhere.get("/admin/").await.expect(302);
        Visitor::new(&app).log_in("ann", PASSWORD).await.expect(200);
        Visitor::new(&app).log_in("ann", NEW).await.expect(302);
    }

    async fn what_is_wrong_is_told_beside_its_field(app: TestApp) {
        add_account(&app, 1, "ann.abernathy", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann.abernathy", PASSWORD).await.expect(302);
        let required = "This field is required.";
        for (form, field, text) in [
            (fields("", NEW, NEW), "old_password", required),
            (fields(PASSWORD, "", ""), "new_password1", required),
            (fields("wrong", NEW, NEW), "old_password", "That is not your old password."),
            (fields(PASSWORD, NEW, "other"), "new_password2", "The two new passwords differ."),
            (fields(PASSWORD, "short", "short"), "new_password1", "too short"),
            (fields(PASSWORD, "7305188216", "7305188216"), "new_password1", "digits only"),
            (fields(PASSWORD, "password1", "password1"), "new_password1", "too common"),
            (fields(PASSWORD, "abernathy1", "abernathy1"), "new_password1", "like your username"),
        ] {
            let answer = ann.fill_in(PATH, &form).await.expect(200);
            answer.assert_valid_html();
            let told = answer.texts(&format!("#{field}-errors"));
            assert!(told.first().is_some_and(|told| told.contains(text)), "{told:?} {form:?}");
            let shown = answer.attributes("main input[type=password]", "value");
            assert_eq!(shown, ["", "", ""]);
        }
        Visitor::new(&app).log_in("ann.abernathy", PASSWORD).await.expect(302);
    }

    async fn a_session_is_no_way_to_find_out_the_password(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        for _ in 0..5 {
            ann.fill_in(PATH, &fields("wrong", NEW, NEW)).await.expect(200);
        }
        let answer = ann.fill_in(PATH, &fields(PASSWORD, NEW, NEW)).await.expect(429);
        assert_ne!(answer.header("retry-after"), "");
        Visitor::from(&app, "192.0.2.7").log_in("ann", PASSWORD).await.expect(302);
    }

    async fn nobody_changes_what_is_not_his(app: TestApp) {
        let mut nobody = Visitor::new(&app);
        nobody.get(PATH).await.expect(302);
        nobody.get("/admin/password_change/done/").await.expect(302);
        nobody.get("/admin/login/").await.expect(200);
        let secret = nobody.cookies.0["csrftoken"].clone();
        nobody.headers.push(("x-csrftoken", secret));
        let answer = nobody.post(PATH, &fields("a", NEW, NEW)).await.expect(302);
        assert!(answer.header("location").starts_with("/admin/login/?next="));
    }
}
