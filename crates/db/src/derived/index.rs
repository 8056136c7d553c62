//! The index of words beside a derived table. It is written with the table, in the same transactions.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::names;
use super::sql::{create as create_table, list, number, numbers, query, run};
use crate::integer::Integer;
use crate::names::quoted;
use crate::schema::{Table, WORD_PARTS, WordIndex};
use crate::stored;
use crate::words::{
    BLOCK_BITS, PART_MARKS, block, is_spelled, part_columns, spellings, texts, vector_column,
};

/// The rows whose words are put into the index by one statement.
const ROWS_AT_ONCE: usize = 500;
/// The spellings that are stored by one statement.
const SPELLINGS_AT_ONCE: usize = 2_000;

/// Drops the index, if there is one, and makes it empty.
pub(super) async fn create(db: &impl ConnectionTrait, words: WordIndex) -> Result<(), DbErr> {
    create_table(db, words.spelling).await?;
    if let Some(index) = words.names {
        names::create(db, index).await?;
    }
    let name = quoted(words.table.name);
    run(db, &format!("DROP TABLE IF EXISTS {name}")).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        let key = quoted(words.table.columns[0].name);
        let index = quoted(&format!("{}_words", words.table.name));
        let vector = quoted(&vector_column(words));
        run(
            db,
            &format!(
                "CREATE TABLE {name} ({key} bigint PRIMARY KEY, {vector} tsvector NOT NULL); \
                 CREATE INDEX {index} ON {name} USING gin ({vector})"
            ),
        )
        .await
    } else {
        // `ascii` takes every character beyond ASCII as one of a word: the words are divided already.
        run(
            db,
            &format!(
                "CREATE VIRTUAL TABLE {name} USING fts5({}, content='', contentless_delete=1, \
                 detail='column', prefix='1 2 3', tokenize='ascii')",
                part_columns(words).join(", ")
            ),
        )
        .await
    }
}

/// Fails if the index does not have as many rows as its table. What is in them, nobody but us writes.
pub(super) async fn check(
    db: &impl ConnectionTrait,
    words: WordIndex,
    expected: i64,
) -> Result<(), DbErr> {
    let [column, _, _, _] = part_columns(words);
    let (column, name) = match db.get_database_backend() {
        DbBackend::Postgres => (vector_column(words), quoted(words.table.name)),
        // It has a row for each document; the index itself would be read whole.
        _ => (column, quoted(&format!("{}_docsize", words.table.name))),
    };
    // Not quoted: SQLite would take it for a text where there is no such column.
    let of_this_version = format!(
        "SELECT 1 FROM {} WHERE {column} IS NULL LIMIT 0",
        quoted(words.table.name)
    );
    numbers(db, of_this_version).await?;
    numbers(
        db,
        format!("SELECT 1 FROM {} LIMIT 1", quoted(words.spelling.name)),
    )
    .await?;
    if let Some(index) = words.names {
        names::check(db, index).await?;
    }
    let count = number(db, format!("SELECT count(*) FROM {name}")).await?;
    if count == expected {
        return Ok(());
    }
    let problem = format!("{} has {count} rows of {expected}", words.table.name);
    Err(DbErr::Custom(problem))
}

/// Replaces the words of these rows of the table.
pub(super) async fn replace(
    db: &impl ConnectionTrait,
    words: WordIndex,
    table: &Table,
    keys: &str,
) -> Result<(), DbErr> {
    let key = match db.get_database_backend() {
        DbBackend::Postgres => words.table.columns[0].name,
        _ => "rowid",
    };
    let name = quoted(words.table.name);
    run(db, &format!("DELETE FROM {name} WHERE {key} IN ({keys})")).await?;
    let column = quoted(table.columns[0].name);
    fill(db, words, table, &format!("{column} IN ({keys})")).await
}

/// The columns of these rows that the words are made from, where it matters what they were before.
pub(super) async fn before(
    db: &impl ConnectionTrait,
    words: WordIndex,
    table: &Table,
    keys: &str,
) -> Result<BTreeMap<i64, Vec<String>>, DbErr> {
    if words.names.is_none_or(|names| names.moves.is_none()) {
        return Ok(BTreeMap::new());
    }
    rows(db, words, table, keys).await
}

/// Keeps where rows have moved, of which it is known what they were before.
pub(super) async fn keep_moves(
    db: &impl ConnectionTrait,
    words: WordIndex,
    table: &Table,
    (keys, before): (&str, BTreeMap<i64, Vec<String>>),
) -> Result<(), DbErr> {
    let Some(moves) = words.names.and_then(|names| names.moves) else {
        return Ok(());
    };
    if before.is_empty() {
        return Ok(());
    }
    let after = rows(db, words, table, keys).await?;
    let pairs = before.iter().filter_map(|(key, before)| {
        let after = after.get(key)?;
        let [from, to] = (moves.moved)(before, after)?;
        Some((from, to))
    });
    names::keep_moves(db, moves, pairs.collect()).await
}

