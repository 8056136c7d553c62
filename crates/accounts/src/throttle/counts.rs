//! The rows in which attempts are counted, and the statements on them. Knows no limit.
//!
//! Rows are always locked in the order of their keys, so that attempts cannot deadlock.

use chrono::{DateTime, TimeDelta, Utc};
use db::schema::{Column, Index, Kind, Table};
use db::{Database, DbBackend, Integer};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

/// How long failures count.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// After this time a reservation is ignored: its program must have been killed.
const LONGEST_ATTEMPT: TimeDelta = TimeDelta::seconds(60);

/// The most rows that one sweep removes.
const SWEEP: u64 = 1_000;

/// The table of counts, for the application's schema. Its keys are HMACs of names and addresses, so
/// that a password typed into the field of the name cannot be guessed from them without the secret
/// key.
pub const fn table(name: &'static str) -> Table {
    Table {
        name,
        columns: COLUMNS,
        unique_together: &[],
    }
}

const COLUMNS: &[Column] = &[
    Column::new("key", Kind::CharField(43)).index(Index::PrimaryKey),
    Column::new("failures", Kind::BigIntegerField),
    Column::new("since", Kind::DateTimeField).index(Index::Plain),
    Column::new("pending", Kind::BigIntegerField),
    Column::new("pending_since", Kind::DateTimeField),
];

/// The table of earlier releases, up to version 2 of the schema, which counted attempts under way as
/// failures. Such a release may still run on the same database.
pub const fn former_table(name: &'static str) -> Table {
    Table {
        name,
        columns: COLUMNS.split_at(3).0,
        unique_together: &[],
    }
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) failures: i64,
    /// When the first of the failures was.
    pub(super) since: DateTime<Utc>,
    /// Attempts under way, this one among them.
    pub(super) pending: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Counts {
    pub(super) db: Database,
    pub(super) table: &'static str,
}

impl Counts {
    /// The rows of these keys whose window is not over.
    pub(super) async fn read(&self, keys: &[&str], time: DateTime<Utc>) -> Result<Vec<Row>, DbErr> {
        let Self { table, .. } = self;
        let (places, mut values) = list(keys, 2);
        values.insert(0, (time - WINDOW).into());
        let sql = format!(
            "SELECT key, failures, since, pending FROM {table} WHERE since > $1 AND key IN ({places})"
        );
        let statement = self.statement(sql, values);
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(read_row).collect()
    }

    /// Adds a reservation to each row, and commits it if `judge` accepts the rows. `judge` sees them while
    /// they are locked, so that each of several attempts at once sees the reservations before it.
    pub(super) async fn reserve<T>(
        &self,
        keys: &[&str],
        time: DateTime<Utc>,
        judge: impl FnOnce(&[Row]) -> Result<(), T> + Send,
    ) -> Result<Result<(), T>, DbErr>
    where
        T: Send,
    {
        let Self { table, .. } = self;
        let keys = sorted(keys);
        let rows: Vec<_> = (4..4 + keys.len())
            .map(|place| format!("(${place}, 0, $1, 1, $1)"))
            .collect();
        let sql = format!(
            "INSERT INTO {table} (key, failures, since, pending, pending_since) VALUES {} \
             ON CONFLICT (key) DO UPDATE SET \
             failures = CASE WHEN {table}.since <= $2 THEN 0 ELSE {table}.failures END, \
             since = CASE WHEN {table}.since <= $2 THEN $1 ELSE {table}.since END, \
             pending = CASE WHEN {table}.pending_since <= $3 THEN 1 ELSE {table}.pending + 1 END, \
             pending_since = $1 \
             RETURNING key, failures, since, pending",
            rows.join(", ")
        );
        let mut values: Vec<Value> = vec![
            time.into(),
            (time - WINDOW).into(),
            (time - LONGEST_ATTEMPT).into(),
        ];
        values.extend(keys.iter().map(|key| Value::from(*key)));
        let transaction = self.db.begin().await?;
        let rows = transaction
            .query_all_raw(self.statement(sql, values))
            .await?;
        let rows: Vec<_> = rows.iter().map(read_row).collect::<Result<_, _>>()?;
        let verdict = judge(&rows);
        match verdict {
            Ok(()) => transaction.commit().await?,
            // A refused attempt leaves neither a count nor a new row.
            Err(_) => transaction.rollback().await?,
        }
        Ok(verdict)
    }

