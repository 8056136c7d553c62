//! The table in which letters wait, and what is done to its rows.

use chrono::{DateTime, TimeDelta, Utc};
use db::datetime::now;
use db::schema::{Column, Index, Kind, Table};
use db::{ConnectionTrait, DbBackend, DbErr, Integer, stored};
use sea_orm::{QueryResult, Statement, Value};
use uuid::Uuid;

use crate::address::Address;
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
    Column::new("is_secret", Kind::BooleanField),
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
             is_secret, queued_at, next_attempt_at, attempts, sent_at, error) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, 0, NULL, '') RETURNING id"
        );
        let reply_to = letter.reply_to.as_ref();
        let values: [Value; 9] = [
            // The domain of the sender follows when it is first sent.
            Uuid::new_v4().simple().to_string().into(),
            letter.to.as_str().into(),
            reply_to.map_or("", |address| address.as_str()).into(),
            letter.subject_line().into(),
            clean_lines(&letter.text).into(),
            clean_lines(&letter.html).into(),
            letter.about.stored().into(),
            (letter.about == About::Secret).into(),
            time.into(),
        ];
        let row = db.query_one_raw(statement(db, sql, values)).await?;
        let row = row.ok_or(DbErr::RecordNotInserted)?;
        let Integer(id) = row.try_get_by(0)?;
        Ok(id)
    }

    /// Letters for staff to look at, the newest first.
    pub async fn list(
        self,
        db: &impl ConnectionTrait,
        offset: u64,
        limit: u64,
    ) -> Result<Vec<ListedLetter>, DbErr> {
        let sql = format!(
            "SELECT id, recipient, subject, queued_at, next_attempt_at, sent_at, attempts, error, \
             text <> '' FROM {} ORDER BY id DESC LIMIT $1 OFFSET $2",
            self.table
        );
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX).into();
        let statement = statement(db, sql, [number(limit), number(offset)]);
        let rows = db.query_all_raw(statement).await?;
        rows.iter().map(ListedLetter::read).collect()
    }

    /// How many letters with a secret somebody was written since a time.
    pub async fn count_secrets(
        self,
        db: &impl ConnectionTrait,
        to: &Address,
        since: DateTime<Utc>,
    ) -> Result<u64, DbErr> {
        let sql = format!(
            "SELECT COUNT(*) FROM {} WHERE is_secret AND recipient = $1 AND queued_at > $2",
            self.table
        );
        let statement = statement(db, sql, [to.as_str().into(), since.into()]);
        let row = db.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("COUNT(*)".to_owned()))?;
        let Integer(letters) = row.try_get_by(0)?;
        Ok(u64::try_from(letters).unwrap_or(0))
    }

    /// Lets a letter be sent again: one that was given up or sent, or one that waits for its next
    /// attempt. `false` if it is gone, has no content any more, or is being sent.
    pub async fn send_again(self, db: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
        let Self { table } = self;
        // What is being sent has neither an error nor a time of sending.
        let sql = format!(
            "UPDATE {table} SET next_attempt_at = $1, attempts = 0, sent_at = NULL \
             WHERE id = $2 AND text <> '' AND (next_attempt_at IS NULL OR error <> '')"
        );
        let statement = statement(db, sql, [now().into(), id.into()]);
        Ok(db.execute_raw(statement).await?.rows_affected() == 1)
    }

    /// Deletes the letters about a record, sent or not, and tells how many there were.
    pub async fn erase(self, db: &impl ConnectionTrait, about: &About) -> Result<u64, DbErr> {
        let sql = format!("DELETE FROM {} WHERE about = $1", self.table);
        let statement = statement(db, sql, [about.stored().into()]);
        Ok(db.execute_raw(statement).await?.rows_affected())
    }

    /// What waits.
    pub(crate) async fn waiting(self, db: &impl ConnectionTrait) -> Result<Waiting, DbErr> {
        let Self { table } = self;
        let sql = format!(
            "SELECT COUNT(*), MIN(queued_at), MIN(next_attempt_at) FROM {table} \
             WHERE next_attempt_at IS NOT NULL"
        );
        let row = db.query_one_raw(statement(db, sql, [])).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("COUNT(*)".to_owned()))?;
        let Integer(letters) = row.try_get_by(0)?;
        Ok(Waiting {
            letters: u64::try_from(letters).unwrap_or(0),
            oldest: stored::time(&row, 1)?.value(),
            next_attempt: stored::time(&row, 2)?.value(),
        })
    }

    /// Takes the letter that has been due for longest, for as long as the lease: nobody else takes it
    /// meanwhile, and whoever does not say by then what became of it is taken for dead.
    pub(crate) async fn claim(
        self,
        db: &impl ConnectionTrait,
        domain: &str,
        lease: TimeDelta,
    ) -> Result<Option<StoredLetter>, DbErr> {
        let Self { table } = self;
        let skip = match db.get_database_backend() {
            DbBackend::Postgres => " FOR UPDATE SKIP LOCKED",
            _ => "",
        };
        let sql = format!(
            "UPDATE {table} SET next_attempt_at = $1, attempts = attempts + 1, error = '', \
             message_id = CASE WHEN message_id LIKE '%@%' THEN message_id \
             ELSE message_id || $2 END \
             WHERE id = (SELECT id FROM {table} WHERE next_attempt_at <= $3 \
             ORDER BY next_attempt_at, id LIMIT 1{skip}) AND next_attempt_at <= $3 \
             RETURNING {FIELDS}"
        );
        let time = now();
        let values = [
            (time + lease).into(),
            format!("@{domain}").into(),
            time.into(),
        ];
        let row = db.query_one_raw(statement(db, sql, values)).await?;
        row.map(|row| StoredLetter::read(&row)).transpose()
    }

    /// Notes that a letter was sent.
    pub(crate) async fn note_sent(
        self,
        db: &impl ConnectionTrait,
        letter: &StoredLetter,
    ) -> Result<(), DbErr> {
        let Self { table } = self;
        let erased = erased(letter);
        let sql = format!(
            "UPDATE {table} SET next_attempt_at = NULL, sent_at = $1, error = ''{erased} \
             WHERE id = $2"
        );
        let statement = statement(db, sql, [now().into(), letter.id.into()]);
        db.execute_raw(statement).await.map(drop)
    }

    /// Notes why a letter was not sent, and when that is tried again, if it is.
    pub(crate) async fn note_failure(
        self,
        db: &impl ConnectionTrait,
        letter: &StoredLetter,
        error: &str,
        next_attempt: Option<DateTime<Utc>>,
    ) -> Result<(), DbErr> {
        let Self { table } = self;
        let erased = match next_attempt {
            None => erased(letter),
            Some(_) => "",
        };
        let sql =
            format!("UPDATE {table} SET next_attempt_at = $1, error = $2{erased} WHERE id = $3");
        let error = clean_lines(error);
        let values = [next_attempt.into(), error.into(), letter.id.into()];
        db.execute_raw(statement(db, sql, values)).await.map(drop)
    }

    /// Makes those due that wait only because nobody could be reached.
    pub(crate) async fn hasten(self, db: &impl ConnectionTrait) -> Result<u64, DbErr> {
        let Self { table } = self;
        let sql = format!(
            "UPDATE {table} SET next_attempt_at = $1 \
             WHERE next_attempt_at > $1 AND error LIKE '{UNREACHABLE}%'"
        );
        let statement = statement(db, sql, [now().into()]);
        Ok(db.execute_raw(statement).await?.rows_affected())
    }

    /// Deletes letters that were sent or given up and queued before a time, unless they belong to a
    /// record.
    pub(crate) async fn sweep(
        self,
        db: &impl ConnectionTrait,
        before: DateTime<Utc>,
    ) -> Result<u64, DbErr> {
        let Self { table } = self;
        let sql = format!(
            "DELETE FROM {table} WHERE next_attempt_at IS NULL AND queued_at < $1 \
             AND about = ''"
        );
        let statement = statement(db, sql, [before.into()]);
        Ok(db.execute_raw(statement).await?.rows_affected())
    }
}

