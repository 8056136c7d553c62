//! PostgreSQL's constraints and indexes, as `pg_get_constraintdef` and `pg_get_indexdef` write them.

use std::collections::{BTreeMap, BTreeSet};

use super::cursor::Cursor;
use super::expression::{self, Scope};
use super::postgres_table::Table;
use super::text::Sql;
use super::token::Token;
use super::{Dialect, Refusal};

/// The table that a constraint or an index is for, and what else the script has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    pub(super) table: &'a Table,
    pub(super) tables: &'a BTreeMap<String, Table>,
    pub(super) sequences: &'a BTreeSet<String>,
}

impl Target<'_> {
    fn scope(&self) -> Scope<'_> {
        Scope {
            dialect: Dialect::Postgres,
            table: self.name,
            columns: &self.table.columns,
            converted: &self.table.converted,
            sequences: self.sequences,
        }
    }
}

/// Reads what follows `ADD CONSTRAINT name`, and writes it.
pub(super) fn constraint(
    cursor: &mut Cursor<'_>,
    target: &Target<'_>,
    out: &mut Sql,
) -> Result<(), Refusal> {
    if let Some(words) = cursor.take_one_of(&["PRIMARY KEY", "UNIQUE"]) {
        out.words(words);
        if words == "UNIQUE" && cursor.take("nulls not distinct") {
            out.words("NULLS NOT DISTINCT");
        }
        key(cursor, out)?;
        if cursor.take("include") {
            out.words("INCLUDE");
            key(cursor, out)?;
        }
        storage(cursor, out)?;
    } else if cursor.take("check") {
        out.words("CHECK");
        expression::in_parentheses(cursor, &target.scope(), out)?;
        if cursor.take("no inherit") {
            out.words("NO INHERIT");
        }
    } else if cursor.take("foreign key") {
        foreign_key(cursor, target, out)?;
    } else if cursor.take("exclude") {
        out.words("EXCLUDE");
        exclusion(cursor, target, out)?;
    } else {
        return Err(Refusal::beyond("a constraint of another kind"));
    }
    for words in ["DEFERRABLE", "INITIALLY DEFERRED", "NOT VALID"] {
        if cursor.take(words) {
            out.words(words);
        }
    }
    cursor.expect_end()
}

/// Names in parentheses.
fn key(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
    out.names(cursor.names()?.iter().map(String::as_str));
    Ok(())
}

fn foreign_key(cursor: &mut Cursor<'_>, target: &Target<'_>, out: &mut Sql) -> Result<(), Refusal> {
    out.words("FOREIGN KEY");
    key(cursor, out)?;
    cursor.expect("references")?;
    out.words("REFERENCES");
    let table = cursor.name()?;
    if !target.tables.contains_key(table) {
        return Err(Refusal::beyond("a table that is not in the backup"));
    }
    out.name(table);
    key(cursor, out)?;
    if let Some(words) = cursor.take_one_of(&["MATCH FULL", "MATCH PARTIAL"]) {
        out.words(words);
    }
    while let Some(words) = cursor.take_one_of(&["ON UPDATE", "ON DELETE"]) {
        out.words(words);
        let actions = [
            "CASCADE",
            "RESTRICT",
            "SET NULL",
            "SET DEFAULT",
            "NO ACTION",
        ];
        let action = cursor.take_one_of(&actions);
        out.words(action.ok_or_else(|| cursor.unexpected("what to do"))?);
        if cursor.is_symbol("(") {
            key(cursor, out)?;
        }
    }
    Ok(())
}

/// `USING gist (room WITH =, nights WITH &&) WHERE (…)`.
fn exclusion(cursor: &mut Cursor<'_>, target: &Target<'_>, out: &mut Sql) -> Result<(), Refusal> {
    cursor.expect("using")?;
    method(cursor, out)?;
    cursor.expect_symbol("(")?;
    out.open();
    loop {
        item(cursor, target, out, Columns::Own)?;
        cursor.expect("with")?;
        out.words("WITH");
        match cursor.next() {
            Some(Token::Symbol(symbol))
                if !["(", ")", "[", "]", ",", ".", "::"].contains(symbol) =>
            {
                out.symbol(symbol);
            }
            _ => return Err(cursor.unexpected("an operator")),
        }
        if !cursor.take_symbol(",") {
            break;
        }
        out.comma();
    }
    cursor.expect_symbol(")")?;
    out.close();
    storage(cursor, out)?;
    predicate(cursor, target, out)
}

