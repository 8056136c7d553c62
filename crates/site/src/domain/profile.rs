//! Profiles: the table `profiles_profile`, one row per user who has one.

pub mod listing;

use std::ops::RangeInclusive;

use accounts::user;
use db::{Database, Integer, rules, stored};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, PaginatorTrait, QueryOrder, QueryResult, QuerySelect, QueryTrait};
use serde::Deserialize;

use super::InSequence;
use crate::schema::LISTED_PROFILES;

/// How long the name of a favourite city may be, in characters.
pub const FAVORITE_CITY: RangeInclusive<usize> = 0..=64;

/// A row of `profiles_profile`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profiles_profile")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Up to 64 characters; may be empty.
    pub favorite_city: String,
    /// Whose it is; one profile per user.
    pub user_id: Integer,
}

#[expect(missing_docs, reason = "SeaORM asks for it; the variant says it")]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "accounts::user::Entity",
        from = "Column::UserId",
        to = "accounts::user::Column::Id"
    )]
    User,
    #[sea_orm(
        belongs_to = "listing::Entity",
        from = "Column::Id",
        to = "listing::Column::ProfileId"
    )]
    Listing,
}

impl Related<user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl Related<listing::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Listing.def()
    }
}

#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        if let Set(favorite_city) = &self.favorite_city {
            rules::text("favorite_city", favorite_city, FAVORITE_CITY)?;
        }
        Ok(self)
    }
}

/// A profile as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The user's name.
    pub username: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// May be empty.
    pub favorite_city: String,
}

impl FromQueryResult for Card {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            username: stored::shown(row, "username")?,
            first_name: stored::shown(row, "first_name")?,
            last_name: stored::shown(row, "last_name")?,
            favorite_city: stored::shown(row, "favorite_city")?,
        })
    }
}

/// Profiles with what a list shows of them.
fn cards() -> Select<Entity> {
    Entity::find()
        .inner_join(user::Entity)
        .select_only()
        .columns([
            user::Column::Username,
            user::Column::FirstName,
            user::Column::LastName,
        ])
        .column(Column::FavoriteCity)
}

/// The profiles of these keys, in the order of the keys.
pub async fn of_ids(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Card>, DbErr> {
    let wanted = ids.iter().copied().map(Integer);
    let query = cards().column(Column::Id).filter(Column::Id.is_in(wanted));
    let mut found = Vec::new();
    for row in db.query_all(query.as_query()).await? {
        let Integer(id) = row.try_get_by("id")?;
        let place = ids.iter().position(|wanted| *wanted == id);
        found.push((place, Card::from_query_result(&row, "")?));
    }
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, card)| card).collect())
}

/// Profiles in id order, at most `limit` of them from `offset` on.
pub async fn list(db: &Database, offset: u64, limit: u64) -> Result<Vec<Card>, DbErr> {
    let query = cards().order_by_asc(Column::Id).limit(limit);
    let cards = InSequence {
        query,
        sequence: LISTED_PROFILES,
        id: Column::Id,
    };
    let rows = cards.rows_from(db, offset).await?;
    let card = |row: &QueryResult| Card::from_query_result(row, "");
    rows.iter().map(card).collect()
}

/// A profile with its user, as its page shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The user's name.
    pub username: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// May be empty.
    pub email: String,
    /// May be empty.
    pub favorite_city: String,
    /// Whether search engines are told to leave it out.
    pub is_unlisted: bool,
}

impl FromQueryResult for Detail {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            username: stored::shown(row, "username")?,
            first_name: stored::shown(row, "first_name")?,
            last_name: stored::shown(row, "last_name")?,
            email: stored::shown(row, "email")?,
            favorite_city: stored::shown(row, "favorite_city")?,
            is_unlisted: is_unlisted(row)?,
        })
    }
}

/// A profile without a row is listed.
fn is_unlisted(row: &QueryResult) -> Result<bool, DbErr> {
    let value: Option<bool> = row.try_get_by("is_unlisted")?;
    Ok(value.unwrap_or(false))
}

/// The profile of the user of exactly that name; `None` if there is none.
pub async fn find(
    db: &impl ConnectionTrait,
    Username(username): &Username,
) -> Result<Option<Detail>, DbErr> {
    Entity::find()
        .inner_join(user::Entity)
        .select_only()
        .columns([
            user::Column::Username,
            user::Column::FirstName,
            user::Column::LastName,
            user::Column::Email,
        ])
        .column(Column::FavoriteCity)
        .left_join(listing::Entity)
        .column(listing::Column::IsUnlisted)
        .filter(user::Column::Username.eq(username.as_str()))
        .into_model()
        .one(db)
        .await
}

/// A username as it stands in an address: anything that Django may have stored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Username(String);

impl TryFrom<String> for Username {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match rules::text("username", &text, 1..=150) {
            Ok(()) => Ok(Self(text)),
            Err(_) => Err("not a username"),
        }
    }
}

/// How many profiles there are.
pub async fn count(db: &Database) -> Result<u64, DbErr> {
    match db.with_derived(db.count_of("profiles_profile")).await {
        Some(count) => Ok(count),
        None => Entity::find().count(db).await,
    }
}

/// How many profiles lists show.
pub async fn count_listed(db: &Database) -> Result<u64, DbErr> {
    if !db.has_small_derived_tables()
        && let Some(count) = db.with_derived(db.count_of(LISTED_PROFILES)).await
    {
        return Ok(count);
    }
    Entity::find().inner_join(user::Entity).count(db).await
}

/// A profile as the sitemap needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The primary key.
    pub id: Integer,
    /// The user's name.
    pub username: String,
    /// Whether search engines are told to leave it out.
    pub is_unlisted: bool,
}

/// Profiles in id order, at most `limit` of them: those with greater ids than `after`, or without it those
/// from `offset` on.
pub async fn entries(
    db: &Database,
    after: Option<Integer>,
    offset: u64,
    limit: u64,
) -> Result<Vec<Entry>, DbErr> {
    let query = Entity::find()
        .inner_join(user::Entity)
        .select_only()
        .column(Column::Id)
        .column(user::Column::Username)
        .left_join(listing::Entity)
        .column(listing::Column::IsUnlisted)
        .order_by_asc(Column::Id)
        .limit(limit);
    let rows = if let Some(after) = after {
        let query = query.filter(Column::Id.gt(after));
        db.query_all(query.as_query()).await?
    } else {
        let entries = InSequence {
            query,
            sequence: LISTED_PROFILES,
            id: Column::Id,
        };
        entries.rows_from(db, offset).await?
    };
    let read = |row: &QueryResult| {
        Ok(Entry {
            id: row.try_get_by("id")?,
            username: stored::shown(row, "username")?,
            is_unlisted: is_unlisted(row)?,
        })
    };
    rows.iter().map(read).collect()
}
