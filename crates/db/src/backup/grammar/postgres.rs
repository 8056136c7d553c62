//! The statements of a script for PostgreSQL, as the server puts its own definitions into words.
//!
//! A [`Script`] remembers what was defined. So `COPY` can only fill tables of the script, and a default
//! can only use its sequences.

use std::collections::{BTreeMap, BTreeSet};

use super::cursor::Cursor;
use super::expression::{self, Scope, name_in_text};
use super::postgres_table::Table;
use super::text::Sql;
use super::token::{Token, tokens};
use super::{
    Dialect, MAX_COLUMNS, MAX_DEFINITIONS, MAX_LENGTH, Refusal, postgres_constraint, postgres_type,
    shown,
};

/// What a script has defined so far.
#[derive(Debug, Default)]
pub(in crate::backup) struct Script {
    tables: BTreeMap<String, Table>,
    sequences: BTreeSet<String>,
    statements: usize,
    length: usize,
    /// The parts of tables that the grammar does not know, such as `the default of book.price`.
    pub(in crate::backup) left_out: Vec<String>,
}

/// The target of a `COPY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::backup) struct Destination {
    pub(in crate::backup) table: String,
    /// Name and columns, as they stand behind `COPY`.
    pub(in crate::backup) into: String,
    pub(in crate::backup) columns: Vec<String>,
}

/// Statements that are the same in every script.
const FIXED: [&str; 2] = [
    "SET LOCAL client_encoding = 'UTF8'",
    "SET LOCAL standard_conforming_strings = on",
];

impl Script {
    /// The statement to be carried out; `None` for a definition that is left out.
    pub(in crate::backup) fn statement(&mut self, text: &str) -> Result<Option<String>, Refusal> {
        self.statements += 1;
        self.length += text.len();
        if self.statements > MAX_DEFINITIONS || self.length > MAX_LENGTH {
            return Err(Refusal::form("there are too many definitions"));
        }
        if let Some(fixed) = FIXED.iter().find(|fixed| **fixed == text) {
            return Ok(Some((*fixed).to_owned()));
        }
        let tokens = tokens(text, Dialect::Postgres)?;
        let mut cursor = Cursor::new(&tokens);
        if cursor.take("create sequence") {
            self.create_sequence(&mut cursor).map(Some)
        } else if cursor.take("create table") {
            self.create_table(&mut cursor).map(Some)
        } else if cursor.take("alter sequence") {
            self.own_sequence(&mut cursor).map(Some)
        } else if cursor.take("alter table") {
            self.add_constraint(&mut cursor)
        } else if cursor.take("create unique index") {
            self.create_index(&mut cursor, "CREATE UNIQUE INDEX")
        } else if cursor.take("create index") {
            self.create_index(&mut cursor, "CREATE INDEX")
        } else if cursor.take("select pg_catalog") {
            self.set_sequence(&mut cursor).map(Some)
        } else {
            Err(Refusal::form("no backup has such a line"))
        }
    }

    /// What stands between `COPY` and `FROM stdin`.
    pub(in crate::backup) fn copy(&self, text: &str) -> Result<Destination, Refusal> {
        let tokens = tokens(text, Dialect::Postgres)?;
        let mut cursor = Cursor::new(&tokens);
        let name = cursor.name()?;
        let table = self.table(name)?;
        let columns = cursor.names()?;
        cursor.expect_end()?;
        let unknown = columns.iter().find(|column| !table.stored.contains(column));
        if let Some(unknown) = unknown {
            return Err(Refusal::form(format!(
                "{} has no column {}",
                shown(name),
                shown(unknown)
            )));
        }
        Ok(destination(name, &columns))
    }

    /// All rows of a table.
    pub(in crate::backup) fn copy_all(&self, name: &str) -> Result<Destination, Refusal> {
        Ok(destination(name, &self.table(name)?.stored))
    }

