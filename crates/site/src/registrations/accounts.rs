//! Django's own models in the admin: accounts, groups, and what their pages refer to.

use accounts::user::{InvalidUsername, Username, is_email, normalize_email};
use admin::model::{Field, Fieldset, LABEL, ManyToMany, Model, Pages, TextPart};

const USER_GROUPS: ManyToMany = ManyToMany {
    to: "auth.group",
    table: "auth_user_groups",
    own_column: "user_id",
    other_column: "group_id",
};

const USER_PERMISSIONS: ManyToMany = ManyToMany {
    to: "auth.permission",
    table: "auth_user_user_permissions",
    own_column: "user_id",
    other_column: "permission_id",
};

/// An account (`Django 5.2 contrib/auth/admin.py`, `UserAdmin`).
pub const USER: Model = Model {
    app: "auth",
    name: "user",
    table: "auth_user",
    singular: "model-user",
    plural: "model-users",
    fields: &[
        Field::password("password", "field-password"),
        Field::optional_time("last_login", "field-last-login").written_by_program(),
        Field::boolean("is_superuser", "field-is-superuser")
            .verbose_name("superuser status")
            .help("help-is-superuser"),
        Field::text("username", "field-username", 1..=150)
            .help("help-username")
            .clean(clean_username)
            .unique_in_any_case(),
        Field::text("first_name", "field-first-name", 0..=150),
        Field::text("last_name", "field-last-name", 0..=150),
        Field::text("email", "field-email", 0..=254)
            .verbose_name("email address")
            .input_type("email")
            .clean(clean_email),
        Field::boolean("is_staff", "field-is-staff")
            .verbose_name("staff status")
            .help("help-is-staff"),
        Field::boolean("is_active", "field-is-active")
            .verbose_name("active")
            .default_true()
            .help("help-is-active"),
        Field::time("date_joined", "field-date-joined"),
        Field::many_to_many("groups", "field-groups", USER_GROUPS),
        Field::many_to_many(
            "user_permissions",
            "field-user-permissions",
            USER_PERMISSIONS,
        ),
    ],
    label: &[TextPart::Value("username")],
    pages: Some(&Pages {
        columns: &[LABEL, "email", "first_name", "last_name", "is_staff"],
        search: &["username", "first_name", "last_name", "email"],
        filters: &[
            "is_staff",
            "is_superuser",
            "is_active",
            "groups",
            "last_login",
        ],
        date_hierarchy: Some("date_joined"),
        ordering: &["username"],
        fieldsets: &[
            Fieldset::plain(&["username", "password"]),
            Fieldset::titled("fields-person", &["first_name", "last_name", "email"]),
            Fieldset::titled(
                "fields-permissions",
                &[
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "groups",
                    "user_permissions",
                ],
            ),
            Fieldset::titled("fields-dates", &["last_login", "date_joined"]),
        ],
        add_fieldsets: Some(&[Fieldset::plain(&["username", "password"])]),
        // Whoever may change accounts must not be able to give themselves more than they have.
        reserved: &["is_superuser", "groups", "user_permissions"],
        ..Pages::BASE
    }),
    ..Model::BASE
};

/// Users who may do the same.
pub const GROUP: Model = Model {
    app: "auth",
    name: "group",
    table: "auth_group",
    singular: "model-group",
    plural: "model-groups",
    fields: &[
        Field::text("name", "field-name", 1..=150).unique(),
        Field::many_to_many(
            "permissions",
            "field-permissions",
            ManyToMany {
                to: "auth.permission",
                table: "auth_group_permissions",
                own_column: "group_id",
                other_column: "permission_id",
            },
        ),
    ],
    label: &[TextPart::Value("name")],
    pages: Some(&Pages {
        columns: &[LABEL],
        search: &["name"],
        filters: &["permissions"],
        ordering: &["name"],
        fieldsets: &[Fieldset::plain(&["name", "permissions"])],
        reserved: &["permissions"],
        ..Pages::BASE
    }),
    ..Model::BASE
};

/// What a user or a group may be allowed to do. It has no pages of its own.
pub const PERMISSION: Model = Model {
    app: "auth",
    name: "permission",
    table: "auth_permission",
    singular: "model-permission",
    plural: "model-permissions",
    fields: &[
        Field::text("name", "field-name", 0..=255),
        Field::relation(
            "content_type",
            "field-content-type",
            "contenttypes.contenttype",
        ),
        Field::text("codename", "field-codename", 0..=100),
    ],
    label: &[
        TextPart::Value("content_type.app_label"),
        TextPart::Text(" | "),
        TextPart::Value("content_type.model"),
        TextPart::Text(" | "),
        TextPart::Value("name"),
    ],
    ..Model::BASE
};

/// A model, as Django's `contenttypes` records it. It has no pages of its own.
pub const CONTENT_TYPE: Model = Model {
    app: "contenttypes",
    name: "contenttype",
    table: "django_content_type",
    singular: "field-content-type",
    plural: "model-content-types",
    fields: &[
        Field::text("app_label", "field-app-label", 0..=100),
        Field::text("model", "field-model", 0..=100),
    ],
    label: &[
        TextPart::Value("app_label"),
        TextPart::Text(" | "),
        TextPart::Value("model"),
    ],
    ..Model::BASE
};

/// An entry of the history, which is deleted with its user. It has no pages of its own.
pub const LOG_ENTRY: Model = Model {
    app: "admin",
    name: "logentry",
    table: "django_admin_log",
    singular: "model-log-entry",
    plural: "model-log-entries",
    fields: &[
        Field::relation("user", "field-user", "auth.user"),
        Field::text("object_repr", "field-object", 0..=200),
    ],
    label: &[TextPart::Value("object_repr")],
    ..Model::BASE
};

fn clean_username(typed: &str) -> Result<String, &'static str> {
    match Username::parse(typed) {
        Ok(name) => Ok(name.as_str().to_owned()),
        Err(InvalidUsername::TooLong) => Err("error-username-long"),
        Err(InvalidUsername::Empty | InvalidUsername::Character) => Err("error-username"),
    }
}

fn clean_email(typed: &str) -> Result<String, &'static str> {
    if is_email(typed) {
        Ok(normalize_email(typed))
    } else {
        Err("error-email")
    }
}
