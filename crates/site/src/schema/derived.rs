//! The derived tables: see [`db::derived`].

use db::schema::{
    Column, Content, DerivedTable, Detail, Index, Kind, RowQuery, Sequence, Source, Table,
};

use super::document::LETTING_DOCUMENT;
use super::listing::LISTED_LETTING;
use super::person::PROFILE_PERSON;

/// All of them.
pub const DERIVED: &[DerivedTable] = &[
    DerivedTable {
        table: &LOCALITY,
        content: Content::Rows(RowQuery {
            from: LISTED_LETTING,
            key: "letting.id",
            // As much of it as an index takes of any text.
            values: &["substr(lower(address.city), 1, 200)"],
            sources: &[
                Source {
                    table: "lettings_letting",
                    id: "letting.id",
                },
                Source {
                    table: "lettings_address",
                    id: "address.id",
                },
            ],
            details: &[Detail {
                table: "oc_lettings_home",
                keys: "SELECT letting_id FROM oc_lettings_home WHERE id",
            }],
        }),
        words: None,
    },
    DerivedTable {
        table: &BLOCK,
        content: Content::Blocks(&[
            Sequence {
                name: LISTED_LETTINGS,
                from: LISTED_LETTING,
                source: Source {
                    table: "lettings_letting",
                    id: "letting.id",
                },
            },
            Sequence {
                name: LISTED_PROFILES,
                from: "profiles_profile AS profile JOIN auth_user AS person \
                       ON person.id = profile.user_id",
                source: Source {
                    table: "profiles_profile",
                    id: "profile.id",
                },
            },
            all("lettings_letting"),
            all("lettings_address"),
            all("profiles_profile"),
        ]),
        words: None,
    },
    LETTING_DOCUMENT,
    PROFILE_PERSON,
];

/// Lettings with an address that are no drafts, which lists show.
pub const LISTED_LETTINGS: &str = "listed lettings";

/// Profiles with a user, which lists show.
pub const LISTED_PROFILES: &str = "listed profiles";

/// The table in which lettings are found by their city.
pub const LOCALITY_TABLE: &str = LOCALITY.name;

const LOCALITY: Table = Table {
    name: "oc_lettings_locality",
    columns: &[
        Column::new("letting_id", Kind::BigIntegerField).index(Index::PrimaryKey),
        Column::new("city", Kind::CharField(200)).null(),
    ],
    unique_together: &[&["city", "letting_id"]],
};

const BLOCK: Table = Table {
    name: "oc_lettings_block",
    columns: &[
        Column::new("sequence", Kind::CharField(64)),
        Column::new("first_id", Kind::BigIntegerField),
        Column::new("row_count", Kind::BigIntegerField),
    ],
    unique_together: &[&["sequence", "first_id"]],
};

/// All rows of a table, as the admin lists them.
const fn all(table: &'static str) -> Sequence {
    Sequence {
        name: table,
        from: table,
        source: Source { table, id: "id" },
    }
}
