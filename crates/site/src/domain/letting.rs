//! Lettings: the table `lettings_letting`.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use db::{Database, Integer, rules, stored};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func, Query};
use sea_orm::{
    FromQueryResult, JoinType, Order, PaginatorTrait, QueryOrder, QueryResult, QuerySelect,
    QueryTrait,
};
use serde::Deserialize;

use super::address::written;
use super::home::photo::{self, Photo};
use super::quote::{NightPrices, Season};
use super::{InSequence, address, home, prices};
use crate::schema::{LISTED_LETTINGS, LOCALITY_TABLE};

/// How long a title may be, in characters.
pub const TITLE: RangeInclusive<usize> = 1..=256;

/// A row of `lettings_letting`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lettings_letting")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// 1 to 256 characters.
    pub title: String,
    /// Where it is; one letting per address.
    pub address_id: Integer,
}

#[expect(missing_docs, reason = "SeaORM asks for it; the variant says it")]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::address::Entity",
        from = "Column::AddressId",
        to = "super::address::Column::Id"
    )]
    Address,
    #[sea_orm(
        belongs_to = "super::home::Entity",
        from = "Column::Id",
        to = "super::home::Column::LettingId"
    )]
    Home,
    #[sea_orm(
        belongs_to = "super::address::written::Entity",
        from = "Column::AddressId",
        to = "super::address::written::Column::AddressId"
    )]
    WrittenAddress,
}

impl Related<address::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Address.def()
    }
}

impl Related<home::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Home.def()
    }
}

#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        if let Set(title) = &self.title {
            rules::text("title", title, TITLE)?;
        }
        Ok(self)
    }
}

/// A letting's key as it stands in an address: digits alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct LettingId(pub i64);

impl TryFrom<String> for LettingId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let id = web::extract::parse_digits(&text);
        id.map(Self).ok_or("not the id of a letting")
    }
}

/// A letting as a list shows it: its title, and the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The letting's key.
    pub id: Integer,
    /// The key of its address.
    pub address_id: Integer,
    /// The letting's title.
    pub title: String,
    /// The city.
    pub city: String,
    /// The state.
    pub state: String,
    /// For how many, where somebody has said.
    pub size: Option<Size>,
    /// What its nights cost, where they are for sale.
    pub prices: Option<NightPrices>,
    /// Its first photo, where there is one.
    pub cover: Option<Photo>,
}

/// For how many a letting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many guests it takes.
    pub sleeps: i64,
    /// How many bedrooms there are.
    pub bedrooms: i64,
}

impl Size {
    /// Of a row; `None` for a letting without a home.
    fn of(row: &QueryResult) -> Result<Option<Self>, DbErr> {
        let number = |column| Ok::<_, DbErr>(stored::integer(row, column)?.value());
        let both = number("sleeps")?.zip(number("bedrooms")?);
        Ok(both.map(|(sleeps, bedrooms)| Self { sleeps, bedrooms }))
    }
}

impl FromQueryResult for Card {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.try_get_by("id")?,
            address_id: row.try_get_by("address_id")?,
            title: stored::shown(row, "title")?,
            city: stored::shown(row, "city")?,
            state: stored::shown(row, "state")?,
            size: Size::of(row)?,
            prices: prices::of_row(row)?,
            cover: Photo::of(row)?,
        })
    }
}

fn cards() -> Select<Entity> {
    let (seasons, name) = prices::seasons_column();
    Entity::find()
        .inner_join(address::Entity)
        .left_join(home::Entity)
        .join(JoinType::LeftJoin, photo::cover())
        .select_only()
        .columns([Column::Id, Column::AddressId, Column::Title])
        .columns([address::Column::City, address::Column::State])
        .columns([home::Column::Sleeps, home::Column::Bedrooms])
        .columns([home::Column::NightPrice, home::Column::WeekendPrice])
        .expr_as(seasons, name)
        .columns(photo::SHOWN)
}

/// Whether the public may see a letting: one that has no home, or a home that is no draft. Written as in
/// [`LISTED_LETTINGS`].
fn is_public() -> Expr {
    let of_letting = Expr::col((home::Entity, home::Column::LettingId));
    let drafts = Query::select()
        .expr(Expr::val(1))
        .from(home::Entity)
        .and_where(ExprTrait::eq(of_letting, Expr::col((Entity, Column::Id))))
        .and_where(Expr::col((home::Entity, home::Column::IsPublished)).not())
        .to_owned();
    Expr::exists(drafts).not()
}

/// The cards of lettings that the public may see.
fn public_cards() -> Select<Entity> {
    cards().filter(is_public())
}

