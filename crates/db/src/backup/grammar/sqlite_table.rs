//! What stands in the parentheses of SQLite's `CREATE TABLE`, and behind them.

use super::cursor::Cursor;
use super::expression::{self, Scope};
use super::sqlite_words::{column_type, direction, name, signed_number};
use super::text::Sql;
use super::token::Token;
use super::{Dialect, Refusal, shown};

/// Reads a definition, and writes what the grammar knows of it.
pub(super) struct Parser<'a> {
    cursor: Cursor<'a>,
    scope: Scope<'a>,
    pub(super) out: Sql,
    /// Columns that are not computed.
    pub(super) stored: Vec<String>,
    pub(super) left_out: Vec<String>,
}

impl<'a> Parser<'a> {
    /// Begins behind the parenthesis that the columns are in.
    pub(super) fn new(cursor: Cursor<'a>, scope: Scope<'a>) -> Self {
        Self {
            cursor,
            scope,
            out: Sql::new(Dialect::Sqlite),
            stored: Vec::new(),
            left_out: Vec::new(),
        }
    }

    pub(super) fn table(&mut self) -> Result<(), Refusal> {
        self.out.words("CREATE TABLE main.");
        self.out.name(self.scope.table);
        self.body()?;
        self.options()
    }

    /// Columns, then constraints, up to the end of the parentheses. In SQLite the commas between
    /// constraints are optional.
    fn body(&mut self) -> Result<(), Refusal> {
        self.out.open();
        let columns = self.scope.columns;
        for (number, column) in columns.iter().enumerate() {
            if number > 0 {
                self.cursor.expect_symbol(",")?;
                self.out.comma();
            }
            name(&mut self.cursor)?;
            self.column(column)?;
        }
        while !self.cursor.is_symbol(")") {
            self.cursor.take_symbol(",");
            if let Some(constraint) = self.table_constraint()? {
                self.out.comma();
                self.out.append(&constraint);
            }
        }
        self.cursor.expect_symbol(")")?;
        self.out.close();
        Ok(())
    }

    fn options(&mut self) -> Result<(), Refusal> {
        let mut is_first = true;
        while !self.cursor.is_at_end() {
            if !is_first {
                self.cursor.expect_symbol(",")?;
                self.out.comma();
            }
            is_first = false;
            let option = self.cursor.take_one_of(&["WITHOUT ROWID", "STRICT"]);
            let option = option.ok_or_else(|| self.cursor.unexpected("an option"))?;
            self.out.words(option);
        }
        Ok(())
    }

    fn column(&mut self, column: &str) -> Result<(), Refusal> {
        self.out.name(column);
        column_type(&mut self.cursor, &mut self.out)?;
        let mut is_computed = false;
        while !self.cursor.is_symbol(",") && !self.cursor.is_symbol(")") {
            let mut part = Sql::new(Dialect::Sqlite);
            if self.cursor.take("constraint") {
                part.words("CONSTRAINT");
                part.name(&name(&mut self.cursor)?);
            }
            if self.cursor.take("generated always as") || self.cursor.take("as") {
                if !self.generated(column, &mut part)? {
                    continue;
                }
                is_computed = true;
            } else if !self.column_constraint(column, &mut part)? {
                continue;
            }
            self.out.append(&part);
        }
        if !is_computed {
            self.stored.push(column.to_owned());
        }
        Ok(())
    }

    /// Whether the column stays one that is computed. One that is stored and not computed any more
    /// keeps its values; to ask for those of a virtual one would be to carry the expression out.
    fn generated(&mut self, column: &str, part: &mut Sql) -> Result<bool, Refusal> {
        let mut written = Sql::new(Dialect::Sqlite);
        written.words("GENERATED ALWAYS AS");
        let is_known = self.checked(&mut written)?;
        let storage = self.cursor.take_one_of(&["STORED", "VIRTUAL"]);
        if is_known {
            part.append(&written);
            if let Some(storage) = storage {
                part.words(storage);
            }
        } else if storage == Some("STORED") {
            self.leave_out("the expression of", Some(column));
        } else {
            return Err(Refusal::beyond(
                "a column has an expression that is not known",
            ));
        }
        Ok(is_known)
    }

    /// An expression in parentheses, which is skipped if the grammar does not know it.
    fn checked(&mut self, part: &mut Sql) -> Result<bool, Refusal> {
        let begin = self.cursor.clone();
        let mut written = part.clone();
        let read = expression::in_parentheses(&mut self.cursor, &self.scope, &mut written);
        if read.is_ok() {
            *part = written;
            return Ok(true);
        }
        self.cursor.return_to(&begin);
        self.cursor.expect_symbol("(")?;
        self.cursor.skip_parenthesis()?;
        Ok(false)
    }

    fn leave_out(&mut self, what: &str, column: Option<&str>) {
        let table = shown(self.scope.table);
        self.left_out.push(match column {
            Some(column) => format!("{what} {table}.{}", shown(column)),
            None => format!("{what} {table}"),
        });
    }

