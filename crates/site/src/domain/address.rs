//! Addresses: the table `lettings_address`.

pub mod written;

use std::ops::RangeInclusive;

use db::{Integer, rules};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

/// What a house's number may be.
pub const NUMBER: RangeInclusive<i64> = 0..=9999;
/// How long the names of a street and a city may be, in characters.
pub const NAME: RangeInclusive<usize> = 1..=64;
/// How long a state's letters are.
pub const STATE: RangeInclusive<usize> = 2..=2;
/// What a zip code may be.
pub const ZIP_CODE: RangeInclusive<i64> = 0..=99_999;
/// How long a country's letters are.
pub const COUNTRY: RangeInclusive<usize> = 3..=3;

/// A row of `lettings_address`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lettings_address")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The house's number, 0 to 9999.
    pub number: Integer,
    /// 1 to 64 characters.
    pub street: String,
    /// 1 to 64 characters.
    pub city: String,
    /// Two characters.
    pub state: String,
    /// 0 to 99999: a number, so that `02134` is stored as 2134.
    pub zip_code: Integer,
    /// Three characters.
    pub country_iso_code: String,
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
        if let Set(Integer(number)) = self.number {
            rules::number("number", number, NUMBER)?;
        }
        if let Set(street) = &self.street {
            rules::text("street", street, NAME)?;
        }
        if let Set(city) = &self.city {
            rules::text("city", city, NAME)?;
        }
        if let Set(state) = &self.state {
            rules::text("state", state, STATE)?;
        }
        if let Set(Integer(zip_code)) = self.zip_code {
            rules::number("zip_code", zip_code, ZIP_CODE)?;
        }
        if let Set(country) = &self.country_iso_code {
            rules::text("country_iso_code", country, COUNTRY)?;
        }
        Ok(self)
    }
}
