//! Groups of users, which share permissions: the table `auth_group`.

use db::{Integer, rules};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

/// A row of `auth_group`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_group")]
pub struct Model {
    /// Its key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Unique; 1 to 150 characters.
    pub name: String,
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
        if let Set(name) = &self.name {
            rules::text("name", name, 1..=150)?;
        }
        Ok(self)
    }
}
