//! What the tests of the pages of models share: a visitor who is logged in, rows, and the history.

use db::Integer;
use sea_orm::{ConnectionTrait as _, Statement};

use super::PASSWORD;
use crate::support::TestApp;
use crate::support::visitor::Visitor;

/// Somebody who is logged in, and whose posts need no page before them.
pub(crate) async fn logged_in<'a>(app: &'a TestApp, username: &str) -> Visitor<'a> {
    let mut visitor = Visitor::new(app);
    visitor.log_in(username, PASSWORD).await.expect(302);
    with_token(visitor)
}

/// Django's scripts send the token like this.
pub(crate) fn with_token(mut visitor: Visitor<'_>) -> Visitor<'_> {
    let secret = visitor.cookies.0["csrftoken"].clone();
    visitor.headers.push(("x-csrftoken", secret));
    visitor
}

pub(crate) async fn number(app: &TestApp, sql: &str) -> i64 {
    let statement = Statement::from_string(app.db.get_database_backend(), sql);
    let row = app.db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index::<Integer>(0).unwrap().0
}

/// The texts of a column, in the order of the query.
pub(crate) async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(app.db.get_database_backend(), sql);
    let rows = app.db.query_all_raw(statement).await.unwrap();
    let text = |row: &sea_orm::QueryResult| row.try_get_by_index(0).unwrap();
    rows.iter().map(text).collect()
}

/// The history: model, action, name of the object, message.
pub(crate) async fn entries(app: &TestApp) -> Vec<String> {
    texts(
        app,
        "SELECT c.app_label || '.' || c.model || ' ' || CAST(l.action_flag AS text) || ' ' \
         || l.object_repr || ' ' || l.change_message FROM django_admin_log l \
         JOIN django_content_type c ON c.id = l.content_type_id ORDER BY l.id",
    )
    .await
}
