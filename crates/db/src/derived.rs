//! Derived tables: tables of our own, made from Django's, for questions that Django's have no index for.
//!
//! An index or a trigger of ours on Django's tables would stop Django's own migrations. A derived table
//! ([`DerivedTable`]) is described as data, may be lost at any time, and is made anew. Its rows are
//! brought up to date by saves of this program, within their transaction ([`Transaction::wrote`]), and
//! by a comparison with what they are made from after any other commit.
//!
//! What a table says counts as long as the last comparison found all of them right and nothing was
//! committed since ([`crate::changes`]). After a commit a page asks Django's tables themselves, which
//! takes longer on large ones; with more than 10,000 rows it goes on using the derived tables for up to ten
//! seconds. They may then be behind what others have committed. So a page must read from them only
//! where to look, and take what it shows from Django's tables; rows that were added after the last one
//! count at once.
//!
//! The comparison runs in the background when a page would have needed its result, over a connection of
//! its own, and rests for a multiple of the time it took.

mod blocks;
mod index;
mod names;
mod rows;
mod save;
mod sql;
mod state;

use std::time::{Duration, Instant};

use sea_orm::{DbErr, Order};
use tokio::time::{sleep, timeout};

use self::blocks::Blocks;
pub use self::blocks::Start;
use self::rows::{FAULTS, Fault, Rows};
pub(crate) use self::save::WrittenIds;
pub(crate) use self::state::DerivedState;
use self::state::{Comparison, Standing};
use crate::connection::{Database, Transaction};
use crate::error::is_unavailable;
use crate::long_work::LongWork;
use crate::schema::{Content, DerivedTable, RowQuery};

/// How often the tables are compared and repaired, before they are left to the next comparison: others
/// may write all the time.
const ATTEMPTS: u32 = 5;

/// The pause after a repair: by then the repair itself is detected, so that the comparison after it can
/// hold for the generation that follows.
const SETTLE: Duration = Duration::from_millis(150);

/// For how long a page waits for tables that are being made or repaired.
const SETTLE_LIMIT: Duration = Duration::from_secs(2);

/// What was done for a derived table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Updated {
    /// The table's name.
    pub table: &'static str,
    /// How many rows were written or deleted, at most; for blocks, how many ranges of ids.
    pub written: u64,
}

/// What a comparison has found.
#[derive(Debug, Clone, Copy, Default)]
struct Compared {
    /// The rows that the table is made from; of several tables or sequences, of the largest.
    rows: u64,
    /// How much was wrong and is right now.
    written: u64,
}

impl Compared {
    fn add(&mut self, other: Self) {
        self.rows = self.rows.max(other.rows);
        self.written += other.written;
    }
}

impl Database {
    /// Lets derived tables be compared and repaired in the background, from now on.
    pub fn keep_derived_tables(&self) {
        if !self.config().derived.is_empty() {
            self.derived_state().allow();
            self.update_in_background();
        }
    }

    /// What a query on derived tables answers; `None` if they may be wrong, or if the query fails. With
    /// many rows they may be behind what others have committed in the last seconds.
    pub async fn with_derived<T>(
        &self,
        answer: impl Future<Output = Result<T, DbErr>>,
    ) -> Option<T> {
        if !self.are_derived_tables_usable().await {
            return None;
        }
        answer.await.ok()
    }

    /// Whether the tables are so small that a page does as well without. To ask them has them compared, and
    /// what is repaired then is a write that others on the same SQLite file may have to wait for.
    pub fn has_small_derived_tables(&self) -> bool {
        self.derived_state().is_small()
    }

    /// Waits until the derived tables are right, if that takes no longer than a visitor may wait. Without
    /// them no words are found, so that a page which needs them asks for this first. Large ones may be
    /// behind by what others have committed in the last seconds.
    pub async fn settle_derived_tables(&self) {
        if self.are_derived_tables_usable().await {
            return;
        }
        // Where nobody can know whether others have committed, small tables are compared for each search.
        self.update_in_background();
        // A timeout means that there is much to do: the page is answered from what is there.
        let _ = timeout(SETTLE_LIMIT, self.derived_state().wait()).await;
    }

