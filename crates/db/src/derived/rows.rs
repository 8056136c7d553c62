//! Derived tables with a row for each row of a query.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr};

use super::index;
use super::sql::{list, lock, number, numbers, run};
use crate::names::quoted;
use crate::schema::{Detail, RowQuery, Source, Table, WordIndex};

/// The most keys that are looked for, and replaced, at a time.
const KEYS_AT_ONCE: usize = 2_000;
/// The most rows that are put into an empty table at a time.
const ROWS_AT_ONCE: usize = 50_000;

/// A derived table with its query.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    pub(super) table: &'static Table,
    pub(super) query: RowQuery,
    pub(super) words: Option<WordIndex>,
}

/// How a row of the table may be wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// It is missing, or has other values.
    Outdated,
    /// The query has none of its key.
    Left,
}

pub(super) const FAULTS: [Fault; 2] = [Fault::Outdated, Fault::Left];

impl Rows {
    fn key_column(self) -> String {
        quoted(self.table.columns[0].name)
    }

    /// The key of wrong rows beyond `after` as an expression, and what follows SELECT for them.
    fn wrong(self, fault: Fault, after: i64) -> (String, String) {
        let RowQuery {
            from, key, values, ..
        } = self.query;
        let (table, column) = (quoted(self.table.name), self.key_column());
        match fault {
            Fault::Outdated => {
                let columns = self.table.columns[1..].iter().zip(values);
                let differ = columns.map(|(column, value)| {
                    format!(
                        " OR derived.{} IS DISTINCT FROM {value}",
                        quoted(column.name)
                    )
                });
                let differ: String = differ.collect();
                // `after` on both sides: a merge join would read the table from its beginning.
                let from = format!(
                    "{from} LEFT JOIN {table} AS derived ON derived.{column} = {key} \
                     AND derived.{column} > {after} \
                     WHERE {key} > {after} AND (derived.{column} IS NULL{differ})"
                );
                (key.to_owned(), from)
            }
            Fault::Left => {
                let left = format!("derived.{column}");
                let from = format!(
                    "{table} AS derived WHERE {left} > {after} \
                     AND NOT EXISTS (SELECT 1 FROM {from} WHERE {key} = {left})"
                );
                (left, from)
            }
        }
    }

    /// How many rows there are, if none is wrong. Counted, since a query with a limit would be planned
    /// for many wrong rows.
    pub(super) async fn count_if_right(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<Option<u64>, DbErr> {
        let (_, outdated) = self.wrong(Fault::Outdated, i64::MIN);
        if number(db, format!("SELECT count(*) FROM {outdated}")).await? > 0 {
            return Ok(None);
        }
        // The table has every row of the query, so that equal numbers leave no other.
        let (table, from) = (quoted(self.table.name), self.query.from);
        let count = number(db, format!("SELECT count(*) FROM {table}")).await?;
        let expected = number(db, format!("SELECT count(*) FROM {from}")).await?;
        if let Some(words) = self.words {
            index::check(db, words, count).await?;
        }
        Ok((count == expected).then_some(count.unsigned_abs()))
    }

    /// Puts the next rows beyond a key into a table that has none of them. Returns the last key if there
    /// may be more.
    pub(super) async fn fill(
        self,
        db: &impl ConnectionTrait,
        after: i64,
    ) -> Result<Option<i64>, DbErr> {
        lock(db, self.table).await?;
        let RowQuery { from, key, .. } = self.query;
        let keys = format!("FROM {from} WHERE {key} > {after}");
        let last = format!(
            "SELECT {key} {keys} ORDER BY {key} LIMIT 1 OFFSET {}",
            ROWS_AT_ONCE - 1
        );
        let last = numbers(db, last).await?.first().copied();
        let end = last.unwrap_or(i64::MAX);
        self.insert(db, &format!("{key} > {after} AND {key} <= {end}"))
            .await?;
        if let Some(words) = self.words {
            let column = self.key_column();
            let condition = format!("{column} > {after} AND {column} <= {end}");
            index::fill(db, words, self.table, &condition).await?;
        }
        Ok(last)
    }

    /// The first keys of wrong rows beyond `after`.
    pub(super) async fn find_wrong(
        self,
        db: &impl ConnectionTrait,
        fault: Fault,
        after: i64,
    ) -> Result<Vec<i64>, DbErr> {
        let (key, from) = self.wrong(fault, after);
        let sql = format!("SELECT {key} FROM {from} ORDER BY {key} LIMIT {KEYS_AT_ONCE}");
        numbers(db, sql).await
    }

    /// Replaces the rows of these keys by those of the query.
    pub(super) async fn replace(
        self,
        db: &impl ConnectionTrait,
        keys: &[i64],
    ) -> Result<(), DbErr> {
        lock(db, self.table).await?;
        let keys = list(keys);
        let before = match self.words {
            Some(words) => index::before(db, words, self.table, &keys).await?,
            None => BTreeMap::new(),
        };
        self.delete(db, &keys).await?;
        self.insert(db, &format!("{} IN ({keys})", self.query.key))
            .await?;
        if let Some(words) = self.words {
            index::replace(db, words, self.table, &keys).await?;
            index::keep_moves(db, words, self.table, (&keys, before)).await?;
        }
        Ok(())
    }

    /// Brings the rows up to date that are made from rows of a source, after these were written.
    pub(super) async fn refresh(
        self,
        db: &impl ConnectionTrait,
        source: &Source,
        ids: &[i64],
    ) -> Result<(), DbErr> {
        for ids in ids.chunks(KEYS_AT_ONCE) {
            if source.id == self.query.key {
                self.replace(db, ids).await?;
                continue;
            }
            let RowQuery { from, key, .. } = self.query;
            let keys = format!(
                "SELECT {key} FROM {from} WHERE {} IN ({})",
                source.id,
                list(ids)
            );
            self.replace_selected(db, keys).await?;
        }
        Ok(())
    }

    /// The same for rows of a detail.
    pub(super) async fn refresh_detail(
        self,
        db: &impl ConnectionTrait,
        detail: &Detail,
        ids: &[i64],
    ) -> Result<(), DbErr> {
        for ids in ids.chunks(KEYS_AT_ONCE) {
            let keys = format!("{} IN ({})", detail.keys, list(ids));
            self.replace_selected(db, keys).await?;
        }
        Ok(())
    }

    /// Replaces the rows whose keys a query selects.
    async fn replace_selected(self, db: &impl ConnectionTrait, keys: String) -> Result<(), DbErr> {
        lock(db, self.table).await?;
        for keys in numbers(db, keys).await?.chunks(KEYS_AT_ONCE) {
            self.replace(db, keys).await?;
        }
        Ok(())
    }

    async fn delete(self, db: &impl ConnectionTrait, keys: &str) -> Result<(), DbErr> {
        let (table, column) = (quoted(self.table.name), self.key_column());
        run(
            db,
            &format!("DELETE FROM {table} WHERE {column} IN ({keys})"),
        )
        .await
    }

    async fn insert(self, db: &impl ConnectionTrait, condition: &str) -> Result<(), DbErr> {
        let columns: Vec<_> = self
            .table
            .columns
            .iter()
            .map(|one| quoted(one.name))
            .collect();
        let RowQuery {
            from, key, values, ..
        } = self.query;
        let values = values.join(", ");
        let sql = format!(
            "INSERT INTO {} ({}) SELECT {key}, {values} FROM {from} WHERE {condition} \
             ON CONFLICT DO NOTHING",
            quoted(self.table.name),
            columns.join(", ")
        );
        run(db, &sql).await
    }
}
