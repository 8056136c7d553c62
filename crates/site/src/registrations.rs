//! The models of the admin: Django's own and the site's, as data for [`admin`].

mod home;

use accounts::user::{InvalidUsername, Username, is_email, normalize_email};
use admin::model::{Field, Fieldset, Inline, LABEL, ManyToMany, Model, Pages, TextPart};
use admin::registry::{App, DescriptionProblem, Registry};

pub use self::home::{HOME, SEASON};
use unicode_normalization::UnicodeNormalization as _;

use crate::countries::Country;
use crate::domain::address::written;
use crate::domain::{address, letting, profile};

/// The applications, in the order of the admin's index.
const APPS: &[App] = &[
    App {
        label: "lettings",
        name: "app-lettings",
    },
    App {
        label: "homes",
        name: "app-homes",
    },
    App {
        label: "profiles",
        name: "app-profiles",
    },
    App {
        label: "auth",
        name: "app-auth",
    },
];

/// Tables without a model whose rows are deleted with an object: table, column, and the model that
/// the column refers to. The older site's profiles refer to users, and their table stays when the
/// database is adopted; photos have a page of their own.
pub const DEPENDENT_TABLES: &[(&str, &str, &str)] = &[
    ("oc_lettings_site_profile", "user_id", "auth.user"),
    ("oc_lettings_photo", "home_id", "homes.home"),
];

/// All models. Fails with everything in which their descriptions contradict each other.
pub fn registry() -> Result<Registry, Vec<DescriptionProblem>> {
    Registry::new(
        APPS,
        &[
            &LETTING,
            &ADDRESS,
            &HOME,
            &SEASON,
            &WRITTEN_ADDRESS,
            &PROFILE,
            &USER,
            &GROUP,
            &PERMISSION,
            &CONTENT_TYPE,
            &LOG_ENTRY,
        ],
    )
}

/// Where a letting is.
pub const ADDRESS: Model = Model {
    app: "lettings",
    name: "address",
    table: "lettings_address",
    singular: "model-address",
    plural: "model-addresses",
    fields: &[
        Field::integer("number", "field-number", address::NUMBER),
        Field::text("street", "field-street", address::NAME),
        Field::text("city", "field-city", address::NAME),
        Field::text("state", "field-state", address::STATE).help("help-state"),
        Field::integer("zip_code", "field-zip-code", address::ZIP_CODE).help("help-zip-code"),
        Field::text("country_iso_code", "field-country", address::COUNTRY).suggest(countries),
    ],
    label: &[
        TextPart::Value("number"),
        TextPart::Text(" "),
        TextPart::Value("street"),
    ],
    pages: Some(&Pages {
        columns: &[LABEL, "city", "state", "zip_code", "country_iso_code"],
        search: &["number", "street", "city", "=state", "=zip_code"],
        filters: &["state", "country_iso_code"],
        date_hierarchy: None,
        ordering: &["-id"],
        fieldsets: &[Fieldset {
            title: None,
            fields: &[
                "number",
                "street",
                "city",
                "state",
                "zip_code",
                "country_iso_code",
            ],
            embedded: None,
            wanted: &[],
        }],
        add_fieldsets: None,
        on_site: None,
        inlines: &[Inline {
            model: "homes.address",
            relation: "address",
            ordering: "id",
            most: 1,
        }],
        links: &[],
        reserved: &[],
    }),
    choice: Some(&[
        TextPart::Value("city"),
        TextPart::Text(", "),
        TextPart::Value("number"),
        TextPart::Text(" "),
        TextPart::Value("street"),
    ]),
    part_of: None,
    ordered: &[],
};

/// What an address is written with where the columns of [`ADDRESS`] cannot hold it.
pub const WRITTEN_ADDRESS: Model = Model {
    app: "homes",
    name: "address",
    table: "oc_lettings_address",
    singular: "model-written-address",
    plural: "model-written-address",
    fields: &[
        Field::relation("address", "field-address", "lettings.address").unique(),
        Field::text("number", "field-number", written::PART).help("help-written-number"),
        Field::text("postal_code", "field-postal-code", written::PART).help("help-postal-code"),
    ],
    label: &[
        TextPart::Value("number"),
        TextPart::Text(" "),
        TextPart::Value("postal_code"),
    ],
    pages: None,
    choice: None,
    part_of: Some("address"),
    ordered: &[],
};

/// A holiday home.
pub const LETTING: Model = Model {
    app: "lettings",
    name: "letting",
    table: "lettings_letting",
    singular: "model-letting",
    plural: "model-lettings",
    fields: &[
        Field::text("title", "field-title", letting::TITLE),
        Field::relation("address", "field-address", "lettings.address").unique(),
    ],
    label: &[TextPart::Value("title")],
    pages: Some(&Pages {
        columns: &[
            LABEL,
            "address",
            "address.city",
            "address.state",
            "home.sleeps",
            "home.night_price",
            "home.is_published",
        ],
        search: &["title", "address.street", "address.city"],
        filters: &[
            "address.city",
            "address.state",
            "address.country_iso_code",
            "home.is_published",
        ],
        date_hierarchy: None,
        ordering: &["-id"],
        fieldsets: &[Fieldset {
            title: None,
            fields: &["title", "address"],
            embedded: Some("address"),
            wanted: &[],
        }],
        add_fieldsets: None,
        on_site: Some(&[
            TextPart::Text("/lettings/"),
            TextPart::Value("id"),
            TextPart::Text("/"),
        ]),
        inlines: &[],
        links: &[
            (
                "home-describe",
                &[
                    TextPart::Text("/admin/homes/home/add/?letting="),
                    TextPart::Value("id"),
                ],
            ),
            (
                "home-photos",
                &[
                    TextPart::Text("/admin/lettings/letting/"),
                    TextPart::Value("id"),
                    TextPart::Text("/photos/"),
                ],
            ),
        ],
        reserved: &[],
    }),
    choice: None,
    part_of: None,
    ordered: &[],
};

