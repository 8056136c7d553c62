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
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use super::{Contents, Error, file};

/// The first line.
pub(super) const MAGIC: &str = "-- Backup of a Django database, format 1\n";

const MADE: &str = "-- made: ";
const FROM: &str = "-- from: ";
const OLDEST_COMPATIBLE: &str = "-- oldest compatible version: ";
const ROWS: &str = "-- rows: ";
const END_OF_ROWS: &[u8] = b"\\.\n";

/// How the statements of a backup begin. Nothing else is carried out.
const STATEMENTS: [&str; 8] = [
    "SET LOCAL ",
    "CREATE TABLE ",
    "CREATE SEQUENCE ",
    "CREATE INDEX ",
    "CREATE UNIQUE INDEX ",
    "ALTER TABLE ",
    "ALTER SEQUENCE ",
    "SELECT pg_catalog.setval(",
];

/// How much of a table's rows is read at once, but for rows that are longer.
const ROWS_AT_ONCE_BYTES: usize = 64 * 1024;

/// What is told of a backup before its statements.
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
        "{MAGIC}{MADE}{}\n{FROM}{}\n{OLDEST_COMPATIBLE}{}\nBEGIN;\n",
        header.made, header.from, header.oldest_compatible
    )
}

/// Writes a statement. One that spans lines cannot be told from what follows it.
pub(super) fn write_statement(out: &mut impl Write, sql: &str) -> io::Result<()> {
    if sql.contains('\n') {
        return Err(io::Error::other(format!(
            "a definition in the database spans lines: {sql}"
        )));
    }
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
    /// A line of them, with its end.
    Row(&'a [u8]),
    /// The last of them was there.
    EndOfRows,
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
    /// Told of the beginning.
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
            header: Header {
                made: String::new(),
                from: String::new(),
                oldest_compatible: 0,
            },
        };
        reader.header_line(MAGIC.trim_end())?;
        reader.header = Header {
            made: reader.header_line(MADE)?,
            from: reader.header_line(FROM)?,
            oldest_compatible: reader.header_number(OLDEST_COMPATIBLE)?,
        };
        reader.header_line("BEGIN;")?;
        Ok(reader)
    }

    /// The next part.
    pub(super) fn next(&mut self) -> Result<Part<'_>, Error> {
        self.read_line()?;
        if let Some(left) = self.rows_left {
            return self.next_row(left);
        }
        let mut rows = None;
        if self.line.starts_with(ROWS.as_bytes()) {
            rows = Some(parse(self.text()?, ROWS).ok_or_else(|| self.unexpected())?);
            self.read_line()?;
        }
        self.rows_left = rows;
        let copied = |line: &str| {
            Some(
                line.strip_prefix("COPY ")?
                    .strip_suffix(" FROM stdin;")?
                    .len(),
            )
        };
        let line = self.text()?;
        let is_statement = |line: &str| {
            STATEMENTS.iter().any(|start| line.starts_with(start)) && line.ends_with(';')
        };
        match (rows, copied(line)) {
            (Some(rows), Some(length)) => {
                let start = "COPY ".len();
                Ok(Part::Copy(&self.text()?[start..start + length], rows))
            }
            (None, None) if line == "COMMIT;" => Ok(Part::End),
            (None, None) if is_statement(line) => {
                let line = self.text()?;
                Ok(Part::Statement(&line[..line.len() - 1]))
            }
            _ => Err(self.unexpected()),
        }
    }

    /// The next rows of a table, some of them at a time; `None` after the last.
    pub(super) fn next_rows(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut rows = Vec::new();
        while self.rows_left.is_some() && rows.len() < ROWS_AT_ONCE_BYTES {
            match self.next()? {
                Part::Row(row) => rows.extend_from_slice(row),
                Part::EndOfRows => break,
                _ => return Err(self.unexpected()),
            }
        }
        Ok((!rows.is_empty()).then_some(rows))
    }

    fn next_row(&mut self, left: u64) -> Result<Part<'_>, Error> {
        if self.line == END_OF_ROWS {
            if left > 0 {
                return Err(self.damaged(&format!("{left} rows are missing")));
            }
            self.rows_left = None;
            return Ok(Part::EndOfRows);
        }
        let Some(left) = left.checked_sub(1) else {
            return Err(self.damaged("there is a row too many"));
        };
        self.rows_left = Some(left);
        Ok(Part::Row(&self.line))
    }

    fn read_line(&mut self) -> Result<(), Error> {
        self.line.clear();
        self.number += 1;
        let read = self.lines.read_until(b'\n', &mut self.line);
        read.map_err(|source| file::failed("read", &self.path, source))?;
        if self.line.ends_with(b"\n") {
            Ok(())
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

    /// What is said of a line that is not where it belongs.
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
    if file::check_seal(path)? != file::Seal::Whole {
        return Err(Error::Damaged {
            path: path.to_owned(),
            what: "it has not the checksum that it ends with, or ends too early".to_owned(),
        });
    }
    let mut reader = Reader::open(path)?;
    let mut contents = Contents::default();
    loop {
        match reader.next()? {
            Part::Copy(_, rows) => {
                contents.tables += 1;
                contents.rows += rows;
            }
            Part::End => return Ok((reader.header, contents)),
            Part::Statement(_) | Part::Row(_) | Part::EndOfRows => {}
        }
    }
}
