//! The sizes of blocks of neighbouring rows: what finds the row at a position without counting all rows
//! before it.
//!
//! A block begins at an id and ends before the next one's. So ids may lie as far apart as they like, and
//! a row that is added or deleted changes the size of one block.

use sea_orm::{ConnectionTrait, DbErr, Order};

use super::sql::{lock, number, query, run};
use crate::names::quoted;
use crate::schema::{Sequence, Table};

/// The rows of a new block.
const BLOCK_SIZE: i64 = 1_000;
/// A block with more rows is divided.
const MAX_BLOCK_SIZE: i64 = 2 * BLOCK_SIZE;
/// Where the first block begins: below every id.
const FIRST_ID: i64 = -i64::MAX;
/// Blocks beyond what the number of rows needs, before they are made anew.
const SPARE_BLOCKS: i64 = 100;

/// A table of blocks, and one of the sequences in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    pub(super) table: &'static Table,
    pub(super) sequence: Sequence,
}

/// The ids of a block, both included.
pub(super) type Ids = (i64, i64);

/// Where to read for a position in a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Rows from this id on, this included: in the direction in which the sequence is read.
    pub id: i64,
    /// So many of these rows come before the position.
    pub skip: u64,
}

impl Blocks {
    /// The blocks with both their ids, as a query within parentheses.
    fn blocks(self) -> String {
        format!(
            "(SELECT first_id, row_count, coalesce(lead(first_id) OVER (ORDER BY first_id) - 1, {}) \
             AS last_id FROM {} WHERE sequence = '{}') AS block",
            i64::MAX,
            quoted(self.table.name),
            self.sequence.name
        )
    }

    /// The same with the rows of the last block counted: rows that were added after it was counted
    /// are its rows, too.
    fn current_blocks(self) -> String {
        let rows = self.between("block.first_id", &i64::MAX.to_string());
        format!(
            "(SELECT first_id, last_id, CASE WHEN last_id = {} THEN (SELECT count(*) FROM {rows}) \
             ELSE row_count END AS row_count FROM {}) AS current",
            i64::MAX,
            self.blocks()
        )
    }

    /// FROM to WHERE for the rows between two ids, which may be expressions.
    fn between(self, first: &str, last: &str) -> String {
        let Sequence { from, source, .. } = self.sequence;
        format!("{from} WHERE {} BETWEEN {first} AND {last}", source.id)
    }

