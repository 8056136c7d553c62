//! A visit to the admin, step by step, beside what Django 5.2 answered: `django-vectors.json`,
//! which lies beside the project.

use std::path::Path;

use serde_json::Value;

use super::{PASSWORD, add_account};
use crate::support::app::Answer;
use crate::support::visitor::Visitor;
use crate::support::{Backend, TestApp, tell_skipped};

#[tokio::test]
async fn every_step_of_a_visit_is_answered_as_django_answers_it() {
    let path = "../../../shared/reference/django-vectors.json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Ok(text) = std::fs::read_to_string(path) else {
        tell_skipped("django-vectors.json is not beside the project");
        return;
    };
    let all: Value = serde_json::from_str(&text).unwrap();
    let recorded = all["versions"]["5.2"]["admin_flow_sample"]
        .as_array()
        .unwrap();
    let step = |name: &str| {
        let found = recorded.iter().find(|step| step["step"] == name);
        found.unwrap_or_else(|| panic!("{name} was not recorded"))
    };
    let app = TestApp::open(Backend::Sqlite).await.unwrap();
    add_account(&app, 1, "ann", &[]).await;
    let mut ann = Visitor::new(&app);
    let fields = [("username", "ann"), ("password", PASSWORD)];
    let wrong = [("username", "ann"), ("password", "wrong")];

    compare(&ann.get("/admin/").await, step("GET /admin/ anonymous"));
    compare(&ann.get("/admin/login/").await, step("GET /admin/login/"));
    let answer = ann.post("/admin/login/", &fields).await;
    compare(&answer, step("POST /admin/login/ without token"));
    let answer = ann.fill_in("/admin/login/", &wrong).await;
    compare(&answer, step("POST /admin/login/ bad password"));
    let answer = ann.fill_in("/admin/login/", &fields).await;
    compare(&answer, step("POST /admin/login/ good"));
    let index = ann.get("/admin/").await;
    compare(&index, step("GET /admin/"));
    compare(&ann.get("/admin").await, step("GET /admin no slash"));
    let answer = ann.get("/admin/nonexistent/").await;
    compare(&answer, step("GET /admin/nonexistent/"));
    compare(&ann.get("/admin/logout/").await, step("GET /admin/logout/"));
    let token = index.attributes("main [name=csrfmiddlewaretoken]", "value");
    let fields = [("csrfmiddlewaretoken", &*token[0])];
    let answer = ann.post("/admin/logout/", &fields).await;
    compare(&answer, step("POST /admin/logout/"));
}

/// The same status and target, every cookie with its attributes, every header. Of our own there
/// may be more headers, and the secret of the forms where a page of ours has one.
#[track_caller]
fn compare(answer: &Answer, recorded: &Value) {
    let name = recorded["step"].as_str().unwrap();
    assert_eq!(recorded["status"], answer.status.as_u16(), "{name}");
    let location = recorded["location"].as_str().unwrap_or_default();
    assert_eq!(answer.header("location"), location, "{name}");
    for header in recorded["headers"].as_object().unwrap().keys() {
        // What has no body has no type.
        let is_needed = header != "Content-Type" || !answer.body.is_empty();
        let is_there = !answer.header(header).is_empty();
        assert!(is_there || !is_needed, "{header} of {name}");
    }
    let sent = answer.headers.get_all("set-cookie").iter();
    let mut sent: Vec<_> = sent.map(|cookie| cookie.to_str().unwrap()).collect();
    for (cookie, theirs) in recorded["set_cookie"].as_object().unwrap() {
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
            let is_theirs = theirs.as_str().unwrap().contains(&format!("; {attribute}"));
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
    let others = sent.iter().all(|cookie| cookie.starts_with("csrftoken="));
    assert!(others, "{sent:?} of {name}");
}