    fn table(&self, name: &str) -> Result<&Table, Refusal> {
        let what = || Refusal::form(format!("there is no table {} before it", shown(name)));
        self.tables.get(name).ok_or_else(what)
    }

    fn create_sequence(&mut self, cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
        let name = cursor.name()?;
        let mut out = Sql::new(Dialect::Postgres);
        out.words("CREATE SEQUENCE");
        out.name(name);
        cursor.expect("as")?;
        out.words("AS");
        let kind = cursor.take_one_of(&["smallint", "integer", "bigint"]);
        out.words(kind.ok_or_else(|| cursor.unexpected("a type"))?);
        sequence_options(cursor, &mut out)?;
        cursor.expect_end()?;
        self.sequences.insert(name.to_owned());
        Ok(out.into_text())
    }

    fn own_sequence(&self, cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
        let sequence = cursor.name()?;
        cursor.expect("owned by")?;
        let table = cursor.name()?;
        cursor.expect_symbol(".")?;
        let column = cursor.name()?;
        cursor.expect_end()?;
        let has_column = self.table(table)?.columns.iter().any(|c| c == column);
        if !has_column || !self.sequences.contains(sequence) {
            return Err(Refusal::form("it binds what is not there"));
        }
        let mut out = Sql::new(Dialect::Postgres);
        out.words("ALTER SEQUENCE");
        out.name(sequence);
        out.words("OWNED BY");
        out.name(table);
        out.symbol(".");
        out.name(column);
        Ok(out.into_text())
    }

    /// `.setval('"name"', 3, true)`.
    fn set_sequence(&self, cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
        cursor.expect_symbol(".")?;
        cursor.expect("setval")?;
        cursor.expect_symbol("(")?;
        let Some(Token::Text(text)) = cursor.next() else {
            return Err(cursor.unexpected("the name of a sequence"));
        };
        let name = name_in_text(text)?;
        if !self.sequences.contains(&name) {
            return Err(Refusal::form("it sets a sequence that is not there"));
        }
        cursor.expect_symbol(",")?;
        let value = cursor.integer()?;
        cursor.expect_symbol(",")?;
        let is_called = cursor.take_one_of(&["true", "false"]);
        let is_called = is_called.ok_or_else(|| cursor.unexpected("true or false"))?;
        cursor.expect_symbol(")")?;
        cursor.expect_end()?;
        let mut out = Sql::new(Dialect::Postgres);
        out.words("SELECT pg_catalog.setval");
        out.open_call();
        out.constant(&crate::names::quoted(&name));
        out.comma();
        out.number(&value.to_string());
        out.comma();
        out.words(is_called);
        out.close();
        Ok(out.into_text())
    }

    fn create_table(&mut self, cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
        let name = cursor.name()?;
        cursor.expect_symbol("(")?;
        let mut table = Table {
            columns: column_names(cursor)?,
            ..Table::default()
        };
        let mut out = Sql::new(Dialect::Postgres);
        out.words("CREATE TABLE");
        out.name(name);
        out.open();
        for number in 0..table.columns.len() {
            if number > 0 {
                cursor.expect_symbol(",")?;
                out.comma();
            }
            let column = cursor.name()?.to_owned();
            out.name(&column);
            let mut parser = ColumnParser {
                script: self,
                name,
                table: &mut table,
                column: &column,
            };
            parser.column(cursor, &mut out)?;
        }
        cursor.expect_symbol(")")?;
        out.close();
        cursor.expect_end()?;
        if self.tables.insert(name.to_owned(), table).is_some() {
            return Err(Refusal::form("there is such a table already"));
        }
        Ok(out.into_text())
    }

