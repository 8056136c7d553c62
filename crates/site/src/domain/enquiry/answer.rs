//! Texts that staff answers with: the table `oc_lettings_answer`.

use db::Integer;
use db::rules::{self, TextRule};
use sea_orm::ActiveValue::Set;
use sea_orm::QueryOrder as _;
use sea_orm::entity::prelude::*;

/// How long a name may be, in characters.
pub const NAME: std::ops::RangeInclusive<usize> = 1..=64;
/// The most characters of a text in one language.
pub const TEXT: usize = 5_000;

/// A row of `oc_lettings_answer`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_answer")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// What staff calls it; no two have the same.
    pub name: String,
    /// The text in English; may be empty.
    pub text_en: String,
    /// The same in French.
    pub text_fr: String,
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
            rules::text("name", name, NAME)?;
        }
        for (field, value) in [("text_en", &self.text_en), ("text_fr", &self.text_fr)] {
            if let Set(text) = value {
                TextRule::lines(TEXT).check(field, text)?;
            }
        }
        Ok(self)
    }
}

impl Model {
    /// The text in a language; where nobody has written it in that, the other.
    pub fn text(&self, language: &str) -> &str {
        let (first, second) = match language {
            "fr" => (&self.text_fr, &self.text_en),
            _ => (&self.text_en, &self.text_fr),
        };
        if first.is_empty() { second } else { first }
    }
}

/// All, by their names.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().order_by_asc(Column::Name).all(db).await
}
