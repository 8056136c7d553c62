//! The form of a PostgreSQL backup: a script for `psql`, in lines that are told apart by how
//! they begin. Writes and reads it; knows no database.
//!
//! ```text
//! -- Backup of a Django database, format 1
//! -- made: 2026-11-24 13:55:01 UTC, by books 1.2
//! -- from: PostgreSQL 15.18
//! -- oldest compatible version: 1
//! BEGIN;
//! CREATE TABLE …;            statements, one a line
//! -- rows: 2
//! COPY "book" (…) FROM stdin;
//! 1 Walden                   lines of COPY's text format, with tabs
//! 2 Emma
//! \.
//! ALTER TABLE …;
//! COMMIT;
//! -- sha256: …               the checksum of all before it
//! ```

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::{Path, PathBuf};

use super::error::Error;
use super::file::{self, SCRIPT_MAGIC};
use super::grammar::postgres::Script;
use super::grammar::{self, Refusal};
use super::subject::Contents;

const MADE: &str = "-- made: ";
const FROM: &str = "-- from: ";
const OLDEST_COMPATIBLE: &str = "-- oldest compatible version: ";
const ROWS: &str = "-- rows: ";
const END_OF_ROWS: &[u8] = b"\\.\n";

/// The longest line but for rows, with its semicolon and its end.
const MAX_LINE: u64 = grammar::MAX_DEFINITION as u64 + 2;

/// How much of a table's rows is read at once.
const ROWS_AT_ONCE_BYTES: usize = 64 * 1024;

/// The comments before the first statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// When and by which program.
    pub(super) made: String,
    /// The version of the server.
    pub(super) from: String,
    /// The oldest version of the program's own tables that can work on them; zero before any.
    pub(super) oldest_compatible: i64,
}

/// Writes the lines before the first statement.
pub(super) fn write_header(out: &mut impl Write, header: &Header) -> io::Result<()> {
    write!(
        out,
        "{SCRIPT_MAGIC}{MADE}{}\n{FROM}{}\n{OLDEST_COMPATIBLE}{}\nBEGIN;\n",
        header.made, header.from, header.oldest_compatible
    )
}

/// Writes a statement, as the grammar has put it together: in one line.
pub(super) fn write_statement(out: &mut impl Write, sql: &str) -> io::Result<()> {
    writeln!(out, "{sql};")
}

/// Writes what comes before the rows of a table.
pub(super) fn write_copy(out: &mut impl Write, into: &str, rows: u64) -> io::Result<()> {
    writeln!(out, "{ROWS}{rows}\nCOPY {into} FROM stdin;")
}

/// Writes what comes after them.
pub(super) fn write_end_of_rows(out: &mut impl Write) -> io::Result<()> {
    out.write_all(END_OF_ROWS)
}

/// Writes the last statement.
pub(super) fn write_end(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "COMMIT;")
}

/// A part of a backup, in the order in which it is carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// A statement without its semicolon.
    Statement(&'a str),
    /// Rows follow, so many; what goes between `COPY` and `FROM stdin`.
    Copy(&'a str, u64),
    /// Nothing follows.
    End,
}

/// Reads a backup part by part, and checks that each is where it belongs.
#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    lines: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    rows_left: Option<u64>,
    /// Whether the next byte begins a row. A long row is read in several parts.
    is_at_row: bool,
    pub(super) header: Header,
}

