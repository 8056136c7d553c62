//! Pages of long lists: rows beyond many others, and how many there are in all.

use db::derived::Start;
use db::{Database, DbErr};

use super::query::Select;
use super::row::Row;

/// Rows beyond so many are not counted one by one.
const FAR: u64 = 1_000;

impl Select<'_> {
    /// The rows from `offset`, at most `limit`, and how many there are in all, without a condition.
    pub(crate) async fn page(
        &self,
        db: &Database,
        offset: u64,
        limit: u64,
    ) -> Result<(Vec<Row>, u64), DbErr> {
        Ok((
            self.far_rows(db, offset, limit).await?,
            self.count_all(db).await?,
        ))
    }

    async fn far_rows(&self, db: &Database, offset: u64, limit: u64) -> Result<Vec<Row>, DbErr> {
        if let (table, Some(order)) = self.as_sequence()
            && offset >= FAR
            && db.has_sequence(table)
        {
            let near = async {
                let Start { id, skip } = db.start_of(table, offset, &order).await?;
                let mut select = self.clone();
                select.start_at(id, &order);
                select.rows(db, skip, Some(limit)).await
            };
            if let Some(rows) = db.with_derived(near).await {
                return Ok(rows);
            }
        }
        self.rows(db, offset, Some(limit)).await
    }

    /// How many rows there are, without a condition. What another program has just added may be missing
    /// from the number of a long list for as long as a change takes to be detected, but not from a short one.
    pub(crate) async fn count_all(&self, db: &Database) -> Result<u64, DbErr> {
        let (table, _) = self.as_sequence();
        if db.has_sequence(table)
            && let Some(count) = db.with_derived(db.count_of(table)).await
            && count >= FAR
        {
            return Ok(count);
        }
        self.count(db).await
    }
}
