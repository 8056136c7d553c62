//! The models of the admin: Django's own and the site's, as data for [`admin`].

mod accounts;
mod home;
mod letting_extras;

use admin::model::{Field, Fieldset, Inline, LABEL, Model, Pages, TextPart};
use admin::registry::{App, DescriptionProblem, OwnPage, Registry};

pub use self::accounts::{CONTENT_TYPE, GROUP, LOG_ENTRY, PERMISSION, USER};
pub use self::home::{CONTACT, HOME, SEASON};
use self::letting_extras::LETTING_EXTRAS;
use unicode_normalization::UnicodeNormalization as _;

use crate::countries::Country;
use crate::domain::address::written;
use crate::domain::{address, letting, profile};

/// The applications, in the order of the admin's index.
const APPS: &[App] = &[
    App {
        label: "lettings",
        name: "app-lettings",
        own_pages: &[],
    },
    App {
        label: "homes",
        name: "app-homes",
        own_pages: &[],
    },
    App {
        label: "guests",
        name: "app-guests",
        own_pages: &[
            own("inbox-title", "/admin/guests/enquiries/"),
            own("inbox-answers", "/admin/guests/answers/"),
            own("inbox-person", "/admin/guests/person/"),
            own("legal-texts", "/admin/guests/legal/"),
        ],
    },
    App {
        label: "profiles",
        name: "app-profiles",
        own_pages: &[],
    },
    App {
        label: "auth",
        name: "app-auth",
        own_pages: &[],
    },
];

/// A page of the site's own, for whoever may change lettings.
const fn own(name: &'static str, address: &'static str) -> OwnPage {
    let permission = "lettings.change_letting";
    OwnPage {
        name,
        address,
        permission,
    }
}

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
            &CONTACT,
            &WRITTEN_ADDRESS,
            &PROFILE,
            &PROFILE_LISTING,
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
        ordering: &["-id"],
        fieldsets: &[Fieldset::plain(&[
            "number",
            "street",
            "city",
            "state",
            "zip_code",
            "country_iso_code",
        ])],
        inlines: &[Inline {
            model: "homes.address",
            relation: "address",
            ordering: "id",
            most: 1,
        }],
        ..Pages::BASE
    }),
    choice: Some(&[
        TextPart::Value("city"),
        TextPart::Text(", "),
        TextPart::Value("number"),
        TextPart::Text(" "),
        TextPart::Value("street"),
    ]),
    ..Model::BASE
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
    part_of: Some("address"),
    ..Model::BASE
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
        extras: Some(LETTING_EXTRAS),
        search: &["title", "address.street", "address.city"],
        filters: &[
            "address.city",
            "address.state",
            "address.country_iso_code",
            "home.is_published",
        ],
        ordering: &["-id"],
        fieldsets: &[Fieldset {
            title: None,
            fields: &["title", "address"],
            embedded: Some("address"),
            wanted: &[],
        }],
        on_site: Some(&[
            TextPart::Text("/lettings/"),
            TextPart::Value("id"),
            TextPart::Text("/"),
        ]),
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
            (
                "letting-calendars",
                &[
                    TextPart::Text("/admin/lettings/letting/"),
                    TextPart::Value("id"),
                    TextPart::Text("/calendars/"),
                ],
            ),
        ],
        ..Pages::BASE
    }),
    ..Model::BASE
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
        ordering: &["-id"],
        fieldsets: &[Fieldset::plain(&["user", "favorite_city"])],
        inlines: &[Inline {
            model: "homes.profile",
            relation: "profile",
            ordering: "id",
            most: 1,
        }],
        on_site: Some(&[
            TextPart::Text("/profiles/"),
            TextPart::Value("user.username"),
            TextPart::Text("/"),
        ]),
        ..Pages::BASE
    }),
    ..Model::BASE
};

/// Whether a profile is to be found by search engines.
pub const PROFILE_LISTING: Model = Model {
    app: "homes",
    name: "profile",
    table: "oc_lettings_profile",
    singular: "model-profile-listing",
    plural: "model-profile-listing",
    fields: &[
        Field::relation("profile", "field-profile", "profiles.profile").unique(),
        Field::boolean("is_unlisted", "field-is-unlisted").help("help-is-unlisted"),
    ],
    label: &[TextPart::Value("profile.user.username")],
    part_of: Some("profile"),
    ..Model::BASE
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

#[cfg(test)]
mod tests {
    use admin::model::{FieldKind, ManyToMany};

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
