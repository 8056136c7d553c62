//! The addresses of objects' pages on the site.

use db::DbErr;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::ConnectionTrait;

use super::query::Select;
use crate::description::model::{Model, TextPart};
use crate::description::registry::Registry;

/// The address of an object's page on the site; `None` if there is no such page or object.
pub(crate) async fn on_site(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    key: i64,
) -> Result<Option<String>, DbErr> {
    match model.pages.and_then(|pages| pages.on_site) {
        Some(parts) => address_of(db, registry, model, parts, key).await,
        None => Ok(None),
    }
}

/// The address that is made of an object's values; `None` if there is no such object.
pub(crate) async fn address_of(
    db: &impl ConnectionTrait,
    registry: &Registry,
    model: &'static Model,
    parts: &[TextPart],
    key: i64,
) -> Result<Option<String>, DbErr> {
    let mut select = Select::new(registry, model);
    let pieces: Vec<_> = parts
        .iter()
        .map(|part| match part {
            TextPart::Text(text) => Ok((Some(*text), 0)),
            TextPart::Value(path) => select.column(path).map(|index| (None, index)),
        })
        .collect::<Result<_, DbErr>>()?;
    select.with_keys(&[key]);
    let rows = select.rows(db, 0, Some(1)).await?;
    Ok(rows.first().map(|row| {
        let pieces = pieces.iter().map(|(text, index)| match text {
            Some(text) => (*text).to_owned(),
            None => in_path(&row[*index].text()),
        });
        pieces.collect()
    }))
}

/// What is encoded in a segment of a path: all but letters and digits of ASCII and these.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'@')
    .remove(b'+');

/// A value as a segment of a path.
fn in_path(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
