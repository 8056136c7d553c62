//! Django's own server beside ours, on one database and with one secret key, as during a move: to
//! a browser both are one site.

use accounts::messages::{self, Message, level};
use accounts::user;
use chrono::Utc;

use super::{DJANGO_4_2, DJANGO_5_2, Django, PEER_KEY, command, keys};
use crate::support::app::Answer;
use crate::support::browser::Browser;
use crate::support::program::{Server, run};
use crate::support::{Backend, TestApp};

pub(super) const INDEX: &str = "/admin/";
const LOGIN: &str = "/admin/login/";
const LOGOUT: &str = "/admin/logout/";
const PASSWORD_CHANGE: &str = "/admin/password_change/";

const SESSION: &str = "sessionid";

pub(super) const PASSWORDS: [&str; 2] = ["tulip-anchor-9", "meadow-lantern-7"];

/// The two servers, and their database.
pub(super) struct SiteBesideDjango {
    pub(super) app: TestApp,
    pub(super) ours: Server,
    pub(super) theirs: Server,
}

impl SiteBesideDjango {
    /// With one superuser, whose hash is ours.
    pub(super) async fn start(django: Django, backend: Backend) -> Self {
        let mut serve = command(django.python());
        let app = TestApp::open(backend).await;
        let folder = app.database.folder.path();
        let settings = [
            ("ALLOWED_HOSTS", "127.0.0.1"),
            ("DATABASE_URL", &app.database.url),
            ("SECRET_KEY", PEER_KEY),
        ];
        let account = [
            ("DJANGO_SUPERUSER_USERNAME", "ann"),
            ("DJANGO_SUPERUSER_PASSWORD", PASSWORDS[0]),
        ];
        let all = [&settings[..], &account[..]].concat();
        let made = run(folder, &all, &["createsuperuser", "--noinput"]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let ours = Server::start(folder, &settings);
        let theirs = Server::spawn(serve.arg("serve.py").envs(settings));
        Self { app, ours, theirs }
    }

    /// Each of the two as the one that somebody comes from, with the other.
    pub(super) fn directions(&self) -> [[&Server; 2]; 2] {
        [[&self.ours, &self.theirs], [&self.theirs, &self.ours]]
    }

    async fn hash(&self) -> String {
        let ann = user::find_by_username(&self.app.db, "ann").await.unwrap();
        ann.unwrap().password
    }

    /// The name on the first page, on both servers alike; `None` where both ask for a login.
    #[track_caller]
    fn visitor(&self, browser: &Browser) -> Option<&'static str> {
        let [ours, theirs] = [&self.ours, &self.theirs].map(|server| {
            // What it is sent is not what is asked about.
            let answer = browser.clone().get(server, INDEX);
            if answer.status == 302 {
                assert_eq!(answer.header("location"), "/admin/login/?next=/admin/");
                return None;
            }
            let page = answer.expect(200);
            assert!(page.body.contains("ann"), "{}", page.body);
            Some("ann")
        });
        assert_eq!(ours, theirs, "ours and Django's");
        ours
    }
}

fn try_password(server: &Server, password: &str) -> (Browser, Answer) {
    try_account(server, ["ann", password])
}

pub(super) fn try_account(server: &Server, [name, password]: [&str; 2]) -> (Browser, Answer) {
    let mut browser = Browser::default();
    let form = browser.get(server, LOGIN).expect(200);
    let fields = [("username", name), ("password", password), ("next", INDEX)];
    let answer = browser.post(server, LOGIN, &form, &fields);
    (browser, answer)
}

#[track_caller]
pub(super) fn log_in(server: &Server, password: &str) -> Browser {
    let (browser, answer) = try_password(server, password);
    assert_eq!(answer.expect(302).header("location"), INDEX);
    assert!(browser.cookies.0.contains_key(SESSION));
    browser
}

/// Django makes a hash of our rounds anew with its own, which ends what was open; our logins leave
/// a hash as it is when it took as much work or more, and sessions open.
async fn a_login_here_changes_nothing(site: &SiteBesideDjango, django: Django) {
    let made = site.hash().await;
    assert!(made.starts_with("pbkdf2_sha256$600000$"), "{made}");
    let there = log_in(&site.theirs, PASSWORDS[0]);
    let hash = site.hash().await;
    let rounds = format!("pbkdf2_sha256${}$", django.rounds);
    assert!(hash.starts_with(&rounds), "{hash}");
    assert_eq!(hash == made, django.rounds == 600_000);
    let here = log_in(&site.ours, PASSWORDS[0]);
    assert_eq!(site.hash().await, hash);
    assert_eq!(site.visitor(&there), Some("ann"));
    assert_eq!(site.visitor(&here), Some("ann"));
}

/// The cookie of one is a session on both, and stays the same.
fn a_session_is_one_on_both(site: &SiteBesideDjango, [here, there]: [&Server; 2]) {
    let mut browser = log_in(here, PASSWORDS[0]);
    assert_eq!(site.visitor(&browser), Some("ann"));
    let key = browser.cookies.0[SESSION].clone();
    for server in [there, here, there] {
        browser.get(server, INDEX).expect(200);
        browser.get(server, PASSWORD_CHANGE).expect(200);
        assert_eq!(browser.cookies.0[SESSION], key);
    }
    assert_eq!(site.visitor(&Browser::default()), None);
}

