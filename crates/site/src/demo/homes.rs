//! What the example lettings offer and cost.

use chrono::{Datelike as _, NaiveDate};
use db::{Integer, Transaction};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, DbErr, EntityTrait as _};
use serde::Deserialize;

use super::photos::{self, WholePhoto};
use crate::domain::home::{self, amenity, season};

/// The homes, in the order of the lettings. Some lettings have none.
const HOMES: &str = include_str!("homes.json");

/// How many times a season is put in: this year's or the next one, and the one after it.
const SEASON_YEARS: usize = 2;

/// The home of the letting that has the title. Fields are those of [`home::Model`].
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleHome {
    pub(super) title: String,
    #[serde(default = "yes")]
    is_published: bool,
    kind: String,
    sleeps: i64,
    bedrooms: i64,
    double_beds: i64,
    single_beds: i64,
    sofa_beds: i64,
    half_bathrooms: i64,
    area: i64,
    check_in: String,
    check_out: String,
    #[serde(default)]
    allows_pets: bool,
    #[serde(default = "yes")]
    allows_children: bool,
    #[serde(default = "yes")]
    shows_street: bool,
    #[serde(default)]
    permit: String,
    latitude: i64,
    longitude: i64,
    summary_en: String,
    description_en: String,
    summary_fr: String,
    description_fr: String,
    night_price: Option<i64>,
    weekend_price: Option<i64>,
    cleaning_price: i64,
    #[serde(default)]
    deposit: i64,
    min_nights: i64,
    max_nights: Option<i64>,
    guests_included: Option<i64>,
    #[serde(default)]
    further_guest_price: i64,
    #[serde(default)]
    weekly_percentage: i64,
    #[serde(default)]
    monthly_percentage: i64,
    #[serde(default = "no_tax")]
    tax_kind: String,
    #[serde(default)]
    tax_amount: i64,
    #[serde(default)]
    seasons: Vec<SampleSeason>,
    amenities: Vec<String>,
    /// The names of its photos.
    #[serde(default)]
    photos: Vec<String>,
}

/// A season that comes every year.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleSeason {
    /// Month and day, such as `06-15`. Every year has that day.
    first: String,
    /// The same; where it comes before the first, it is in the next year.
    last: String,
    night_price: i64,
    min_nights: i64,
}

fn yes() -> bool {
    true
}

fn no_tax() -> String {
    home::NO_TAX.to_owned()
}

/// All homes.
pub(super) fn all() -> Result<Vec<SampleHome>, DbErr> {
    serde_json::from_str(HOMES).map_err(|error| DbErr::Json(error.to_string()))
}

/// Gives a letting its home, with those of the photos that it has. Seasons are those that are not over on
/// a day.
pub(super) async fn insert(
    db: &Transaction,
    letting: Integer,
    (sample, photos): (&SampleHome, &[WholePhoto]),
    today: NaiveDate,
) -> Result<(), DbErr> {
    let home = row(letting, sample).insert(db).await?;
    let amenities = sample.amenities.iter().map(|slug| amenity::ActiveModel {
        id: NotSet,
        home_id: Set(home.id),
        slug: Set(slug.clone()),
    });
    amenity::Entity::insert_many(amenities).exec(db).await?;
    for season in &sample.seasons {
        for (first, last) in coming(season, today)? {
            let season = season::ActiveModel {
                id: NotSet,
                home_id: Set(home.id),
                first_night: Set(first),
                last_night: Set(last),
                night_price: Set(Integer(season.night_price)),
                min_nights: Set(Some(Integer(season.min_nights))),
            };
            season.insert(db).await?;
        }
    }
    photos::insert(db, home.id, (photos, &sample.photos)).await
}