/// The columns of these rows of the table that the words are made from.
async fn rows(
    db: &impl ConnectionTrait,
    words: WordIndex,
    table: &Table,
    keys: &str,
) -> Result<BTreeMap<i64, Vec<String>>, DbErr> {
    let key = quoted(table.columns[0].name);
    let columns = words.columns.iter().map(|name| quoted(name));
    // Numbers, too, are words here.
    let columns = columns.map(|name| match db.get_database_backend() {
        DbBackend::Postgres => format!("{name}::text AS {name}"),
        _ => name,
    });
    let columns: Vec<_> = columns.collect();
    let sql = format!(
        "SELECT {key}, {} FROM {} WHERE {key} IN ({keys})",
        columns.join(", "),
        quoted(table.name)
    );
    let mut rows = BTreeMap::new();
    for row in query(db, sql).await? {
        let Integer(key) = row.try_get_by_index(0)?;
        let values = words.columns.iter();
        let values: Result<Vec<_>, _> = values.map(|column| stored::shown(&row, *column)).collect();
        rows.insert(key, values?);
    }
    Ok(rows)
}

/// Puts the words of the rows of the table for which a condition holds into the index, which has none of
/// them.
pub(super) async fn fill(
    db: &impl ConnectionTrait,
    words: WordIndex,
    table: &Table,
    condition: &str,
) -> Result<(), DbErr> {
    let key = quoted(table.columns[0].name);
    let name = quoted(table.name);
    let keys = format!("SELECT {key} FROM {name} WHERE {condition} ORDER BY {key}");
    let mut known = BTreeSet::new();
    let mut known_names = BTreeSet::new();
    for keys in numbers(db, keys).await?.chunks(ROWS_AT_ONCE) {
        let mut documents = Vec::new();
        let mut named = Vec::new();
        for (key, values) in rows(db, words, table, &list(keys)).await? {
            documents.push((key, texts(words, &values)));
            if let Some(index) = words.names {
                let all = (index.names)(key, &values).into_iter();
                named.extend(all.map(|name| (name, key)));
            }
        }
        if let Some(index) = words.names {
            names::add(db, index, named, &mut known_names).await?;
        }
        insert(db, words, &documents).await?;
        add_spellings(db, words, &documents, &mut known).await?;
    }
    Ok(())
}

type Document = (i64, [String; WORD_PARTS]);

async fn insert(
    db: &impl ConnectionTrait,
    words: WordIndex,
    documents: &[Document],
) -> Result<(), DbErr> {
    let backend = db.get_database_backend();
    let row = |(key, parts): &Document| match backend {
        DbBackend::Postgres => format!("({key}, '{}')", vector(*key, parts)),
        _ => format!("({key}, '{}')", parts.join("', '")),
    };
    let rows: Vec<_> = documents.iter().map(row).collect();
    let columns = match backend {
        DbBackend::Postgres => [words.table.columns[0].name, &vector_column(words)]
            .map(quoted)
            .join(", "),
        _ => format!("rowid, {}", part_columns(words).join(", ")),
    };
    if rows.is_empty() {
        return Ok(());
    }
    let name = quoted(words.table.name);
    let sql = format!("INSERT INTO {name} ({columns}) VALUES {}", rows.join(", "));
    run(db, &sql).await
}

/// A document as `tsvector`, within quotes.
fn vector(key: i64, parts: &[String; WORD_PARTS]) -> String {
    let mut words = BTreeSet::from([block(key >> BLOCK_BITS)]);
    for (text, mark) in parts.iter().zip(PART_MARKS) {
        let all = text.split(' ').filter(|word| !word.is_empty());
        words.extend(all.map(|word| format!("{mark}{word}")));
    }
    let words: Vec<_> = words.iter().map(|word| format!("''{word}''")).collect();
    words.join(" ")
}

/// Stores the spellings of words that have none yet. Words that are in no document any more stay, since
/// a search asks the index as well, until the index is made anew.
async fn add_spellings(
    db: &impl ConnectionTrait,
    words: WordIndex,
    documents: &[Document],
    known: &mut BTreeSet<String>,
) -> Result<(), DbErr> {
    // The last part is of words that nobody types.
    let parts = documents
        .iter()
        .flat_map(|(_, parts)| &parts[..WORD_PARTS - 1]);
    let all = parts.flat_map(|text| text.split(' '));
    let found: BTreeSet<&str> = all
        .filter(|word| is_spelled(word) && !known.contains(*word))
        .collect();
    let found: Vec<_> = found.into_iter().collect();
    let name = quoted(words.spelling.name);
    for found in found.chunks(SPELLINGS_AT_ONCE) {
        let quoted: Vec<_> = found.iter().map(|word| format!("'{word}'")).collect();
        let sql = format!(
            "SELECT word FROM {name} WHERE word = spelling AND spelling IN ({})",
            quoted.join(", ")
        );
        for row in query(db, sql).await? {
            known.insert(row.try_get_by_index(0)?);
        }
        let new = found.iter().filter(|word| !known.contains(**word));
        let rows: Vec<_> = new
            .flat_map(|word| {
                let spellings = spellings(word).into_iter();
                spellings.map(move |spelling| format!("('{spelling}', '{word}')"))
            })
            .collect();
        for rows in rows.chunks(SPELLINGS_AT_ONCE) {
            let rows = rows.join(", ");
            let sql =
                format!("INSERT INTO {name} (spelling, word) VALUES {rows} ON CONFLICT DO NOTHING");
            run(db, &sql).await?;
        }
        known.extend(found.iter().map(|word| (*word).to_owned()));
    }
    Ok(())
}
