//! Photos of homes: the table `oc_lettings_photo`, their order, and what is seen on them.
//!
//! Positions are counted from 0 without gaps; the photo at 0 is the cover.

pub mod file;

use std::ops::RangeInclusive;

use db::rules;
use db::{Database, Integer, Transaction};
use pictures::photo::{Prepared, sizes};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{
    Condition, DbBackend, FromQueryResult, QueryOrder as _, QueryResult, QuerySelect as _,
};
use sha2::{Digest as _, Sha256};

/// How many photos a home may have.
pub const MOST: usize = 30;
/// Where a photo may stand in the order of its home.
pub const POSITION: RangeInclusive<i64> = 0..=29;
/// How long a text that says what is seen on a photo may be, in characters.
pub const ALT: RangeInclusive<usize> = 0..=200;
/// How long a side of a photo may be, in pixels: that of 50 megapixels, eight times as long as the other.
pub const SIDE: RangeInclusive<i64> = 1..=20_000;

/// A row of `oc_lettings_photo`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_photo")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The home that is seen.
    pub home_id: Integer,
    /// Its place in the order of the home, from 0.
    pub position: Integer,
    /// Which files were made of it: see [`file::content_of`].
    pub content: String,
    /// The width of the photo as it was sent, upright, in pixels.
    pub width: Integer,
    /// Its height, likewise.
    pub height: Integer,
    /// What is seen on it, in English; may be empty.
    pub alt_en: String,
    /// The same in French.
    pub alt_fr: String,
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
        for (field, value, allowed) in [
            ("position", &self.position, POSITION),
            ("width", &self.width, SIDE),
            ("height", &self.height, SIDE),
        ] {
            if let Set(Integer(number)) = value {
                rules::number(field, *number, allowed)?;
            }
        }
        for (field, value) in [("alt_en", &self.alt_en), ("alt_fr", &self.alt_fr)] {
            if let Set(text) = value {
                rules::text(field, text, ALT)?;
            }
        }
        if let Set(content) = &self.content {
            file::check_content(content)?;
        }
        Ok(self)
    }
}

/// A photo as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Which files were made of it.
    pub content: String,
    /// The sizes that were made of it, from the smallest, in pixels.
    pub sizes: Vec<(u32, u32)>,
    /// What is seen on it, in English; may be empty.
    pub alt_en: String,
    /// The same in French.
    pub alt_fr: String,
}

impl Photo {
    fn new(content: String, size: (Integer, Integer), [alt_en, alt_fr]: [String; 2]) -> Self {
        // The rules keep both within `SIDE`.
        let pixels = |Integer(side)| u32::try_from(side).unwrap_or(1).clamp(1, u32::MAX);
        Self {
            content,
            sizes: sizes(pixels(size.0), pixels(size.1)),
            alt_en,
            alt_fr,
        }
    }

    /// Of a row of a query whose home may have no photo.
    pub(crate) fn of(row: &QueryResult) -> Result<Option<Self>, DbErr> {
        let Some(content) = row.try_get_by::<Option<String>, _>("content")? else {
            return Ok(None);
        };
        let size = (row.try_get_by("width")?, row.try_get_by("height")?);
        let alts = [row.try_get_by("alt_en")?, row.try_get_by("alt_fr")?];
        Ok(Some(Self::new(content, size, alts)))
    }

    /// The size of the largest, in pixels.
    pub fn largest(&self) -> (u32, u32) {
        self.sizes.last().copied().unwrap_or((1, 1))
    }
}

impl From<Model> for Photo {
    fn from(photo: Model) -> Self {
        let size = (photo.width, photo.height);
        Self::new(photo.content, size, [photo.alt_en, photo.alt_fr])
    }
}

/// The columns from which [`Photo::of`] reads.
pub(crate) const SHOWN: [Column; 5] = [
    Column::Content,
    Column::Width,
    Column::Height,
    Column::AltEn,
    Column::AltFr,
];

/// From a home to its first photo.
pub(crate) fn cover() -> RelationDef {
    let is_first = |_, photo| {
        let position = Expr::col((photo, Column::Position));
        Condition::all().add(ExprTrait::eq(position, 0))
    };
    super::Entity::belongs_to(Entity)
        .from(super::Column::Id)
        .to(Column::HomeId)
        .on_condition(is_first)
        .into()
}

impl FromQueryResult for Photo {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let photo = Self::of(row)?;
        photo.ok_or_else(|| DbErr::RecordNotFound("a photo's content".to_owned()))
    }
}

/// The photos of a home, in order.
pub async fn list(db: &impl ConnectionTrait, home: Integer) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::HomeId.eq(home))
        .order_by_asc(Column::Position)
        .all(db)
        .await
}

/// The photos of a home as pages show them, in order.
pub async fn shown(db: &impl ConnectionTrait, home: Integer) -> Result<Vec<Photo>, DbErr> {
    Entity::find()
        .select_only()
        .columns(SHOWN)
        .filter(Column::HomeId.eq(home))
        .order_by_asc(Column::Position)
        .into_model()
        .all(db)
        .await
}

