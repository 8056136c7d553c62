//! A day's work in two admins, ours and Django's, on one database: what is done in the one the
//! other shows, with the same history.

mod cases;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;

use self::cases::{CASES, Case, PREPARED, Side};
use super::beside::{INDEX, PASSWORDS, SiteBesideDjango, log_in, try_account};
use super::{DJANGO_5_2, ask_django};
use crate::support::Backend;
use crate::support::app::Answer;
use crate::support::browser::Browser;
use crate::support::program::Server;

/// What was done to an object, as both histories tell it.
#[derive(Debug, Clone, Copy)]
enum Action {
    Added,
    /// Our sentence, and Django's.
    Changed([&'static str; 2]),
}

impl Action {
    fn history_text(self, side: Side) -> &'static str {
        match self {
            Self::Added => "Added.",
            Self::Changed(texts) => texts[usize::from(side == Side::Djangos)],
        }
    }
}

/// Ann at work, with the two admins before her.
struct BothAdmins<'a> {
    site: &'a SiteBesideDjango,
    ann: Browser,
}

impl BothAdmins<'_> {
    fn side(&self, server: &Server) -> Side {
        if server.address == self.site.ours.address {
            Side::Ours
        } else {
            Side::Djangos
        }
    }

    fn servers(&self) -> [&Server; 2] {
        [&self.site.ours, &self.site.theirs]
    }

    /// Sends a form as a browser does: what stands in it, with what is filled in anew.
    #[track_caller]
    fn fill_in(&mut self, server: &Server, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.ann.get(server, path).expect(200);
        let mut all = page.form_fields(FORM);
        all.retain(|(name, _)| fields.iter().all(|(other, _)| other != name));
        let mut all: Vec<_> = all.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        all.extend(fields);
        all.retain(|(name, _)| *name != "csrfmiddlewaretoken");
        self.ann.post(server, path, &page, &all)
    }

    /// The one message that the next page shows, whoever has set it.
    #[track_caller]
    fn message(&mut self, server: &Server) -> String {
        let page = self.ann.get(server, INDEX).expect(200);
        let shown = page.texts(".message, .messagelist li");
        assert_eq!(shown.len(), 1, "{shown:?}");
        shown.into_iter().next().unwrap()
    }

    /// The keys of all that a list holds, which is the same on both.
    #[track_caller]
    fn list(&mut self, case: &Case) -> BTreeMap<String, String> {
        let path = case.address();
        let [ours, theirs] = [&self.site.ours, &self.site.theirs].map(|server| {
            let page = self.ann.get(server, &path).expect(200);
            let links = page.attributes("th a[href*='/change/']", "href");
            let keys = links.iter().map(|link| {
                let key = link.strip_prefix(&path).unwrap();
                key.strip_suffix("/change/").unwrap().to_owned()
            });
            let labels = page.texts("th a[href*='/change/']");
            labels.into_iter().zip(keys).collect::<BTreeMap<_, _>>()
        });
        assert_eq!(ours, theirs, "{path}");
        ours
    }

    /// Looks at an object in both: the list, the form with these fields, the history. Its key.
    #[track_caller]
    fn look_at(
        &mut self,
        case: &Case,
        label: &str,
        fields: &[(&str, &str)],
        actions: &[Action],
    ) -> String {
        let key = self.list(case).remove(label);
        let key = key.unwrap_or_else(|| panic!("{label} is not in {}", case.model));
        let path = format!("{}{key}/change/", case.address());
        let forms = self.servers().map(|server| {
            let page = self.ann.clone().get(server, &path).expect(200);
            comparable(page.form_fields(FORM))
        });
        let [ours, theirs] = &forms;
        for (name, values) in theirs {
            assert_eq!(ours.get(name), Some(values), "{name} of {label}");
        }
        for (name, value) in fields {
            let expected = vec![(*value).to_owned()];
            assert_eq!(theirs.get(*name), Some(&expected), "{name} of {label}");
        }
        self.look_at_history(case, &key, actions);
        key
    }

    #[track_caller]
    fn look_at_history(&self, case: &Case, key: &str, actions: &[Action]) {
        let path = format!("{}{key}/history/", case.address());
        for server in self.servers() {
            let page = self.ann.clone().get(server, &path).expect(200);
            let rows = page.texts("main td:last-child");
            let side = self.side(server);
            let expected: Vec<_> = actions
                .iter()
                .map(|action| action.history_text(side))
                .collect();
            assert_eq!(rows, expected, "{path}");
            let by = page.texts("main td:nth-child(2)");
            assert_eq!(by, vec!["ann"; actions.len()], "{path}");
        }
    }

    /// Whether neither of them has an object any more.
    #[track_caller]
    fn assert_gone_from_both(&mut self, case: &Case, label: &str, key: &str) {
        assert!(!self.list(case).contains_key(label), "{label}");
        for server in [&self.site.ours, &self.site.theirs] {
            for page in ["change", "history"] {
                let path = format!("{}{key}/{page}/", case.address());
                let answer = self.ann.clone().get(server, &path).expect(302);
                assert_eq!(answer.header("location"), INDEX, "{path}");
            }
            let index = self.ann.clone().get(server, INDEX).expect(200);
            let recent = index.texts(".recent li.deleted > span, li.deletelink");
            let expected = case.as_deleted(self.side(server), label);
            assert!(recent.contains(&expected), "{expected}: {recent:?}");
        }
    }
}

