//! Lettings: the table `lettings_letting`.

use db::Integer;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect};
use serde::Deserialize;

use super::{address, rules};

/// A row of `lettings_letting`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lettings_letting")]
pub struct Model {
    /// Its key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// 1 to 256 characters.
    pub title: String,
    /// Where it is; one letting per address.
    pub address_id: Integer,
}

#[expect(missing_docs, reason = "SeaORM asks for it; the variant says it")]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::address::Entity",
        from = "Column::AddressId",
        to = "super::address::Column::Id"
    )]
    Address,
}

impl Related<address::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Address.def()
    }
}

#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        if let Set(title) = &self.title {
            rules::text("title", title, 1..=256)?;
        }
        Ok(self)
    }
}

/// A letting's key as it stands in an address: digits alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct LettingId(pub i64);

impl TryFrom<String> for LettingId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let id = web::extract::parse_digits(&text);
        id.map(Self).ok_or("not the id of a letting")
    }
}

/// Lettings in id order, from an offset, at most so many.
pub async fn list(db: &impl ConnectionTrait, offset: u64, limit: u64) -> Result<Vec<Model>, DbErr> {
    let query = Entity::find().order_by_asc(Column::Id);
    query.offset(offset).limit(limit).all(db).await
}

/// A letting with its address.
pub async fn find(
    db: &impl ConnectionTrait,
    LettingId(id): LettingId,
) -> Result<Option<(Model, address::Model)>, DbErr> {
    let found = Entity::find_by_id(Integer(id))
        .find_also_related(address::Entity)
        .one(db)
        .await?;
    Ok(found.and_then(|(letting, address)| Some((letting, address?))))
}

/// How many lettings there are.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(db).await
}

/// The ids after one, in order, from an offset, at most so many.
pub async fn ids_after(
    db: &impl ConnectionTrait,
    after: Integer,
    offset: u64,
    limit: u64,
) -> Result<Vec<Integer>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .offset(offset)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await
}
