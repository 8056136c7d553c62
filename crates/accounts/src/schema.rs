//! The tables of accounts, as Django 5.2 has them after all its migrations: for the schema of an
//! application. Older ones, with shorter names and narrower keys, serve as well.

use db::schema::{Column, Index, Kind, Table};

/// Models, which permissions and changes point to.
pub const CONTENT_TYPE: Table = Table {
    name: "django_content_type",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("app_label", Kind::CharField(100)),
        Column::new("model", Kind::CharField(100)),
    ],
    unique_together: &[&["app_label", "model"]],
};

/// What may be done.
pub const PERMISSION: Table = Table {
    name: "auth_permission",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("content_type_id", Kind::IntegerField).references("django_content_type"),
        Column::new("codename", Kind::CharField(100)),
        Column::new("name", Kind::CharField(255)),
    ],
    unique_together: &[&["content_type_id", "codename"]],
};

/// Groups of users.
pub const GROUP: Table = Table {
    name: "auth_group",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("name", Kind::CharField(150)).index(Index::Unique),
    ],
    unique_together: &[],
};

/// What groups may do.
pub const GROUP_PERMISSIONS: Table = Table {
    name: "auth_group_permissions",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("group_id", Kind::IntegerField).references("auth_group"),
        Column::new("permission_id", Kind::IntegerField).references("auth_permission"),
    ],
    unique_together: &[&["group_id", "permission_id"]],
};

/// Users.
pub const USER: Table = Table {
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

/// Who is in which group.
pub const USER_GROUPS: Table = Table {
    name: "auth_user_groups",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("user_id", Kind::IntegerField).references("auth_user"),
        Column::new("group_id", Kind::IntegerField).references("auth_group"),
    ],
    unique_together: &[&["user_id", "group_id"]],
};

/// What users may do by themselves.
pub const USER_PERMISSIONS: Table = Table {
    name: "auth_user_user_permissions",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("user_id", Kind::IntegerField).references("auth_user"),
        Column::new("permission_id", Kind::IntegerField).references("auth_permission"),
    ],
    unique_together: &[&["user_id", "permission_id"]],
};

/// Sessions.
pub const SESSION: Table = Table {
    name: "django_session",
    columns: &[
        Column::new("session_key", Kind::CharField(40)).index(Index::PrimaryKey),
        Column::new("session_data", Kind::TextField),
        Column::new("expire_date", Kind::DateTimeField).index(Index::Plain),
    ],
    unique_together: &[],
};
