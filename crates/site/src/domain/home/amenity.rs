//! What homes have: the table `oc_lettings_amenity`, and the list that it chooses from.

use db::{Integer, rules};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

/// All amenities, in the order in which they are shown: what most visitors look for first.
pub const AMENITIES: &[&str] = &[
    "wifi",
    "kitchen",
    "washing-machine",
    "dryer",
    "air-conditioning",
    "heating",
    "fireplace",
    "tv",
    "workspace",
    "dishwasher",
    "refrigerator",
    "oven",
    "microwave",
    "coffee-maker",
    "bed-linen",
    "towels",
    "hair-dryer",
    "iron",
    "bathtub",
    "cot",
    "high-chair",
    "parking",
    "garage",
    "car-charger",
    "bicycles",
    "terrace",
    "balcony",
    "garden",
    "barbecue",
    "pool",
    "hot-tub",
    "sauna",
    "sea-view",
    "waterfront",
    "boat",
    "step-free",
    "lift",
    "wide-doors",
    "smoke-alarm",
    "carbon-monoxide-alarm",
    "fire-extinguisher",
    "first-aid-kit",
];

/// A row of `oc_lettings_amenity`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_amenity")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The home that has it.
    pub home_id: Integer,
    /// One of [`AMENITIES`], once a home.
    pub slug: String,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        if let Set(slug) = &self.slug {
            rules::choice("slug", slug, AMENITIES)?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_amenity_is_one_word_of_an_address_and_stands_once() {
        let all: BTreeSet<_> = AMENITIES.iter().collect();
        assert_eq!(all.len(), AMENITIES.len());
        for slug in AMENITIES {
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            assert!(slug.len() <= 32 && slug.bytes().all(is_plain), "{slug}");
        }
    }
}
