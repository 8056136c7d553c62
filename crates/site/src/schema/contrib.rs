//! The tables of Django's own applications, as Django 5.2 has them after all its migrations.

use db::schema::{Column, Index, Kind, Table};

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

pub(super) const CONTENT_TYPE: Table = Table {
    name: "django_content_type",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("app_label", Kind::CharField(100)),
        Column::new("model", Kind::CharField(100)),
    ],
    unique_together: &[&["app_label", "model"]],
};

pub(super) const PERMISSION: Table = Table {
    name: "auth_permission",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("content_type_id", Kind::IntegerField).references("django_content_type"),
        Column::new("codename", Kind::CharField(100)),
        Column::new("name", Kind::CharField(255)),
    ],
    unique_together: &[&["content_type_id", "codename"]],
};

pub(super) const GROUP: Table = Table {
    name: "auth_group",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("name", Kind::CharField(150)).index(Index::Unique),
    ],
    unique_together: &[],
};

pub(super) const GROUP_PERMISSIONS: Table = Table {
    name: "auth_group_permissions",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("group_id", Kind::IntegerField).references("auth_group"),
        Column::new("permission_id", Kind::IntegerField).references("auth_permission"),
    ],
    unique_together: &[&["group_id", "permission_id"]],
};

pub(super) const USER: Table = Table {
    name: "auth_user",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("password", Kind::CharField(128)),
        Column::new("last_login", Kind::DateTimeField).null(),
        Column::new("is_superuser", Kind::BooleanField),
        Column::new("username", Kind::CharField(150)).index(Index::Unique),
        Column::new("last_name", Kind::CharField(150)),
        Column::new("email", Kind::CharField(254)),
        Column::new("is_staff", Kind::BooleanField),
        Column::new("is_active", Kind::BooleanField),
        Column::new("date_joined", Kind::DateTimeField),
        Column::new("first_name", Kind::CharField(150)),
    ],
    unique_together: &[],
};

pub(super) const USER_GROUPS: Table = Table {
    name: "auth_user_groups",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("user_id", Kind::IntegerField).references("auth_user"),
        Column::new("group_id", Kind::IntegerField).references("auth_group"),
    ],
    unique_together: &[&["user_id", "group_id"]],
};

pub(super) const USER_PERMISSIONS: Table = Table {
    name: "auth_user_user_permissions",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("user_id", Kind::IntegerField).references("auth_user"),
        Column::new("permission_id", Kind::IntegerField).references("auth_permission"),
    ],
    unique_together: &[&["user_id", "permission_id"]],
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

pub(super) const SESSION: Table = Table {
    name: "django_session",
    columns: &[
        Column::new("session_key", Kind::CharField(40)).index(Index::PrimaryKey),
        Column::new("session_data", Kind::TextField),
        Column::new("expire_date", Kind::DateTimeField).index(Index::Plain),
    ],
    unique_together: &[],
};