/// What became of a photo that was to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// It is the last of its home now.
    Photo(Integer),
    /// The home has a photo of the same content.
    Twice,
    /// The home has [`MOST`] photos.
    TooMany,
    /// The home was deleted meanwhile.
    NoHome,
}

/// Adds a photo at the end of those of a home.
pub async fn add(db: &Transaction, home: Integer, made: &Prepared) -> Result<Added, DbErr> {
    lock(db).await?;
    if super::Entity::find_by_id(home).one(db).await?.is_none() {
        return Ok(Added::NoHome);
    }
    let photos = list(db, home).await?;
    let content = file::content_of(made);
    if photos.iter().any(|photo| photo.content == content) {
        return Ok(Added::Twice);
    }
    if photos.len() >= MOST {
        return Ok(Added::TooMany);
    }
    file::store(db, &content, made).await?;
    // What a fixture brought may have gaps.
    let last = photos.last().map_or(-1, |photo| photo.position.0);
    let at = if last < *POSITION.end() {
        last + 1
    } else {
        arrange(db, &photos).await?;
        i64::try_from(photos.len()).unwrap_or(i64::MAX)
    };
    let new = ActiveModel {
        id: NotSet,
        home_id: Set(home),
        position: Set(Integer(at)),
        content: Set(content),
        width: Set(Integer(made.width.into())),
        height: Set(Integer(made.height.into())),
        alt_en: Set(String::new()),
        alt_fr: Set(String::new()),
    };
    Ok(Added::Photo(new.insert(db).await?.id))
}

/// Makes the photos of a home those that are given, in their order and with their texts: others are
/// deleted, with the files that no photo needs any more.
pub async fn save(db: &Transaction, home: Integer, photos: &[Model]) -> Result<(), DbErr> {
    let before = list(db, home).await?;
    let kept: Vec<_> = photos.iter().map(|photo| photo.id).collect();
    let gone = Entity::delete_many()
        .filter(Column::HomeId.eq(home))
        .filter(Column::Id.is_not_in(kept))
        .exec(db)
        .await?;
    if !(0..)
        .zip(photos)
        .all(|(at, photo)| photo.position == Integer(at))
    {
        arrange(db, photos).await?;
    }
    for photo in photos {
        let texts = |photo: &Model| [photo.alt_en.clone(), photo.alt_fr.clone()];
        let mut known = before.iter();
        if known.any(|known| known.id == photo.id && texts(known) == texts(photo)) {
            continue;
        }
        let changed = ActiveModel {
            id: Set(photo.id),
            alt_en: Set(photo.alt_en.clone()),
            alt_fr: Set(photo.alt_fr.clone()),
            ..Default::default()
        };
        changed.update(db).await?;
    }
    if gone.rows_affected > 0 {
        sweep(db).await?;
    }
    Ok(())
}

/// What photos are, in a short text that is another one as soon as one of them, its place or its texts are:
/// 16 hexadecimal digits.
pub fn state_of(photos: &[Model]) -> String {
    let mut hash = Sha256::new();
    for photo in photos {
        for text in [&photo.id.0.to_string(), &photo.alt_en, &photo.alt_fr] {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
    }
    let bytes = hash.finalize();
    let digits = bytes.iter().take(8).map(|byte| format!("{byte:02x}"));
    digits.collect()
}

/// Numbers photos from 0 in the order that they are given in.
async fn arrange(db: &Transaction, photos: &[Model]) -> Result<(), DbErr> {
    // Through numbers that no photo has: a position is unique at each moment, not at the end alone.
    for offset in [POSITION.end() + 1, 0] {
        for (position, photo) in (offset..).zip(photos) {
            Entity::update_many()
                .col_expr(Column::Position, Expr::val(position))
                .filter(Column::Id.eq(photo.id))
                .exec(db)
                .await?;
        }
    }
    Ok(())
}

/// Removes the files that no photo needs any more, and says how many: those of lettings that were deleted by
/// Django, or together with their home.
pub async fn remove_unneeded_files(db: &Database) -> Result<u64, DbErr> {
    let transaction = db.begin().await?;
    lock(&transaction).await?;
    let removed = sweep(&transaction).await?;
    transaction.commit().await?;
    Ok(removed)
}

/// Removes the files that no photo needs, and says how many. Within a transaction that has called
/// [`lock`].
async fn sweep(db: &Transaction) -> Result<u64, DbErr> {
    let photo = Expr::col((Entity, Column::Content));
    let needed = Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(ExprTrait::eq(
            photo,
            Expr::col((file::Entity, file::Column::Content)),
        ))
        .to_owned();
    let swept = file::Entity::delete_many().filter(Expr::exists(needed).not());
    Ok(swept.exec(db).await?.rows_affected)
}

/// Lets one transaction at a time change photos, so that none removes files that another one is about to
/// need. On SQLite a transaction that writes is alone anyway.
pub async fn lock(db: &Transaction) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let sql = "LOCK TABLE oc_lettings_photo IN SHARE ROW EXCLUSIVE MODE";
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}
