//! To whom the questions about a home go: the table `oc_lettings_contact`.

use db::Integer;
use db::rules;
use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

/// How long an address may be.
pub const EMAIL: std::ops::RangeInclusive<usize> = 3..=254;

/// A row of `oc_lettings_contact`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_contact")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The home; one row for each.
    pub home_id: Integer,
    /// The mailbox.
    pub email: String,
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
        if let Set(email) = &self.email {
            rules::text("email", email, EMAIL)?;
        }
        Ok(self)
    }
}

/// The mailbox of a home, if it has one of its own.
pub async fn of_home(db: &impl ConnectionTrait, home: Integer) -> Result<Option<String>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Email)
        .filter(Column::HomeId.eq(home))
        .into_tuple()
        .one(db)
        .await
}