    fn add_constraint(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<String>, Refusal> {
        let table = cursor.name()?.to_owned();
        cursor.expect("add constraint")?;
        let name = cursor.name()?;
        self.table(&table)?;
        let mut out = Sql::new(Dialect::Postgres);
        out.words("ALTER TABLE");
        out.name(&table);
        out.words("ADD CONSTRAINT");
        out.name(name);
        let target = self.target(&table)?;
        let read = postgres_constraint::constraint(cursor, &target, &mut out);
        Ok(self.taken(read.is_ok().then_some(out), || {
            format!("the constraint {} of {}", shown(name), shown(&table))
        }))
    }

    fn create_index(
        &mut self,
        cursor: &mut Cursor<'_>,
        words: &'static str,
    ) -> Result<Option<String>, Refusal> {
        let name = cursor.name()?;
        cursor.expect("on")?;
        cursor.take("only");
        let table = cursor.name()?.to_owned();
        let mut out = Sql::new(Dialect::Postgres);
        out.words(words);
        out.name(name);
        out.words("ON");
        out.name(&table);
        let target = self.target(&table)?;
        let read = postgres_constraint::index(cursor, &target, &mut out);
        Ok(self.taken(read.is_ok().then_some(out), || {
            format!("the index {} of {}", shown(name), shown(&table))
        }))
    }

    fn target<'a>(&'a self, name: &'a str) -> Result<postgres_constraint::Target<'a>, Refusal> {
        let table = self.table(name)?;
        Ok(postgres_constraint::Target {
            name,
            table,
            tables: &self.tables,
            sequences: &self.sequences,
        })
    }

    /// The statement, or `None` for a definition beyond the grammar, which is added to what is left out.
    fn taken(&mut self, read: Option<Sql>, what: impl FnOnce() -> String) -> Option<String> {
        if read.is_none() {
            self.left_out.push(what());
        }
        read.map(Sql::into_text)
    }
}

fn destination(name: &str, columns: &[String]) -> Destination {
    let mut out = Sql::new(Dialect::Postgres);
    out.name(name);
    out.names(columns.iter().map(String::as_str));
    Destination {
        table: name.to_owned(),
        into: out.into_text(),
        columns: columns.to_vec(),
    }
}

/// Words that begin a table constraint instead of a column.
const NO_COLUMNS: &[&str] = &[
    "check",
    "constraint",
    "exclude",
    "foreign",
    "like",
    "primary",
    "unique",
];

/// The names of all columns, since an expression may refer to one that comes later.
fn column_names(at: &Cursor<'_>) -> Result<Vec<String>, Refusal> {
    let mut cursor = at.clone();
    let mut names = Vec::new();
    loop {
        // The server would have written a column of such a name in quotes.
        if let Some(word) = cursor.take_one_of(NO_COLUMNS) {
            return Err(Refusal::form(format!("`{word}` stands among the columns")));
        }
        names.push(cursor.name()?.to_owned());
        if names.len() > MAX_COLUMNS {
            return Err(Refusal::form("it has too many columns"));
        }
        cursor.skip_until(|cursor| cursor.is_symbol(","));
        if !cursor.take_symbol(",") {
            return Ok(names);
        }
    }
}

fn sequence_options(cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
    for words in [
        "START WITH",
        "INCREMENT BY",
        "MINVALUE",
        "MAXVALUE",
        "CACHE",
    ] {
        cursor.expect(words)?;
        out.words(words);
        out.number(&cursor.integer()?.to_string());
    }
    if cursor.take("cycle") {
        out.words("CYCLE");
    }
    Ok(())
}

/// Whether a part of a column's definition ends here.
fn is_at_end(cursor: &Cursor<'_>) -> bool {
    let words = ["not null", "default", "generated"];
    let is_symbol = [",", ")"].iter().any(|symbol| cursor.is_symbol(symbol));
    is_symbol || cursor.is_at_end() || cursor.clone().take_one_of(&words).is_some()
}

/// Reads one column of a table.
struct ColumnParser<'a> {
    script: &'a mut Script,
    name: &'a str,
    table: &'a mut Table,
    column: &'a str,
}

