//! Homes: the table `oc_lettings_home`, what a letting offers and costs.

pub mod amenity;
pub mod contact;
pub mod photo;
pub mod progress;
pub mod season;

use std::ops::RangeInclusive;

use db::Integer;
use db::rules::{self, BrokenRule, TextRule};
use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

/// The kinds of homes.
pub const KINDS: &[&str] = &[
    "house",
    "apartment",
    "cabin",
    "cottage",
    "villa",
    "studio",
    "boat",
    "caravan",
    "room",
    "other",
];
/// How many guests a home may take.
pub const SLEEPS: RangeInclusive<i64> = 1..=50;
/// How many bedrooms there may be.
pub const BEDROOMS: RangeInclusive<i64> = 0..=30;
/// How many beds of one kind there may be.
pub const BEDS: RangeInclusive<i64> = 0..=50;
/// How many half bathrooms there may be: a bathroom counts two, a room without shower and bath one.
pub const HALF_BATHROOMS: RangeInclusive<i64> = 0..=60;
/// What the area may be, in square metres.
pub const AREA: RangeInclusive<i64> = 1..=100_000;
/// What a latitude may be, in hundred-thousandths of a degree, which are about a metre.
pub const LATITUDE: RangeInclusive<i64> = -9_000_000..=9_000_000;
/// What a longitude may be, in the same unit.
pub const LONGITUDE: RangeInclusive<i64> = -18_000_000..=18_000_000;
/// How long the number of a permit or registration may be, in characters.
pub const PERMIT: RangeInclusive<usize> = 0..=64;
/// How long a summary may be, in characters.
pub const SUMMARY: RangeInclusive<usize> = 0..=160;
/// How long a description may be, in characters.
pub const DESCRIPTION: usize = 5_000;
/// What an amount of money may be, in the smallest unit of the currency.
pub const PRICE: RangeInclusive<i64> = 0..=1_000_000_000;
/// What a tax may be that is a part of the price, in hundredths of a percent.
pub const TAX_HUNDREDTHS: RangeInclusive<i64> = 0..=10_000;
/// How many nights a stay may be bound to.
pub const NIGHTS: RangeInclusive<i64> = 1..=365;
/// What a reduction for long stays may be, in percent.
pub const PERCENTAGE: RangeInclusive<i64> = 0..=100;
/// The kinds of taxes on a stay: none, an amount for each adult and night, or a part of the price of
/// the nights.
pub const TAX_KINDS: &[&str] = &[NO_TAX, TAX_PER_ADULT_NIGHT, TAX_PERCENTAGE];
/// There is no tax.
pub const NO_TAX: &str = "none";
/// The tax is an amount for each adult and night.
pub const TAX_PER_ADULT_NIGHT: &str = "adult-night";
/// The tax is a part of the price of the nights, in hundredths of a percent.
pub const TAX_PERCENTAGE: &str = "percentage";

/// A row of `oc_lettings_home`.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_home")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// Whose facts these are; one home a letting.
    pub letting_id: Integer,
    /// Whether the public sees the letting. It sees one without a home.
    pub is_published: bool,
    /// One of [`KINDS`].
    pub kind: String,
    /// How many guests it takes.
    pub sleeps: Integer,
    /// How many bedrooms there are.
    pub bedrooms: Integer,
    /// Beds for two.
    pub double_beds: Integer,
    /// Beds for one.
    pub single_beds: Integer,
    /// Sofas to sleep on.
    pub sofa_beds: Integer,
    /// Bathrooms, in halves.
    pub half_bathrooms: Integer,
    /// In square metres.
    pub area: Option<Integer>,
    /// From when guests may come, as `15:00`; empty if nobody has said.
    pub check_in: String,
    /// By when guests have to leave, as `11:00`; empty if nobody has said.
    pub check_out: String,
    /// Whether pets may come.
    pub allows_pets: bool,
    /// Whether guests may smoke.
    pub allows_smoking: bool,
    /// Whether children may come.
    pub allows_children: bool,
    /// In hundred-thousandths of a degree, north positive.
    pub latitude: Option<Integer>,
    /// In hundred-thousandths of a degree, east positive.
    pub longitude: Option<Integer>,
    /// The number of its permit or registration; may be empty.
    pub permit: String,
    /// Whether everybody is shown the street, or the place alone.
    pub shows_street: bool,
    /// A sentence about it in English; may be empty.
    pub summary_en: String,
    /// The same in French.
    pub summary_fr: String,
    /// A text about it in English, in Markdown; may be empty.
    pub description_en: String,
    /// The same in French.
    pub description_fr: String,
    /// The price of a night; nothing is for sale without it.
    pub night_price: Option<Integer>,
    /// The price of a night from Friday or Saturday on, if it is another one.
    pub weekend_price: Option<Integer>,
    /// The price of cleaning, once a stay.
    pub cleaning_price: Integer,
    /// What is given back after the stay.
    pub deposit: Integer,
    /// The fewest nights of a stay.
    pub min_nights: Integer,
    /// The most nights of a stay, if there is a limit.
    pub max_nights: Option<Integer>,
    /// How many guests the prices of nights are for; for all if it is empty.
    pub guests_included: Option<Integer>,
    /// The price of each further guest and night.
    pub further_guest_price: Integer,
    /// The reduction on stays of a week or longer.
    pub weekly_percentage: Integer,
    /// The reduction on stays of 28 nights or longer, in place of the weekly one.
    pub monthly_percentage: Integer,
    /// One of [`TAX_KINDS`].
    pub tax_kind: String,
    /// In hundredths: of the currency's unit for an amount, whatever its decimal places; of a percent.
    pub tax_amount: Integer,
    /// The most that a percentage comes to for each adult and night, if there is a limit.
    pub tax_cap: Option<Integer>,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

