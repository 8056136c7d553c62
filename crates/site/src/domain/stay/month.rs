//! The nights of many homes at once, for staff.

use db::{Database, Integer};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, LikeExpr};
use sea_orm::{
    ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::{Model, Period, within};
use crate::domain::{home, letting};

/// A home as the view of a month lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The letting's key.
    pub letting: Integer,
    /// Its title.
    pub title: String,
    /// Its stays that share a night with the month, in the order of their arrivals.
    pub stays: Vec<Model>,
}

/// Homes whose titles hold a text, in id order, at most `limit` from `offset` on, with the stays of a period.
pub async fn rows(
    db: &Database,
    text: &str,
    period: Period,
    (offset, limit): (u64, u64),
) -> Result<Vec<Row>, DbErr> {
    let mut homes = letting::Entity::find()
        .inner_join(home::Entity)
        .select_only()
        .columns([letting::Column::Id, letting::Column::Title])
        .order_by_asc(letting::Column::Id)
        .offset(offset)
        .limit(limit);
    if !text.is_empty() {
        let title = Func::lower(Expr::col((letting::Entity, letting::Column::Title)));
        let escaped = text.to_lowercase().replace('\\', "\\\\");
        let escaped = escaped.replace('%', "\\%").replace('_', "\\_");
        let pattern = LikeExpr::new(format!("%{escaped}%")).escape('\\');
        homes = homes.filter(Expr::expr(title).like(pattern));
    }
    let homes: Vec<(Integer, String)> = homes.into_tuple().all(db).await?;
    let ids = homes.iter().map(|(id, _)| *id);
    let mut stays = super::Entity::find()
        .filter(super::Column::LettingId.is_in(ids))
        .filter(within(period))
        .order_by_asc(super::Column::Arrival)
        .all(db)
        .await?;
    let rows = homes.into_iter().map(|(letting, title)| {
        let of_it = |stay: &mut Model| stay.letting_id == letting;
        Row {
            letting,
            title,
            stays: stays.extract_if(.., of_it).collect(),
        }
    });
    Ok(rows.collect())
}
