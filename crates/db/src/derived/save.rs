//! Derived tables within the transactions of the program's own saves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use sea_orm::{ConnectionTrait, DbErr};

use super::blocks::Blocks;
use super::rows::Rows;
use super::sql::run;
use super::state::DerivedState;
use crate::schema::{Content, DerivedTable};

/// The ids of the rows that a transaction has written, by table.
#[derive(Debug, Default)]
pub(crate) struct WrittenIds(Mutex<BTreeMap<String, BTreeSet<i64>>>);

impl WrittenIds {
    pub(crate) fn add(&self, table: &str, ids: &[i64]) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.entry(table.to_owned()).or_default().extend(ids);
    }

    /// Brings the derived tables up to date before the transaction is committed. If that fails, as when
    /// somebody has dropped one, the save is none the worse: the next comparison finds what is wrong.
    pub(crate) async fn refresh(
        &self,
        db: &impl ConnectionTrait,
        derived: &[DerivedTable],
        state: &DerivedState,
    ) -> Result<(), DbErr> {
        let written = {
            let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *written)
        };
        if written.is_empty() || !state.was_right() {
            return Ok(());
        }
        // On PostgreSQL an error would end the transaction, were it not for the savepoint.
        run(db, "SAVEPOINT derived").await?;
        match refresh(db, derived, &written).await {
            Ok(()) => run(db, "RELEASE SAVEPOINT derived").await,
            Err(error) => {
                tracing::debug!(%error, "a save could not bring the derived tables up to date");
                run(db, "ROLLBACK TO SAVEPOINT derived").await
            }
        }
    }
}

async fn refresh(
    db: &impl ConnectionTrait,
    derived: &[DerivedTable],
    written: &BTreeMap<String, BTreeSet<i64>>,
) -> Result<(), DbErr> {
    let ids_of = |table: &str| -> Vec<i64> {
        let ids = written.get(table);
        ids.into_iter().flatten().copied().collect()
    };
    for DerivedTable {
        table,
        content,
        words,
    } in derived
    {
        match content {
            Content::Rows(query) => {
                let rows = Rows {
                    table,
                    query: *query,
                    words: *words,
                };
                for source in query.sources {
                    rows.refresh(db, source, &ids_of(source.table)).await?;
                }
                for detail in query.details {
                    rows.refresh_detail(db, detail, &ids_of(detail.table))
                        .await?;
                }
            }
            Content::Blocks(sequences) => {
                for sequence in *sequences {
                    let ids = ids_of(sequence.source.table);
                    if !ids.is_empty() {
                        let blocks = Blocks {
                            table,
                            sequence: *sequence,
                        };
                        blocks.refresh(db, &ids).await?;
                    }
                }
            }
        }
    }
    Ok(())
}