    /// The blocks whose size is wrong; all ids, if the sequence has to be divided anew. And how many rows
    /// there are.
    pub(super) async fn find_wrong(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<(Vec<Ids>, u64), DbErr> {
        let sql = format!(
            "SELECT first_id, last_id, row_count, (SELECT count(*) FROM {}) FROM {} ORDER BY first_id",
            self.between("block.first_id", "block.last_id"),
            self.blocks()
        );
        let mut wrong = Vec::new();
        let mut total = 0_i64;
        let rows = query(db, sql).await?;
        for row in &rows {
            let [first, last, size, found] =
                [0, 1, 2, 3].map(|index| row.try_get_by_index::<i64>(index));
            let (ids, found) = ((first?, last?), found?);
            total += found;
            if size? != found || found > MAX_BLOCK_SIZE {
                wrong.push(ids);
            }
        }
        let begins = rows.first().map(|row| row.try_get_by_index::<i64>(0));
        let most = 2 * total / BLOCK_SIZE + SPARE_BLOCKS;
        let is_apt = begins.transpose()? == Some(FIRST_ID)
            && i64::try_from(rows.len()).is_ok_and(|count| count <= most);
        if !is_apt {
            wrong = vec![(FIRST_ID, i64::MAX)];
        }
        Ok((wrong, total.unsigned_abs()))
    }

    /// Divides the rows between two ids, where blocks begin and end, into blocks.
    pub(super) async fn divide(
        self,
        db: &impl ConnectionTrait,
        (first, last): Ids,
    ) -> Result<(), DbErr> {
        lock(db, self.table).await?;
        let rows = self.between(&first.to_string(), &last.to_string());
        let count = number(db, format!("SELECT count(*) FROM {rows}")).await?;
        let (table, name) = (quoted(self.table.name), self.sequence.name);
        let ids = format!("first_id BETWEEN {first} AND {last}");
        run(
            db,
            &format!("DELETE FROM {table} WHERE sequence = '{name}' AND {ids}"),
        )
        .await?;
        let insert = format!("INSERT INTO {table} (sequence, first_id, row_count)");
        if count <= MAX_BLOCK_SIZE {
            return run(db, &format!("{insert} VALUES ('{name}', {first}, {count})")).await;
        }
        let id = self.sequence.source.id;
        let sql = format!(
            "{insert} SELECT '{name}', CASE WHEN position = 1 THEN {first} ELSE id END, \
             coalesce(lead(position) OVER (ORDER BY position), {count} + 1) - position \
             FROM (SELECT {id} AS id, row_number() OVER (ORDER BY {id}) AS position FROM {rows}) \
             AS numbered WHERE (position - 1) % {BLOCK_SIZE} = 0"
        );
        run(db, &sql).await
    }

    /// Brings the blocks up to date that these rows belong to, after they were added or deleted.
    pub(super) async fn refresh(self, db: &impl ConnectionTrait, ids: &[i64]) -> Result<(), DbErr> {
        lock(db, self.table).await?;
        let mut done: Option<Ids> = None;
        for id in ids {
            if done.is_some_and(|(first, last)| (first..=last).contains(id)) {
                continue;
            }
            let sql = format!(
                "SELECT first_id, last_id FROM {} WHERE {id} BETWEEN first_id AND last_id",
                self.blocks()
            );
            if let Some(row) = query(db, sql).await?.first() {
                let ids = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                self.divide(db, ids).await?;
                done = Some(ids);
            }
        }
        Ok(())
    }

    /// Where to read for a position, counted from 0 in a direction.
    pub(super) async fn start(
        self,
        db: &impl ConnectionTrait,
        position: u64,
        order: &Order,
    ) -> Result<Start, DbErr> {
        let (direction, bound, end) = match order {
            Order::Desc => ("DESC", "last_id", FIRST_ID),
            _ => ("ASC", "first_id", i64::MAX),
        };
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT {bound}, {position} - rows_before, row_count FROM (SELECT first_id, last_id, \
             row_count, CAST(sum(row_count) OVER (ORDER BY first_id {direction}) - row_count AS bigint) \
             AS rows_before FROM {}) AS placed \
             WHERE rows_before <= {position} ORDER BY rows_before DESC, row_count DESC LIMIT 1",
            self.current_blocks()
        );
        let rows = query(db, sql).await?;
        let row = rows.first().ok_or_else(|| self.missing())?;
        let [skip, size] = [1, 2].map(|index| row.try_get_by_index::<i64>(index));
        let (skip, size) = (skip?, size?);
        // No block reaches that far: neither does a row.
        if skip >= size {
            return Ok(Start { id: end, skip: 1 });
        }
        Ok(Start {
            id: row.try_get_by_index(0)?,
            skip: skip.unsigned_abs(),
        })
    }

    /// How many rows there are.
    pub(super) async fn count(self, db: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let sql = format!(
            "SELECT CAST(sum(row_count) AS bigint) FROM {}",
            self.current_blocks()
        );
        let rows = query(db, sql).await?;
        let count = rows
            .first()
            .map(|row| row.try_get_by_index::<Option<i64>>(0));
        let count = count.transpose()?.flatten().ok_or_else(|| self.missing())?;
        Ok(count.unsigned_abs())
    }

    fn missing(self) -> DbErr {
        DbErr::Custom(format!(
            "{} has not been divided into blocks",
            self.sequence.name
        ))
    }
}