impl Reader {
    /// Reads up to the first statement.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| file::failed("read", path, source))?;
        let mut reader = Self {
            path: path.to_owned(),
            lines: BufReader::new(file),
            line: Vec::new(),
            number: 0,
            rows_left: None,
            is_at_row: true,
            header: Header {
                made: String::new(),
                from: String::new(),
                oldest_compatible: 0,
            },
        };
        reader.header_line(SCRIPT_MAGIC.trim_end())?;
        reader.header = Header {
            made: reader.header_line(MADE)?,
            from: reader.header_line(FROM)?,
            oldest_compatible: reader.header_number(OLDEST_COMPATIBLE)?,
        };
        reader.header_line("BEGIN;")?;
        Ok(reader)
    }

    /// The next part; of a table's rows what is left is passed over.
    pub(super) fn next(&mut self) -> Result<Part<'_>, Error> {
        while self.next_rows()?.is_some() {}
        self.read_line()?;
        let mut rows = None;
        if self.line.starts_with(ROWS.as_bytes()) {
            rows = Some(parse(self.text()?, ROWS).ok_or_else(|| self.unexpected())?);
            self.read_line()?;
        }
        self.rows_left = rows;
        let line = self.text()?;
        let copied = |line: &str| {
            let between = line.strip_prefix("COPY ")?;
            Some(between.strip_suffix(" FROM stdin;")?.len())
        };
        match (rows, copied(line)) {
            (Some(rows), Some(length)) => {
                let start = "COPY ".len();
                Ok(Part::Copy(&self.text()?[start..start + length], rows))
            }
            (None, None) if line == "COMMIT;" => self.end(),
            (None, None) if line.ends_with(';') => {
                let line = self.text()?;
                Ok(Part::Statement(&line[..line.len() - 1]))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// Nothing but the checksum follows the last statement.
    fn end(&mut self) -> Result<Part<'static>, Error> {
        self.header_line(file::CHECKSUM_PREFIX)?;
        let rest = self.lines.fill_buf();
        let rest = rest.map_err(|source| file::failed("read", &self.path, source))?;
        if rest.is_empty() {
            Ok(Part::End)
        } else {
            Err(self.damaged("something follows the end"))
        }
    }

    /// The next rows of a table, some of them at a time; `None` after the last, and where there are
    /// none. A row may be longer than what is in memory at once.
    pub(super) fn next_rows(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut rows = Vec::new();
        while self.rows_left.is_some() && rows.len() < ROWS_AT_ONCE_BYTES {
            self.read_row(&mut rows)?;
        }
        Ok((!rows.is_empty()).then_some(rows))
    }

    /// Adds a row, the beginning or the rest of one; or ends the rows.
    fn read_row(&mut self, rows: &mut Vec<u8>) -> Result<(), Error> {
        // At the beginning of a row only as much is read as tells whether it is the end marker.
        let most = if self.is_at_row {
            END_OF_ROWS.len()
        } else {
            ROWS_AT_ONCE_BYTES
        };
        self.line.clear();
        let mut lines = (&mut self.lines).take(most as u64);
        let read = lines.read_until(b'\n', &mut self.line);
        read.map_err(|source| file::failed("read", &self.path, source))?;
        if self.line.is_empty() {
            return Err(self.damaged("the file ends too early"));
        }
        let left = self.rows_left.unwrap_or(0);
        self.number += u64::from(self.is_at_row);
        if self.is_at_row && self.line == END_OF_ROWS {
            if left > 0 {
                return Err(self.damaged(&format!("{left} rows are missing")));
            }
            self.rows_left = None;
            return Ok(());
        }
        if self.is_at_row && left == 0 {
            return Err(self.damaged("there is a row too many"));
        }
        rows.extend_from_slice(&self.line);
        self.is_at_row = self.line.ends_with(b"\n");
        if self.is_at_row {
            self.rows_left = Some(left - 1);
        }
        Ok(())
    }

    fn read_line(&mut self) -> Result<(), Error> {
        self.line.clear();
        self.number += 1;
        let mut lines = (&mut self.lines).take(MAX_LINE);
        let read = lines.read_until(b'\n', &mut self.line);
        read.map_err(|source| file::failed("read", &self.path, source))?;
        if self.line.ends_with(b"\n") {
            Ok(())
        } else if self.line.len() as u64 == MAX_LINE {
            Err(self.damaged("the line is too long"))
        } else {
            Err(self.damaged("the file ends too early"))
        }
    }

    /// The line without its end.
    fn text(&self) -> Result<&str, Error> {
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        std::str::from_utf8(line).map_err(|_| self.unexpected())
    }

    /// What follows a beginning that the next line must have.
    fn header_line(&mut self, start: &str) -> Result<String, Error> {
        self.read_line()?;
        let rest = self.text()?.strip_prefix(start);
        rest.map(str::to_owned).ok_or_else(|| self.unexpected())
    }

    fn header_number(&mut self, start: &str) -> Result<i64, Error> {
        let rest = self.header_line(start)?;
        rest.parse().map_err(|_| self.unexpected())
    }

    /// The error for a line that the grammar refuses.
    pub(super) fn refused(&self, refusal: &Refusal) -> Error {
        self.damaged(&refusal.to_string())
    }

    /// The error for a line that does not belong at its place.
    pub(super) fn unexpected(&self) -> Error {
        self.damaged("no backup has such a line")
    }

    fn damaged(&self, what: &str) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            what: format!("line {}: {what}", self.number),
        }
    }
}

fn parse(line: &str, start: &str) -> Option<u64> {
    line.strip_prefix(start)?.parse().ok()
}

/// Reads a backup to its end, and checks all that can be checked without a database.
pub(super) fn check(path: &Path) -> Result<(Header, Contents), Error> {
    if file::verify_checksum(path)? != file::Checksum::Valid {
        return Err(Error::Damaged {
            path: path.to_owned(),
            what: "it has not the checksum that it ends with, or ends too early".to_owned(),
        });
    }
    let mut reader = Reader::open(path)?;
    let mut script = Script::default();
    let mut contents = Contents::default();
    loop {
        let read = match reader.next()? {
            Part::Statement(sql) => script.statement(sql).map(|_| ()),
            Part::Copy(into, rows) => {
                contents.tables += 1;
                contents.rows += rows;
                script.copy(into).map(|_| ())
            }
            Part::End => {
                contents.left_out = script.left_out;
                return Ok((reader.header, contents));
            }
        };
        read.map_err(|refusal| reader.refused(&refusal))?;
    }
}
