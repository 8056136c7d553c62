//! The schema of the site: Django's own tables, the site's, the older site's, and ours.

mod derived;
pub mod document;
mod enquiries;
mod homes;
mod listing;
mod models;
pub mod numbers;
pub mod person;
mod stays;
mod tables;

use ::accounts::{schema as accounts, throttle};
use db::schema::{
    Column, CopyRows, Index, Kind, Legacy, MigrationName, Model, OwnTables, Part, Schema, Table,
    Version,
};

use self::enquiries::{ANSWER, CONTACT, ENQUIRY, LEGAL_TEXT, LETTER};
use self::homes::{AMENITY, HOME, PHOTO, PHOTO_FILE, SEASON};
use self::stays::{CALENDAR, FEED, LEASE, STAY, STAY_OVERLAP};
use self::tables::{ADDRESS, LETTING, MOVED_PLACE, PROFILE, PROFILE_LISTING, WRITTEN_ADDRESS};

pub use self::derived::{DERIVED, LISTED_LETTINGS, LISTED_PROFILES, LOCALITY_TABLE};
pub use self::models::APPS;

/// What the program expects of its database, for [`db::migrate`].
pub const SCHEMA: Schema = Schema {
    program: "oc-lettings",
    tables: &[
        MIGRATION,
        accounts::CONTENT_TYPE,
        accounts::PERMISSION,
        accounts::GROUP,
        accounts::GROUP_PERMISSIONS,
        accounts::USER,
        accounts::USER_GROUPS,
        accounts::USER_PERMISSIONS,
        admin::schema::LOG_ENTRY,
        accounts::SESSION,
        ADDRESS,
        LETTING,
        PROFILE,
    ],
    models: &[
        model("admin", "logentry", "log entry"),
        model("auth", "permission", "permission"),
        model("auth", "group", "group"),
        model("auth", "user", "user"),
        model("contenttypes", "contenttype", "content type"),
        model("sessions", "session", "session"),
        model("lettings", "address", "address"),
        model("lettings", "letting", "letting"),
        model("profiles", "profile", "profile"),
    ],
    migrations: MIGRATIONS,
    parts: &[
        Part {
            name: "address",
            plural: "addresses",
            app: "lettings",
            table: ADDRESS.name,
        },
        Part {
            name: "letting",
            plural: "lettings",
            app: "lettings",
            table: LETTING.name,
        },
        Part {
            name: "profile",
            plural: "profiles",
            app: "profiles",
            table: PROFILE.name,
        },
    ],
    legacy: Some(ORIGINAL),
    own: OwnTables {
        version_table: &VERSION,
        origin_table: &ORIGIN,
        source_table: &SOURCE,
        adoption_table: &ADOPTION,
        versions: VERSIONS,
        records: &[
            &HOME,
            &AMENITY,
            &SEASON,
            &WRITTEN_ADDRESS,
            &PHOTO,
            &PHOTO_FILE,
            &PROFILE_LISTING,
            &FEED,
            &STAY,
            &CALENDAR,
            &ENQUIRY,
            &ANSWER,
            &CONTACT,
            &LEGAL_TEXT,
            &MOVED_PLACE,
        ],
        exclusions: &[STAY_OVERLAP],
        derived: DERIVED,
    },
};

/// Django's record of applied migrations, as Django 5.2 makes it.
const MIGRATION: Table = Table {
    name: "django_migrations",
    columns: &[
        Column::new("id", Kind::AutoField),
        Column::new("app", Kind::CharField(255)),
        Column::new("name", Kind::CharField(255)),
        Column::new("applied", Kind::DateTimeField),
    ],
    unique_together: &[],
};

/// The site as it was before it had one application for lettings and one for profiles. The
/// migration that deletes the old tables is not recorded, since they stay.
const ORIGINAL: Legacy = Legacy {
    name: "the original site",
    copies: &[
        CopyRows {
            app: "lettings",
            from: "oc_lettings_site_address",
            to: "lettings_address",
        },
        CopyRows {
            app: "lettings",
            from: "oc_lettings_site_letting",
            to: "lettings_letting",
        },
        CopyRows {
            app: "profiles",
            from: "oc_lettings_site_profile",
            to: "profiles_profile",
        },
    ],
    migrations: &[
        migration("lettings", "0001_initial"),
        migration("lettings", "0002_migrate_data"),
        migration("profiles", "0001_initial"),
        migration("profiles", "0002_migrate_data"),
    ],
};

