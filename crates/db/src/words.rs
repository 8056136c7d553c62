//! Words in an index beside a derived table ([`WordIndex`]): how a search asks for them, and how they are
//! misspelt.
//!
//! The words are divided and folded by the application, the same way for the index and for a search. Here
//! they are letters and digits, so that they can stand in any statement. Both databases find the same
//! rows.

use std::collections::BTreeSet;
use std::ops::Range;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::integer::Integer;
use crate::names::quoted;
use crate::schema::{NameIndex, WORD_PARTS, WordIndex};

/// The longest word of an index, in characters. Of a longer one this is the beginning.
const LONGEST_WORD: usize = 40;
/// The longest name of a [`NameIndex`], in characters. Of a longer one this is the beginning.
pub(crate) const LONGEST_NAME: usize = 64;
/// The most words of a document.
const MOST_WORDS: usize = 4_000;
/// Words of which a misspelling is forgiven, in characters: one letter less than a search has to have.
const SPELLED: std::ops::RangeInclusive<usize> = 4..=24;
/// The most words that are looked at for one that is misspelt.
const MOST_CANDIDATES: usize = 200;

/// The columns of the parts on SQLite.
const PART_COLUMNS: [&str; WORD_PARTS] = ["a", "b", "c", "d"];
/// What each word of a part begins with on PostgreSQL. Weights would say the same, but they are in the rows alone:
/// each row that the index finds would be read. Words are in lower case.
pub(crate) const PART_MARKS: [&str; WORD_PARTS] = ["A", "B", "C", "D"];
/// Keys that differ in these last bits alone are of one block. Its number is among a row's words on PostgreSQL, so
/// that a part of the rows can be asked.
pub(crate) const BLOCK_BITS: u32 = 15;

/// The columns of the parts on SQLite. Those of another version are not there.
pub(crate) fn part_columns(index: WordIndex) -> [String; WORD_PARTS] {
    PART_COLUMNS.map(|name| format!("{name}{}", index.version))
}

/// The column of the words on PostgreSQL.
pub(crate) fn vector_column(index: WordIndex) -> String {
    format!("words{}", index.version)
}

/// The word of a row's block on PostgreSQL.
pub(crate) fn block(number: i64) -> String {
    format!("E{number:x}")
}

/// What a row of one of these blocks has.
pub(crate) fn any_block(numbers: Range<i64>) -> String {
    let blocks: Vec<_> = numbers
        .map(|number| format!("'{}'", block(number)))
        .collect();
    format!("({})", blocks.join(" | "))
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The word: folded, letters and digits alone.
    pub word: String,
    /// Whether words that begin with it are found, too.
    pub is_beginning: bool,
}

/// Words of which a document has to have one, in one of these parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The words; not empty.
    pub terms: Vec<Term>,
    /// The parts.
    pub parts: &'static [usize],
}

impl Clause {
    /// For what is no word that somebody types: the whole of it.
    pub fn token(word: String, parts: &'static [usize]) -> Self {
        let is_beginning = false;
        Self {
            terms: vec![Term { word, is_beginning }],
            parts,
        }
    }
}

/// A query of the documents that have something of every clause, in parts of SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// What follows FROM.
    pub from: String,
    /// The expression of the row's key.
    pub key: String,
    /// What follows WHERE. Its first parameter is the query, so that what somebody has typed is part of no
    /// statement, and few statements do for all.
    pub condition: String,
    /// The query.
    pub query: String,
}

/// The documents that have something of every clause, of which there is at least one.
pub fn matching(backend: DbBackend, index: WordIndex, clauses: &[Clause]) -> Matching {
    let name = quoted(index.table.name);
    let query = query_of(backend, index, clauses);
    match backend {
        // The planner does not see the query: whatever it is, the index is asked.
        DbBackend::Postgres => Matching {
            key: format!("{name}.{}", quoted(index.table.columns[0].name)),
            condition: format!(
                "{name}.{} @@ (SELECT $1::text::tsquery)",
                quoted(&vector_column(index))
            ),
            query,
            from: name,
        },
        _ => Matching {
            key: format!("{name}.rowid"),
            condition: format!("{name} MATCH $1"),
            query,
            from: name,
        },
    }
}

