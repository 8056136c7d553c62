//! Rows, and the texts that are made from their values, such as the labels of objects.

use crate::description::value::Value;

/// A row: a value for each selected column.
pub(crate) type Row = Vec<Value>;

/// A text that is made from a row.
#[derive(Debug, Clone)]
pub(crate) struct RowText(pub(super) Vec<Piece>);

#[derive(Debug, Clone)]
pub(super) enum Piece {
    Text(&'static str),
    Value(usize),
}

impl RowText {
    /// From pieces: `Ok` is the index of a value, `Err` a constant text.
    pub(crate) fn from_pieces(pieces: Vec<Result<usize, &'static str>>) -> Self {
        let pieces = pieces.into_iter().map(|piece| match piece {
            Ok(index) => Piece::Value(index),
            Err(text) => Piece::Text(text),
        });
        Self(pieces.collect())
    }

    pub(crate) fn of(&self, row: &Row) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Value(index) => row.get(*index).map(Value::text).unwrap_or_default(),
        });
        pieces.collect()
    }
}
