//! Nights with a price of their own: the table `oc_lettings_season`.

use db::Integer;
use db::rules::{self, BrokenRule};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::{NIGHTS, PRICE};

/// A row of `oc_lettings_season`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_season")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The home whose nights these are.
    pub home_id: Integer,
    /// The day on which its first night begins.
    pub first_night: Date,
    /// The day on which its last night begins.
    pub last_night: Date,
    /// The price of a night, on weekends too.
    pub night_price: Integer,
    /// The fewest nights of a stay that begins in it, if it is another number than the home's.
    pub min_nights: Option<Integer>,
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
        if let Set(Integer(price)) = self.night_price {
            rules::number("night_price", price, PRICE)?;
        }
        if let Set(Some(Integer(nights))) = self.min_nights {
            rules::number("min_nights", nights, NIGHTS)?;
        }
        if let (Set(first), Set(last)) = (&self.first_night, &self.last_night)
            && last < first
        {
            let (field, other) = ("last_night", "first_night");
            return Err(BrokenRule::Order { field, other }.into());
        }
        Ok(self)
    }
}