    /// Where to read for a position in a sequence, counted from 0 in a direction. To be asked within
    /// [`Database::with_derived`].
    pub async fn start_of(
        &self,
        sequence: &str,
        position: u64,
        order: &Order,
    ) -> Result<Start, DbErr> {
        self.blocks(sequence)?.start(self, position, order).await
    }

    /// How many rows a sequence has. To be asked within [`Database::with_derived`].
    pub async fn count_of(&self, sequence: &str) -> Result<u64, DbErr> {
        self.blocks(sequence)?.count(self).await
    }

    /// Whether there is a sequence of that name.
    pub fn has_sequence(&self, sequence: &str) -> bool {
        self.blocks(sequence).is_ok()
    }

    /// Makes the derived tables anew, whatever is in them.
    pub async fn make_derived_tables(&self) -> Result<Vec<Updated>, DbErr> {
        let work = LongWork::new(self.config());
        let made = async {
            check_sources(&work, self.config().derived).await?;
            for derived in self.config().derived {
                create(&work, derived).await?;
            }
            update(self, &work).await
        };
        let made = made.await;
        work.close().await?;
        made
    }

    /// Compares the derived tables with what they are made from, and sets right what is wrong.
    pub async fn update_derived_tables(&self) -> Result<Vec<Updated>, DbErr> {
        let work = LongWork::new(self.config());
        let updated = update(self, &work).await;
        work.close().await?;
        updated
    }

    fn blocks(&self, name: &str) -> Result<Blocks, DbErr> {
        let all = self.config().derived.iter().filter_map(|derived| {
            let Content::Blocks(sequences) = derived.content else {
                return None;
            };
            let sequence = *sequences.iter().find(|sequence| sequence.name == name)?;
            let table = derived.table;
            Some(Blocks { table, sequence })
        });
        let unknown = || DbErr::Custom(format!("there is no sequence {name}"));
        all.into_iter().next().ok_or_else(unknown)
    }

    /// Whether the tables are right or a little behind. If they are not right, they are compared in the
    /// background.
    async fn are_derived_tables_usable(&self) -> bool {
        let state = self.derived_state();
        if self.config().derived.is_empty() {
            return false;
        }
        // Whoever has no derived tables yet need not wait for a poll.
        let generation = if state.was_right() {
            self.generation().await
        } else {
            None
        };
        let standing = state.standing(generation);
        // Without a generation small tables would be compared again and again in vain.
        if standing != Standing::Right && !(generation.is_none() && state.is_small()) {
            self.update_in_background();
        }
        standing != Standing::Uncertain
    }

    fn update_in_background(&self) {
        self.derived_state().start(|| {
            let db = self.clone();
            async move {
                if let Err(error) = db.update_derived_tables().await {
                    // Pages are right without, if slower where there are many rows.
                    tracing::debug!(%error, "the derived tables could not be brought up to date");
                    db.derived_state().rest_after(SETTLE);
                }
            }
        });
    }
}

/// Compares the tables and repairs them, until a comparison finds nothing wrong.
async fn update(db: &Database, work: &LongWork) -> Result<Vec<Updated>, DbErr> {
    let derived = db.config().derived;
    check_sources(work, derived).await?;
    let nothing = |derived: &DerivedTable| Updated {
        table: derived.table.name,
        written: 0,
    };
    let mut all: Vec<_> = derived.iter().map(nothing).collect();
    for _ in 0..ATTEMPTS {
        let right_at = Instant::now();
        // Read before the comparison: what is committed meanwhile starts another generation.
        let generation = db.generation().await;
        let mut compared = Compared::default();
        for (derived, updated) in derived.iter().zip(&mut all) {
            let one = match repair(work, derived).await {
                Err(error) if is_unavailable(&error) => return Err(error),
                // It is not there, or not as described.
                Err(_) => {
                    create(work, derived).await?;
                    repair(work, derived).await?
                }
                Ok(one) => one,
            };
            updated.written += one.written;
            compared.add(one);
        }
        let duration = right_at.elapsed();
        db.derived_state().rest_after(duration);
        if compared.written == 0 {
            db.derived_state().set_right(Comparison {
                generation,
                right_at,
                duration,
                rows: compared.rows,
            });
            break;
        }
        sleep(SETTLE).await;
    }
    Ok(all)
}

