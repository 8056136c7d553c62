//! The secret in the address of a letting's calendar, for other sites: the table `oc_lettings_calendar`.

use accounts::hashers::random;
use db::{Integer, Transaction};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;

/// How many characters a secret has: about 190 bits.
const LENGTH: usize = 32;

/// A row of `oc_lettings_calendar`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_calendar")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Whose calendar it is.
    pub letting_id: Integer,
    /// The secret.
    pub token: String,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The secret of a letting, if it has one.
pub async fn token_of(
    db: &impl ConnectionTrait,
    letting: Integer,
) -> Result<Option<String>, DbErr> {
    let query = Entity::find().filter(Column::LettingId.eq(letting));
    Ok(query.one(db).await?.map(|found| found.token))
}

/// Gives a letting a secret, in place of the one that it had.
pub async fn renew(db: &Transaction, letting: Integer) -> Result<(), DbErr> {
    let former = Entity::delete_many().filter(Column::LettingId.eq(letting));
    former.exec(db).await?;
    let new = ActiveModel {
        id: NotSet,
        letting_id: Set(letting),
        token: Set(random::text(random::LETTERS_AND_DIGITS, LENGTH)),
    };
    new.insert(db).await?;
    Ok(())
}
