//! The table in which letters wait, and what is done to its rows.

use db::datetime::now;
use db::schema::{Column, Index, Kind, Table};
use db::{ConnectionTrait, DbErr, Integer};
use sea_orm::{Statement, Value};
use uuid::Uuid;

use crate::letter::{About, Letter, clean_lines};

/// The table of an outbox, for the application's schema.
///
/// A letter waits as long as `next_attempt_at` holds a time. Without one it was sent, which `sent_at`
/// tells, or given up.
pub const fn table(name: &'static str) -> Table {
    Table {
        name,
        columns: COLUMNS,
        unique_together: &[],
    }
}

const COLUMNS: &[Column] = &[
    Column::new("id", Kind::BigAutoField),
    Column::new("message_id", Kind::CharField(255)).index(Index::Unique),
    Column::new("recipient", Kind::CharField(254)),
    Column::new("reply_to", Kind::CharField(254)),
    Column::new("subject", Kind::TextField),
    Column::new("text", Kind::TextField),
    Column::new("html", Kind::TextField),
    Column::new("about", Kind::CharField(64)).index(Index::Plain),
    Column::new("queued_at", Kind::DateTimeField),
    Column::new("next_attempt_at", Kind::DateTimeField)
        .null()
        .index(Index::Plain),
    Column::new("attempts", Kind::PositiveSmallIntegerField),
    Column::new("sent_at", Kind::DateTimeField).null(),
    Column::new("error", Kind::TextField),
];

/// The letters of a table that [`table`] describes.
#[derive(Debug, Clone, Copy)]
pub struct Outbox {
    /// The table's name.
    pub table: &'static str,
}

impl Outbox {
    /// Puts a letter into the outbox and returns its key. In a transaction the letter is there once
    /// that is committed, and not before.
    pub async fn queue(self, db: &impl ConnectionTrait, letter: &Letter) -> Result<i64, DbErr> {
        let Self { table } = self;
        let time = now();
        let sql = format!(
            "INSERT INTO {table} (message_id, recipient, reply_to, subject, text, html, about, \
             queued_at, next_attempt_at, attempts, sent_at, error) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, NULL, '') RETURNING id"
        );
        let reply_to = letter.reply_to.as_ref();
        let values: [Value; 8] = [
            // The domain of the sender follows when it is first sent.
            Uuid::new_v4().simple().to_string().into(),
            letter.to.as_str().into(),
            reply_to.map_or("", |address| address.as_str()).into(),
            letter.subject_line().into(),
            clean_lines(&letter.text).into(),
            clean_lines(&letter.html).into(),
            letter.about.stored().into(),
            time.into(),
        ];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let row = db.query_one_raw(statement).await?;
        let row = row.ok_or(DbErr::RecordNotInserted)?;
        let Integer(id) = row.try_get_by(0)?;
        Ok(id)
    }

    /// Deletes the letters about a record, sent or not, and tells how many there were.
    pub async fn erase(self, db: &impl ConnectionTrait, about: &About) -> Result<u64, DbErr> {
        let sql = format!("DELETE FROM {} WHERE about = $1", self.table);
        let values: [Value; 1] = [about.stored().into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        Ok(db.execute_raw(statement).await?.rows_affected())
    }
}
