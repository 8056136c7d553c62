//! Tables and indexes of SQLite, as `sqlite_schema` keeps the texts by which they were made
//! (`sqlite.org/lang_createtable.html`, `lang_createindex.html`).

use std::collections::BTreeSet;

use super::cursor::Cursor;
use super::expression::{self, Scope, is_same};
use super::sqlite_table::Parser;
use super::sqlite_words::{direction, name};
use super::text::Sql;
use super::token::tokens;
use super::{Dialect, MAX_COLUMNS, Refusal, shown};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backup) struct Table {
    pub(in crate::backup) name: String,
    /// The columns that hold what was written to them, and are not computed.
    pub(in crate::backup) stored: Vec<String>,
    /// The `CREATE TABLE` statement.
    pub(in crate::backup) sql: String,
    /// The parts that the grammar does not know, such as `the default of book.price`.
    pub(in crate::backup) left_out: Vec<String>,
    columns: Vec<String>,
}

/// Reads `CREATE TABLE`.
pub(in crate::backup) fn table(text: &str) -> Result<Table, Refusal> {
    let tokens = tokens(text, Dialect::Sqlite)?;
    let mut cursor = Cursor::new(&tokens);
    cursor.expect("create table")?;
    let name = name(&mut cursor)?;
    cursor.expect_symbol("(")?;
    let columns = column_names(&cursor)?;
    let none = BTreeSet::new();
    let scope = Scope {
        dialect: Dialect::Sqlite,
        table: &name,
        columns: &columns,
        converted: &none,
        sequences: &none,
    };
    let mut parser = Parser::new(cursor, scope);
    parser.table()?;
    let Parser {
        out,
        stored,
        left_out,
        ..
    } = parser;
    Ok(Table {
        sql: out.into_text(),
        stored,
        left_out,
        columns,
        name,
    })
}

/// A table whose definition the grammar does not know. Its columns get no types, so that SQLite stores
/// the values unchanged.
pub(in crate::backup) fn plain_table(name: &str, columns: &[String]) -> Table {
    let mut out = Sql::new(Dialect::Sqlite);
    out.words("CREATE TABLE main.");
    out.name(name);
    out.names(columns.iter().map(String::as_str));
    Table {
        name: name.to_owned(),
        stored: columns.to_vec(),
        sql: out.into_text(),
        left_out: vec![format!("the types and constraints of {}", shown(name))],
        columns: columns.to_vec(),
    }
}

/// An index: its name, and the statement that makes it or what of it the grammar does not know.
pub(in crate::backup) struct Index {
    pub(in crate::backup) name: String,
    pub(in crate::backup) table: String,
    pub(in crate::backup) sql: Result<String, Refusal>,
}

/// Reads `CREATE INDEX` on one of the tables.
pub(in crate::backup) fn index(text: &str, tables: &[Table]) -> Result<Index, Refusal> {
    let tokens = tokens(text, Dialect::Sqlite)?;
    let mut cursor = Cursor::new(&tokens);
    let mut out = Sql::new(Dialect::Sqlite);
    cursor.expect("create")?;
    if cursor.take("UNIQUE") {
        out.words("CREATE UNIQUE INDEX main.");
    } else {
        out.words("CREATE INDEX main.");
    }
    cursor.expect("index")?;
    let index = name(&mut cursor)?;
    cursor.expect("on")?;
    let wanted = name(&mut cursor)?;
    let mut tables = tables.iter();
    let table = tables.find(|table| is_same(Dialect::Sqlite, &table.name, &wanted));
    let table = table.ok_or_else(|| Refusal::form("it is on a table that is not there"))?;
    out.name(&index);
    out.words("ON");
    out.name(&table.name);
    cursor.expect_symbol("(")?;
    out.open();
    let none = BTreeSet::new();
    let scope = Scope {
        dialect: Dialect::Sqlite,
        table: &table.name,
        columns: &table.columns,
        converted: &none,
        sequences: &none,
    };
    let rest = index_rest(&mut cursor, &scope, &mut out);
    Ok(Index {
        name: index,
        table: table.name.clone(),
        sql: rest.map(|()| out.into_text()),
    })
}

fn index_rest(cursor: &mut Cursor<'_>, scope: &Scope<'_>, out: &mut Sql) -> Result<(), Refusal> {
    loop {
        expression::expression(cursor, scope, out)?;
        direction(cursor, out);
        if !cursor.take_symbol(",") {
            break;
        }
        out.comma();
    }
    cursor.expect_symbol(")")?;
    out.close();
    if cursor.take("where") {
        out.words("WHERE");
        expression::expression(cursor, scope, out)?;
    }
    cursor.expect_end()
}

/// The names of all columns, since an expression may refer to one that comes later.
fn column_names(at: &Cursor<'_>) -> Result<Vec<String>, Refusal> {
    let mut cursor = at.clone();
    let mut names = Vec::new();
    while !TABLE_CONSTRAINTS.iter().any(|word| cursor.is_word(word)) {
        names.push(name(&mut cursor)?);
        if names.len() > MAX_COLUMNS {
            return Err(Refusal::form("it has too many columns"));
        }
        cursor.skip_until(|cursor| cursor.is_symbol(","));
        if !cursor.take_symbol(",") {
            break;
        }
    }
    Ok(names)
}

const TABLE_CONSTRAINTS: &[&str] = &["constraint", "primary", "unique", "check", "foreign"];
