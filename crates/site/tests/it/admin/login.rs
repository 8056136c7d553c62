//! `/admin/login/` and `/admin/logout/`

use super::shared::texts;
use super::{PASSWORD, add_account};
use crate::support::database::KEEPER;
use crate::support::visitor::Visitor;
use crate::support::{Backend, CapturedLog, TestApp, of_the_older_site, on_both_databases};

on_both_databases! {
    async fn staff_gets_in_where_it_wanted_to(app: TestApp) {
        add_account(&app, 7, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        let sent = ann.get("/admin/password_change/?a=b%26c").await.expect(302);
        let login = "/admin/login/?next=/admin/password_change/%3Fa%3Db%2526c";
        assert_eq!(sent.header("location"), login);
        let page = ann.get(login).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.attributes("main input[name=next]", "value"), ["/admin/password_change/?a=b%26c"]);
        let never = "max-age=0, no-cache, no-store, must-revalidate, private";
        assert_eq!(page.header("cache-control"), never);
        let fields = [("username", "ann"), ("password", PASSWORD), ("next", "/admin/?x=1")];
        let before = ann.cookies.clone();
        let answer = ann.fill_in(login, &fields).await.expect(302);
        assert_eq!(answer.header("location"), "/admin/?x=1");
        assert_eq!(ann.session().map(str::len), Some(32));
        assert_ne!(ann.cookies.0["csrftoken"], before.0["csrftoken"]);
        let index = ann.get("/admin/").await.expect(200);
        index.assert_valid_html();
        assert_eq!(index.texts("h1"), ["Welcome, Ann"]);
        assert_eq!(index.header("cache-control"), never);
        // Whoever is in does not have to log in.
        let login = ann.get("/admin/login/").await.expect(302);
        assert_eq!(login.header("location"), "/admin/");
        let user = accounts::user::find_by_username(&app.db, "ann").await.unwrap().unwrap();
        assert!(user.last_login.is_some());
    }

    async fn every_refusal_has_the_same_answer(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        add_account(&app, 2, "inactive", &[("is_active", "FALSE")]).await;
        add_account(&app, 3, "member", &[("is_staff", "FALSE")]).await;
        add_account(&app, 4, "unusable", &[("password", "'!unusable'")]).await;
        add_account(&app, 5, "unknown", &[("password", "'md5$salt$0123'")]).await;
        let mut answers = Vec::new();
        for (username, password) in [
            ("nobody", PASSWORD),
            ("Ann", PASSWORD),
            ("ann", "tulip-anchor-8"),
            ("inactive", PASSWORD),
            ("member", PASSWORD),
            ("unusable", "!unusable"),
            ("unknown", PASSWORD),
        ] {
            let mut visitor = Visitor::new(&app);
            let answer = visitor.log_in(username, password).await.expect(200);
            answer.assert_valid_html();
            assert_eq!(visitor.session(), None, "{username}");
            assert!(!answer.body.contains(password), "{}", answer.body);
            let value = answer.attributes("#username", "value");
            assert_eq!(value, [username]);
            answers.push(answer.texts(".message"));
        }
        let sentence = "Username and password do not belong to a staff account. \
                        Both may be case-sensitive.";
        assert!(answers.iter().all(|texts| *texts == [sentence]), "{answers:?}");
    }

    async fn what_is_missing_is_told_beside_its_field(app: TestApp) {
        let mut visitor = Visitor::new(&app);
        let answer = visitor.log_in(" ", "").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts(".errors"), ["This field is required.", "This field is required."]);
        let described = answer.attributes("[aria-invalid]", "aria-describedby");
        assert_eq!(described, ["username-errors", "password-errors"]);
    }

    async fn a_login_leads_nowhere_else(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        for next in ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"] {
            let mut ann = Visitor::new(&app);
            let fields = [("username", "ann"), ("password", PASSWORD), ("next", next)];
            let answer = ann.fill_in("/admin/login/", &fields).await.expect(302);
            assert_eq!(answer.header("location"), "/admin/", "{next}");
            let path = format!("/admin/login/?next={}", next.replace('\\', "%5C"));
            let page = Visitor::new(&app).get(&path).await.expect(200);
            assert_eq!(page.attributes("main input[name=next]", "value"), ["/admin/"]);
        }
    }

    async fn who_is_not_staff_is_shown_the_way_to_another_account(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        app.sql("UPDATE auth_user SET is_staff = FALSE").await;
        ann.get("/admin/").await.expect(302);
        let page = ann.get("/admin/login/").await.expect(200);
        page.assert_valid_html();
        assert!(page.texts(".message")[0].contains("logged in as ann"), "{}", page.body);
    }

    async fn only_staff_learns_what_is_not_there(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        let sent = ann.get("/admin/nothing/").await.expect(302);
        assert_eq!(sent.header("location"), "/admin/login/?next=/admin/nothing/");
        ann.post("/admin/nothing/", &[]).await.expect(302);
        ann.log_in("ann", PASSWORD).await.expect(302);
        ann.get("/admin/nothing/").await.expect(404).assert_valid_html();
        for (path, to) in [("/admin", "/admin/"), ("/admin/login", "/admin/login/")] {
            assert_eq!(ann.get(path).await.expect(301).header("location"), to);
        }
    }

    async fn a_logout_ends_the_session(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::new(&app);
        ann.log_in("ann", PASSWORD).await.expect(302);
        let mut thief = Visitor::new(&app);
        thief.cookies = ann.cookies.clone();
        thief.get("/admin/").await.expect(200);
        let get = ann.get("/admin/logout/").await.expect(405);
        assert_eq!(get.header("allow"), "POST");
        let page = ann.get("/admin/").await.expect(200);
        let token = page.attributes(".desk [name=csrfmiddlewaretoken]", "value");
        let fields = [("csrfmiddlewaretoken", token[0].as_str())];
        let answer = ann.post("/admin/logout/", &fields).await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts("h1"), ["You are logged out"]);
        assert_eq!(ann.session(), None);
        thief.get("/admin/").await.expect(302);
        assert_eq!(thief.session(), None);
    }

    async fn too_many_failures_lock_the_account_for_their_address_alone(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let log = CapturedLog::start();
        let mut guesser = Visitor::from(&app, "192.0.2.1");
        for _ in 0..5 {
            guesser.log_in("ann", "wrong").await.expect(200);
        }
        for password in ["wrong", PASSWORD] {
            let answer = guesser.log_in("ann", password).await.expect(429);
            answer.assert_valid_html();
            let seconds: u64 = answer.header("retry-after").parse().unwrap();
            assert!((1..=900).contains(&seconds), "{seconds}");
            assert!(answer.texts(".message")[0].starts_with("Too many attempts have failed."));
        }
        let locks = log.lines();
        let locks = locks.iter().filter(|line| line.to_string().contains("logins are locked"));
        assert_eq!(locks.count(), 1);
        drop(log);
        Visitor::from(&app, "192.0.2.2").log_in("ann", PASSWORD).await.expect(302);
    }

    // An office that begins its day: everybody is right, and they are more than the twenty failures
    // that an address may have.
    async fn thirty_right_passwords_at_one_moment_from_one_address_lock_nobody_out(app: TestApp) {
        for id in 1..=30 {
            add_account(&app, id, &format!("user{id}"), &[]).await;
        }
        for _ in 0..2 {
            let people = (1..=30).map(|id| {
                let app = &app;
                async move {
                    let mut visitor = Visitor::from(app, "192.0.2.1");
                    visitor.log_in(&format!("user{id}"), PASSWORD).await.status.as_u16()
                }
            });
            let statuses = futures_util::future::join_all(people).await;
            // How many are in at once depends on the machine: whose turn is more than two seconds
            // away is sent away, and comes in when they try again.
            assert!(statuses.iter().all(|status| [302, 503].contains(status)), "{statuses:?}");
            assert_eq!(texts(&app, COUNTED).await, ["0 0"]);
            for (id, _) in (1..).zip(statuses).filter(|(_, status)| *status == 503) {
                let mut visitor = Visitor::from(&app, "192.0.2.1");
                visitor.log_in(&format!("user{id}"), PASSWORD).await.expect(302);
            }
        }
    }

    async fn what_was_not_looked_at_is_told_to_come_again_and_does_not_count(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut ann = Visitor::from(&app, "192.0.2.1");
        ann.log_in("ann", "wrong").await.expect(200);
        // As other instances do that are at work.
        app.sql("UPDATE oc_lettings_login_attempt SET pending = 100, pending_since = '2999-01-01 00:00:00'").await;
        let answer = ann.log_in("ann", PASSWORD).await.expect(503);
        let seconds: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        // One failure in each of the three counts.
        assert_eq!(texts(&app, COUNTED).await, ["3 300"]);
        app.sql("UPDATE oc_lettings_login_attempt SET pending = 0").await;
        ann.log_in("ann", PASSWORD).await.expect(302);
    }

    async fn a_device_that_was_let_in_before_is_not_kept_out_by_strangers(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        add_account(&app, 2, "bob", &[]).await;
        let mut ann = Visitor::from(&app, "192.0.2.1");
        let answer = ann.log_in("ann", PASSWORD).await.expect(302);
        let lines = answer.headers.get_all("set-cookie").iter();
        let cookie = lines.map(|line| line.to_str().unwrap()).find(|line| line.starts_with("device="));
        let cookie = cookie.unwrap();
        assert!(cookie.ends_with("; Path=/admin/; SameSite=Lax; Max-Age=31536000; HttpOnly"), "{cookie}");
        assert!(!cookie.contains("ann"), "{cookie}");
        ann.cookies.0.remove("sessionid");
        let mut stranger = Visitor::from(&app, "192.0.2.1");
        for number in 0..20 {
            stranger.log_in(&format!("user{number}"), "wrong").await.expect(200);
        }
        stranger.log_in("ann", PASSWORD).await.expect(429);
        // It is the device of one account, and of nobody who has made it up.
        let mut other = Visitor::from(&app, "192.0.2.1");
        other.cookies = ann.cookies.clone();
        other.log_in("bob", PASSWORD).await.expect(429);
        let forged = ann.cookies.0["device"].replace(':', "x:");
        other.cookies.0.insert("device".to_owned(), forged);
        other.log_in("ann", PASSWORD).await.expect(429);
        ann.log_in("ann", PASSWORD).await.expect(302);
        // Its own failures count.
        ann.cookies.0.remove("sessionid");
        let mut thief = Visitor::from(&app, "192.0.2.1");
        thief.cookies = ann.cookies.clone();
        for _ in 0..5 {
            thief.log_in("ann", "wrong").await.expect(200);
        }
        thief.log_in("ann", PASSWORD).await.expect(429);
    }

    async fn forty_guesses_from_forty_networks_of_one_site_are_not_free(app: TestApp) {
        add_account(&app, 1, "ann", &[]).await;
        let mut statuses = Vec::new();
        for number in 0..21 {
            let address = format!("2001:db8:1:{number:x}::1");
            let answer = Visitor::from(&app, &address).log_in("ann", "wrong").await;
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses, [&[200; 20][..], &[429]].concat());
        Visitor::from(&app, "2001:db8:2::1").log_in("ann", PASSWORD).await.expect(302);
    }
}

