//! The files made of photos: the table `oc_lettings_photo_file`. Each content is there once, however many
//! photos have it.

use db::rules::BrokenRule;
use db::{Database, Integer};
use pictures::photo::{MediaType, Prepared, Variant};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sha2::{Digest as _, Sha256};

/// How many hexadecimal digits name a content: 128 bits of a hash, which nobody guesses and no two
/// contents share.
const DIGITS: usize = 32;

/// The name of the crop for `og:image` among the files of a content.
pub const CARD: &str = "card.jpg";

/// A row of `oc_lettings_photo_file`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_photo_file")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Which files belong together: see [`content_of`].
    pub content: String,
    /// Width and form, as `480.webp`, or [`CARD`].
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
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
        if let Set(content) = &self.content {
            check_content(content)?;
        }
        if let Set(name) = &self.name
            && media_type(name).is_none()
        {
            let (field, example) = ("name", "480.webp");
            return Err(BrokenRule::Form { field, example }.into());
        }
        Ok(self)
    }
}

/// The name of all that was made of a photo, from its bytes: other bytes have another name, so that what
/// an address gives never changes.
pub fn content_of(made: &Prepared) -> String {
    let mut hash = Sha256::new();
    for (name, file) in named(made) {
        hash.update(name);
        hash.update(file.bytes.len().to_be_bytes());
        hash.update(&file.bytes);
    }
    let bytes = hash.finalize();
    let digits = bytes.iter().take(DIGITS / 2);
    digits.map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a text is the name of a content.
pub fn is_content(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == DIGITS && text.bytes().all(is_digit)
}

/// Refuses what is no content: it becomes a part of an address.
pub(super) fn check_content(content: &str) -> Result<(), BrokenRule> {
    if is_content(content) {
        return Ok(());
    }
    let (field, example) = ("content", "32 hexadecimal digits");
    Err(BrokenRule::Form { field, example })
}

/// The media type of a file, by its name; `None` if no file has such a name.
pub fn media_type(name: &str) -> Option<MediaType> {
    let (stem, extension) = name.split_once('.')?;
    let is_width = (1..=5).contains(&stem.len()) && stem.bytes().all(|byte| byte.is_ascii_digit());
    match extension {
        "webp" if is_width => Some(MediaType::Webp),
        "jpg" if is_width || name == CARD => Some(MediaType::Jpeg),
        _ => None,
    }
}

fn named(made: &Prepared) -> impl Iterator<Item = (String, &Variant)> {
    let variants = made.variants.iter().map(|variant| {
        let extension = match variant.media_type {
            MediaType::Webp => "webp",
            MediaType::Jpeg => "jpg",
        };
        (format!("{}.{extension}", variant.width), variant)
    });
    variants.chain([(CARD.to_owned(), &made.card)])
}

/// The bytes of a file.
pub async fn find(db: &Database, content: &str, name: &str) -> Result<Option<Vec<u8>>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Bytes)
        .filter(Column::Content.eq(content))
        .filter(Column::Name.eq(name))
        .into_tuple()
        .one(db)
        .await
}

/// Keeps what was made of a photo, unless it is kept already.
pub(super) async fn store(
    db: &impl ConnectionTrait,
    content: &str,
    made: &Prepared,
) -> Result<(), DbErr> {
    for (name, file) in named(made) {
        let new = ActiveModel {
            id: NotSet,
            content: Set(content.to_owned()),
            name: Set(name),
            bytes: Set(file.bytes.clone()),
        };
        let known = OnConflict::columns([Column::Content, Column::Name])
            .do_nothing()
            .to_owned();
        Entity::insert(new)
            .on_conflict(known)
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}
