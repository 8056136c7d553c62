//! The sizes of blocks of neighbouring rows: what finds the row at a position without counting all rows
//! before it.
//!
//! A block begins at an id and ends before the next one's. So ids may lie as far apart as they like, and
//! a row that is added or deleted changes the size of one block.

use sea_orm::{ConnectionTrait, DbErr, Order};

use super::sql::{join_by_index, lock, number, query, run};
use crate::names::quoted;
use crate::schema::{Sequence, Table};

/// The rows of a new block.
const BLOCK_SIZE: i64 = 1_000;
/// A block with more rows is divided.
const MAX_BLOCK_SIZE: i64 = 2 * BLOCK_SIZE;
/// Where the first block begins: below every id.
const FIRST_ID: i64 = -i64::MAX;
/// No table has so many rows.
const MAX_POSITION: i64 = i64::MAX / 8;
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

    /// The same with another size of the last block.
    fn blocks_with_last(self, size: i64) -> String {
        format!(
            "(SELECT first_id, last_id, CASE WHEN last_id = {} THEN {size} ELSE row_count END \
             AS row_count FROM {}) AS resized",
            i64::MAX,
            self.blocks()
        )
    }

    /// How many rows the last block has now: rows that were added after it was counted are its rows, too.
    /// The id is a number in the second statement, so that PostgreSQL knows how few rows there are.
    async fn size_of_last(self, db: &impl ConnectionTrait) -> Result<i64, DbErr> {
        let (table, name) = (quoted(self.table.name), self.sequence.name);
        let sql = format!("SELECT max(first_id) FROM {table} WHERE sequence = '{name}'");
        let rows = query(db, sql).await?;
        let first = rows
            .first()
            .map(|row| row.try_get_by_index::<Option<i64>>(0));
        let first = first.transpose()?.flatten();
        let first = first.ok_or_else(|| self.missing())?;
        let rows = self.between(&first.to_string(), &i64::MAX.to_string());
        number(db, format!("SELECT count(*) FROM {rows}")).await
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
        join_by_index(db).await?;
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
        let (direction, bound, size_of_last) = match order {
            Order::Desc => {
                let size = self.size_of_last(db).await?;
                ("DESC", "last_id", size)
            }
            // All positions beyond the blocks before are in the last one, whatever its size.
            _ => ("ASC", "first_id", 2 * MAX_POSITION),
        };
        let position = i64::try_from(position).map_or(MAX_POSITION, |one| one.min(MAX_POSITION));
        let sql = format!(
            "SELECT {bound}, {position} - rows_before FROM (SELECT first_id, last_id, row_count, \
             CAST(sum(row_count) OVER (ORDER BY first_id {direction}) - row_count AS bigint) \
             AS rows_before FROM {}) AS placed \
             WHERE rows_before <= {position} AND {position} - rows_before < row_count",
            self.blocks_with_last(size_of_last)
        );
        let rows = query(db, sql).await?;
        let Some(row) = rows.first() else {
            return match order {
                // No block reaches that far: neither does a row.
                Order::Desc => Ok(Start {
                    id: FIRST_ID,
                    skip: 1,
                }),
                _ => Err(self.missing()),
            };
        };
        let skip: i64 = row.try_get_by_index(1)?;
        Ok(Start {
            id: row.try_get_by_index(0)?,
            skip: skip.unsigned_abs(),
        })
    }

    fn missing(self) -> DbErr {
        let name = self.sequence.name;
        DbErr::Custom(format!("{name} has not been divided into blocks"))
    }

    /// How many rows there are.
    pub(super) async fn count(self, db: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let size = self.size_of_last(db).await?;
        let sql = format!(
            "SELECT CAST(sum(row_count) AS bigint) FROM {}",
            self.blocks_with_last(size)
        );
        number(db, sql).await.map(i64::unsigned_abs)
    }
}
