//! The pages that the law asks for: the table `oc_lettings_legal_text`, a row for each page that somebody has
//! written. A row without any text is a page that is not written.

use chrono::{DateTime, Utc};
use db::datetime::now;
use db::rules::{self, TextRule};
use db::{Integer, Transaction};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QuerySelect as _, TryInsertResult};
use serde::Deserialize;

/// The most characters of a text in one language: both together fit into a form of staff.
pub const TEXT: usize = 12_000;

/// The words by which the pages are known.
const SLUGS: &[&str] = &["privacy", "legal", "terms"];

/// A page that the law asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LegalPage {
    /// What is done with what guests tell (GDPR, article 13).
    Privacy,
    /// Who publishes the site, and on whose machines it is.
    Legal,
    /// The terms of a stay.
    Terms,
}

impl LegalPage {
    /// All, in the order of the foot of the pages.
    pub const ALL: [Self; 3] = [Self::Privacy, Self::Legal, Self::Terms];

    /// The word of its address and of its row.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Privacy => "privacy",
            Self::Legal => "legal",
            Self::Terms => "terms",
        }
    }

    /// Its path, without a language.
    pub fn path(self) -> &'static str {
        match self {
            Self::Privacy => "/privacy/",
            Self::Legal => "/legal/",
            Self::Terms => "/terms/",
        }
    }

    /// The page of a word.
    pub fn of(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.slug() == slug)
    }
}

/// A row of `oc_lettings_legal_text`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_legal_text")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Which page it is: [`LegalPage::slug`].
    pub slug: String,
    /// The text in English, in Markdown; may be empty.
    pub text_en: String,
    /// The same in French.
    pub text_fr: String,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
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
            rules::choice("slug", slug, SLUGS)?;
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
    /// The text in a language, with the language that it is in: where nobody has written it in the one
    /// that is asked for, the other.
    pub fn text(&self, language: &str) -> (&'static str, &str) {
        let english = ("en", self.text_en.as_str());
        let french = ("fr", self.text_fr.as_str());
        let [first, second] = match language {
            "fr" => [french, english],
            _ => [english, french],
        };
        if first.1.is_empty() { second } else { first }
    }
}

/// The pages that are written, each with the time of its last change, in their order.
pub async fn written(db: &impl ConnectionTrait) -> Result<Vec<(LegalPage, DateTime<Utc>)>, DbErr> {
    let has_text = Condition::any()
        .add(Column::TextEn.ne(""))
        .add(Column::TextFr.ne(""));
    let rows: Vec<(String, DateTime<Utc>)> = Entity::find()
        .select_only()
        .columns([Column::Slug, Column::ChangedAt])
        .filter(has_text)
        .into_tuple()
        .all(db)
        .await?;
    let known = rows.into_iter();
    let known = known.filter_map(|(slug, changed)| Some((LegalPage::of(&slug)?, changed)));
    let mut pages: Vec<_> = known.collect();
    pages.sort_unstable();
    Ok(pages)
}

/// What is stored for a page, whether or not there is a text in it.
pub async fn find(db: &impl ConnectionTrait, page: LegalPage) -> Result<Option<Model>, DbErr> {
    let row = Entity::find().filter(Column::Slug.eq(page.slug()));
    row.one(db).await
}

/// Writes the texts of a page, English and French, in place of what was found. Tells whether that was still
/// what is stored; if somebody else has written meanwhile, nothing is written.
pub async fn save(
    db: &Transaction,
    page: LegalPage,
    found: Option<&Model>,
    [text_en, text_fr]: [String; 2],
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        id: NotSet,
        slug: Set(page.slug().to_owned()),
        text_en: Set(text_en),
        text_fr: Set(text_fr),
        changed_at: Set(now()),
    };
    // Neither statement below asks the rules by itself.
    let row = row.before_save(db, found.is_none()).await?;
    let Some(found) = found else {
        let done = Entity::insert(row)
            .on_conflict_do_nothing_on([Column::Slug])
            .exec_without_returning(db)
            .await?;
        return Ok(matches!(done, TryInsertResult::Inserted(_)));
    };
    let done = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(found.id))
        .filter(Column::ChangedAt.eq(found.changed_at))
        .exec(db)
        .await?;
    Ok(done.rows_affected == 1)
}
