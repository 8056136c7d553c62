//! The stays of a letting by who says so: ourselves, or other sites, which may be at odds.

use chrono::NaiveDate;
use db::Integer;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    Select,
};

use super::{Column, Entity, Model};

/// The stays of a letting that end after a day, whoever says so, by their arrival.
pub async fn since(
    db: &impl ConnectionTrait,
    letting: Integer,
    day: NaiveDate,
) -> Result<Vec<Model>, DbErr> {
    of_letting(letting, day).all(db).await
}

/// Our own stays of a letting that end after a day, by their arrival.
pub async fn own_since(
    db: &impl ConnectionTrait,
    letting: Integer,
    day: NaiveDate,
) -> Result<Vec<Model>, DbErr> {
    let own = of_letting(letting, day).filter(Column::FeedId.is_null());
    own.all(db).await
}

fn of_letting(letting: Integer, day: NaiveDate) -> Select<Entity> {
    Entity::find()
        .filter(Column::LettingId.eq(letting))
        .filter(Column::Departure.gt(day))
        .order_by_asc(Column::Arrival)
        .order_by_asc(Column::Id)
}

/// Nights that two say are taken: ourselves and another site, or two of these. One of them has let what
/// the other had let already.
#[derive(Clone, Copy, Debug)]
pub struct Clash<'a> {
    /// The stay that begins first.
    pub first: &'a Model,
    /// The other one.
    pub second: &'a Model,
    /// The day of the first night that both take.
    pub arrival: NaiveDate,
    /// The day after the last night that both take.
    pub departure: NaiveDate,
}

/// The clashes among stays of one letting in the order of their arrivals.
pub fn clashes(stays: &[Model]) -> Vec<Clash<'_>> {
    let mut clashes = Vec::new();
    for (at, first) in stays.iter().enumerate() {
        let later = stays[at + 1..].iter();
        let during = later.take_while(|second| second.arrival < first.departure);
        let others = during.filter(|second| second.feed_id != first.feed_id);
        clashes.extend(others.map(|second| Clash {
            first,
            second,
            arrival: second.arrival,
            departure: first.departure.min(second.departure),
        }));
    }
    clashes
}
