//! Accounts, kept by staff: made in two steps, their passwords set and taken away.

use super::shared::{entries, logged_in, texts};
use super::{PASSWORD, add_account};
use crate::support::app::Answer;
use crate::support::on_both_databases;
use crate::support::visitor::Visitor;

/// The form of an account with another name in it.
async fn rename(staff: &mut Visitor<'_>, key: i64, name: &str) -> Answer {
    let path = format!("/admin/auth/user/{key}/change/");
    let page = staff.get(&path).await.expect(200);
    let mut fields = page.form_fields("form.record");
    fields.retain(|(field, _)| field != "username");
    fields.push(("username".to_owned(), name.to_owned()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(field, value)| (field.as_str(), value.as_str()))
        .collect();
    staff.post(&path, &fields).await
}

/// A form that comes back, or that is not even read.
#[track_caller]
fn refused(answer: &Answer, typed: &str) {
    assert!(
        [200, 400].contains(&answer.status.as_u16()),
        "{typed:?}: {answer:?}"
    );
}

const NEW: [(&str, &str); 3] = [
    ("username", " carl.ö+1@x "),
    ("password1", "meadow-lantern-7"),
    ("password2", "meadow-lantern-7"),
];

on_both_databases! {
    async fn an_account_is_made_in_two_steps(app: TestApp) {
        // Far from the key that the database gives next: PostgreSQL has not counted this one.
        add_account(&app, 50, "ann", &[]).await;
        let mut staff = logged_in(&app, "ann").await;
        let answer = staff.post("/admin/auth/user/add/", &NEW).await.expect(302);
        let location = answer.header("location").to_owned();
        assert!(location.ends_with("/change/"), "{location}");
        let page = staff.get(&location).await.expect(200);
        assert_eq!(page.attributes("#id_username", "value"), ["carl.ö+1@x"]);
        assert!(page.texts(".hash dd")[0].contains("pbkdf2_sha256"));
        assert!(!page.body.contains("meadow-lantern-7"));
        assert_eq!(entries(&app).await, ["auth.user 1 carl.ö+1@x [{\"added\": {}}]"]);
        // Not staff, until somebody says so.
        let mut carl = Visitor::new(&app);
        carl.log_in("carl.ö+1@x", "meadow-lantern-7").await.expect(200);
    }

    async fn a_wrong_account_is_not_made(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut staff = logged_in(&app, "ann").await;
        for (changed, field) in [
            (("username", "ann"), "username-errors"),
            (("username", "Ann"), "username-errors"),
            (("username", "a b"), "username-errors"),
            (("username", ""), "username-errors"),
            (("password1", ""), "password1-errors"),
            (("password2", "another-lantern-7"), "password2-errors"),
        ] {
            let fields = [&NEW[..], &[changed]].concat();
            let page = staff.post("/admin/auth/user/add/", &fields).await.expect(200);
            page.assert_valid_html();
            let wrong = page.attributes(".errors", "id");
            assert_eq!(wrong, [field], "{changed:?}");
        }
        for weak in ["12345678", "password", "short", "carl.ö+1@x"] {
            let fields = [NEW[0], ("password1", weak), ("password2", weak)];
            let page = staff.post("/admin/auth/user/add/", &fields).await.expect(200);
            assert_eq!(page.attributes(".errors", "id"), ["password1-errors"], "{weak}");
        }
        assert_eq!(texts(&app, "SELECT username FROM auth_user").await, ["ann"]);
        assert_eq!(entries(&app).await, Vec::<String>::new());
    }

    async fn no_name_looks_like_another(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        add_account(&app, 2, "root", &[]).await;
        add_account(&app, 3, "josé", &[]).await;
        // A pair that Django has made, and that goes on.
        add_account(&app, 4, "Twin", &[]).await;
        add_account(&app, 5, "TWIN", &[]).await;
        let mut staff = logged_in(&app, "ann").await;
        let decomposed = "JOSE\u{301}";
        for (key, name) in [(1, "ROOT"), (1, "ｒｏｏｔ"), (1, decomposed), (4, "twin"), (2, "tWIN")] {
            let page = rename(&mut staff, key, name).await.expect(200);
            assert_eq!(page.attributes(".errors", "id"), ["username-errors"], "{name}");
        }
        for name in ["Root", "josÉ", "TwiN"] {
            let fields = [&NEW[..], &[("username", name)]].concat();
            let page = staff.post("/admin/auth/user/add/", &fields).await.expect(200);
            assert_eq!(page.attributes(".errors", "id"), ["username-errors"], "{name}");
        }
        // One's own name in another case is one's own, and a twin is saved as it is.
        for (key, name) in [(2, "Root"), (3, "JOSÉ"), (4, "Twin"), (5, "TWIN")] {
            rename(&mut staff, key, name).await.expect(302);
        }
        let names = texts(&app, "SELECT username FROM auth_user ORDER BY id").await;
        assert_eq!(names, ["ann", "Root", "JOSÉ", "Twin", "TWIN"]);
        for name in ["Twin", "TWIN"] {
            Visitor::new(&app).log_in(name, PASSWORD).await.expect(302);
        }
        Visitor::new(&app).log_in("twin", PASSWORD).await.expect(200);
    }

    async fn a_control_character_makes_no_password(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        add_account(&app, 2, "bob", &[]).await;
        let mut staff = logged_in(&app, "ann").await;
        let hashes = "SELECT password FROM auth_user ORDER BY id";
        let before = texts(&app, hashes).await;
        for typed in ["q\0\0\0\0\0\0\0", "meadow-\0lantern-7", "meadow-\tlantern-7", "meadow\u{9f}lantern-7"] {
            let new = [("password1", typed), ("password2", typed)];
            refused(&staff.post("/admin/auth/user/2/password/", &new).await, typed);
            let fields = [&NEW[..1], &new].concat();
            refused(&staff.post("/admin/auth/user/add/", &fields).await, typed);
            let own = [("old_password", PASSWORD), ("new_password1", typed), ("new_password2", typed)];
            refused(&staff.fill_in("/admin/password_change/", &own).await, typed);
        }
        let with_nul = format!("{PASSWORD}\0");
        let own = [
            ("old_password", with_nul.as_str()),
            ("new_password1", "meadow-lantern-7"),
            ("new_password2", "meadow-lantern-7"),
        ];
        refused(&staff.fill_in("/admin/password_change/", &own).await, "old");
        let answer = Visitor::new(&app).log_in("bob", &with_nul).await;
        refused(&answer, "login");
        assert_eq!(texts(&app, hashes).await, before);
        assert_eq!(texts(&app, "SELECT username FROM auth_user ORDER BY id").await, ["ann", "bob"]);
    }

    async fn a_password_set_by_staff_ends_the_sessions_of_its_account(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        add_account(&app, 2, "bob", &[]).await;
        let mut staff = logged_in(&app, "ann").await;
        let mut bob = logged_in(&app, "bob").await;
        let new = [("password1", "meadow-lantern-7"), ("password2", "meadow-lantern-7")];
        let answer = staff.post("/admin/auth/user/2/password/", &new).await.expect(302);
        assert_eq!(answer.header("location"), "/admin/auth/user/2/change/");
        bob.get("/admin/").await.expect(302);
        Visitor::new(&app).log_in("bob", PASSWORD).await.expect(200);
        Visitor::new(&app).log_in("bob", "meadow-lantern-7").await.expect(302);
        // One's own session goes on.
        staff.post("/admin/auth/user/1/password/", &new).await.expect(302);
        staff.get("/admin/").await.expect(200);
        let unset = [("unset-password", "1")];
        staff.post("/admin/auth/user/2/password/", &unset).await.expect(302);
        Visitor::new(&app).log_in("bob", "meadow-lantern-7").await.expect(200);
        let hashes = texts(&app, "SELECT password FROM auth_user WHERE id = 2").await;
        assert!(hashes[0].starts_with('!'), "{hashes:?}");
        // There is nothing to take away any longer; the rules stand on the page.
        for (key, buttons) in [(1, 2), (2, 1)] {
            let page = staff.get(&format!("/admin/auth/user/{key}/password/")).await.expect(200);
            page.assert_valid_html();
            assert_eq!(page.texts("form.gate button").len(), buttons, "{key}");
            assert_eq!(page.texts(".rules li").len(), 4);
        }
        let changed = "[{\"changed\": {\"fields\": [\"password\"]}}]";
        let told = entries(&app).await;
        assert_eq!(told[..2], [format!("auth.user 2 bob {changed}"), format!("auth.user 2 ann {changed}")]);
    }
}
