//! How far the description of a home has come, for lists of lettings.

use db::{Database, Integer};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Query, SimpleExpr};
use sea_orm::{FromQueryResult, JoinType, QueryResult, QuerySelect as _};

use super::photo::{self, Photo, cover};
use super::{Column, Entity, amenity};

/// A part of a home that is wanted before the home is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// One photo at least.
    Photos,
    /// The times from when and by when guests come and go.
    Times,
    /// Latitude and longitude.
    Place,
    /// A summary and a description in one language each.
    Texts,
    /// One amenity at least.
    Amenities,
    /// The price of a night.
    Prices,
}

/// How far a home has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The letting that it is the home of.
    pub letting: Integer,
    /// Its first photo.
    pub cover: Option<Photo>,
    /// What is still missing, in the order of [`Part`].
    pub missing: Vec<Part>,
}

/// The homes of lettings, in one statement; a letting without a home is left out.
pub async fn of_lettings(db: &Database, lettings: &[i64]) -> Result<Vec<Progress>, DbErr> {
    let given = |column: Column| ExprTrait::ne(Expr::col((Entity, column)), "");
    let known = |column: Column| Expr::col((Entity, column)).is_not_null();
    let of_home = Expr::col((amenity::Entity, amenity::Column::HomeId));
    let amenities = Query::select()
        .expr(Expr::val(1))
        .from(amenity::Entity)
        .and_where(ExprTrait::eq(of_home, Expr::col((Entity, Column::Id))))
        .to_owned();
    let parts: [(&str, SimpleExpr); 5] = [
        (
            "has_times",
            given(Column::CheckIn).and(given(Column::CheckOut)),
        ),
        (
            "has_place",
            known(Column::Latitude).and(known(Column::Longitude)),
        ),
        (
            "has_texts",
            given(Column::SummaryEn)
                .or(given(Column::SummaryFr))
                .and(given(Column::DescriptionEn).or(given(Column::DescriptionFr))),
        ),
        ("has_amenities", Expr::exists(amenities)),
        ("has_prices", known(Column::NightPrice)),
    ];
    let mut select = Entity::find()
        .join(JoinType::LeftJoin, cover())
        .select_only()
        .column(Column::LettingId)
        .columns(photo::SHOWN);
    for (name, is_there) in parts {
        select = select.expr_as(is_there, name);
    }
    select
        .filter(Column::LettingId.is_in(lettings.iter().copied()))
        .into_model()
        .all(db)
        .await
}

impl FromQueryResult for Progress {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let cover = Photo::of(row)?;
        let parts = [
            (Part::Photos, cover.is_some()),
            (Part::Times, row.try_get_by("has_times")?),
            (Part::Place, row.try_get_by("has_place")?),
            (Part::Texts, row.try_get_by("has_texts")?),
            (Part::Amenities, row.try_get_by("has_amenities")?),
            (Part::Prices, row.try_get_by("has_prices")?),
        ];
        let missing = parts.into_iter().filter(|(_, is_there)| !is_there);
        Ok(Self {
            letting: row.try_get_by("letting_id")?,
            cover,
            missing: missing.map(|(part, _)| part).collect(),
        })
    }
}