    /// Counts a failure in each row, and removes `reserved` reservations from it.
    pub(super) async fn fail(
        &self,
        keys: &[&str],
        time: DateTime<Utc>,
        reserved: i64,
    ) -> Result<Vec<Row>, DbErr> {
        let Self { table, .. } = self;
        let keys = sorted(keys);
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<_> = (3..3 + keys.len())
            .map(|place| format!("(${place}, 1, $1, 0, $1)"))
            .collect();
        let sql = format!(
            "INSERT INTO {table} (key, failures, since, pending, pending_since) VALUES {} \
             ON CONFLICT (key) DO UPDATE SET \
             failures = CASE WHEN {table}.since <= $2 THEN 1 ELSE {table}.failures + 1 END, \
             since = CASE WHEN {table}.since <= $2 OR {table}.failures = 0 THEN $1 \
             ELSE {table}.since END, \
             pending = CASE WHEN {table}.pending > {reserved} THEN {table}.pending - {reserved} \
             ELSE 0 END \
             RETURNING key, failures, since, pending",
            rows.join(", ")
        );
        let mut values: Vec<Value> = vec![time.into(), (time - WINDOW).into()];
        values.extend(keys.iter().map(|key| Value::from(*key)));
        let rows = self.db.query_all_raw(self.statement(sql, values)).await?;
        rows.iter().map(read_row).collect()
    }

    /// Removes a reservation from each row, and all failures from those to `forget`. Rows that count
    /// nothing any more are deleted.
    pub(super) async fn release(&self, keys: &[&str], forget: &[&str]) -> Result<(), DbErr> {
        let Self { table, .. } = self;
        if !forget.is_empty() {
            let set = "failures = 0";
            self.update(forget, set).await?;
        }
        if !keys.is_empty() {
            let set = "pending = CASE WHEN pending > 1 THEN pending - 1 ELSE 0 END";
            self.update(keys, set).await?;
        }
        let all = sorted(&[keys, forget].concat());
        let (places, values) = list(&all, 1);
        // A row that another attempt has locked is skipped: that attempt will count in it.
        let locked = self.locked(
            &format!("{places}) AND (failures = 0 AND pending = 0"),
            "SKIP LOCKED",
        );
        let sql = format!("DELETE FROM {table} WHERE key IN ({locked})");
        self.db.execute_raw(self.statement(sql, values)).await?;
        Ok(())
    }

    async fn update(&self, keys: &[&str], set: &str) -> Result<(), DbErr> {
        let Self { table, .. } = self;
        let (places, values) = list(keys, 1);
        let locked = self.locked(&places, "");
        let sql = format!("UPDATE {table} SET {set} WHERE key IN ({locked})");
        self.db.execute_raw(self.statement(sql, values)).await?;
        Ok(())
    }

    /// A query for keys, which on PostgreSQL locks their rows in order.
    fn locked(&self, places: &str, how: &str) -> String {
        let Self { db, table } = self;
        let lock = match db.get_database_backend() {
            DbBackend::Postgres => format!(" ORDER BY key FOR UPDATE {how}"),
            _ => String::new(),
        };
        format!("SELECT key FROM {table} WHERE key IN ({places}){lock}")
    }

    fn statement(&self, sql: String, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.db.get_database_backend(), sql, values)
    }
}

/// Deletes counts whose window is over, a limited number of them, and returns how many.
pub async fn sweep(db: &Database, table: &str, time: DateTime<Utc>) -> Result<u64, DbErr> {
    let backend = db.get_database_backend();
    // Locked rows are skipped: this deletes in no order, so that waiting for an attempt that locks rows
    // in order could be a deadlock.
    let skip = match backend {
        DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let sql = format!(
        "DELETE FROM {table} WHERE key IN \
         (SELECT key FROM {table} WHERE since <= $1 LIMIT {SWEEP}{skip})"
    );
    let statement = Statement::from_sql_and_values(backend, sql, [(time - WINDOW).into()]);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

fn sorted<'a>(keys: &[&'a str]) -> Vec<&'a str> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The placeholders of keys in a statement, numbered from `first`, and their values.
fn list(keys: &[&str], first: usize) -> (String, Vec<Value>) {
    let places: Vec<_> = (first..first + keys.len())
        .map(|place| format!("${place}"))
        .collect();
    let values = keys.iter().map(|key| Value::from(*key)).collect();
    (places.join(", "), values)
}

fn read_row(row: &QueryResult) -> Result<Row, DbErr> {
    let Integer(failures) = row.try_get("", "failures")?;
    let Integer(pending) = row.try_get("", "pending")?;
    Ok(Row {
        key: row.try_get("", "key")?,
        failures,
        since: row.try_get("", "since")?,
        pending,
    })
}
