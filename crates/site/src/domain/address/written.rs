//! What an address is written with where Django's columns cannot hold it: the table
//! `oc_lettings_address`. `12 bis` is no number, `SW1A 1AA` no zip code.

use std::ops::RangeInclusive;

use db::{Integer, rules};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

/// How long a number and a postal code may be, in characters; an empty one leaves Django's as it is.
pub const PART: RangeInclusive<usize> = 0..=16;

/// A row of `oc_lettings_address`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_address")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Which address it is about; one row an address.
    pub address_id: Integer,
    /// The house's number, as `12 bis`; may be empty.
    pub number: String,
    /// The postal code, as `SW1A 1AA`; may be empty.
    pub postal_code: String,
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
        for (field, value) in [("number", &self.number), ("postal_code", &self.postal_code)] {
            if let Set(text) = value {
                rules::text(field, text, PART)?;
            }
        }
        Ok(self)
    }
}