/// Lettings in id order, at most `limit` of them from `offset` on.
pub async fn list(db: &Database, offset: u64, limit: u64) -> Result<Vec<Card>, DbErr> {
    let cards = InSequence {
        query: public_cards().order_by_asc(Column::Id).limit(limit),
        sequence: LISTED_LETTINGS,
        id: Column::Id,
    };
    let rows = cards.rows_from(db, offset).await?;
    let card = |row: &QueryResult| Card::from_query_result(row, "");
    rows.iter().map(card).collect()
}

/// The lettings of these ids that the public may see, in the order of the ids.
pub async fn of_ids(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Card>, DbErr> {
    let wanted = ids.iter().copied().map(Integer);
    let found = public_cards().filter(Column::Id.is_in(wanted));
    let mut cards: Vec<Card> = found.into_model().all(db).await?;
    cards.sort_by_key(|card| ids.iter().position(|id| *id == card.id.0));
    Ok(cards)
}

/// The `limit` lettings with the highest ids, the highest first.
pub async fn newest(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Card>, DbErr> {
    let query = public_cards().order_by_desc(Column::Id).limit(limit);
    query.into_model().all(db).await
}

/// The lettings of a city, in id order, at most `limit`. The case of the name does not count as far
/// as the database folds it: SQLite does so for ASCII alone.
pub async fn in_city(db: &Database, city: &str, limit: u64) -> Result<Vec<Card>, DbErr> {
    let city = city.trim();
    let wanted = Func::lower(Expr::val(city));
    let of_letting = Func::lower(Expr::col((address::Entity, address::Column::City)));
    let in_city = public_cards().filter(ExprTrait::eq(of_letting, wanted.clone()));
    let in_city = in_city.order_by_asc(Column::Id);
    if city.chars().count() <= MAX_INDEXED_CITY {
        // The ids first, in the order of the index, so that no plan reads all lettings of a large city.
        let ids = Query::select()
            .column("letting_id")
            .from(LOCALITY_TABLE)
            .and_where(ExprTrait::eq(Expr::col("city"), wanted))
            .order_by("letting_id", Order::Asc)
            .limit(limit)
            .to_owned();
        let found = in_city.clone().filter(Column::Id.in_subquery(ids));
        let found = found.into_model().all(db);
        if let Some(found) = db.with_derived(found).await {
            return Ok(found);
        }
    }
    in_city.limit(limit).into_model().all(db).await
}

/// A longer name might not fit into the index, since a character may become three in lower case.
const MAX_INDEXED_CITY: usize = 66;

/// A letting with its address, as its page shows them: as they are stored, whatever that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The letting's title.
    pub title: String,
    /// The house's number.
    pub number: String,
    /// The street.
    pub street: String,
    /// The city.
    pub city: String,
    /// The state.
    pub state: String,
    /// The zip code as it is stored.
    pub zip_code: String,
    /// The postal code that is written in its place.
    pub postal_code: Option<String>,
    /// The country.
    pub country_iso_code: String,
    /// Whether it has a home, whose page says more.
    pub has_home: bool,
    /// The nights of its home that have a price of their own.
    pub seasons: Vec<Season>,
}

impl FromQueryResult for Detail {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let number = |column| Ok::<_, DbErr>(stored::integer(row, column)?.text());
        let written = |column| {
            let text: Option<String> = row.try_get_by(column)?;
            Ok::<_, DbErr>(text.filter(|text| !text.is_empty()))
        };
        Ok(Self {
            title: stored::shown(row, "title")?,
            number: match written("written_number")? {
                Some(written) => written,
                None => number("number")?,
            },
            street: stored::shown(row, "street")?,
            city: stored::shown(row, "city")?,
            state: stored::shown(row, "state")?,
            zip_code: number("zip_code")?,
            postal_code: written("postal_code")?,
            country_iso_code: stored::shown(row, "country_iso_code")?,
            has_home: Size::of(row)?.is_some(),
            seasons: prices::seasons_of_row(row)?,
        })
    }
}

impl Detail {
    /// Takes away what says where in the place it is.
    pub fn hide_street(&mut self) {
        self.number.clear();
        self.street.clear();
    }

    /// The postal code as it is written: with five digits in the United States and France, elsewhere as
    /// the number stands, unless somebody has written another one.
    pub fn zip_code_text(&self) -> String {
        if let Some(written) = &self.postal_code {
            return written.clone();
        }
        let is_number = self.zip_code.bytes().all(|byte| byte.is_ascii_digit());
        if ["USA", "FRA"].contains(&&*self.country_iso_code)
            && is_number
            && !self.zip_code.is_empty()
        {
            format!("{:0>5}", self.zip_code)
        } else {
            self.zip_code.clone()
        }
    }
}