/// What the errors begin with of letters that could be handed to nobody.
pub(crate) const UNREACHABLE: &str = "unreachable: ";

const FIELDS: &str =
    "id, message_id, recipient, reply_to, subject, text, html, is_secret, queued_at, attempts";

/// The letters that wait.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Waiting {
    pub(crate) letters: u64,
    /// When the oldest of them was queued.
    pub(crate) oldest: Option<DateTime<Utc>>,
    /// When the first of them is due.
    pub(crate) next_attempt: Option<DateTime<Utc>>,
}

/// A letter of the table, as staff sees it.
#[derive(Debug, Clone)]
pub struct ListedLetter {
    /// Its key.
    pub id: i64,
    /// Whom it is to.
    pub recipient: String,
    /// Its subject.
    pub subject: String,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// What has become of it.
    pub state: LetterState,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it was not sent at the last attempt; empty if it was, or was not tried yet.
    pub error: String,
    /// Whether its content is still there, so that it can be sent again.
    pub has_content: bool,
}

/// What has become of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterState {
    /// It waits for its next attempt, or is being sent.
    Waiting,
    /// It was sent.
    Sent,
    /// It is not tried any more.
    GivenUp,
}

impl ListedLetter {
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let Integer(id) = row.try_get_by(0)?;
        let waits = stored::time(row, 4)?.value().is_some();
        let is_sent = stored::time(row, 5)?.value().is_some();
        Ok(Self {
            id,
            recipient: stored::shown(row, 1)?,
            subject: stored::shown(row, 2)?,
            queued_at: stored::time(row, 3)?
                .value()
                .unwrap_or(DateTime::UNIX_EPOCH),
            state: match (waits, is_sent) {
                (true, _) => LetterState::Waiting,
                (false, true) => LetterState::Sent,
                (false, false) => LetterState::GivenUp,
            },
            attempts: stored::integer(row, 6)?.value().unwrap_or(0),
            error: stored::shown(row, 7)?,
            has_content: stored::boolean(row, 8)?.value().unwrap_or(false),
        })
    }
}

