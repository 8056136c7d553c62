//! The admin: the way in and out, and the pages of models.

mod bad_input;
mod conflicts;
mod flow;
mod forms;
mod homes;
mod letting_list;
mod lists;
mod login;
mod original;
mod outbox;
mod password;
mod password_reset;
mod permissions;
mod records;
mod refusals;
mod sessions;
pub(crate) mod shared;
mod typed;
mod users;
mod written_addresses;

use crate::support::TestApp;

/// The password of every account here.
pub(crate) const PASSWORD: &str = "tulip-anchor-9";

/// Its hash: 600,000 rounds, so that a login changes nothing.
const HASH: &str =
    "pbkdf2_sha256$600000$abcdefghijklmnopqrstuv$1cLWwEz1cYaQiAfDd9YXFuPHQqngshM8RBNtsc/V1GU=";

/// Adds an account, with columns other than those of a superuser.
pub(crate) async fn add_account(app: &TestApp, id: i64, username: &str, others: &[(&str, &str)]) {
    let mut columns = [
        ("password", format!("'{HASH}'")),
        ("is_superuser", "TRUE".to_owned()),
        ("is_staff", "TRUE".to_owned()),
        ("is_active", "TRUE".to_owned()),
        ("first_name", "'Ann'".to_owned()),
        ("last_name", "'Lee'".to_owned()),
        ("email", "'ann@example.com'".to_owned()),
        ("date_joined", "'2026-01-02 03:04:05'".to_owned()),
    ];
    for (name, value) in others {
        let column = columns.iter_mut().find(|(column, _)| column == name);
        (*value).clone_into(&mut column.unwrap().1);
    }
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<_> = columns.iter().map(|(_, value)| value.as_str()).collect();
    app.sql(&format!(
        "INSERT INTO auth_user (id, username, {}) VALUES ({id}, '{username}', {})",
        names.join(", "),
        values.join(", ")
    ))
    .await;
}