/// Failures and attempts under way, of everybody.
const COUNTED: &str = "SELECT CAST(coalesce(sum(failures), 0) AS text) || ' ' || \
                       CAST(coalesce(sum(pending), 0) AS text) FROM oc_lettings_login_attempt";

#[tokio::test]
async fn a_login_tells_the_log_no_secret() {
    let app = TestApp::open(Backend::Sqlite).await;
    add_account(&app, 7, "ann", &[]).await;
    let log = CapturedLog::start();
    let mut ann = Visitor::new(&app);
    ann.log_in("ann", "secret-of-another").await.expect(200);
    ann.log_in("ann", PASSWORD).await.expect(302);
    let lines = log.lines();
    let text = format!("{lines:?}");
    let secrets = ann.cookies.0.values().map(String::as_str);
    for secret in secrets.chain([PASSWORD, "secret-of-another", "ann@example.com", "$abcdef"]) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let login = lines
        .iter()
        .rfind(|line| line["http.method"] == "POST")
        .unwrap();
    assert_eq!(login["user.id"], "7");
    assert!(text.contains("wrong password"), "{text}");
}

/// Over https the cookie of a device stays there.
#[tokio::test]
async fn the_cookie_of_a_device_stays_on_https() {
    let app = TestApp::open(Backend::Sqlite).await;
    add_account(&app, 1, "ann", &[]).await;
    let mut ann = Visitor::new(&app);
    ann.headers.push(("x-forwarded-proto", "https".to_owned()));
    ann.headers
        .push(("origin", "https://site.example".to_owned()));
    let answer = ann.log_in("ann", PASSWORD).await.expect(302);
    let lines = answer.headers.get_all("set-cookie").iter();
    let mut lines = lines.map(|line| line.to_str().unwrap());
    let device = lines.find(|line| line.starts_with("device=")).unwrap();
    assert!(device.ends_with("; HttpOnly; Secure"), "{device}");
}

