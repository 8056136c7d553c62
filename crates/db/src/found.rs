//! The documents that words find in an index beside a derived table ([`crate::words`]), the newest first.
//!
//! SQLite reads its index in that order and stops when there are enough. PostgreSQL's index knows no order: what
//! it finds has to be looked up row by row and sorted, which of a million takes half a second. So a part is
//! read at a time, from the newest rows on, until there are enough. The statements are such that what is
//! looked for does not change how they are carried out, so that they are planned once.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use crate::integer::Integer;
use crate::names::quoted;
use crate::schema::{Table, WordIndex};
use crate::words::{BLOCK_BITS, Clause, Matching, any_block, matching, query_of, vector_column};

/// The newest rows, in which it is looked how common the words are.
const SAMPLE: u64 = 256;
/// The most rows that are read one by one.
const MOST_SCANNED: u64 = 32_768;
/// So many of the newest blocks are looked at first, then as many as these, then all others. Not many more at a
/// time: the first may lack a few.
const BLOCKS: [i64; 5] = [2, 2, 4, 8, 16];

/// What has to hold, with `?` in place of each value.
pub type Condition = (String, Vec<Value>);

/// What is read of the documents that are found.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The table of documents. It is `document` in what follows.
    pub table: &'static str,
    /// Its key.
    pub key: &'static str,
    /// What follows the key.
    pub columns: &'static str,
    /// What else has to hold.
    pub conditions: Vec<Condition>,
}

/// Further conditions of a statement, whose values are put behind those that it has.
pub fn numbered(conditions: &[Condition], values: &mut Vec<Value>) -> String {
    let mut sql = String::new();
    for (condition, theirs) in conditions {
        sql += " AND ";
        let mut theirs = theirs.iter();
        for part in condition.split_inclusive('?') {
            sql += part.trim_end_matches('?');
            if let Some(value) = theirs.next().filter(|_| part.ends_with('?')) {
                values.push(value.clone());
                sql += &format!("${}", values.len());
            }
        }
    }
    sql
}

/// The newest documents that have something of every clause, of which there is one at least: the key of each, and
/// what is read of it.
pub async fn newest(
    db: &impl ConnectionTrait,
    index: WordIndex,
    clauses: &[Clause],
    (reading, limit): (Option<&Reading>, usize),
) -> Result<Vec<QueryResult>, DbErr> {
    let limit = limit as u64;
    if db.get_database_backend() == DbBackend::Postgres {
        let index = Windows {
            index,
            clauses,
            reading,
        };
        return index.newest(db, limit).await;
    }
    let Matching {
        from,
        key,
        condition,
        query,
    } = matching(DbBackend::Sqlite, index, clauses);
    let mut values = vec![query.into()];
    let (mut columns, mut join, mut conditions) = (key.clone(), String::new(), String::new());
    if let Some(reading) = reading {
        columns += &format!(", {}", reading.columns);
        // The index is read in its order, newest first, only if it comes first.
        join = format!(
            " CROSS JOIN {} AS document ON document.{} = {key}",
            quoted(reading.table),
            quoted(reading.key)
        );
        conditions = numbered(&reading.conditions, &mut values);
    }
    let sql = format!(
        "SELECT {columns} FROM {from}{join} WHERE {condition}{conditions} ORDER BY {key} DESC LIMIT {limit}"
    );
    rows(db, sql, values).await
}

/// Where PostgreSQL looks.
struct Windows<'a> {
    index: WordIndex,
    clauses: &'a [Clause],
    reading: Option<&'a Reading>,
}

/// A part of the index.
enum Window {
    /// So many of the newest rows, one by one.
    Rows(u64),
    /// What the index finds of a query, of rows that have something of another one and keys below a limit.
    Found(Vec<Clause>, Option<i64>),
}

/// How common the clauses are.
struct Sample {
    /// The rows that were looked at.
    rows: u64,
    /// Of these, how many have something of each clause, and of all.
    having: Vec<u64>,
    /// The oldest and the newest key of the index.
    keys: [i64; 2],
}