/// The query for what has something of every clause.
pub(crate) fn query_of(backend: DbBackend, index: WordIndex, clauses: &[Clause]) -> String {
    let all: Vec<_> = clauses
        .iter()
        .map(|clause| one(backend, index, clause))
        .collect();
    match backend {
        DbBackend::Postgres => all.join(" & "),
        _ => all.join(" AND "),
    }
}

/// The newest rows that are looked at one by one: what is in one row of some hundred is found there at once.
const NEWEST_ROWS: usize = 1_000;

/// The key of a document that has something of the clause, if there is one.
pub async fn any_document(
    db: &impl ConnectionTrait,
    index: WordIndex,
    clause: &Clause,
) -> Result<Option<i64>, DbErr> {
    let backend = db.get_database_backend();
    let Matching {
        from,
        key,
        condition,
        query,
    } = matching(backend, index, std::slice::from_ref(clause));
    let statements = match backend {
        // With a limit PostgreSQL would read the table from its beginning, hoping to come across one. What is
        // rare is found by the index alone.
        DbBackend::Postgres => vec![
            format!(
                "SELECT {key} FROM (SELECT * FROM {from} ORDER BY {key} DESC LIMIT {NEWEST_ROWS}) \
                 AS {from} WHERE {condition} LIMIT 1"
            ),
            format!(
                "WITH found AS MATERIALIZED (SELECT {key} FROM {from} WHERE {condition}) \
                 SELECT * FROM found LIMIT 1"
            ),
        ],
        _ => vec![format!(
            "SELECT {key} FROM {from} WHERE {condition} LIMIT 1"
        )],
    };
    for sql in statements {
        let statement = Statement::from_sql_and_values(backend, sql, [query.clone().into()]);
        if let Some(row) = db.query_one_raw(statement).await? {
            let Integer(key) = row.try_get_by_index(0)?;
            return Ok(Some(key));
        }
    }
    Ok(None)
}

fn one(backend: DbBackend, index: WordIndex, clause: &Clause) -> String {
    let terms = clause.terms.iter();
    if backend == DbBackend::Postgres {
        let terms = terms.flat_map(|Term { word, is_beginning }| {
            let any = if *is_beginning { ":*" } else { "" };
            let marks = clause.parts.iter().map(|part| PART_MARKS[*part]);
            marks.map(move |mark| format!("'{mark}{}'{any}", plain(word)))
        });
        return format!("({})", terms.collect::<Vec<_>>().join(" | "));
    }
    let columns = part_columns(index);
    let columns: Vec<_> = clause.parts.iter().map(|part| &*columns[*part]).collect();
    let term = |Term { word, is_beginning }: &Term| {
        let any = if *is_beginning { " *" } else { "" };
        format!("\"{}\"{any}", plain(word))
    };
    let terms = terms.map(term).collect::<Vec<_>>().join(" OR ");
    format!("({{{}}} : ({terms}))", columns.join(" "))
}

/// A word without what would end it in a statement, and not longer than the index has it.
fn plain(word: &str) -> String {
    let letters = word.chars().filter(|letter| letter.is_alphanumeric());
    letters.take(LONGEST_WORD).collect()
}

/// The parts of a row's document, from the columns that it is made from.
pub(crate) fn texts(index: WordIndex, values: &[String]) -> [String; WORD_PARTS] {
    let plain_text = |text: String| {
        let words = text.split_whitespace().map(plain);
        let words = words.filter(|word| !word.is_empty()).take(MOST_WORDS);
        words.collect::<Vec<_>>().join(" ")
    };
    (index.words)(values).map(plain_text)
}

/// Whether a misspelling of a word is forgiven.
pub(crate) fn is_spelled(word: &str) -> bool {
    SPELLED.contains(&word.chars().count()) && word.chars().all(char::is_alphabetic)
}

/// A word, and what is left of it without any one letter.
pub(crate) fn spellings(word: &str) -> BTreeSet<String> {
    let letters: Vec<char> = word.chars().collect();
    let without = |missing: usize| {
        let letters = letters.iter().enumerate();
        let left = letters.filter(|(place, _)| *place != missing);
        left.map(|(_, letter)| *letter).collect()
    };
    let mut all: BTreeSet<String> = (0..letters.len()).map(without).collect();
    all.insert(word.to_owned());
    all
}

