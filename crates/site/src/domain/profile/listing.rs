//! Who is not to be found by search engines: the table `oc_lettings_profile`.

use db::Integer;
use sea_orm::entity::prelude::*;

/// A row of `oc_lettings_profile`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_profile")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Which profile it is about; one row a profile.
    pub profile_id: Integer,
    /// Whether search engines are told to leave it out.
    pub is_unlisted: bool,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
