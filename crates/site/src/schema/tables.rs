//! The tables of the site's own models, as Django makes them.

use db::schema::{Column, Index, Kind, Table};

/// `lettings.Address`
pub(super) const ADDRESS: Table = Table {
    name: "lettings_address",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("number", Kind::PositiveIntegerField),
        Column::new("street", Kind::CharField(64)),
        Column::new("city", Kind::CharField(64)),
        Column::new("state", Kind::CharField(2)),
        Column::new("zip_code", Kind::PositiveIntegerField),
        Column::new("country_iso_code", Kind::CharField(3)),
    ],
    unique_together: &[],
};

/// What an address is written with where Django's columns cannot hold it: one row, or none. It goes with
/// its address by the database itself, since Django does not know of it.
pub(super) const WRITTEN_ADDRESS: Table = Table {
    name: "oc_lettings_address",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("address_id", Kind::BigIntegerField)
            .index(Index::Unique)
            .references(ADDRESS.name)
            .cascades(),
        Column::new("number", Kind::CharField(16)),
        Column::new("postal_code", Kind::CharField(16)),
    ],
    unique_together: &[],
};

/// `lettings.Letting`
pub(super) const LETTING: Table = Table {
    name: "lettings_letting",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("title", Kind::CharField(256)),
        Column::new("address_id", Kind::BigIntegerField)
            .index(Index::Unique)
            .references("lettings_address"),
    ],
    unique_together: &[],
};

/// `profiles.Profile`
pub(super) const PROFILE: Table = Table {
    name: "profiles_profile",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("favorite_city", Kind::CharField(64)),
        Column::new("user_id", Kind::IntegerField)
            .index(Index::Unique)
            .references("auth_user"),
    ],
    unique_together: &[],
};

/// What of a profile Django has no column for: one row, or none. It goes with its profile by the database
/// itself.
pub(super) const PROFILE_LISTING: Table = Table {
    name: "oc_lettings_profile",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("profile_id", Kind::BigIntegerField)
            .index(Index::Unique)
            .references(PROFILE.name)
            .cascades(),
        Column::new("is_unlisted", Kind::BooleanField),
    ],
    unique_together: &[],
};

/// Addresses of places that are called otherwise now.
pub(super) const MOVED_PLACE: Table = Table {
    name: "oc_lettings_moved_place",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("path", Kind::CharField(255)).index(Index::Unique),
        Column::new("moved_to", Kind::CharField(255)).index(Index::Plain),
    ],
    unique_together: &[],
};
