//! What homes cost, out of their rows: for pages of many lettings in the one statement that they have.

use db::stored;
use sea_orm::sea_query::Expr;
use sea_orm::{DbErr, QueryResult};

use super::home::{self, NO_TAX, TAX_PER_ADULT_NIGHT, TAX_PERCENTAGE};
use super::quote::{NightPrices, Prices, Season, Tax};

/// The seasons of a home as one text, for a query that has the table of homes: each with its first and last
/// night, its price and its fewest nights. `string_agg` is known to both databases.
const SEASONS: &str = "(SELECT string_agg(CAST(first_night AS text) || ' ' || CAST(last_night AS text) || ' ' \
    || CAST(night_price AS text) || ' ' || coalesce(CAST(min_nights AS text), ''), ',') \
    FROM oc_lettings_season WHERE home_id = oc_lettings_home.id)";

/// The column that [`of_row`] and [`seasons_of_row`] read, beside those of the home.
pub(super) fn seasons_column() -> (Expr, &'static str) {
    (Expr::cust(SEASONS), "seasons")
}

/// The prices of a row's nights; `None` where nothing is for sale.
pub(super) fn of_row(row: &QueryResult) -> Result<Option<NightPrices>, DbErr> {
    let Some(night) = stored::integer(row, "night_price")?.value() else {
        return Ok(None);
    };
    Ok(Some(NightPrices {
        night,
        weekend: stored::integer(row, "weekend_price")?.value(),
        seasons: seasons_of_row(row)?,
    }))
}

/// The seasons of a row, in the order of their first nights.
pub(super) fn seasons_of_row(row: &QueryResult) -> Result<Vec<Season>, DbErr> {
    let text: Option<String> = row.try_get_by("seasons")?;
    Ok(seasons(&text.unwrap_or_default()))
}

/// What cannot be read, in a table that somebody else has written, is no season.
fn seasons(text: &str) -> Vec<Season> {
    let season = |text: &str| {
        let mut parts = text.split(' ');
        Some(Season {
            first: parts.next()?.parse().ok()?,
            last: parts.next()?.parse().ok()?,
            night: parts.next()?.parse().ok()?,
            min_nights: parts.next()?.parse().ok(),
        })
    };
    let mut seasons: Vec<_> = text.split(',').filter_map(season).collect();
    seasons.sort_by_key(|season| (season.first, season.last, season.night));
    seasons
}

/// What a home costs in a currency of so many decimal places; `None` if it is not for sale.
pub fn of_home(facts: &home::Model, seasons: &[Season], digits: u32) -> Option<Prices> {
    facts.night_price?;
    Some(terms(facts, seasons, digits))
}

/// The same, in which a night of a home that is not for sale costs nothing: for its other terms, such as how
/// many nights a stay may have.
pub fn terms(facts: &home::Model, seasons: &[Season], digits: u32) -> Prices {
    let amount = facts.tax_amount.0;
    let tax = match (&*facts.tax_kind, facts.tax_cap) {
        (TAX_PER_ADULT_NIGHT, _) => Tax::PerAdultNight(amount * 10_i64.pow(digits) / 100),
        (TAX_PERCENTAGE, None) => Tax::Percentage(amount),
        (TAX_PERCENTAGE, Some(cap)) => Tax::CappedPercentage {
            hundredths: amount,
            cap: cap.0,
        },
        (NO_TAX | _, _) => Tax::None,
    };
    Prices {
        nights: NightPrices {
            night: facts.night_price.map_or(0, |price| price.0),
            weekend: facts.weekend_price.map(|price| price.0),
            seasons: seasons.to_vec(),
        },
        cleaning: facts.cleaning_price.0,
        deposit: facts.deposit.0,
        guests_included: facts.guests_included.map(|guests| guests.0),
        further_guest: facts.further_guest_price.0,
        weekly_percentage: facts.weekly_percentage.0,
        monthly_percentage: facts.monthly_percentage.0,
        tax,
        min_nights: facts.min_nights.0,
        max_nights: facts.max_nights.map(|nights| nights.0),
        sleeps: facts.sleeps.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_are_read_in_their_order() {
        let season = |first: &str, last: &str, night, min_nights| Season {
            first: first.parse().unwrap(),
            last: last.parse().unwrap(),
            night,
            min_nights,
        };
        for (text, expected) in [
            ("", vec![]),
            (
                "2027-07-01 2027-08-31 20000 7,2027-01-02 2027-01-03 5 ",
                vec![
                    season("2027-01-02", "2027-01-03", 5, None),
                    season("2027-07-01", "2027-08-31", 20_000, Some(7)),
                ],
            ),
            ("2027-07-01 soon 1 1,x,,2027-07-01 2027-07-02 1", vec![]),
        ] {
            assert_eq!(seasons(text), expected, "{text}");
        }
    }
}