impl ColumnParser<'_> {
    fn column(&mut self, cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
        self.column_type(cursor, out);
        if cursor.take("collate") {
            self.part(cursor, out, "the collation of", |cursor, _, part| {
                part.words("COLLATE");
                expression::collation(cursor, Dialect::Postgres, part)
            });
        }
        let mut is_stored = true;
        let mut may_be_null = false;
        let identity = [
            "GENERATED ALWAYS AS IDENTITY",
            "GENERATED BY DEFAULT AS IDENTITY",
        ];
        if let Some(identity) = cursor.take_one_of(&identity) {
            out.words(identity);
            self.identity(cursor, out)?;
        } else if cursor.take("generated always as") {
            is_stored = !self.part(cursor, out, "the expression of", |cursor, scope, part| {
                part.words("GENERATED ALWAYS AS");
                expression::in_parentheses(cursor, scope, part)?;
                cursor.expect("stored")?;
                part.words("STORED");
                Ok(())
            });
            // If the grammar does not know the expression, the column becomes a plain one. The script has
            // no values for it, so that it must not be NOT NULL.
            may_be_null = is_stored;
        } else if cursor.take("default") {
            self.part(cursor, out, "the default of", |cursor, scope, part| {
                part.words("DEFAULT");
                expression::expression(cursor, scope, part)
            });
        }
        if cursor.take("not null") && !may_be_null {
            out.words("NOT NULL");
        }
        if is_stored {
            self.table.stored.push(self.column.to_owned());
        }
        Ok(())
    }

    /// A type that the server does not have by itself becomes text, which stores every value as `COPY`
    /// writes it.
    fn column_type(&mut self, cursor: &mut Cursor<'_>, out: &mut Sql) {
        let is_end = |cursor: &Cursor<'_>| cursor.is_word("collate") || is_at_end(cursor);
        let begin = cursor.clone();
        let mut part = Sql::new(Dialect::Postgres);
        let read = postgres_type::postgres_type(cursor, &mut part);
        if read.is_ok() && is_end(cursor) {
            out.append(&part);
            return;
        }
        cursor.return_to(&begin);
        cursor.skip_until(is_end);
        out.words("text");
        self.table.converted.insert(self.column.to_owned());
        let (table, column) = (shown(self.name), shown(self.column));
        let left_out = format!("the type of {table}.{column}, which is kept as text");
        self.script.left_out.push(left_out);
    }

    /// Adds a part of the definition, or skips one that the grammar does not know. Returns whether it was
    /// known.
    fn part(
        &mut self,
        cursor: &mut Cursor<'_>,
        out: &mut Sql,
        what: &str,
        read: impl FnOnce(&mut Cursor<'_>, &Scope<'_>, &mut Sql) -> Result<(), Refusal>,
    ) -> bool {
        let begin = cursor.clone();
        let mut part = Sql::new(Dialect::Postgres);
        let scope = Scope {
            dialect: Dialect::Postgres,
            table: self.name,
            columns: &self.table.columns,
            converted: &self.table.converted,
            sequences: &self.script.sequences,
        };
        if read(cursor, &scope, &mut part).is_ok() && is_at_end(cursor) {
            out.append(&part);
            return true;
        }
        cursor.return_to(&begin);
        cursor.skip_until(is_at_end);
        let (table, column) = (shown(self.name), shown(self.column));
        self.script
            .left_out
            .push(format!("{what} {table}.{column}"));
        false
    }

    fn identity(&mut self, cursor: &mut Cursor<'_>, out: &mut Sql) -> Result<(), Refusal> {
        cursor.expect_symbol("(")?;
        cursor.expect("sequence name")?;
        let sequence = cursor.name()?;
        out.open();
        out.words("SEQUENCE NAME");
        out.name(sequence);
        sequence_options(cursor, out)?;
        cursor.expect_symbol(")")?;
        out.close();
        self.script.sequences.insert(sequence.to_owned());
        Ok(())
    }
}
