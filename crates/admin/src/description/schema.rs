//! The table of the history as Django 5.2 has it after all its migrations, for the schema of an
//! application. The table of an older Django, with narrower keys, works as well.

use accounts::schema::{CONTENT_TYPE, USER};
use db::schema::{Column, Kind, Table};

/// What was done to which object, by whom.
pub const LOG_ENTRY: Table = Table {
    name: "django_admin_log",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("object_id", Kind::TextField).null(),
        Column::new("object_repr", Kind::CharField(200)),
        Column::new("action_flag", Kind::PositiveSmallIntegerField),
        Column::new("change_message", Kind::TextField),
        Column::new("content_type_id", Kind::IntegerField)
            .null()
            .references(CONTENT_TYPE.name),
        Column::new("user_id", Kind::IntegerField).references(USER.name),
        Column::new("action_time", Kind::DateTimeField),
    ],
    unique_together: &[],
};
