//! What `CREATE TABLE` of a SQLite table says, part by part (`sqlite.org/lang_createtable.html`), so
//! that what is its owner's comes along when the table is made anew. SQLite has read the text before,
//! and keeps it as it was typed. Pure.

/// The text of a table.
pub(super) struct Definition {
    pub(super) columns: Vec<Part>,
    /// The constraints of the table.
    pub(super) constraints: Vec<Constraint>,
    /// What stands behind the parentheses.
    pub(super) options: String,
}

/// A column: its type and its constraints.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) constraints: Vec<Constraint>,
}

/// A constraint.
pub(super) struct Constraint {
    /// The word that it begins with, behind its name, in capitals.
    pub(super) kind: String,
    /// The names in its first parentheses, where it has such.
    pub(super) columns: Vec<String>,
    pub(super) text: String,
}

impl Definition {
    /// Reads a text; `None` where it is no table.
    pub(super) fn read(sql: &str) -> Option<Self> {
        let all = pieces(sql);
        let body = all.iter().position(Piece::is_group)?;
        let mut definition = Self {
            columns: Vec::new(),
            constraints: Vec::new(),
            options: joined(&all[body + 1..]),
        };
        let inner = pieces(all[body].inner());
        for part in inner.split(|piece| piece.text == ",") {
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

fn column(pieces: &[Piece]) -> Option<Part> {
    let (name, rest) = pieces.split_first()?;
    let begin = rest.iter().position(begins_constraint);
    let (type_name, mut rest) = rest.split_at(begin.unwrap_or(rest.len()));
    let mut constraints = Vec::new();
    while !rest.is_empty() {
        let (first, others) = rest.split_at(constraint_length(rest));
        constraints.push(constraint(first));
        rest = others;
    }
    Some(Part {
        name: name.name(),
        type_name: joined(type_name),
        constraints,
    })
}

fn begins_constraint(piece: &Piece) -> bool {
    COLUMN_CONSTRAINTS.contains(&&*piece.word())
}

/// How many pieces the constraint has that others may follow.
fn constraint_length(pieces: &[Piece]) -> usize {
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

/// How many pieces the name of a constraint has.
fn name_length(pieces: &[Piece]) -> usize {
    if pieces
        .first()
        .is_some_and(|first| first.word() == "CONSTRAINT")
    {
        2
    } else {
        0
    }
}

fn constraint(all: &[Piece]) -> Constraint {
    let kind = all.get(name_length(all)).map(Piece::word);
    let group = all.iter().find(|piece| piece.is_group());
    let columns = group.map_or_else(Vec::new, |group| {
        let inner = pieces(group.inner());
        let parts = inner.split(|piece| piece.text == ",");
        parts
            .filter_map(|part| part.first().map(Piece::name))
            .collect()
    });
    Constraint {
        kind: kind.unwrap_or_default(),
        columns,
        text: joined(all),
    }
}

/// A word, a name, a constant, a sign, or all that stands in parentheses.
struct Piece {
    text: String,
    /// Whether something invisible stood in front.
    is_apart: bool,
}

impl Piece {
    fn is_group(&self) -> bool {
        self.text.starts_with('(')
    }

    fn inner(&self) -> &str {
        let inner = self.text.strip_prefix('(');
        let inner = inner.and_then(|inner| inner.strip_suffix(')'));
        inner.unwrap_or_default()
    }

    /// In capitals; what is quoted is no word, and stays so.
    fn word(&self) -> String {
        self.text.to_uppercase()
    }

    /// What it names.
    fn name(&self) -> String {
        let quoted = [('"', '"'), ('`', '`'), ('\'', '\''), ('[', ']')];
        let inner = quoted.into_iter().find_map(|(begin, end)| {
            let inner = self.text.strip_prefix(begin)?.strip_suffix(end)?;
            Some(inner.replace(&format!("{end}{end}"), &end.to_string()))
        });
        inner.unwrap_or_else(|| self.text.clone())
    }
}

fn joined(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        if piece.is_apart && !text.is_empty() {
            text.push(' ');
        }
        text += &piece.text;
    }
    text
}

/// Takes a text apart; comments go.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut is_apart = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let comment = comment_length(rest);
        let is_invisible = first.is_whitespace() || comment.is_some();
        let (piece, others) = rest.split_at(comment.unwrap_or_else(|| length(rest)));
        if !is_invisible {
            let text = piece.to_owned();
            pieces.push(Piece { text, is_apart });
        }
        is_apart = is_invisible;
        rest = others;
    }
    pieces
}

fn comment_length(text: &str) -> Option<usize> {
    let end = if text.starts_with("--") {
        text.find('\n').map(|end| end + 1)
    } else if text.starts_with("/*") {
        text.find("*/").map(|end| end + 2)
    } else {
        return None;
    };
    Some(end.unwrap_or(text.len()))
}

/// How long the first piece of a text is, in bytes.
fn length(text: &str) -> usize {
    let is_in_word = |one: char| one.is_alphanumeric() || matches!(one, '_' | '$' | '.');
    let Some(first) = text.chars().next() else {
        return 0;
    };
    match first {
        '\'' | '"' | '`' => quoted_length(text, first),
        '[' => text.find(']').map_or(text.len(), |end| end + 1),
        '(' => group_length(text),
        _ if is_in_word(first) => {
            let end = text.find(|one| !is_in_word(one)).unwrap_or(text.len());
            let (word, rest) = text.split_at(end);
            // A blob, `x'00'`.
            if word.eq_ignore_ascii_case("x") && rest.starts_with('\'') {
                end + quoted_length(rest, '\'')
            } else {
                end
            }
        }
        _ => first.len_utf8(),
    }
}

/// A quote within stands twice.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut end = 1;
    while let Some(next) = text[end..].find(quote) {
        end += next + 1;
        if !text[end..].starts_with(quote) {
            return end;
        }
        end += 1;
    }
    text.len()
}

fn group_length(text: &str) -> usize {
    let mut end = 1;
    while end < text.len() {
        let rest = &text[end..];
        if rest.starts_with(')') {
            return end + 1;
        }
        end += comment_length(rest).unwrap_or_else(|| length(rest));
    }
    end
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