/// A form that one has made may be sent to the other, by the browser that got it and by no other.
fn a_form_is_one_on_both([here, there]: [&Server; 2]) {
    let mut browser = Browser::default();
    let form = browser.get(here, LOGIN).expect(200);
    let fields = [("username", "ann"), ("password", PASSWORDS[0])];
    let mut stranger = Browser::default();
    stranger.post(there, LOGIN, &form, &fields).expect(403);
    stranger.get(there, LOGIN).expect(200);
    stranger.post(there, LOGIN, &form, &fields).expect(403);
    browser.post(there, LOGIN, &form, &fields).expect(302);
    browser.get(here, INDEX).expect(200);
}

/// A password that one changes is changed on both: sessions end, but for the one that changed it.
fn a_change_of_the_password_ends_sessions(site: &SiteBesideDjango, [here, there]: [&Server; 2]) {
    let [old, new] = PASSWORDS;
    // Theirs first: it may make the hash anew, which ends the others.
    let of_theirs = log_in(&site.theirs, old);
    let of_ours = log_in(&site.ours, old);
    let mut mine = log_in(here, old);
    let before = mine.clone();
    change_password(&mut mine, here, [old, new]);
    assert_eq!(site.visitor(&mine), Some("ann"));
    for ended in [of_theirs, of_ours, before] {
        assert_eq!(site.visitor(&ended), None);
    }
    for server in [here, there] {
        let (browser, _) = try_password(server, old);
        assert_eq!(site.visitor(&browser), None);
    }
    // The one that logs in on the other can change it as well.
    let mut again = log_in(there, new);
    change_password(&mut again, there, [new, old]);
    assert_eq!(site.visitor(&again), Some("ann"));
    assert_eq!(site.visitor(&mine), None);
}

#[track_caller]
fn change_password(browser: &mut Browser, server: &Server, [old, new]: [&str; 2]) {
    let form = browser.get(server, PASSWORD_CHANGE).expect(200);
    let fields = [
        ("old_password", old),
        ("new_password1", new),
        ("new_password2", new),
    ];
    let answer = browser.post(server, PASSWORD_CHANGE, &form, &fields);
    let done = answer.expect(302);
    assert_eq!(done.header("location"), "/admin/password_change/done/");
    browser.get(server, done.header("location")).expect(200);
}

/// Whoever logs out on one is logged out on both, and his cookie opens nothing any more.
fn a_logout_is_one_on_both(site: &SiteBesideDjango, [here, there]: [&Server; 2]) {
    let mut browser = log_in(here, PASSWORDS[0]);
    let other = log_in(here, PASSWORDS[0]);
    let before = browser.clone();
    let page = browser.get(there, INDEX).expect(200);
    browser.post(there, LOGOUT, &page, &[]).expect(200);
    assert!(!browser.cookies.0.contains_key(SESSION));
    for ended in [&browser, &before] {
        assert_eq!(site.visitor(ended), None);
    }
    assert_eq!(site.visitor(&other), Some("ann"));
}

/// What one has to say is said once, by the other.
fn a_message_reaches_the_other(site: &SiteBesideDjango) {
    let mut browser = log_in(&site.theirs, PASSWORDS[0]);
    let add = "/admin/auth/group/add/";
    let form = browser.get(&site.theirs, add).expect(200);
    let fields = [("name", "Tests & more")];
    browser.post(&site.theirs, add, &form, &fields).expect(302);
    let shown = |page: &Answer| page.texts(".message");
    let page = browser.get(&site.ours, INDEX).expect(200);
    let expected = "The group “Tests & more” was added successfully.";
    assert_eq!(shown(&page), [expected]);
    let page = browser.get(&site.ours, INDEX).expect(200);
    assert_eq!(shown(&page), [""; 0]);

    let message = Message {
        level: level::WARNING,
        text: "Ours <is> “here”.".to_owned(),
        is_html: false,
        extra_tags: None,
    };
    let kept = messages::keep(&keys(), &[message], Utc::now());
    browser
        .cookies
        .0
        .insert("messages".to_owned(), kept.cookie.unwrap());
    let shown = |page: &Answer| page.texts("ul.messagelist li.warning");
    let page = browser.get(&site.theirs, INDEX).expect(200);
    assert_eq!(shown(&page), ["Ours <is> “here”."]);
    let page = browser.get(&site.theirs, INDEX).expect(200);
    assert_eq!(shown(&page), [""; 0]);
}

async fn is_one_site(django: Django, backend: Backend) {
    let site = SiteBesideDjango::start(django, backend).await;
    a_login_here_changes_nothing(&site, django).await;
    for direction in site.directions() {
        a_session_is_one_on_both(&site, direction);
        a_form_is_one_on_both(direction);
        a_change_of_the_password_ends_sessions(&site, direction);
        a_logout_is_one_on_both(&site, direction);
    }
    a_message_reaches_the_other(&site);
    django.find_nothing_to_do(&site.app.database.url);
}

#[tokio::test]
async fn is_one_site_with_django_5_2_on_sqlite() {
    is_one_site(DJANGO_5_2, Backend::Sqlite).await;
}

#[tokio::test]
async fn is_one_site_with_django_5_2_on_postgresql() {
    is_one_site(DJANGO_5_2, Backend::Postgres).await;
}

#[tokio::test]
async fn is_one_site_with_django_4_2_on_sqlite() {
    is_one_site(DJANGO_4_2, Backend::Sqlite).await;
}

#[tokio::test]
async fn is_one_site_with_django_4_2_on_postgresql() {
    is_one_site(DJANGO_4_2, Backend::Postgres).await;
}
