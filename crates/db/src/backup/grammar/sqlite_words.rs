//! What occurs at several places of SQLite's definitions: names, types, numbers, directions.

use super::cursor::Cursor;
use super::text::Sql;
use super::token::Token;
use super::{MAX_NAME, Refusal};

/// A name in any of SQLite's four styles, or bare.
pub(super) fn name(cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
    if let Some(Token::Text(name)) = cursor.peek() {
        if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(Refusal::form("a name is empty or too long"));
        }
        cursor.next();
        return Ok(name.clone());
    }
    Ok(cursor.name()?.to_owned())
}

pub(super) fn direction(cursor: &mut Cursor<'_>, out: &mut Sql) {
    if let Some(direction) = cursor.take_one_of(&["ASC", "DESC"]) {
        out.words(direction);
    }
}

/// The words that end the type of a column.
const COLUMN_CONSTRAINTS: &[&str] = &[
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
];

/// The type of a column: any words, and up to two numbers.
pub(super) fn column_type(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
    let mut words = 0;
    loop {
        match cursor.peek() {
            Some(Token::Word(word)) if !COLUMN_CONSTRAINTS.iter().any(|w| cursor.is_word(w)) => {
                out.type_word(word);
                cursor.next();
            }
            Some(Token::Name(_) | Token::Text(_)) => out.name(&name(cursor)?),
            _ => break,
        }
        words += 1;
        if words > MAX_TYPE_WORDS {
            return Err(Refusal::form("a type has too many words"));
        }
    }
    if words == 0 || !cursor.take_symbol("(") {
        return Ok(());
    }
    out.open_call();
    signed_number(cursor, out)?;
    if cursor.take_symbol(",") {
        out.comma();
        signed_number(cursor, out)?;
    }
    cursor.expect_symbol(")")?;
    out.close();
    Ok(())
}

const MAX_TYPE_WORDS: usize = 10;

pub(super) fn signed_number(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
    for sign in ["-", "+"] {
        if cursor.take_symbol(sign) {
            out.symbol(sign);
        }
    }
    let Some(Token::Number(number)) = cursor.peek() else {
        return Err(cursor.unexpected("a number"));
    };
    cursor.next();
    out.number(number);
    Ok(())
}
