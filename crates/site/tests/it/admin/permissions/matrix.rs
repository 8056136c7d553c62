//! The matrix: users, rights, addresses.

use crate::admin::add_account;
use crate::admin::shared::{logged_in, number, texts, with_token};
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

/// A model: its application, its name, its table, a column that is changed, and a relation that
/// leads to it.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const CASES: [Case; 5] = [
    (
        "lettings",
        "address",
        "lettings_address",
        "street",
        "app_label=lettings&model_name=letting&field_name=address",
    ),
    ("lettings", "letting", "lettings_letting", "title", ""),
    (
        "profiles",
        "profile",
        "profiles_profile",
        "favorite_city",
        "",
    ),
    (
        "auth",
        "user",
        "auth_user",
        "first_name",
        "app_label=profiles&model_name=profile&field_name=user",
    ),
    (
        "auth",
        "group",
        "auth_group",
        "name",
        "app_label=auth&model_name=user&field_name=groups",
    ),
];

/// What a user has of a model's rights.
const RIGHTS: [&[&str]; 7] = [
    &[],
    &["view"],
    &["add"],
    &["change"],
    &["delete"],
    &["add", "change"],
    &["view", "add", "change", "delete"],
];

type Fields = Vec<(&'static str, String)>;

/// Whether a request is allowed, and the status if so and if not.
type Rule = (bool, [u16; 2]);

/// A request, whether it is allowed, and the status if so and if not.
struct Step {
    path: String,
    fields: Option<Fields>,
    is_allowed: bool,
    statuses: [u16; 2],
}

fn address_of(number: i64, street: &str) -> Fields {
    vec![
        ("number", number.to_string()),
        ("street", street.to_owned()),
        ("city", "Boston".to_owned()),
        ("state", "MA".to_owned()),
        ("zip_code", "2134".to_owned()),
        ("country_iso_code", "USA".to_owned()),
    ]
}

/// Of each round: a place and a user without a letting and a profile, those with, and another
/// without. What is added gets keys after them.
fn keys(n: i64) -> [i64; 3] {
    [1, 2, 3].map(|key| 1_000 * n + key)
}

/// A good form for a new object.
fn added(model: &str, n: i64) -> Fields {
    let free = keys(n)[0].to_string();
    match model {
        "address" => address_of(n, "New Road"),
        "letting" => vec![("title", "New".to_owned()), ("address", free)],
        "profile" => vec![("favorite_city", "Rome".to_owned()), ("user", free)],
        "group" => vec![("name", format!("New {n}"))],
        _ => vec![
            ("username", format!("new{n}")),
            ("usable_password", "false".to_owned()),
        ],
    }
}

/// A good form for the object 501.
fn changed(model: &str, n: i64) -> Fields {
    let new = format!("Changed {n}");
    match model {
        "address" => address_of(501, &new),
        "letting" => vec![("title", new), ("address", "501".to_owned())],
        "profile" => vec![("favorite_city", new), ("user", "501".to_owned())],
        "group" => vec![("name", new)],
        _ => vec![
            ("username", "bob".to_owned()),
            ("first_name", new),
            ("is_active", "on".to_owned()),
            ("date_joined_0", "2026-01-02".to_owned()),
            ("date_joined_1", "03:04:05".to_owned()),
        ],
    }
}

/// Rows that are there to be pointed to, and to be deleted.
async fn prepare(app: &TestApp, n: i64) {
    let [free, doomed, other] = keys(n);
    app.add_letting(doomed, "Doomed").await;
    app.add_profile(doomed, &format!("doomed{n}")).await;
    for id in [free, other] {
        app.sql(&format!(
            "INSERT INTO lettings_address VALUES ({id}, 7, 'Free Road', 'Boston', 'MA', 2134, 'USA')"
        ))
        .await;
        app.sql(&format!(
            "INSERT INTO auth_group (id, name) VALUES ({id}, 'Spare {id}')"
        ))
        .await;
        let columns = [("is_superuser", "FALSE"), ("is_staff", "FALSE")];
        add_account(app, id, &format!("spare{id}"), &columns).await;
    }
}

fn get(path: String, (is_allowed, statuses): Rule) -> Step {
    Step {
        path,
        fields: None,
        is_allowed,
        statuses,
    }
}

fn post(path: String, fields: Fields, rule: Rule) -> Step {
    Step {
        fields: Some(fields),
        ..get(path, rule)
    }
}

/// Every request that a model answers: those that look, then those that write.
fn steps(case: Case, rights: &[&str], n: i64) -> Vec<Step> {
    let (app, model, ..) = case;
    let [free, with_others, _] = keys(n);
    // What can be deleted alone: lettings and profiles, and addresses and users without one.
    let is_leaf = matches!(model, "letting" | "profile");
    let doomed = if is_leaf { with_others } else { free };
    let at = |end: String| format!("/admin/{app}/{model}/{end}");
    let mut steps = looks(case, rights, at(format!("{doomed}/delete/")));
    let has = |right| rights.contains(&right);
    let view = has("view") || has("change");
    let add = has("add") && (model != "user" || has("change"));
    let (set, change) = (has("change") && model == "user", has("change"));
    let of_password = if model == "user" {
        [302, 403]
    } else {
        [404, 404]
    };
    let password: Fields = vec![("usable_password", "false".to_owned())];
    // Of leaves the one that is selected is not there.
    let selected = if is_leaf { 999_999 } else { keys(n)[2] };
    let action: Fields = vec![
        ("action", "delete_selected".to_owned()),
        ("_selected_action", selected.to_string()),
        ("post", "yes".to_owned()),
    ];
    // 302 with a warning for who may look and not delete.
    let of_action = [302, if view { 302 } else { 403 }];
    let may_act = view && has("delete") && !is_leaf;
    steps.extend([
        post(at("501/password/".to_owned()), password, (set, of_password)),
        post(
            at("501/change/".to_owned()),
            changed(model, n),
            (change, [302, 403]),
        ),
        post(at("add/".to_owned()), added(model, n), (add, [302, 403])),
        post(at(String::new()), action, (may_act, of_action)),
        post(
            at(format!("{doomed}/delete/")),
            Fields::new(),
            (has("delete"), [302, 403]),
        ),
    ]);
    steps
}

fn looks((app, model, _, _, relation): Case, rights: &[&str], deletion: String) -> Vec<Step> {
    let has = |right| rights.contains(&right);
    let view = has("view") || has("change");
    let add = has("add") && (model != "user" || has("change"));
    let any = view || add || has("delete");
    let base = format!("/admin/{app}/{model}/");
    let set = has("change") && model == "user";
    let of_password = if model == "user" {
        [200, 403]
    } else {
        [404, 404]
    };
    let choose = view && !relation.is_empty();
    let autocomplete = format!("/admin/autocomplete/?{relation}");
    vec![
        get("/admin/".to_owned(), (true, [200, 200])),
        get(format!("/admin/{app}/"), (any, [200, 404])),
        get(base.clone(), (view, [200, 403])),
        get(format!("{base}?_export=csv"), (view, [200, 403])),
        get(format!("{base}?_export=json"), (view, [200, 403])),
        get(autocomplete, (choose, [200, 403])),
        get(format!("{base}add/"), (add, [200, 403])),
        get(format!("{base}501/"), (true, [302, 302])),
        get(format!("{base}501/change/"), (view, [200, 403])),
        get(format!("{base}501/history/"), (view, [200, 403])),
        get(deletion, (has("delete"), [200, 403])),
        get(format!("{base}501/password/"), (set, of_password)),
        get(format!("{base}501/nothing/"), (false, [404, 404])),
    ]
}

/// All that a refused request must leave as it was.
async fn contents(app: &TestApp, (_, _, table, column, _): Case) -> (Vec<i64>, Vec<String>) {
    let mut counts = Vec::new();
    for table in CASES
        .map(|case| case.2)
        .into_iter()
        .chain(["django_admin_log"])
    {
        counts.push(number(app, &format!("SELECT COUNT(*) FROM {table}")).await);
    }
    let mut values = texts(app, &format!("SELECT {column} FROM {table} ORDER BY id")).await;
    values.extend(texts(app, "SELECT password FROM auth_user ORDER BY id").await);
    (counts, values)
}

async fn walk(app: &TestApp, visitor: &mut Visitor<'_>, case: Case, steps: Vec<Step>) {
    for step in steps {
        let before = contents(app, case).await;
        let answer = match &step.fields {
            None => visitor.get(&step.path).await,
            Some(fields) => {
                let fields: Vec<_> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
                visitor.post(&step.path, &fields).await
            }
        };
        let status = step.statuses[usize::from(!step.is_allowed)];
        let Step {
            path,
            is_allowed,
            fields,
            ..
        } = step;
        let kind = if fields.is_some() { "POST" } else { "GET" };
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{kind} {path}: {}",
            answer.body
        );
        let after = contents(app, case).await;
        let is_written = is_allowed && fields.is_some();
        assert_eq!(before != after, is_written, "{kind} {path}");
        if is_written {
            assert!(
                after.0[5] > before.0[5],
                "the history has nothing of {kind} {path}"
            );
        }
    }
}

