//! Splits the `CREATE TABLE` of a SQLite table into columns and constraints
//! (`sqlite.org/lang_createtable.html`), so that a remade table keeps what its owner has added. The
//! text is valid, since SQLite has accepted it. Pure.

use std::ops::Range;

use crate::backup::grammar::Dialect;
use crate::backup::grammar::token::{Token, spanned};

pub(super) struct Definition {
    pub(super) columns: Vec<ColumnText>,
    pub(super) constraints: Vec<Constraint>,
    /// The table options after the parentheses.
    pub(super) options: String,
}

pub(super) struct ColumnText {
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) constraints: Vec<Constraint>,
}

pub(super) struct Constraint {
    /// Its first keyword after `CONSTRAINT name`, in capitals.
    pub(super) kind: String,
    /// The names in its first parentheses, if there are any.
    pub(super) columns: Vec<String>,
    pub(super) text: String,
}

impl Definition {
    /// Reads a text; the error says why it cannot be read.
    pub(super) fn read(sql: &str) -> Result<Self, String> {
        let tokens = spanned(sql, Dialect::Sqlite).map_err(|refusal| refusal.to_string())?;
        let all = pieces(sql, &tokens).ok_or("a parenthesis has no other")?;
        Self::of(&all).ok_or_else(|| "it is no plain table".to_owned())
    }

    fn of(all: &[Piece<'_>]) -> Option<Self> {
        let body = all.iter().position(|piece| piece.inner.is_some())?;
        let mut definition = Self {
            columns: Vec::new(),
            constraints: Vec::new(),
            options: joined(&all[body + 1..]),
        };
        for part in parts(all[body].inner.as_deref()?) {
            let first = part.first()?;
            if TABLE_CONSTRAINTS.contains(&&*first.word()) {
                definition.constraints.push(constraint(part));
            } else {
                definition.columns.push(column(part)?);
            }
        }
        Some(definition)
    }
}

/// Splits at commas.
fn parts<'a, 'b>(inner: &'b [Piece<'a>]) -> impl Iterator<Item = &'b [Piece<'a>]> {
    inner.split(|piece| *piece.token == Token::Symbol(","))
}