/// The form of an object, on either side; theirs is named after the model.
const FORM: &str = "form.record, #content-main form";

/// The fields that a form has for an object, with their values in order. Django's form has no
/// parts of a second.
fn comparable(fields: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in fields {
        let is_own = name == "csrfmiddlewaretoken" || name.starts_with(['_']);
        if is_own || name.starts_with("initial-") {
            continue;
        }
        let value = match name.strip_suffix("_1") {
            Some(_) => value.split('.').next().unwrap().to_owned(),
            None => value,
        };
        all.entry(name).or_default().push(value);
    }
    for values in all.values_mut() {
        values.sort();
    }
    all
}

/// The history in the database, but for times and keys: objects are numbered in the order in which
/// it names them first. What it held before is left out.
async fn history(site: &SiteBesideDjango, after: usize) -> Vec<[String; 5]> {
    let sql = "SELECT u.username, c.app_label || '.' || c.model AS model, l.object_id, \
               l.object_repr, CAST(l.action_flag AS TEXT) AS flag, l.change_message \
               FROM django_admin_log l JOIN auth_user u ON u.id = l.user_id \
               JOIN django_content_type c ON c.id = l.content_type_id ORDER BY l.id";
    let db = &site.app.db;
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    let mut objects = Vec::new();
    let rows = rows.iter().skip(after).map(|row| {
        let text = |index| row.try_get_by_index::<String>(index).unwrap();
        let object = [text(1), text(2)];
        let number = objects.iter().position(|one| *one == object);
        let number = number.unwrap_or_else(|| {
            objects.push(object);
            objects.len() - 1
        });
        let model = format!("{} #{number}", text(1));
        [text(0), model, text(3), text(4), text(5)]
    });
    rows.collect()
}

/// One adds, the other changes, the first deletes; then the other adds two and deletes them at once.
fn work_on(admins: &mut BothAdmins<'_>, case: &Case, [here, there]: [&Server; 2]) {
    let [side, other] = [here, there].map(|server| admins.side(server));
    let list = case.address();
    let [first, second, third] = [0, 1, 2].map(|number| case.object(number));
    let add = format!("{list}add/");
    let page = admins.ann.get(here, &add).expect(200);
    let added = admins
        .ann
        .post(here, &add, &page, &first.fields)
        .expect(302);
    let said = admins.message(there);
    assert_eq!(said, case.message(side, "added", first.label));
    let key = admins.look_at(case, first.label, &first.shown(), &[Action::Added]);
    let change = format!("{list}{key}/change/");
    let to = if case.is_in_two_steps { &change } else { &list };
    assert_eq!(added.header("location"), to);

    let label = case.label_after();
    let changed = admins.fill_in(there, &change, case.change).expect(302);
    assert_eq!(changed.header("location"), list);
    let said = admins.message(here);
    assert_eq!(said, case.message(other, "changed", label));
    let actions = [Action::Added, Action::Changed(case.history_text)];
    admins.look_at(case, label, case.change, &actions);

    let delete = format!("{list}{key}/delete/");
    let page = admins.ann.get(here, &delete).expect(200);
    let deleted = admins.ann.post(here, &delete, &page, &[("post", "yes")]);
    assert_eq!(deleted.expect(302).header("location"), list);
    let said = admins.message(there);
    assert_eq!(said, case.message(side, "deleted", label));
    admins.assert_gone_from_both(case, label, &key);

    let mut keys = Vec::new();
    for object in [&second, &third] {
        let page = admins.ann.get(there, &add).expect(200);
        admins
            .ann
            .post(there, &add, &page, &object.fields)
            .expect(302);
        admins.message(here);
        let shown = object.shown();
        keys.push(admins.look_at(case, object.label, &shown, &[Action::Added]));
    }
    let selected = keys.iter().map(|key| ("_selected_action", key.as_str()));
    let mut fields: Vec<_> = selected.collect();
    fields.push(("action", "delete_selected"));
    let page = admins.ann.get(there, &list).expect(200);
    let asked = admins.ann.post(there, &list, &page, &fields).expect(200);
    fields.push(("post", "yes"));
    let deleted = admins.ann.post(there, &list, &asked, &fields).expect(302);
    assert_eq!(deleted.header("location"), list);
    let said = admins.message(here);
    assert_eq!(said, case.message_of_deletions(other));
    for (object, key) in [second, third].iter().zip(keys) {
        admins.assert_gone_from_both(case, object.label, &key);
    }
}