async fn give(app: &TestApp, id: i64, (label, model, ..): Case, rights: &[&str]) {
    app.sql("DELETE FROM auth_user_user_permissions").await;
    for right in rights {
        app.sql(&format!(
            "INSERT INTO auth_user_user_permissions (user_id, permission_id) \
             SELECT {id}, p.id FROM auth_permission p JOIN django_content_type c \
             ON c.id = p.content_type_id WHERE c.app_label = '{label}' \
             AND p.codename = '{right}_{model}'"
        ))
        .await;
    }
}

async fn objects(app: &TestApp) {
    app.add_letting(501, "Old Mill").await;
    app.add_profile(501, "bob").await;
    app.sql("INSERT INTO auth_group (id, name) VALUES (501, 'Editors')")
        .await;
}

on_both_databases! {
    async fn each_right_opens_what_it_is_for(app: TestApp) {
        objects(&app).await;
        add_account(&app, 601, "sam", &[("is_superuser", "FALSE")]).await;
        let mut sam = logged_in(&app, "sam").await;
        let mut n = 0;
        for case in CASES {
            for rights in RIGHTS {
                n += 1;
                prepare(&app, n).await;
                give(&app, 601, case, rights).await;
                walk(&app, &mut sam, case, steps(case, rights, n)).await;
            }
        }
    }

    async fn a_superuser_may_do_everything(app: TestApp) {
        objects(&app).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        for (n, case) in (1..).zip(CASES) {
            prepare(&app, n).await;
            let mut steps = steps(case, RIGHTS[6], n);
            // The superuser sees all applications.
            steps.retain(|step| !step.path.ends_with("autocomplete/?"));
            walk(&app, &mut root, case, steps).await;
        }
    }

    async fn everybody_else_is_sent_to_the_login(app: TestApp) {
        objects(&app).await;
        prepare(&app, 1).await;
        add_account(&app, 601, "sam", &[]).await;
        add_account(&app, 602, "ina", &[]).await;
        let (mut sam, mut ina) = (logged_in(&app, "sam").await, logged_in(&app, "ina").await);
        let mut nobody = Visitor::new(&app);
        nobody.get("/admin/login/").await.expect(200);
        let mut nobody = with_token(nobody);
        app.sql("UPDATE auth_user SET is_staff = FALSE WHERE id = 601").await;
        app.sql("UPDATE auth_user SET is_active = FALSE WHERE id = 602").await;
        for visitor in [&mut nobody, &mut sam, &mut ina] {
            for case in CASES {
                let mut steps = steps(case, &[], 1);
                for step in &mut steps {
                    (step.is_allowed, step.statuses) = (false, [302, 302]);
                }
                walk(&app, visitor, case, steps).await;
            }
            let answer = visitor.get("/admin/auth/user/?q=a").await.expect(302);
            let login = "/admin/login/?next=/admin/auth/user/%3Fq%3Da";
            assert_eq!(answer.header("location"), login);
        }
    }
}
