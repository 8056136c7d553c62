//! The tables of homes: what a letting offers, beside Django's own tables, which have no place for it.
//!
//! A home goes with its letting, and all else with its home, by the database itself: Django, which
//! may delete a letting, does not know these tables.

use db::schema::{Column, Index, Kind, Table};

/// What a letting offers and costs: one row, or none.
pub(super) const HOME: Table = Table {
    name: "oc_lettings_home",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("letting_id", Kind::BigIntegerField)
            .index(Index::Unique)
            .references("lettings_letting")
            .cascades(),
        Column::new("is_published", Kind::BooleanField),
        Column::new("kind", Kind::CharField(16)),
        Column::new("sleeps", Kind::PositiveSmallIntegerField),
        Column::new("bedrooms", Kind::PositiveSmallIntegerField),
        Column::new("double_beds", Kind::PositiveSmallIntegerField),
        Column::new("single_beds", Kind::PositiveSmallIntegerField),
        Column::new("sofa_beds", Kind::PositiveSmallIntegerField),
        Column::new("half_bathrooms", Kind::PositiveSmallIntegerField),
        Column::new("area", Kind::PositiveIntegerField).null(),
        Column::new("check_in", Kind::CharField(5)),
        Column::new("check_out", Kind::CharField(5)),
        Column::new("allows_pets", Kind::BooleanField),
        Column::new("allows_smoking", Kind::BooleanField),
        Column::new("allows_children", Kind::BooleanField),
        Column::new("latitude", Kind::IntegerField).null(),
        Column::new("longitude", Kind::IntegerField).null(),
        Column::new("permit", Kind::CharField(64)),
        Column::new("shows_street", Kind::BooleanField),
        Column::new("summary_en", Kind::CharField(160)),
        Column::new("summary_fr", Kind::CharField(160)),
        Column::new("description_en", Kind::TextField),
        Column::new("description_fr", Kind::TextField),
        Column::new("night_price", Kind::BigIntegerField).null(),
        Column::new("weekend_price", Kind::BigIntegerField).null(),
        Column::new("cleaning_price", Kind::BigIntegerField),
        Column::new("deposit", Kind::BigIntegerField),
        Column::new("min_nights", Kind::PositiveSmallIntegerField),
        Column::new("max_nights", Kind::PositiveSmallIntegerField).null(),
        Column::new("guests_included", Kind::PositiveSmallIntegerField).null(),
        Column::new("further_guest_price", Kind::BigIntegerField),
        Column::new("weekly_percentage", Kind::PositiveSmallIntegerField),
        Column::new("monthly_percentage", Kind::PositiveSmallIntegerField),
        Column::new("tax_kind", Kind::CharField(16)),
        Column::new("tax_amount", Kind::BigIntegerField),
        Column::new("tax_cap", Kind::BigIntegerField).null(),
    ],
    unique_together: &[],
};

/// What a home has, of a fixed list.
pub(super) const AMENITY: Table = Table {
    name: "oc_lettings_amenity",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("home_id", Kind::BigIntegerField)
            .references(HOME.name)
            .cascades(),
        Column::new("slug", Kind::CharField(32)),
    ],
    unique_together: &[&["home_id", "slug"]],
};

/// Nights of a home that have a price of their own.
pub(super) const SEASON: Table = Table {
    name: "oc_lettings_season",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("home_id", Kind::BigIntegerField)
            .references(HOME.name)
            .cascades(),
        Column::new("first_night", Kind::DateField),
        Column::new("last_night", Kind::DateField),
        Column::new("night_price", Kind::BigIntegerField),
        Column::new("min_nights", Kind::PositiveSmallIntegerField).null(),
    ],
    unique_together: &[],
};

/// A photo of a home: which, where in the order, and what is seen on it.
pub(super) const PHOTO: Table = Table {
    name: "oc_lettings_photo",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("home_id", Kind::BigIntegerField)
            .references(HOME.name)
            .cascades(),
        Column::new("position", Kind::PositiveSmallIntegerField),
        Column::new("content", Kind::CharField(32)),
        Column::new("width", Kind::PositiveIntegerField),
        Column::new("height", Kind::PositiveIntegerField),
        Column::new("alt_en", Kind::CharField(200)),
        Column::new("alt_fr", Kind::CharField(200)),
    ],
    // The second is also the index by which files are found that no photo needs.
    unique_together: &[&["home_id", "position"], &["content", "home_id"]],
};

/// The files made of photos, each content once, however many photos have it. They refer to no photo, so
/// that they outlive the last one: they are removed by our own saves, and at start.
pub(super) const PHOTO_FILE: Table = Table {
    name: "oc_lettings_photo_file",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("content", Kind::CharField(32)),
        Column::new("name", Kind::CharField(16)),
        Column::new("bytes", Kind::BinaryField),
    ],
    unique_together: &[&["content", "name"]],
};