/// The rows of `django_migrations` after `manage.py migrate` on nothing, in its order.
const MIGRATIONS: &[MigrationName] = &[
    migration("contenttypes", "0001_initial"),
    migration("auth", "0001_initial"),
    migration("admin", "0001_initial"),
    migration("admin", "0002_logentry_remove_auto_add"),
    migration("admin", "0003_logentry_add_action_flag_choices"),
    migration("contenttypes", "0002_remove_content_type_name"),
    migration("auth", "0002_alter_permission_name_max_length"),
    migration("auth", "0003_alter_user_email_max_length"),
    migration("auth", "0004_alter_user_username_opts"),
    migration("auth", "0005_alter_user_last_login_null"),
    migration("auth", "0006_require_contenttypes_0002"),
    migration("auth", "0007_alter_validators_add_error_messages"),
    migration("auth", "0008_alter_user_username_max_length"),
    migration("auth", "0009_alter_user_last_name_max_length"),
    migration("auth", "0010_alter_group_name_max_length"),
    migration("auth", "0011_update_proxy_permissions"),
    migration("auth", "0012_alter_user_first_name_max_length"),
    migration("oc_lettings_site", "0001_initial"),
    migration("lettings", "0001_initial"),
    migration("lettings", "0002_migrate_data"),
    migration("profiles", "0001_initial"),
    migration("profiles", "0002_migrate_data"),
    migration("oc_lettings_site", "0002_delete_old_models"),
    migration("profiles", "0003_alter_profile_user"),
    migration("sessions", "0001_initial"),
];

/// Which of our own versions are applied, and which programs may work on the result.
const VERSION: Table = Table {
    name: "oc_lettings_version",
    columns: &[
        Column::new("version", Kind::BigIntegerField).index(Index::PrimaryKey),
        Column::new("name", Kind::CharField(64)),
        Column::new("oldest_compatible", Kind::BigIntegerField),
        Column::new("applied", Kind::DateTimeField),
    ],
    unique_together: &[],
};

/// Whether the program made the database or found it: one row.
const ORIGIN: Table = Table {
    name: "oc_lettings_origin",
    columns: &[Column::new("origin", Kind::CharField(16)).index(Index::PrimaryKey)],
    unique_together: &[],
};

/// Which of Django's tables was filled from which other table when the database was adopted.
const SOURCE: Table = Table {
    name: "oc_lettings_source",
    columns: &[
        Column::new("target", Kind::CharField(64)).index(Index::PrimaryKey),
        Column::new("source", Kind::TextField),
    ],
    unique_together: &[],
};

/// What the adoption did, beside filling tables, and in which state it found them.
const ADOPTION: Table = Table {
    name: "oc_lettings_adoption",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("kind", Kind::CharField(16)),
        Column::new("name", Kind::TextField),
        Column::new("detail", Kind::TextField),
    ],
    unique_together: &[&["kind", "name"]],
};

const VERSIONS: &[Version] = &[
    Version {
        number: 1,
        name: "record-versions",
        oldest_compatible: 1,
        tables: &[VERSION],
    },
    Version {
        number: 2,
        name: "count-login-failures",
        oldest_compatible: 1,
        tables: &[throttle::former_table(LOGIN_FAILURE_TABLE)],
    },
    Version {
        number: 3,
        name: "reserve-login-attempts",
        oldest_compatible: 1,
        tables: &[throttle::table(LOGIN_ATTEMPT_TABLE)],
    },
    Version {
        number: 4,
        name: "remember-origin",
        oldest_compatible: 1,
        tables: &[ORIGIN],
    },
    Version {
        number: 5,
        name: "remember-sources",
        oldest_compatible: 1,
        tables: &[SOURCE],
    },
    Version {
        number: 6,
        name: "remember-adoption",
        oldest_compatible: 1,
        tables: &[ADOPTION],
    },
    Version {
        number: 7,
        name: "describe-homes",
        oldest_compatible: 1,
        tables: &[HOME, AMENITY, SEASON],
    },
    Version {
        number: 8,
        name: "write-addresses",
        oldest_compatible: 1,
        tables: &[WRITTEN_ADDRESS],
    },
    Version {
        number: 9,
        name: "keep-photos",
        oldest_compatible: 1,
        tables: &[PHOTO, PHOTO_FILE],
    },
    Version {
        number: 10,
        name: "unlist-profiles",
        oldest_compatible: 1,
        tables: &[PROFILE_LISTING],
    },
    Version {
        number: 11,
        name: "keep-letters",
        oldest_compatible: 1,
        tables: &[LEASE, LETTER],
    },
    Version {
        number: 12,
        name: "keep-stays-and-enquiries",
        oldest_compatible: 1,
        tables: &[
            FEED,
            STAY,
            CALENDAR,
            ENQUIRY,
            ANSWER,
            CONTACT,
            LEGAL_TEXT,
            MOVED_PLACE,
        ],
    },
];

/// The letters of the site: `OUTBOX.queue(&transaction, &letter)`.
pub const OUTBOX: mail::Outbox = mail::Outbox { table: LETTER.name };

/// The table in which attempts to log in are counted: those under way, and those that failed.
pub const LOGIN_ATTEMPT_TABLE: &str = "oc_lettings_login_attempt";

/// The table in which releases before version 3 count failed logins. It is kept, since such a
/// release may run beside this one.
pub const LOGIN_FAILURE_TABLE: &str = "oc_lettings_login_failure";

const fn model(app: &'static str, model: &'static str, verbose_name: &'static str) -> Model {
    Model {
        app,
        model,
        verbose_name,
    }
}

const fn migration(app: &'static str, name: &'static str) -> MigrationName {
    MigrationName { app, name }
}