    /// Whether there is something to be written: what the grammar does not know is left out.
    fn column_constraint(&mut self, column: &str, part: &mut Sql) -> Result<bool, Refusal> {
        if self.cursor.take("PRIMARY KEY") {
            part.words("PRIMARY KEY");
            direction(&mut self.cursor, part);
            self.conflict(part)?;
            if self.cursor.take("autoincrement") {
                part.words("AUTOINCREMENT");
            }
        } else if let Some(words) = self.cursor.take_one_of(&["NOT NULL", "NULL", "UNIQUE"]) {
            part.words(words);
            self.conflict(part)?;
        } else if self.cursor.take("check") {
            part.words("CHECK");
            let is_known = self.checked(part)?;
            self.conflict(part)?;
            if !is_known {
                self.leave_out("a check of", Some(column));
            }
            return Ok(is_known);
        } else if self.cursor.take("default") {
            part.words("DEFAULT");
            return self.default(column, part);
        } else if self.cursor.take("collate") {
            part.words("COLLATE");
            if expression::collation(&mut self.cursor, Dialect::Sqlite, part).is_err() {
                self.leave_out("the collation of", Some(column));
                return Ok(false);
            }
        } else if self.cursor.take("references") {
            self.references(part)?;
        } else {
            return Err(self.cursor.unexpected("a constraint"));
        }
        Ok(true)
    }

    fn default(&mut self, column: &str, part: &mut Sql) -> Result<bool, Refusal> {
        match self.cursor.peek() {
            Some(Token::Symbol("(")) => {
                let is_known = self.checked(part)?;
                if !is_known {
                    self.leave_out("the default of", Some(column));
                }
                return Ok(is_known);
            }
            Some(Token::Symbol("-" | "+") | Token::Number(_)) => {
                signed_number(&mut self.cursor, part)?;
                return Ok(true);
            }
            Some(Token::Blob(digits)) => part.blob(digits),
            Some(Token::Word(word)) => {
                let mut constant = self.cursor.clone();
                let known = constant.take_one_of(&[
                    "NULL",
                    "TRUE",
                    "FALSE",
                    "CURRENT_DATE",
                    "CURRENT_TIME",
                    "CURRENT_TIMESTAMP",
                ]);
                match known {
                    Some(known) => part.words(known),
                    // SQLite reads a bare word as a text here.
                    None => part.constant(word),
                }
            }
            Some(Token::Name(text) | Token::Text(text)) => part.constant(text),
            _ => return Err(self.cursor.unexpected("a default")),
        }
        self.cursor.next();
        Ok(true)
    }

    fn conflict(&mut self, part: &mut Sql) -> Result<(), Refusal> {
        if self.cursor.take("on conflict") {
            let actions = ["ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"];
            let action = self.cursor.take_one_of(&actions);
            part.words("ON CONFLICT");
            part.words(action.ok_or_else(|| self.cursor.unexpected("what to do"))?);
        }
        Ok(())
    }

    fn references(&mut self, part: &mut Sql) -> Result<(), Refusal> {
        part.words("REFERENCES");
        part.name(&name(&mut self.cursor)?);
        if self.cursor.is_symbol("(") {
            self.names(part)?;
        }
        loop {
            let words = self.cursor.take_one_of(&[
                "ON DELETE",
                "ON UPDATE",
                "MATCH",
                "NOT DEFERRABLE",
                "DEFERRABLE",
                "INITIALLY DEFERRED",
                "INITIALLY IMMEDIATE",
            ]);
            let Some(words) = words else { return Ok(()) };
            if words == "MATCH" {
                // SQLite parses this and ignores it.
                name(&mut self.cursor)?;
                continue;
            }
            part.words(words);
            if words.starts_with("ON ") {
                let actions = [
                    "SET NULL",
                    "SET DEFAULT",
                    "CASCADE",
                    "RESTRICT",
                    "NO ACTION",
                ];
                let action = self.cursor.take_one_of(&actions);
                part.words(action.ok_or_else(|| self.cursor.unexpected("what to do"))?);
            }
        }
    }

    fn names(&mut self, part: &mut Sql) -> Result<(), Refusal> {
        self.cursor.expect_symbol("(")?;
        part.open();
        loop {
            part.name(&name(&mut self.cursor)?);
            if !self.cursor.take_symbol(",") {
                break;
            }
            part.comma();
        }
        self.cursor.expect_symbol(")")?;
        part.close();
        Ok(())
    }

    /// `None` for one that is left out.
    fn table_constraint(&mut self) -> Result<Option<Sql>, Refusal> {
        let mut part = Sql::new(Dialect::Sqlite);
        if self.cursor.take("constraint") {
            part.words("CONSTRAINT");
            part.name(&name(&mut self.cursor)?);
        }
        if let Some(words) = self.cursor.take_one_of(&["PRIMARY KEY", "UNIQUE"]) {
            part.words(words);
            self.key(&mut part)?;
            self.conflict(&mut part)?;
        } else if self.cursor.take("check") {
            part.words("CHECK");
            let is_known = self.checked(&mut part)?;
            self.conflict(&mut part)?;
            if !is_known {
                self.leave_out("a check of", None);
                return Ok(None);
            }
        } else if self.cursor.take("foreign key") {
            part.words("FOREIGN KEY");
            self.names(&mut part)?;
            self.cursor.expect("references")?;
            self.references(&mut part)?;
        } else {
            return Err(self.cursor.unexpected("a constraint"));
        }
        Ok(Some(part))
    }

    /// The columns of a key.
    fn key(&mut self, part: &mut Sql) -> Result<(), Refusal> {
        self.cursor.expect_symbol("(")?;
        part.open();
        loop {
            part.name(&name(&mut self.cursor)?);
            if self.cursor.take("collate") {
                part.words("COLLATE");
                expression::collation(&mut self.cursor, Dialect::Sqlite, part)?;
            }
            direction(&mut self.cursor, part);
            if self.cursor.take("autoincrement") {
                part.words("AUTOINCREMENT");
            }
            if !self.cursor.take_symbol(",") {
                break;
            }
            part.comma();
        }
        self.cursor.expect_symbol(")")?;
        part.close();
        Ok(())
    }
}