/// A password that staff sets on one opens the account on both, and the one that is taken away on
/// the other does no longer. What the account has done goes with it.
fn set_password(admins: &mut BothAdmins<'_>, [here, there]: [&Server; 2]) {
    let user = CASES.iter().find(|case| case.model == "user").unwrap();
    let list = user.address();
    let name = "password-holder";
    let add = format!("{list}add/");
    let fields = [("username", name), ("usable_password", "false")];
    let page = admins.ann.get(there, &add).expect(200);
    admins.ann.post(there, &add, &page, &fields).expect(302);
    admins.message(here);
    let key = admins.list(user)[name].clone();
    let change = format!("{list}{key}/change/");
    admins
        .fill_in(here, &change, &[("is_staff", "on"), ("is_superuser", "on")])
        .expect(302);
    admins.message(there);

    let password = PASSWORDS[1];
    let set = format!("{list}{key}/password/");
    let refused = |server: &Server| {
        try_account(server, [name, password]).1.expect(200);
    };
    refused(here);
    let page = admins.ann.get(here, &set).expect(200);
    let fields = [
        ("usable_password", "true"),
        ("password1", password),
        ("password2", password),
        ("set-password", "1"),
    ];
    let answer = admins.ann.post(here, &set, &page, &fields).expect(302);
    assert_eq!(answer.header("location"), change);
    admins.message(there);
    for server in [there, here] {
        let (mut holder, answer) = try_account(server, [name, password]);
        assert_eq!(answer.expect(302).header("location"), INDEX);
        let add = "/admin/auth/group/add/";
        let group = format!("Group of {key} at {}", server.port());
        let page = holder.get(server, add).expect(200);
        holder
            .post(server, add, &page, &[("name", &group)])
            .expect(302);
    }

    let page = admins.ann.get(there, &set).expect(200);
    let fields = [("usable_password", "false"), ("unset-password", "1")];
    admins.ann.post(there, &set, &page, &fields).expect(302);
    admins.message(here);
    refused(here);
    refused(there);
    let delete = format!("{list}{key}/delete/");
    let page = admins.ann.get(here, &delete).expect(200);
    admins
        .ann
        .post(here, &delete, &page, &[("post", "yes")])
        .expect(302);
    admins.message(there);
    admins.assert_gone_from_both(user, name, &key);
}

/// What Django says of the database after that day.
fn assert_django_agrees(site: &SiteBesideDjango) {
    let url = &site.app.database.url;
    DJANGO_5_2.find_nothing_to_do(url);
    let (code, text) = ask_django(url, &["integrity.py"]);
    assert_eq!(code, Some(0), "{text}");
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["problems"], serde_json::json!([]));
    for (table, count) in [
        ("lettings.address", 3),
        ("lettings.letting", 0),
        ("profiles.profile", 0),
        // Ann, and those that were there.
        ("auth.user", 5),
        ("auth.group", 5),
        ("auth.user_groups", 0),
        ("auth.group_permissions", 0),
    ] {
        assert_eq!(found["counts"][table], count, "{table}: {found}");
    }
}

async fn do_a_days_work(backend: Backend) {
    let site = SiteBesideDjango::start(DJANGO_5_2, backend).await;
    for sql in PREPARED {
        site.app.sql(sql).await;
    }
    let ann = log_in(&site.theirs, PASSWORDS[0]);
    let mut admins = BothAdmins { site: &site, ann };
    let mut before = 0;
    let mut histories = Vec::new();
    for direction in site.directions() {
        for case in CASES {
            work_on(&mut admins, case, direction);
        }
        set_password(&mut admins, direction);
        let written = history(&site, before).await;
        before += written.len();
        histories.push(written);
    }
    let [ours_first, theirs_first] = &histories[..] else {
        panic!("two directions");
    };
    assert_eq!(ours_first, theirs_first);
    // Seven of each model, and five of the account.
    assert_eq!(ours_first.len(), 40);
    assert_django_agrees(&site);
}

#[tokio::test]
async fn a_days_work_in_two_admins_on_sqlite() {
    do_a_days_work(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_days_work_in_two_admins_on_postgresql() {
    do_a_days_work(Backend::Postgres).await;
}
