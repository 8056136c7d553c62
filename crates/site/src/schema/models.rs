//! The models of the site as Django knows them, for fixtures: in the order of its applications,
//! with their fields in the order of Django's own classes.

use ::accounts::{content_type, group, permission, schema as accounts, user};
use fixtures::{App, ConfusableName, Default, ManyToMany, Model, Owner, rules};

use super::enquiries::{ANSWER, CONTACT, ENQUIRY, LEGAL_TEXT};
use super::homes::{AMENITY, HOME, PHOTO, PHOTO_FILE, SEASON};
use super::stays::{CALENDAR, FEED, STAY};
use super::tables::{ADDRESS, LETTING, MOVED_PLACE, PROFILE, PROFILE_LISTING, WRITTEN_ADDRESS};
use crate::domain::address::{self, written};
use crate::domain::enquiry::{self, answer};
use crate::domain::home::{self, amenity, contact, photo, season};
use crate::domain::profile::listing;
use crate::domain::{legal, letting, profile, stay};

/// All applications, Django's and then ours. Those without a model are there because somebody may name them.
pub const APPS: &[App] = &[
    app("admin", &[LOG_ENTRY]),
    app("auth", &[PERMISSION, GROUP, USER]),
    app("contenttypes", &[CONTENT_TYPE]),
    app("sessions", &[SESSION]),
    app("messages", &[]),
    app("staticfiles", &[]),
    app("oc_lettings_site", &[]),
    app("lettings", &[ADDRESSES, LETTINGS]),
    app("profiles", &[PROFILES]),
    App {
        owner: Owner::Program,
        ..app(
            "homes",
            &[
                HOMES,
                AMENITIES,
                SEASONS,
                WRITTEN_ADDRESSES,
                PHOTOS,
                PHOTO_FILES,
                PROFILE_LISTINGS,
                FEEDS,
                STAYS,
                CALENDARS,
                ENQUIRIES,
                ANSWERS,
                CONTACTS,
                LEGAL_TEXTS,
                MOVED_PLACES,
            ],
        )
    },
];

const LOG_ENTRY: Model = Model {
    fields: &[
        "action_time",
        "user_id",
        "content_type_id",
        "object_id",
        "object_repr",
        "action_flag",
        "change_message",
    ],
    defaults: &[("action_time", Default::Now)],
    ..Model::new("admin", "logentry", &admin::schema::LOG_ENTRY)
};

const PERMISSION: Model = Model {
    fields: &["name", "content_type_id", "codename"],
    natural_key: &["codename", "content_type_id"],
    ordering: &["content_type_id", "codename"],
    is_about_model: true,
    rules: rules::of::<permission::Entity>,
    ..Model::new("auth", "permission", &accounts::PERMISSION)
};

const GROUP: Model = Model {
    fields: &["name"],
    many_to_many: &[ManyToMany {
        name: "permissions",
        through: &accounts::GROUP_PERMISSIONS,
        from: "group_id",
        to: "permission_id",
    }],
    natural_key: &["name"],
    rules: rules::of::<group::Entity>,
    ..Model::new("auth", "group", &accounts::GROUP)
};

const USER: Model = Model {
    fields: &[
        "password",
        "last_login",
        "is_superuser",
        "username",
        "first_name",
        "last_name",
        "email",
        "is_staff",
        "is_active",
        "date_joined",
    ],
    many_to_many: &[
        ManyToMany {
            name: "groups",
            through: &accounts::USER_GROUPS,
            from: "user_id",
            to: "group_id",
        },
        ManyToMany {
            name: "user_permissions",
            through: &accounts::USER_PERMISSIONS,
            from: "user_id",
            to: "permission_id",
        },
    ],
    natural_key: &["username"],
    defaults: &[
        ("is_superuser", Default::False),
        ("is_staff", Default::False),
        ("is_active", Default::True),
        ("date_joined", Default::Now),
    ],
    confusable_name: Some(ConfusableName {
        column: "username",
        fold: user::fold_username,
    }),
    rules: rules::of::<user::Entity>,
    ..Model::new("auth", "user", &accounts::USER)
};

const CONTENT_TYPE: Model = Model {
    fields: &["app_label", "model"],
    natural_key: &["app_label", "model"],
    is_about_model: true,
    rules: rules::of::<content_type::Entity>,
    ..Model::new("contenttypes", "contenttype", &accounts::CONTENT_TYPE)
};

const SESSION: Model = Model {
    fields: &["session_data", "expire_date"],
    ..Model::new("sessions", "session", &accounts::SESSION)
};

const ADDRESSES: Model = Model {
    fields: &[
        "number",
        "street",
        "city",
        "state",
        "zip_code",
        "country_iso_code",
    ],
    rules: rules::of::<address::Entity>,
    ..Model::new("lettings", "address", &ADDRESS)
};

const LETTINGS: Model = Model {
    fields: &["title", "address_id"],
    rules: rules::of::<letting::Entity>,
    ..Model::new("lettings", "letting", &LETTING)
};

const PROFILES: Model = Model {
    fields: &["user_id", "favorite_city"],
    rules: rules::of::<profile::Entity>,
    ..Model::new("profiles", "profile", &PROFILE)
};