fn row(letting: Integer, sample: &SampleHome) -> home::ActiveModel {
    let some = |number: Option<i64>| Set(number.map(Integer));
    home::ActiveModel {
        id: NotSet,
        letting_id: Set(letting),
        is_published: Set(sample.is_published),
        kind: Set(sample.kind.clone()),
        sleeps: Set(Integer(sample.sleeps)),
        bedrooms: Set(Integer(sample.bedrooms)),
        double_beds: Set(Integer(sample.double_beds)),
        single_beds: Set(Integer(sample.single_beds)),
        sofa_beds: Set(Integer(sample.sofa_beds)),
        half_bathrooms: Set(Integer(sample.half_bathrooms)),
        area: some(Some(sample.area)),
        check_in: Set(sample.check_in.clone()),
        check_out: Set(sample.check_out.clone()),
        allows_pets: Set(sample.allows_pets),
        allows_smoking: Set(false),
        allows_children: Set(sample.allows_children),
        latitude: some(Some(sample.latitude)),
        longitude: some(Some(sample.longitude)),
        permit: Set(sample.permit.clone()),
        shows_street: Set(sample.shows_street),
        summary_en: Set(sample.summary_en.clone()),
        summary_fr: Set(sample.summary_fr.clone()),
        description_en: Set(sample.description_en.clone()),
        description_fr: Set(sample.description_fr.clone()),
        night_price: some(sample.night_price),
        weekend_price: some(sample.weekend_price),
        cleaning_price: Set(Integer(sample.cleaning_price)),
        deposit: Set(Integer(sample.deposit)),
        min_nights: Set(Integer(sample.min_nights)),
        max_nights: some(sample.max_nights),
        guests_included: some(sample.guests_included),
        further_guest_price: Set(Integer(sample.further_guest_price)),
        weekly_percentage: Set(Integer(sample.weekly_percentage)),
        monthly_percentage: Set(Integer(sample.monthly_percentage)),
        tax_kind: Set(sample.tax_kind.clone()),
        tax_amount: Set(Integer(sample.tax_amount)),
        tax_cap: Set(None),
    }
}

/// The first and the last night of a season, in the years in which it is not over on a day.
fn coming(season: &SampleSeason, today: NaiveDate) -> Result<Vec<(NaiveDate, NaiveDate)>, DbErr> {
    let day = |year: i32, day: &str| {
        let date = format!("{year:04}-{day}").parse::<NaiveDate>();
        date.map_err(|error| DbErr::Json(format!("{day}: {error}")))
    };
    let mut coming = Vec::new();
    for year in today.year() - 1.. {
        let first = day(year, &season.first)?;
        let mut last = day(year, &season.last)?;
        if last < first {
            last = day(year + 1, &season.last)?;
        }
        if last >= today {
            coming.push((first, last));
        }
        if coming.len() == SEASON_YEARS {
            break;
        }
    }
    Ok(coming)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::data::LETTINGS;
    use super::*;

    #[test]
    fn homes_are_of_lettings_and_both_looks_are_seen() {
        let homes = all().unwrap();
        let titles: BTreeSet<_> = homes.iter().map(|home| home.title.as_str()).collect();
        assert_eq!(titles.len(), homes.len());
        for home in &homes {
            let mut lettings = LETTINGS.iter();
            assert!(
                lettings.any(|letting| letting.title == home.title),
                "{}",
                home.title
            );
            let mut slugs = home.amenities.iter();
            let stranger = slugs.find(|slug| !amenity::AMENITIES.contains(&slug.as_str()));
            assert_eq!(stranger, None, "{}", home.title);
        }
        let drafts = homes.iter().filter(|home| !home.is_published).count();
        assert_eq!((LETTINGS.len() - homes.len(), drafts), (5, 1));
        // The lettings that the site had from its first day are described.
        assert!(
            LETTINGS[..6]
                .iter()
                .all(|letting| titles.contains(letting.title))
        );
    }

    #[test]
    fn seasons_are_never_over() {
        let season = |first: &str, last: &str| SampleSeason {
            first: first.to_owned(),
            last: last.to_owned(),
            night_price: 1,
            min_nights: 1,
        };
        for (first, last, today, expected) in [
            ("06-15", "09-10", "2026-06-14", ["2026-06-15", "2027-06-15"]),
            ("06-15", "09-10", "2026-09-10", ["2026-06-15", "2027-06-15"]),
            ("06-15", "09-10", "2026-09-11", ["2027-06-15", "2028-06-15"]),
            ("12-20", "01-03", "2027-01-03", ["2026-12-20", "2027-12-20"]),
            ("12-20", "01-03", "2027-01-04", ["2027-12-20", "2028-12-20"]),
        ] {
            let today = today.parse().unwrap();
            let coming = coming(&season(first, last), today).unwrap();
            assert!(
                coming
                    .iter()
                    .all(|(first, last)| first < last && *last >= today)
            );
            let firsts: Vec<_> = coming.iter().map(|(first, _)| first.to_string()).collect();
            assert_eq!(firsts, expected, "{first} on {today}");
        }
    }
}