/// The words that a word may be a misspelling of: another letter, one too many or too few, or two that
/// have changed places. In the order of the alphabet; perhaps no document has them any more.
pub async fn candidates(
    db: &impl ConnectionTrait,
    index: WordIndex,
    word: &str,
) -> Result<Vec<String>, DbErr> {
    let word = plain(word);
    let backend = db.get_database_backend();
    // Two words that differ in one letter have a spelling in common, that without this letter.
    let spellings = spellings(&word);
    let spellings: Vec<_> = spellings.iter().map(String::as_str).collect();
    let (condition, values) = one_of(backend, "spelling", 1, &spellings);
    let sql = format!(
        "SELECT DISTINCT word FROM {} WHERE {condition} ORDER BY word LIMIT {MOST_CANDIDATES}",
        quoted(index.spelling.name),
    );
    let statement = Statement::from_sql_and_values(backend, sql, [values.into()]);
    let mut found = Vec::new();
    for row in db.query_all_raw(statement).await? {
        let candidate: String = row.try_get_by_index(0)?;
        if is_near(&word, &candidate) {
            found.push(candidate);
        }
    }
    Ok(found)
}

/// The names of a kind that begin with a text, in parts of SQL: what follows FROM, the condition, and the
/// values of its first parameters. The table is `names` there.
pub fn names_that_begin(
    index: NameIndex,
    kind: &str,
    text: &str,
) -> (String, &'static str, [String; 3]) {
    let text: String = text.chars().take(LONGEST_NAME).collect();
    // After this letter there is no other.
    let end = format!("{text}{}", char::MAX);
    (
        format!("{} AS names", quoted(index.table.name)),
        "names.kind = $1 AND names.name >= $2 AND names.name < $3",
        [kind.to_owned(), text, end],
    )
}

/// The condition that a text or a number is one of these, as the parameter of that number, and the
/// parameter's value: one statement does for any number of them. They must be letters and digits.
pub fn one_of(
    backend: DbBackend,
    expression: &str,
    parameter: usize,
    these: &[impl ToString],
) -> (String, String) {
    let these: Vec<_> = these.iter().map(ToString::to_string).collect();
    let is_number = |text: &String| text.parse::<i64>().is_ok();
    let are_numbers = these.iter().all(is_number);
    if backend == DbBackend::Postgres {
        let kind = if are_numbers { "bigint" } else { "text" };
        let condition = format!("{expression} = ANY (${parameter}::text::{kind}[])");
        return (condition, format!("{{{}}}", these.join(",")));
    }
    let condition = format!("{expression} IN (SELECT value FROM json_each(${parameter}))");
    let json: Vec<_> = if are_numbers {
        these
    } else {
        these.iter().map(|text| format!("\"{text}\"")).collect()
    };
    (condition, format!("[{}]", json.join(",")))
}

/// Whether one slip of the fingers makes one word of the other.
fn is_near(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same..], &other[same..]);
    match (one, other) {
        ([a, b, one @ ..], [c, d, other @ ..]) if a == d && b == c && one == other => true,
        ([_, one @ ..], [_, other @ ..]) if one == other => true,
        ([_, rest @ ..], _) if rest == other => true,
        (_, [_, rest @ ..]) => rest == one,
        (_, []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_another_letter_one_more_one_less_or_two_in_the_other_order() {
        for (one, other, expected) in [
            ("orange", "orange", false),
            ("orange", "orenge", true),
            ("orange", "orang", true),
            ("orange", "oorange", true),
            ("orange", "ornage", true),
            ("orange", "ornaeg", false),
            ("orange", "range", true),
            ("orange", "orangery", false),
            ("ab", "ba", true),
            ("", "a", true),
            ("été", "ete", false),
        ] {
            assert_eq!(is_near(one, other), expected, "{one} {other}");
            assert_eq!(is_near(other, one), expected, "{other} {one}");
        }
    }
}
