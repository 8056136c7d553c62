//! The tables of Django's own applications that are not the accounts' business, as Django 5.2 has
//! them after all its migrations.

use db::schema::{Column, Kind, Table};

pub(super) const MIGRATIONS: Table = Table {
    name: "django_migrations",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("app", Kind::CharField(255)),
        Column::new("name", Kind::CharField(255)),
        Column::new("applied", Kind::DateTimeField),
    ],
    unique_together: &[],
};

pub(super) const ADMIN_LOG: Table = Table {
    name: "django_admin_log",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("object_id", Kind::TextField).null(),
        Column::new("object_repr", Kind::CharField(200)),
        Column::new("action_flag", Kind::PositiveSmallIntegerField),
        Column::new("change_message", Kind::TextField),
        Column::new("content_type_id", Kind::IntegerField)
            .null()
            .references("django_content_type"),
        Column::new("user_id", Kind::IntegerField).references("auth_user"),
        Column::new("action_time", Kind::DateTimeField),
    ],
    unique_together: &[],
};