/// A letting with those before and after it that the public may see, in id order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithNeighbours {
    /// The letting itself.
    pub letting: Detail,
    /// Whether it is a draft, which staff alone may see.
    pub is_draft: bool,
    /// The letting with the next lower id.
    pub previous: Option<Card>,
    /// The letting with the next higher id.
    pub next: Option<Card>,
}

/// A letting and its neighbours; `None` if there is none of this id. One statement: on SQLite each costs
/// more to hand over to its thread than to run.
pub async fn find(
    db: &impl ConnectionTrait,
    LettingId(id): LettingId,
) -> Result<Option<WithNeighbours>, DbErr> {
    let id = Integer(id);
    let wanted = [
        Expr::val(id),
        first_id(Column::Id.lt(id), Order::Desc),
        first_id(Column::Id.gt(id), Order::Asc),
    ];
    let query = cards()
        .columns([
            address::Column::Number,
            address::Column::Street,
            address::Column::ZipCode,
            address::Column::CountryIsoCode,
        ])
        .expr_as(is_public(), "is_public")
        .join(JoinType::LeftJoin, Relation::WrittenAddress.def())
        .column_as(written::Column::Number, "written_number")
        .column(written::Column::PostalCode)
        .filter(ExprTrait::is_in(Expr::col((Entity, Column::Id)), wanted));
    let (mut letting, mut previous, mut next) = (None, None, None);
    let mut is_draft = false;
    for row in db.query_all(query.as_query()).await? {
        match row.try_get_by::<Integer, _>("id")?.cmp(&id) {
            Ordering::Less => previous = Some(Card::from_query_result(&row, "")?),
            Ordering::Equal => {
                letting = Some(Detail::from_query_result(&row, "")?);
                is_draft = !row.try_get_by::<bool, _>("is_public")?;
            }
            Ordering::Greater => next = Some(Card::from_query_result(&row, "")?),
        }
    }
    Ok(letting.map(|letting| WithNeighbours {
        letting,
        is_draft,
        previous,
        next,
    }))
}

/// The first id of those that a condition leaves, as a subquery.
fn first_id(condition: Expr, order: Order) -> Expr {
    let ids = Entity::find()
        .inner_join(address::Entity)
        .select_only()
        .column(Column::Id)
        .filter(condition)
        .filter(is_public())
        .order_by(Column::Id, order)
        .limit(1);
    Expr::SubQuery(None, Box::new(ids.into_query().into()))
}

/// How many lettings the public may see.
pub async fn count(db: &Database) -> Result<u64, DbErr> {
    if db.has_small_derived_tables() {
        return public_cards().count(db).await;
    }
    match db.with_derived(db.count_of(LISTED_LETTINGS)).await {
        Some(count) => Ok(count),
        None => public_cards().count(db).await,
    }
}

/// The ids of those that the public may see, in order and with those of their addresses, at most `limit` of
/// them: those greater than `after`, or without it those from `offset` on.
pub async fn ids(
    db: &Database,
    after: Option<Integer>,
    offset: u64,
    limit: u64,
) -> Result<Vec<(Integer, Integer)>, DbErr> {
    let query = Entity::find()
        .inner_join(address::Entity)
        .filter(is_public())
        .select_only()
        .columns([Column::Id, Column::AddressId])
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some(after) = after {
        let query = query.filter(Column::Id.gt(after));
        return query.into_tuple().all(db).await;
    }
    let ids = InSequence {
        query,
        sequence: LISTED_LETTINGS,
        id: Column::Id,
    };
    let rows = ids.rows_from(db, offset).await?;
    let pair = |row: &QueryResult| Ok((row.try_get_by(0)?, row.try_get_by(1)?));
    rows.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_code_has_five_digits_in_the_united_states_and_france() {
        let detail = |zip_code, country: &str| Detail {
            title: "Retreat".to_owned(),
            number: "1".to_owned(),
            street: "Bay Road".to_owned(),
            city: "Boston".to_owned(),
            state: "MA".to_owned(),
            zip_code: str::to_owned(zip_code),
            postal_code: None,
            country_iso_code: country.to_owned(),
            has_home: false,
            seasons: Vec::new(),
        };
        assert_eq!(detail("2134", "USA").zip_code_text(), "02134");
        assert_eq!(detail("1000", "FRA").zip_code_text(), "01000");
        assert_eq!(detail("2134", "DEU").zip_code_text(), "2134");
        assert_eq!(detail("0", "USA").zip_code_text(), "00000");
        assert_eq!(detail("12b", "USA").zip_code_text(), "12b");
        assert_eq!(detail("", "USA").zip_code_text(), "");
    }
}