/// A user's favourite city.
pub const PROFILE: Model = Model {
    app: "profiles",
    name: "profile",
    table: "profiles_profile",
    singular: "model-profile",
    plural: "model-profiles",
    fields: &[
        Field::text(
            "favorite_city",
            "field-favorite-city",
            profile::FAVORITE_CITY,
        ),
        Field::relation("user", "field-user", "auth.user").unique(),
    ],
    label: &[TextPart::Value("user.username")],
    pages: Some(&Pages {
        columns: &[
            LABEL,
            "user.first_name",
            "user.last_name",
            "user.email",
            "favorite_city",
        ],
        search: &[
            "user.username",
            "user.first_name",
            "user.last_name",
            "user.email",
            "favorite_city",
        ],
        filters: &["favorite_city"],
        date_hierarchy: None,
        ordering: &["-id"],
        fieldsets: &[Fieldset {
            title: None,
            fields: &["user", "favorite_city"],
            embedded: None,
            wanted: &[],
        }],
        add_fieldsets: None,
        on_site: Some(&[
            TextPart::Text("/profiles/"),
            TextPart::Value("user.username"),
            TextPart::Text("/"),
        ]),
        inlines: &[],
        links: &[],
        reserved: &[],
    }),
    choice: None,
    part_of: None,
    ordered: &[],
};

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
            Fieldset {
                title: None,
                fields: &["username", "password"],
                embedded: None,
                wanted: &[],
            },
            Fieldset {
                title: Some("fields-person"),
                fields: &["first_name", "last_name", "email"],
                embedded: None,
                wanted: &[],
            },
            Fieldset {
                title: Some("fields-permissions"),
                fields: &[
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "groups",
                    "user_permissions",
                ],
                embedded: None,
                wanted: &[],
            },
            Fieldset {
                title: Some("fields-dates"),
                fields: &["last_login", "date_joined"],
                embedded: None,
                wanted: &[],
            },
        ],
        add_fieldsets: Some(&[Fieldset {
            title: None,
            fields: &["username", "password"],
            embedded: None,
            wanted: &[],
        }]),
        on_site: None,
        inlines: &[],
        links: &[],
        // Whoever may change accounts must not be able to give themselves more than they have.
        reserved: &["is_superuser", "groups", "user_permissions"],
    }),
    choice: None,
    part_of: None,
    ordered: &[],
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
        date_hierarchy: None,
        ordering: &["name"],
        fieldsets: &[Fieldset {
            title: None,
            fields: &["name", "permissions"],
            embedded: None,
            wanted: &[],
        }],
        add_fieldsets: None,
        on_site: None,
        inlines: &[],
        links: &[],
        reserved: &["permissions"],
    }),
    choice: None,
    part_of: None,
    ordered: &[],
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
    pages: None,
    choice: None,
    part_of: None,
    ordered: &[],
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
    pages: None,
    choice: None,
    part_of: None,
    ordered: &[],
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
    pages: None,
    choice: None,
    part_of: None,
    ordered: &[],
};

/// The codes of all countries with their names, sorted by these.
fn countries(language: &str) -> Vec<(String, String)> {
    let mut countries: Vec<_> = Country::all()
        .map(|country| {
            (
                country.alpha_3.to_owned(),
                country.name(language).to_owned(),
            )
        })
        .collect();
    // Accents do not count: Égypte stands among those with an E.
    countries.sort_by_cached_key(|(_, name)| {
        let letters = name.nfd().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    });
    countries
}

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

#[cfg(test)]
mod tests {
    use admin::model::FieldKind;

    use super::*;

    #[test]
    fn the_models_do_not_contradict_each_other() {
        assert_eq!(registry().map(|_| ()), Ok(()));
    }

    /// The admin's descriptions are about forms, those of the schema about records: where both speak
    /// of a table, they agree.
    #[test]
    fn the_models_are_those_of_the_schema() {
        let registry = registry().unwrap();
        let described = || crate::schema::APPS.iter().flat_map(|app| app.models);
        for model in registry.models() {
            let same = described().find(|one| one.app == model.app && one.name == model.name);
            let same = same.unwrap();
            assert_eq!(same.table.name, model.table);
            for field in model.fields {
                let column = |name: &str| same.columns().find(|column| column.name == name);
                let agrees = match field.kind {
                    FieldKind::ManyToMany(ManyToMany {
                        table,
                        own_column,
                        other_column,
                        ..
                    }) => same.many_to_many.iter().any(|list| {
                        let pairs = (list.through.name, list.from, list.to);
                        list.name == field.name && pairs == (table, own_column, other_column)
                    }),
                    FieldKind::Words(set) => described().any(|list| {
                        let has = |name: &str| list.columns().any(|column| column.name == name);
                        list.table.name == set.table && has(set.own_column) && has(set.word_column)
                    }),
                    FieldKind::Relation(to) => {
                        let target = registry.model(to).map(|target| target.table);
                        let column = column(&format!("{}_id", field.name));
                        column.is_some_and(|column| column.references == target)
                    }
                    _ => column(field.name).is_some(),
                };
                assert!(agrees, "{}.{}", same.label(), field.name);
            }
        }
    }
}