async fn check_sources(work: &LongWork, derived: &[DerivedTable]) -> Result<(), DbErr> {
    let transaction = work.read().await?;
    sql::check_sources(&transaction, derived).await?;
    transaction.rollback().await
}

async fn create(work: &LongWork, derived: &DerivedTable) -> Result<(), DbErr> {
    let transaction = work.write().await?;
    sql::create(&transaction, derived.table).await?;
    if let Some(words) = derived.words {
        index::create(&transaction, words).await?;
    }
    transaction.commit().await?;
    match derived.content {
        Content::Rows(query) => fill_rows(work, rows_of(derived, query)).await,
        Content::Blocks(_) => Ok(()),
    }
}

fn rows_of(derived: &DerivedTable, query: RowQuery) -> Rows {
    Rows {
        table: derived.table,
        query,
        words: derived.words,
    }
}

/// Compares a table with what it is made from, and sets right what is wrong.
async fn repair(work: &LongWork, derived: &DerivedTable) -> Result<Compared, DbErr> {
    let table = derived.table;
    match derived.content {
        Content::Rows(query) => repair_rows(work, rows_of(derived, query)).await,
        Content::Blocks(sequences) => {
            let mut compared = Compared::default();
            for sequence in sequences {
                let sequence = *sequence;
                compared.add(repair_blocks(work, Blocks { table, sequence }).await?);
            }
            Ok(compared)
        }
    }
}

async fn repair_rows(work: &LongWork, rows: Rows) -> Result<Compared, DbErr> {
    let transaction = work.read().await?;
    let right = rows.count_if_right(&transaction).await?;
    transaction.rollback().await?;
    if let Some(rows) = right {
        return Ok(Compared { rows, written: 0 });
    }
    let mut written = 0;
    for fault in FAULTS {
        written += replace_wrong(work, rows, fault).await?;
    }
    // Somebody else may have been quicker; then the table is to be compared again, too.
    let written = written.max(1);
    Ok(Compared { rows: 0, written })
}

/// Replaces wrong rows, a limited number in each transaction, so that nobody waits long for it.
async fn replace_wrong(work: &LongWork, rows: Rows, fault: Fault) -> Result<u64, DbErr> {
    let mut written = 0;
    let mut after = i64::MIN;
    loop {
        let transaction = work.read().await?;
        let keys = rows.find_wrong(&transaction, fault, after).await?;
        transaction.rollback().await?;
        let Some(last) = keys.last() else {
            return Ok(written);
        };
        after = *last;
        let transaction = work.write().await?;
        rows.replace(&transaction, &keys).await?;
        transaction.commit().await?;
        written += keys.len() as u64;
    }
}

/// Fills an empty table, a limited number of rows in each transaction.
async fn fill_rows(work: &LongWork, rows: Rows) -> Result<(), DbErr> {
    let mut after = Some(i64::MIN);
    while let Some(last) = after {
        let transaction = work.write().await?;
        after = rows.fill(&transaction, last).await?;
        transaction.commit().await?;
    }
    Ok(())
}

async fn repair_blocks(work: &LongWork, blocks: Blocks) -> Result<Compared, DbErr> {
    let transaction = work.read().await?;
    let (wrong, rows) = blocks.find_wrong(&transaction).await?;
    transaction.rollback().await?;
    for ids in &wrong {
        let transaction = work.write().await?;
        blocks.divide(&transaction, *ids).await?;
        transaction.commit().await?;
    }
    let written = wrong.len() as u64;
    Ok(Compared { rows, written })
}

impl Transaction {
    /// Notes that rows of a table were added, changed or deleted, so that the derived tables are brought
    /// up to date before the transaction is committed.
    pub fn wrote(&self, table: &str, ids: &[i64]) {
        self.written_ids().add(table, ids);
    }
}