const HOMES: Model = Model {
    fields: &[
        "letting_id",
        "is_published",
        "kind",
        "sleeps",
        "bedrooms",
        "double_beds",
        "single_beds",
        "sofa_beds",
        "half_bathrooms",
        "area",
        "check_in",
        "check_out",
        "allows_pets",
        "allows_smoking",
        "allows_children",
        "latitude",
        "longitude",
        "permit",
        "shows_street",
        "summary_en",
        "summary_fr",
        "description_en",
        "description_fr",
        "night_price",
        "weekend_price",
        "cleaning_price",
        "deposit",
        "min_nights",
        "max_nights",
        "guests_included",
        "further_guest_price",
        "weekly_percentage",
        "monthly_percentage",
        "tax_kind",
        "tax_amount",
        "tax_cap",
    ],
    rules: rules::of::<home::Entity>,
    ..Model::new("homes", "home", &HOME)
};

const AMENITIES: Model = Model {
    fields: &["home_id", "slug"],
    rules: rules::of::<amenity::Entity>,
    ..Model::new("homes", "amenity", &AMENITY)
};

const SEASONS: Model = Model {
    fields: &[
        "home_id",
        "first_night",
        "last_night",
        "night_price",
        "min_nights",
    ],
    rules: rules::of::<season::Entity>,
    ..Model::new("homes", "season", &SEASON)
};

const WRITTEN_ADDRESSES: Model = Model {
    fields: &["address_id", "number", "postal_code"],
    rules: rules::of::<written::Entity>,
    ..Model::new("homes", "address", &WRITTEN_ADDRESS)
};

const PHOTOS: Model = Model {
    fields: &[
        "home_id", "position", "content", "width", "height", "alt_en", "alt_fr",
    ],
    rules: rules::of::<photo::Entity>,
    ..Model::new("homes", "photo", &PHOTO)
};

const PHOTO_FILES: Model = Model {
    fields: &["content", "name", "bytes"],
    rules: rules::of::<photo::file::Entity>,
    ..Model::new("homes", "photofile", &PHOTO_FILE)
};

const PROFILE_LISTINGS: Model = Model {
    fields: &["profile_id", "is_unlisted"],
    rules: rules::of::<listing::Entity>,
    ..Model::new("homes", "profile", &PROFILE_LISTING)
};

const FEEDS: Model = Model {
    fields: &[
        "letting_id",
        "name",
        "url",
        "attempted_at",
        "succeeded_at",
        "alarmed_at",
        "error",
        "error_detail",
        "etag",
        "last_modified",
    ],
    ..Model::new("homes", "feed", &FEED)
};

const STAYS: Model = Model {
    fields: &[
        "letting_id",
        "arrival",
        "departure",
        "kind",
        "feed_id",
        "uid",
        "note",
        "changed_at",
    ],
    rules: rules::of::<stay::Entity>,
    ..Model::new("homes", "stay", &STAY)
};

const CALENDARS: Model = Model {
    fields: &["letting_id", "token"],
    ..Model::new("homes", "calendar", &CALENDAR)
};

const ENQUIRIES: Model = Model {
    fields: &[
        "letting_id",
        "number",
        "digest",
        "state",
        "received_at",
        "name",
        "email",
        "telephone",
        "arrival",
        "departure",
        "adults",
        "children",
        "pets",
        "message",
        "language",
        "quoted_total",
        "quoted_currency",
        "stay_id",
    ],
    rules: rules::of::<enquiry::Entity>,
    ..Model::new("homes", "enquiry", &ENQUIRY)
};

const ANSWERS: Model = Model {
    fields: &["name", "text_en", "text_fr"],
    rules: rules::of::<answer::Entity>,
    ..Model::new("homes", "answer", &ANSWER)
};

const CONTACTS: Model = Model {
    fields: &["home_id", "email"],
    rules: rules::of::<contact::Entity>,
    ..Model::new("homes", "contact", &CONTACT)
};

const LEGAL_TEXTS: Model = Model {
    fields: &["slug", "text_en", "text_fr", "changed_at"],
    rules: rules::of::<legal::Entity>,
    ..Model::new("homes", "legaltext", &LEGAL_TEXT)
};

const MOVED_PLACES: Model = Model {
    fields: &["path", "moved_to"],
    ..Model::new("homes", "movedplace", &MOVED_PLACE)
};

const fn app(label: &'static str, models: &'static [Model]) -> App {
    App {
        label,
        models,
        owner: Owner::Django,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schema::SCHEMA;

    #[test]
    fn every_model_is_described_with_every_column_of_its_table() {
        let models = || APPS.iter().flat_map(|app| app.models);
        let djangos = APPS.iter().filter(|app| app.owner == Owner::Django);
        let djangos = djangos.flat_map(|app| app.models);
        let described: BTreeSet<_> = djangos.map(|model| (model.app, model.name)).collect();
        let known = SCHEMA.models.iter().map(|model| (model.app, model.model));
        assert_eq!(described, known.collect());
        for app in APPS {
            assert!(app.models.iter().all(|model| model.app == app.label));
        }
        for model in models() {
            let fields: BTreeSet<_> = model.fields.iter().copied().collect();
            assert_eq!(fields.len(), model.fields.len(), "{}", model.label());
            let columns = model.table.columns.iter().map(|column| column.name);
            let columns = columns.filter(|name| *name != model.key().name);
            assert_eq!(fields, columns.collect(), "{}", model.label());
            let defaults = model.defaults.iter().map(|(name, _)| *name);
            for name in [model.natural_key, model.ordering]
                .concat()
                .into_iter()
                .chain(defaults)
            {
                assert!(fields.contains(name), "{}.{name}", model.label());
            }
            for list in model.many_to_many {
                let column = |name: &str| {
                    let mut columns = list.through.columns.iter();
                    columns.find(|column| column.name == name)?.references
                };
                assert_eq!(column(list.from), Some(model.table.name), "{}", list.name);
                assert!(column(list.to).is_some(), "{}", list.name);
            }
        }
    }
}