/// A home with what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Its row.
    pub facts: Model,
    /// The slugs of its amenities, in no order.
    pub amenities: Vec<String>,
}

impl Home {
    /// Whether it has an amenity.
    pub fn has(&self, slug: &str) -> bool {
        self.amenities.iter().any(|known| known == slug)
    }
}

/// The home of a letting.
pub async fn find(db: &impl ConnectionTrait, letting: Integer) -> Result<Option<Home>, DbErr> {
    let facts = Entity::find().filter(Column::LettingId.eq(letting));
    let Some(facts) = facts.one(db).await? else {
        return Ok(None);
    };
    let amenities = amenity::Entity::find()
        .select_only()
        .column(amenity::Column::Slug)
        .filter(amenity::Column::HomeId.eq(facts.id))
        .into_tuple()
        .all(db)
        .await?;
    Ok(Some(Home { facts, amenities }))
}

/// The key of a letting's home.
pub async fn key_of(db: &impl ConnectionTrait, letting: Integer) -> Result<Option<Integer>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::LettingId.eq(letting))
        .into_tuple()
        .one(db)
        .await
}

#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        self.check_numbers()?;
        self.check_optional_numbers()?;
        self.check_texts()?;
        self.check_limits()?;
        Ok(self)
    }
}

impl ActiveModel {
    fn check_numbers(&self) -> Result<(), BrokenRule> {
        for (field, value, allowed) in [
            ("sleeps", &self.sleeps, SLEEPS),
            ("bedrooms", &self.bedrooms, BEDROOMS),
            ("double_beds", &self.double_beds, BEDS),
            ("single_beds", &self.single_beds, BEDS),
            ("sofa_beds", &self.sofa_beds, BEDS),
            ("half_bathrooms", &self.half_bathrooms, HALF_BATHROOMS),
            ("cleaning_price", &self.cleaning_price, PRICE),
            ("deposit", &self.deposit, PRICE),
            ("min_nights", &self.min_nights, NIGHTS),
            ("further_guest_price", &self.further_guest_price, PRICE),
            ("weekly_percentage", &self.weekly_percentage, PERCENTAGE),
            ("monthly_percentage", &self.monthly_percentage, PERCENTAGE),
            ("tax_amount", &self.tax_amount, PRICE),
        ] {
            if let Set(Integer(number)) = value {
                rules::number(field, *number, allowed)?;
            }
        }
        Ok(())
    }

    fn check_optional_numbers(&self) -> Result<(), BrokenRule> {
        for (field, value, allowed) in [
            ("area", &self.area, AREA),
            ("latitude", &self.latitude, LATITUDE),
            ("longitude", &self.longitude, LONGITUDE),
            ("night_price", &self.night_price, PRICE),
            ("weekend_price", &self.weekend_price, PRICE),
            ("max_nights", &self.max_nights, NIGHTS),
            ("guests_included", &self.guests_included, SLEEPS),
            ("tax_cap", &self.tax_cap, PRICE),
        ] {
            if let Set(Some(Integer(number))) = value {
                rules::number(field, *number, allowed)?;
            }
        }
        Ok(())
    }

    fn check_texts(&self) -> Result<(), BrokenRule> {
        for (field, value, allowed) in [
            ("kind", &self.kind, KINDS),
            ("tax_kind", &self.tax_kind, TAX_KINDS),
        ] {
            if let Set(word) = value {
                rules::choice(field, word, allowed)?;
            }
        }
        for (field, value) in [("check_in", &self.check_in), ("check_out", &self.check_out)] {
            if let Set(time) = value {
                check_time(field, time)?;
            }
        }
        for (field, value, allowed) in [
            ("permit", &self.permit, PERMIT),
            ("summary_en", &self.summary_en, SUMMARY),
            ("summary_fr", &self.summary_fr, SUMMARY),
        ] {
            if let Set(text) = value {
                rules::text(field, text, allowed)?;
            }
        }
        for (field, value) in [
            ("description_en", &self.description_en),
            ("description_fr", &self.description_fr),
        ] {
            if let Set(text) = value {
                TextRule::lines(DESCRIPTION).check(field, text)?;
            }
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), BrokenRule> {
        if let (Some(kind), Some(Integer(amount))) =
            (self.tax_kind.try_as_ref(), self.tax_amount.try_as_ref())
            && kind == TAX_PERCENTAGE
        {
            rules::number("tax_amount", *amount, TAX_HUNDREDTHS)?;
        }
        if let (Set(fewest), Set(Some(most))) = (&self.min_nights, &self.max_nights)
            && most < fewest
        {
            let (field, other) = ("max_nights", "min_nights");
            return Err(BrokenRule::Order { field, other });
        }
        Ok(())
    }
}

/// Fails unless a text is a time of the day as `15:00`, or nothing.
pub fn check_time(field: &'static str, time: &str) -> Result<(), BrokenRule> {
    let is_time = time.len() == 5 && Time::parse_from_str(time, "%H:%M").is_ok();
    if time.is_empty() || is_time {
        return Ok(());
    }
    let example = "15:00";
    Err(BrokenRule::Form { field, example })
}
