//! Sessions as Django keeps them: the table `django_session`, its two forms, what they hold.
//! Knows no cookie.

mod data;
mod form;

pub use self::data::{Data, Lifetime};
pub use self::form::{decode, encode};

use std::fmt;

use chrono::{DateTime, Utc};
use db::datetime::now;
use db::stored;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QuerySelect as _, QueryTrait as _};

use crate::signing::{KeyUsed, Keys, MAX_OBJECT_BYTES, VerifiedValue, to_ascii};
use hashers::random;

/// Characters of a key.
const KEY_LENGTH: usize = 32;

/// The largest session, in bytes of JSON. A larger one could be written and not be read again, so that
/// its user would be logged out.
pub const MAX_SESSION_BYTES: usize = MAX_OBJECT_BYTES;

/// How many bytes a value takes in a session.
pub fn bytes_of(value: &serde_json::Value) -> usize {
    to_ascii(value).len()
}

mod row {
    //! A row of `django_session`.

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "django_session")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) session_key: String,
        pub(super) session_data: String,
        pub(super) expire_date: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The key in a visitor's cookie. Whoever has it acts as that visitor.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SessionKey(String);

impl SessionKey {
    /// A new key of 165 bits, which nobody can guess and which no other session has.
    fn random() -> Self {
        Self(random::text(random::LOWER_AND_DIGITS, KEY_LENGTH))
    }

    /// From a cookie. `None` for what cannot be a key of any release, so that it costs no query.
    pub fn parse(text: &str) -> Option<Self> {
        let is_key =
            (8..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_key.then(|| Self(text.to_owned()))
    }

    /// As the cookie holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SessionKey(…)")
    }
}

/// A session that is in the database.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Where.
    pub key: SessionKey,
    /// What it holds.
    pub data: Data,
}

/// A session that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedSession {
    /// The session.
    pub session: Session,
    /// Whether only an earlier secret key opened it: [`cycle`] it and send the new key.
    pub must_renew: bool,
}

/// The session of a key, unless it has expired. A session whose signature is not ours is not found.
pub async fn load(
    db: &impl ConnectionTrait,
    keys: &Keys,
    key: SessionKey,
) -> Result<Option<LoadedSession>, DbErr> {
    let query = row::Entity::find()
        .select_only()
        .columns([row::Column::SessionData, row::Column::ExpireDate])
        .filter(row::Column::SessionKey.eq(key.as_str()))
        .filter(row::Column::ExpireDate.gt(now()));
    let Some(row) = db.query_one(&query.limit(1).into_query()).await? else {
        return Ok(None);
    };
    // On SQLite the column may hold something that compares as later than now and is no time. Such a
    // session counts as expired.
    let (Some(data), Some(_)) = (
        stored::text(&row, 0)?.value(),
        stored::time(&row, 1)?.value(),
    ) else {
        return Ok(None);
    };
    let loaded = decode(keys, &data).map(|VerifiedValue { value, key: used }| LoadedSession {
        session: Session { key, data: value },
        must_renew: used == KeyUsed::Fallback,
    });
    Ok(loaded)
}

/// Puts a session into the database under a new key.
pub async fn create(db: &impl ConnectionTrait, keys: &Keys, data: Data) -> Result<Session, DbErr> {
    let time = now();
    let key = SessionKey::random();
    let row = row::ActiveModel {
        session_key: Set(key.0.clone()),
        session_data: Set(encode_checked(keys, &data, time)?),
        expire_date: Set(data.expires(time)),
    };
    row::Entity::insert(row).exec_without_returning(db).await?;
    Ok(Session { key, data })
}

/// Saves a session and restarts its lifetime. `false` if it is gone: the user has logged out meanwhile,
/// and saving must not undo that.
pub async fn save(
    db: &impl ConnectionTrait,
    keys: &Keys,
    session: &Session,
) -> Result<bool, DbErr> {
    update(db, keys, session, &session.key).await
}

/// Gives a session a new key, so that the old one becomes worthless. `None` if the session is gone.
pub async fn cycle(
    db: &impl ConnectionTrait,
    keys: &Keys,
    session: Session,
) -> Result<Option<Session>, DbErr> {
    let key = SessionKey::random();
    let is_there = update(db, keys, &session, &key).await?;
    Ok(is_there.then_some(Session { key, ..session }))
}

async fn update(
    db: &impl ConnectionTrait,
    keys: &Keys,
    session: &Session,
    key: &SessionKey,
) -> Result<bool, DbErr> {
    let time = now();
    let data = encode_checked(keys, &session.data, time)?;
    let result = row::Entity::update_many()
        .col_expr(row::Column::SessionKey, Expr::val(key.as_str()))
        .col_expr(row::Column::SessionData, Expr::val(data))
        .col_expr(
            row::Column::ExpireDate,
            Expr::val(session.data.expires(time)),
        )
        .filter(row::Column::SessionKey.eq(session.key.as_str()))
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

/// The signed text of a session; an error if it is too large to be read back.
fn encode_checked(keys: &Keys, data: &Data, time: DateTime<Utc>) -> Result<String, DbErr> {
    let bytes = bytes_of(&data.clone().into());
    if bytes > MAX_SESSION_BYTES {
        let error = format!("a session of {bytes} bytes is too large: {MAX_SESSION_BYTES}");
        return Err(DbErr::Custom(error));
    }
    Ok(encode(keys, data, time))
}

/// Ends a session.
pub async fn delete(db: &impl ConnectionTrait, key: &SessionKey) -> Result<(), DbErr> {
    let row = row::Entity::delete_by_id(key.as_str());
    row.exec(db).await.map(drop)
}

/// Removes the sessions that are over at a time, and tells how many there were.
pub async fn clear_expired(db: &impl ConnectionTrait, time: DateTime<Utc>) -> Result<u64, DbErr> {
    let query = row::Entity::delete_many().filter(row::Column::ExpireDate.lt(time));
    Ok(query.exec(db).await?.rows_affected)
}