#[tokio::test]
async fn logins_are_counted_by_their_outcome() {
    let app = TestApp::open(Backend::Sqlite).await;
    add_account(&app, 1, "ann", &[]).await;
    let app = app.with(&[("METRICS_TOKEN", "token")]);
    for password in [PASSWORD, "wrong", "wrong"] {
        Visitor::new(&app).log_in("ann", password).await;
    }
    let mut visitor = Visitor::new(&app);
    visitor
        .headers
        .push(("authorization", "Bearer token".to_owned()));
    let metrics = visitor.get("/metrics").await.expect(200).body;
    for line in [
        "logins_total{outcome=\"in\"} 1",
        "logins_total{outcome=\"refused\"} 2",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

/// The database of the first site, with the password that its staff has.
#[tokio::test]
async fn the_admin_of_the_original_site_gets_in() {
    let database = of_the_older_site("original").await;
    let app = TestApp::on(database, &[]).await;
    let mut admin = Visitor::new(&app);
    admin.log_in(KEEPER[0], KEEPER[1]).await.expect(302);
    admin.get("/admin/").await.expect(200);
    // The weaker hash of that time has been made anew.
    let user = accounts::user::find_by_username(&app.db, KEEPER[0])
        .await
        .unwrap()
        .unwrap();
    assert!(
        user.password.starts_with("pbkdf2_sha256$600000$"),
        "{}",
        &user.password[..24]
    );
}
