//! What a site adds to the rows of a list beyond the values that its models describe.

use std::collections::BTreeMap;
use std::pin::Pin;

use db::{Database, DbErr};
use web::i18n::Texts;

/// Additions to the rows of a list: a picture before the first column, and columns after the others,
/// by which the list is not sorted and which are not exported.
#[derive(Debug, Clone, Copy)]
pub struct Extras {
    /// Keys of the heads of the columns. On a phone, a text of theirs stands without its head.
    pub columns: &'static [&'static str],
    /// Finds what belongs to the objects with these keys, all those of one page at once.
    pub find: FindExtras,
}

/// By the keys of the objects; one that is missing there has an empty row.
pub type FindExtras = for<'a> fn(
    &'a Database,
    &'a [i64],
    &'a Texts,
) -> Pin<
    Box<dyn Future<Output = Result<BTreeMap<i64, ExtraCells>, DbErr>> + Send + 'a>,
>;

/// What is added to one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtraCells {
    /// What the object looks like.
    pub picture: Option<Thumbnail>,
    /// A text for each column.
    pub texts: Vec<String>,
}

/// A small picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// The address of its file.
    pub address: String,
    /// The size of the file, in pixels.
    pub size: (u32, u32),
    /// What is seen on it; may be empty.
    pub alt: String,
}