const TABLE_CONSTRAINTS: &[&str] = &["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

const COLUMN_CONSTRAINTS: &[&str] = &[
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
    "AS",
];

fn column(pieces: &[Piece<'_>]) -> Option<ColumnText> {
    let (name, rest) = pieces.split_first()?;
    let begin = rest.iter().position(begins_constraint);
    let (type_name, mut rest) = rest.split_at(begin.unwrap_or(rest.len()));
    let mut constraints = Vec::new();
    while !rest.is_empty() {
        let (first, others) = rest.split_at(constraint_length(rest));
        constraints.push(constraint(first));
        rest = others;
    }
    Some(ColumnText {
        name: name.name()?,
        type_name: joined(type_name),
        constraints,
    })
}

fn begins_constraint(piece: &Piece<'_>) -> bool {
    COLUMN_CONSTRAINTS.contains(&&*piece.word())
}

/// The number of pieces of the first constraint.
fn constraint_length(pieces: &[Piece<'_>]) -> usize {
    let named = name_length(pieces);
    let word = |at: usize| pieces.get(at).map_or_else(String::new, Piece::word);
    let mut length = named
        + match &*word(named) {
            "NULL" | "UNIQUE" => 1,
            "GENERATED" => 4,
            "DEFAULT" if matches!(&*word(named + 1), "+" | "-") => 3,
            _ => 2,
        };
    // `ON DELETE SET NULL` and `NOT DEFERRABLE` belong to a reference.
    let goes_on = |at: usize| {
        !begins_constraint(&pieces[at])
            || word(at - 1) == "SET"
            || (word(at) == "NOT" && word(at + 1) == "DEFERRABLE")
    };
    while length < pieces.len() && goes_on(length) {
        length += 1;
    }
    length.min(pieces.len())
}

/// The number of pieces of `CONSTRAINT name`, if it is there.
fn name_length(pieces: &[Piece<'_>]) -> usize {
    if pieces
        .first()
        .is_some_and(|first| first.word() == "CONSTRAINT")
    {
        2
    } else {
        0
    }
}

fn constraint(all: &[Piece<'_>]) -> Constraint {
    let kind = all.get(name_length(all)).map(Piece::word);
    let inner = all.iter().find_map(|piece| piece.inner.as_deref());
    let first = parts(inner.unwrap_or_default()).filter_map(|part| part.first()?.name());
    Constraint {
        kind: kind.unwrap_or_default(),
        columns: first.collect(),
        text: joined(all),
    }
}

/// A token, or parentheses with their content.
struct Piece<'a> {
    /// The token, or the opening parenthesis.
    token: &'a Token,
    text: &'a str,
    /// Whether white space or a comment stands before it.
    is_apart: bool,
    /// The content of parentheses.
    inner: Option<Vec<Self>>,
}

impl Piece<'_> {
    /// A keyword in capitals or a symbol; empty for anything quoted.
    fn word(&self) -> String {
        match self.token {
            Token::Word(word) => word.to_uppercase(),
            Token::Symbol(symbol) => (*symbol).to_owned(),
            _ => String::new(),
        }
    }

    /// The name that it stands for. SQLite also reads a text as a name.
    fn name(&self) -> Option<String> {
        match self.token {
            Token::Word(name) | Token::Name(name) | Token::Text(name) => Some(name.clone()),
            _ => None,
        }
    }
}

fn joined(pieces: &[Piece<'_>]) -> String {
    let mut text = String::new();
    for piece in pieces {
        if piece.is_apart && !text.is_empty() {
            text.push(' ');
        }
        text += piece.text;
    }
    text
}

/// The tokens of a text as pieces; `None` if parentheses are not balanced.
fn pieces<'a>(text: &'a str, tokens: &'a [(Token, Range<usize>)]) -> Option<Vec<Piece<'a>>> {
    let mut pieces = Vec::new();
    let mut rest = tokens;
    let mut end = None;
    while let Some(((token, span), others)) = rest.split_first() {
        let is_apart = end.is_some_and(|end| end < span.start);
        let mut piece = Piece {
            token,
            text: &text[span.clone()],
            is_apart,
            inner: None,
        };
        end = Some(span.end);
        rest = others;
        if *token == Token::Symbol("(") {
            let close = closing(others)?;
            let last = others[close].1.end;
            piece.text = &text[span.start..last];
            piece.inner = Some(self::pieces(text, &others[..close])?);
            end = Some(last);
            rest = &others[close + 1..];
        }
        pieces.push(piece);
    }
    Some(pieces)
}

/// The index of the parenthesis that closes the one before these tokens.
fn closing(tokens: &[(Token, Range<usize>)]) -> Option<usize> {
    let mut depth = 1;
    tokens.iter().position(|(token, _)| {
        match token {
            Token::Symbol("(") => depth += 1,
            Token::Symbol(")") => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_columns_and_constraints() {
        let text = "CREATE TABLE \"a(b\" (id integer NOT NULL PRIMARY KEY AUTOINCREMENT,\n\
                    -- a comment, with a comma\n\
                    \"the \"\"note\"\"\" varchar (8) NULL DEFAULT -1.5 COLLATE NOCASE \
                    CHECK(length(x) > 2 /* ) */ AND y <> ')'),\n\
                    [owner id] int CONSTRAINT one REFERENCES b (id) ON DELETE SET NULL \
                    NOT DEFERRABLE UNIQUE ON CONFLICT IGNORE,\n\
                    blob_1 DEFAULT x'00' GENERATED ALWAYS AS (id * 2) STORED,\n\
                    CONSTRAINT both UNIQUE (id, \"the \"\"note\"\"\"), FOREIGN KEY (id) REFERENCES c\
                    ) WITHOUT ROWID, STRICT";
        let read = Definition::read(text).unwrap();
        let shown = |constraints: &[Constraint]| {
            let shown = constraints.iter();
            let shown = shown.map(|of| format!("{}: {}", of.kind, of.text));
            shown.collect::<Vec<_>>().join("; ")
        };
        let columns = read.columns.iter();
        let columns: Vec<_> = columns
            .map(|of| {
                [
                    of.name.clone(),
                    of.type_name.clone(),
                    shown(&of.constraints),
                ]
            })
            .collect();
        let expected = [
            [
                "id",
                "integer",
                "NOT: NOT NULL; PRIMARY: PRIMARY KEY AUTOINCREMENT",
            ],
            [
                "the \"note\"",
                "varchar (8)",
                "NULL: NULL; DEFAULT: DEFAULT -1.5; COLLATE: COLLATE NOCASE; \
                 CHECK: CHECK(length(x) > 2 /* ) */ AND y <> ')')",
            ],
            [
                "owner id",
                "int",
                "REFERENCES: CONSTRAINT one REFERENCES b (id) ON DELETE SET NULL NOT DEFERRABLE; \
                 UNIQUE: UNIQUE ON CONFLICT IGNORE",
            ],
            [
                "blob_1",
                "",
                "DEFAULT: DEFAULT x'00'; GENERATED: GENERATED ALWAYS AS (id * 2) STORED",
            ],
        ];
        assert_eq!(columns, expected);
        assert_eq!(
            shown(&read.constraints),
            "UNIQUE: CONSTRAINT both UNIQUE (id, \"the \"\"note\"\"\"); \
             FOREIGN: FOREIGN KEY (id) REFERENCES c"
        );
        assert_eq!(read.constraints[0].columns, ["id", "the \"note\""]);
        assert_eq!(read.options, "WITHOUT ROWID, STRICT");
    }
}