/// A letter of the table.
#[derive(Clone)]
pub(crate) struct StoredLetter {
    pub(crate) id: i64,
    pub(crate) message_id: String,
    pub(crate) recipient: String,
    pub(crate) reply_to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) is_secret: bool,
    pub(crate) queued_at: DateTime<Utc>,
    pub(crate) attempts: i64,
}

impl StoredLetter {
    /// A letter that is in no table.
    pub(crate) fn unstored(letter: &Letter, domain: &str) -> Self {
        let reply_to = letter.reply_to.as_ref();
        Self {
            id: 0,
            message_id: format!("{}@{domain}", Uuid::new_v4().simple()),
            recipient: letter.to.as_str().to_owned(),
            reply_to: reply_to.map_or("", |address| address.as_str()).to_owned(),
            subject: letter.subject_line(),
            text: clean_lines(&letter.text),
            html: clean_lines(&letter.html),
            is_secret: letter.about == About::Secret,
            queued_at: now(),
            attempts: 1,
        }
    }

    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let text = |index: usize| Ok::<_, DbErr>(stored::text(row, index)?.value());
        let required = |index: usize| Ok::<_, DbErr>(text(index)?.unwrap_or_default());
        let Integer(id) = row.try_get_by(0)?;
        Ok(Self {
            id,
            message_id: required(1)?,
            recipient: required(2)?,
            reply_to: required(3)?,
            subject: required(4)?,
            text: required(5)?,
            html: required(6)?,
            is_secret: stored::boolean(row, 7)?.value().unwrap_or(false),
            queued_at: stored::time(row, 8)?.value().unwrap_or_else(now),
            attempts: stored::integer(row, 9)?.value().unwrap_or(1),
        })
    }
}

/// What else is set in a letter that is done with: one with a secret loses its content.
fn erased(letter: &StoredLetter) -> &'static str {
    if letter.is_secret {
        ", text = '', html = ''"
    } else {
        ""
    }
}

fn statement<const N: usize>(
    db: &impl ConnectionTrait,
    sql: String,
    values: [Value; N],
) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}
