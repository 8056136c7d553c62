//! A visit to the admin, step by step, beside what Django 5.2 answered: `tests/data/visit.json`,
//! which `bench/peers/django/visit.py` has written.

use std::path::Path;

use serde_json::Value;

use super::{PASSWORD, add_account};
use crate::support::app::Answer;
use crate::support::visitor::Visitor;
use crate::support::{Backend, TestApp};

#[tokio::test]
async fn every_step_of_a_visit_is_answered_as_django_answers_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/visit.json");
    let text = std::fs::read_to_string(path).unwrap();
    let recorded: Vec<Value> = serde_json::from_str(&text).unwrap();
    let app = TestApp::open(Backend::Sqlite).await;
    add_account(&app, 1, "ann", &[]).await;
    let mut ann = Visitor::new(&app);
    let fields = [("username", "ann"), ("password", PASSWORD)];
    let wrong = [("username", "ann"), ("password", "wrong")];

    let mut answers = vec![
        ann.get("/admin/").await,
        ann.get("/admin/login/").await,
        // Without a token.
        ann.post("/admin/login/", &fields).await,
        ann.fill_in("/admin/login/", &wrong).await,
        ann.fill_in("/admin/login/", &fields).await,
    ];
    let index = ann.get("/admin/").await;
    let token = index.attributes("main [name=csrfmiddlewaretoken]", "value");
    let fields = [("csrfmiddlewaretoken", &*token[0])];
    answers.extend([
        index,
        ann.get("/admin").await,
        ann.get("/admin/nonexistent/").await,
        ann.get("/admin/logout/").await,
        ann.post("/admin/logout/", &fields).await,
    ]);
    assert_eq!(answers.len(), recorded.len());
    for (answer, recorded) in answers.iter().zip(&recorded) {
        compare(answer, recorded);
    }
}

/// The same status and target, every cookie with its attributes, every header. Of our own there
/// may be more headers, the secret of the forms where a page of ours has one, and the cookie that
/// knows a browser again.
#[track_caller]
fn compare(answer: &Answer, recorded: &Value) {
    let name = recorded["step"].as_str().unwrap();
    assert_eq!(recorded["status"], answer.status.as_u16(), "{name}");
    let location = recorded["location"].as_str().unwrap_or_default();
    assert_eq!(answer.header("location"), location, "{name}");
    for header in recorded["headers"].as_array().unwrap() {
        let header = header.as_str().unwrap();
        // What has no body has no type, and its length goes without saying.
        let is_needed = !header.starts_with("Content-") || !answer.body.is_empty();
        // The length is told by the server, which is not asked here.
        let is_there = header == "Content-Length" || !answer.header(header).is_empty();
        assert!(is_there || !is_needed, "{header} of {name}");
    }
    let sent = answer.headers.get_all("set-cookie").iter();
    let mut sent: Vec<_> = sent.map(|cookie| cookie.to_str().unwrap()).collect();
    for (cookie, theirs) in recorded["cookies"].as_object().unwrap() {
        let theirs: Vec<_> = theirs.as_array().unwrap().iter().collect();
        let index = sent
            .iter()
            .position(|ours| ours.starts_with(&format!("{cookie}=")));
        let ours = sent.remove(index.unwrap_or_else(|| panic!("{cookie} of {name}")));
        for attribute in [
            "HttpOnly",
            "Max-Age=0",
            "Max-Age=1209600",
            "Max-Age=31449600",
        ] {
            let is_theirs = theirs.iter().any(|their| **their == attribute);
            // What a browser is to forget it need not be kept from either.
            if is_theirs || !ours.contains("Max-Age=0") {
                assert_eq!(
                    ours.contains(&format!("; {attribute}")),
                    is_theirs,
                    "{ours} {name}"
                );
            }
        }
        assert!(ours.contains("; Path=/; SameSite=Lax"), "{ours} {name}");
    }
    let is_ours = |cookie: &&str| {
        ["csrftoken=", "device="]
            .iter()
            .any(|name| cookie.starts_with(name))
    };
    assert!(sent.iter().all(is_ours), "{sent:?} of {name}");
}