/// Reads what follows `ON table`, and writes it.
pub(super) fn index(
    cursor: &mut Cursor<'_>,
    target: &Target<'_>,
    out: &mut Sql,
) -> Result<(), Refusal> {
    cursor.expect("using")?;
    let columns = match method(cursor, out)? {
        // These methods also work on a column whose type was replaced by text.
        "btree" | "hash" | "brin" => Columns::All,
        _ => Columns::Own,
    };
    cursor.expect_symbol("(")?;
    out.open();
    loop {
        item(cursor, target, out, columns)?;
        if !cursor.take_symbol(",") {
            break;
        }
        out.comma();
    }
    cursor.expect_symbol(")")?;
    out.close();
    if cursor.take("include") {
        out.words("INCLUDE");
        key(cursor, out)?;
    }
    if cursor.take("nulls not distinct") {
        out.words("NULLS NOT DISTINCT");
    }
    storage(cursor, out)?;
    predicate(cursor, target, out)?;
    cursor.expect_end()
}

fn method(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<&'static str, Refusal> {
    let methods = ["btree", "hash", "gist", "spgist", "gin", "brin"];
    let method = cursor.take_one_of(&methods);
    let method = method.ok_or_else(|| Refusal::beyond("an index method of its own"))?;
    out.words("USING");
    out.words(method);
    Ok(method)
}

/// Which columns an index may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    All,
    /// Those that have their own type.
    Own,
}

/// A column or an expression, its collation, class and order.
fn item(
    cursor: &mut Cursor<'_>,
    target: &Target<'_>,
    out: &mut Sql,
    columns: Columns,
) -> Result<(), Refusal> {
    let is_call = matches!(cursor.peek_second(), Some(Token::Symbol("(" | ".")));
    match cursor.peek() {
        Some(Token::Word(name) | Token::Name(name)) if !is_call => {
            cursor.next();
            let is_there = target.table.columns.contains(name);
            let is_converted = target.table.converted.contains(name);
            if !is_there || (is_converted && columns == Columns::Own) {
                return Err(Refusal::beyond("a column that is not there"));
            }
            out.name(name);
        }
        Some(Token::Symbol("(")) => expression::in_parentheses(cursor, &target.scope(), out)?,
        _ => {
            out.open();
            expression::function_alone(cursor, &target.scope(), out)?;
            out.close();
        }
    }
    if cursor.take("collate") {
        out.words("COLLATE");
        expression::collation(cursor, Dialect::Postgres, out)?;
    }
    class(cursor, out)?;
    for words in ["ASC", "DESC", "NULLS FIRST", "NULLS LAST"] {
        if cursor.take(words) {
            out.words(words);
        }
    }
    Ok(())
}

/// An optional operator class: bare as the server writes it, or quoted with its schema as this program
/// writes it.
fn class(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
    let has_schema = cursor.take("pg_catalog");
    if has_schema {
        cursor.expect_symbol(".")?;
    }
    let known = match cursor.peek() {
        Some(Token::Word(name) | Token::Name(name)) => CLASSES.iter().find(|known| *known == name),
        _ => None,
    };
    if let Some(known) = known {
        cursor.next();
        out.words("pg_catalog.");
        out.name(known);
    } else if has_schema {
        return Err(Refusal::beyond("a class of operators of its own"));
    }
    Ok(())
}

/// The server's own operator classes that are not the default of their type.
const CLASSES: &[&str] = &[
    "bpchar_pattern_ops",
    "inet_ops",
    "jsonb_ops",
    "jsonb_path_ops",
    "text_pattern_ops",
    "varchar_pattern_ops",
];

fn predicate(cursor: &mut Cursor<'_>, target: &Target<'_>, out: &mut Sql) -> Result<(), Refusal> {
    if cursor.take("where") {
        out.words("WHERE");
        expression::expression(cursor, &target.scope(), out)?;
    }
    Ok(())
}

/// `WITH (fillfactor='70')`, as far as it is a whole number.
fn storage(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
    if !cursor.take("with") {
        return Ok(());
    }
    cursor.expect_symbol("(")?;
    cursor.expect("fillfactor")?;
    cursor.expect_symbol("=")?;
    let factor = match cursor.next() {
        Some(Token::Text(text) | Token::Number(text)) => text.parse::<u8>().ok(),
        _ => None,
    };
    let factor = factor.ok_or_else(|| cursor.unexpected("a number"))?;
    cursor.expect_symbol(")")?;
    out.words("WITH (fillfactor =");
    out.number(&factor.to_string());
    out.close();
    Ok(())
}
