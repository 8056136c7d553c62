//! Accounts of superusers, and what nobody may give themselves.

use crate::admin::add_account;
use crate::admin::shared::{logged_in, number, texts};
use crate::support::{TestApp, on_both_databases};

const USER: &str = "/admin/auth/user/";

/// Sam, who may do everything with users and groups and is no superuser, and Root, who is.
async fn sam_and_root(app: &TestApp) {
    add_account(app, 601, "sam", &[("is_superuser", "FALSE")]).await;
    add_account(app, 602, "root", &[]).await;
    app.sql("INSERT INTO auth_group (id, name) VALUES (501, 'Editors')")
        .await;
    app.sql(
        "INSERT INTO auth_user_user_permissions (user_id, permission_id) \
         SELECT 601, id FROM auth_permission WHERE codename LIKE '%\\_user' ESCAPE '\\' \
         OR codename LIKE '%\\_group' ESCAPE '\\'",
    )
    .await;
}

const FORM: [(&str, &str); 8] = [
    ("first_name", "Other"),
    ("is_active", "on"),
    ("is_staff", "on"),
    ("is_superuser", "on"),
    ("groups", "501"),
    ("user_permissions", "1"),
    ("date_joined_0", "2026-01-02"),
    ("date_joined_1", "03:04:05"),
];

on_both_databases! {
    async fn a_superusers_account_is_touched_by_superusers_alone(app: TestApp) {
        sam_and_root(&app).await;
        let mut sam = logged_in(&app, "sam").await;
        let page = sam.get(&format!("{USER}602/change/")).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts("main button[name=_save]"), Vec::<String>::new());
        let form = [&[("username", "root")], &FORM[..]].concat();
        sam.post(&format!("{USER}602/change/"), &form).await.expect(403);
        sam.get(&format!("{USER}602/password/")).await.expect(403);
        let unset = [("usable_password", "false")];
        sam.post(&format!("{USER}602/password/"), &unset).await.expect(403);
        let page = sam.get(&format!("{USER}602/delete/")).await.expect(200);
        assert_eq!(page.texts("main .danger"), Vec::<String>::new());
        sam.post(&format!("{USER}602/delete/"), &[("post", "yes")]).await.expect(403);
        let selected = [
            ("action", "delete_selected"),
            ("_selected_action", "601"),
            ("_selected_action", "602"),
            ("post", "yes"),
        ];
        sam.post(USER, &selected).await.expect(403);
        let names = texts(&app, "SELECT username || first_name FROM auth_user ORDER BY id").await;
        assert_eq!(names, ["samAnn", "rootAnn"]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM django_admin_log").await, 0);
    }

    async fn nobody_gives_himself_more_than_he_has(app: TestApp) {
        sam_and_root(&app).await;
        let mut sam = logged_in(&app, "sam").await;
        let before = number(&app, "SELECT COUNT(*) FROM auth_user_user_permissions").await;
        let form = [&[("username", "sam")], &FORM[..]].concat();
        sam.post(&format!("{USER}601/change/"), &form).await.expect(302);
        let changed = "SELECT COUNT(*) FROM auth_user WHERE id = 601 AND first_name = 'Other' \
                       AND NOT is_superuser";
        assert_eq!(number(&app, changed).await, 1);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM auth_user_groups").await, 0);
        let after = number(&app, "SELECT COUNT(*) FROM auth_user_user_permissions").await;
        assert_eq!(after, before);
        // Nor to others: a new account, a group.
        let new = [("username", "new"), ("usable_password", "false"), ("is_superuser", "on")];
        sam.post(&format!("{USER}add/"), &new).await.expect(302);
        let group = [("name", "Writers"), ("permissions", "1")];
        sam.post("/admin/auth/group/501/change/", &group).await.expect(302);
        sam.post("/admin/auth/group/add/", &[("name", "More"), ("permissions", "1")]).await.expect(302);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM auth_user WHERE is_superuser").await, 1);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM auth_group_permissions").await, 0);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM auth_group").await, 2);
    }
}