impl Windows<'_> {
    async fn newest(
        &self,
        db: &impl ConnectionTrait,
        limit: u64,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let Some(sample) = self.sample(db).await? else {
            return Ok(Vec::new());
        };
        let all = self.query(self.clauses);
        if sample.rows < SAMPLE {
            return self.read(db, &Window::Rows(SAMPLE), (all, limit)).await;
        }
        let having_all = sample.having.last().copied().unwrap_or_default();
        // A power of two, so that there are few statements.
        let needed = (limit * SAMPLE * 9 / 8).checked_div(having_all);
        let needed = needed.map(|rows| rows.max(SAMPLE).next_power_of_two());
        if let Some(rows) = needed.filter(|rows| *rows <= MOST_SCANNED) {
            let window = Window::Rows(rows);
            let found = self.read(db, &window, (all, limit)).await?;
            if found.len() as u64 == limit {
                return Ok(found);
            }
        }
        let (looked_up, seen) = self.divided(&sample);
        let looked_up = self.query(&looked_up);
        let mut found = Vec::new();
        let mut end = (sample.keys[1] >> BLOCK_BITS) + 1;
        for blocks in BLOCKS {
            let within = format!("{looked_up} & {}", any_block(end - blocks..end));
            end -= blocks;
            let left = limit - found.len() as u64;
            let window = Window::Found(seen.clone(), None);
            found.extend(self.read(db, &window, (within, left)).await?);
            if found.len() as u64 == limit || end << BLOCK_BITS <= sample.keys[0] {
                return Ok(found);
            }
        }
        let left = limit - found.len() as u64;
        let window = Window::Found(seen, Some(end << BLOCK_BITS));
        found.extend(self.read(db, &window, (looked_up, left)).await?);
        Ok(found)
    }

    fn query(&self, clauses: &[Clause]) -> String {
        query_of(DbBackend::Postgres, self.index, clauses)
    }

    /// Looks at the newest rows; `None` if there are none.
    async fn sample(&self, db: &impl ConnectionTrait) -> Result<Option<Sample>, DbErr> {
        let (table, key, words) = self.names();
        let each = self.clauses.iter().map(std::slice::from_ref);
        let queries = each.chain([self.clauses]);
        let queries: Vec<_> = queries
            .map(|clauses| format!("\"{}\"", self.query(clauses)))
            .collect();
        let sql = format!(
            "WITH newest AS MATERIALIZED (SELECT {words} AS words FROM {table} ORDER BY {key} DESC \
             LIMIT {SAMPLE}), asked AS MATERIALIZED (SELECT query::tsquery, place \
             FROM unnest($1::text::text[]) WITH ORDINALITY AS asked (query, place)) \
             SELECT (SELECT count(*) FROM newest WHERE newest.words @@ asked.query), \
             (SELECT count(*) FROM newest), (SELECT min({key}) FROM {table}), \
             (SELECT max({key}) FROM {table}) FROM asked ORDER BY asked.place"
        );
        let values = vec![format!("{{{}}}", queries.join(",")).into()];
        let mut sample = None;
        for row in rows(db, sql, values).await? {
            let number = |index: usize| {
                let number: Option<Integer> = row.try_get_by_index(index)?;
                Ok::<_, DbErr>(number.map(|number| number.0))
            };
            let (Some(oldest), Some(newest)) = (number(2)?, number(3)?) else {
                return Ok(None);
            };
            let count = |number: Option<i64>| number.unwrap_or_default().unsigned_abs();
            let sample = sample.get_or_insert(Sample {
                rows: count(number(1)?),
                having: Vec::new(),
                keys: [oldest, newest],
            });
            sample.having.push(count(number(0)?));
        }
        Ok(sample)
    }

    /// The clauses that are looked up in the index, and those that the rows are asked for afterwards. To look up
    /// the beginning of very many words takes longer than to see whether a row has one of them.
    fn divided(&self, sample: &Sample) -> (Vec<Clause>, Vec<Clause>) {
        let all = self.clauses.iter().zip(&sample.having);
        let rarest = all.clone().map(|(_, having)| *having).min();
        let (seen, looked_up): (Vec<_>, Vec<_>) = all.partition(|(clause, having)| {
            let is_common = **having * 4 >= sample.rows && Some(**having) != rarest;
            is_common && clause.terms.iter().any(|term| term.is_beginning)
        });
        let clauses = |part: Vec<(&Clause, &u64)>| {
            let clauses = part.into_iter().map(|(clause, _)| clause.clone());
            clauses.collect()
        };
        (clauses(looked_up), clauses(seen))
    }

    /// The quoted names of the index, its key and its words.
    fn names(&self) -> (String, String, String) {
        let Table { name, columns, .. } = self.index.table;
        let words = quoted(&vector_column(self.index));
        (quoted(name), quoted(columns[0].name), words)
    }

    /// Reads what a query finds in a part, the newest first.
    async fn read(
        &self,
        db: &impl ConnectionTrait,
        window: &Window,
        (query, limit): (String, u64),
    ) -> Result<Vec<QueryResult>, DbErr> {
        let (table, key, words) = self.names();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut values: Vec<Value> = vec![query.into(), limit.into()];
        // Other conditions come afterwards, and may leave fewer.
        let few = match self.reading {
            Some(reading) if !reading.conditions.is_empty() => "",
            _ => " LIMIT $2",
        };
        // The planner sees no value, and no index but that of words.
        let has_words = format!("{words} @@ (SELECT $1::text::tsquery)");
        let found = match window {
            Window::Rows(count) => format!(
                "newest AS MATERIALIZED (SELECT {key} AS key FROM \
                 (SELECT * FROM {table} ORDER BY {key} DESC LIMIT {count}) AS newest \
                 WHERE {has_words} ORDER BY {key} DESC{few})"
            ),
            Window::Found(seen, below) => {
                let mut condition = has_words;
                if !seen.is_empty() {
                    values.push(self.query(seen).into());
                    let place = values.len();
                    condition += &format!(" AND ({words} @@ ${place}::text::tsquery) IS TRUE");
                }
                if let Some(below) = below {
                    values.push((*below).into());
                    condition += &format!(" AND ({key} < ${}) IS TRUE", values.len());
                }
                format!(
                    "found AS MATERIALIZED (SELECT {key} AS key FROM {table} WHERE {condition}), \
                     newest AS MATERIALIZED (SELECT key FROM found ORDER BY key DESC{few})"
                )
            }
        };
        let (mut columns, mut documents) = ("newest.key", String::new());
        if let Some(reading) = self.reading {
            columns = "newest.key, read.*";
            // Not joined at once: it would read all documents that are newer than the oldest one found.
            documents = format!(
                " CROSS JOIN LATERAL (SELECT {} FROM {} AS document \
                 WHERE document.{} = newest.key{} OFFSET 0) AS read",
                reading.columns,
                quoted(reading.table),
                quoted(reading.key),
                numbered(&reading.conditions, &mut values)
            );
        }
        let sql = format!(
            "WITH {found} SELECT {columns} FROM newest{documents} ORDER BY newest.key DESC LIMIT $2"
        );
        rows(db, sql, values).await
    }
}

/// The rows of a statement.
pub async fn rows(
    db: &impl ConnectionTrait,
    sql: String,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_all_raw(statement).await
}
