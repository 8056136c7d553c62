//! What a stay costs, line by line: pure arithmetic on whole amounts of the currency's smallest unit.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

use super::stay::Period;

/// What a home costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    /// Each night by its own date.
    pub nights: NightPrices,
    /// Cleaning, once a stay.
    pub cleaning: i64,
    /// What is paid with the rest and given back after the stay.
    pub deposit: i64,
    /// How many guests the prices of nights are for; `None` for all.
    pub guests_included: Option<i64>,
    /// Each further guest, a night.
    pub further_guest: i64,
    /// The reduction on the nights of a stay of [`WEEK`] nights or more, in percent.
    pub weekly_percentage: i64,
    /// The same from [`MONTH`] nights on, in place of the weekly one.
    pub monthly_percentage: i64,
    /// The tax on the stay.
    pub tax: Tax,
    /// The fewest nights of a stay.
    pub min_nights: i64,
    /// The most nights of a stay.
    pub max_nights: Option<i64>,
    /// The most guests.
    pub sleeps: i64,
}

/// What the nights of a home cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NightPrices {
    /// A night.
    pub night: i64,
    /// A night that begins on a Friday or a Saturday, if it is another price.
    pub weekend: Option<i64>,
    /// Nights with a price of their own. Where several have a night, the one that begins last counts.
    pub seasons: Vec<Season>,
}

/// Nights with a price of their own, on weekends too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Season {
    /// The day on which its first night begins.
    pub first: NaiveDate,
    /// The day on which its last night begins.
    pub last: NaiveDate,
    /// A night.
    pub night: i64,
    /// The fewest nights of a stay that begins in it, if it is another number.
    pub min_nights: Option<i64>,
}

/// A tax that the guests pay with the stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tax {
    /// There is none.
    None,
    /// An amount for each adult and night.
    PerAdultNight(i64),
    /// A part of the price of the nights, in hundredths of a percent.
    Percentage(i64),
    /// A part of each guest's share in a night, in hundredths of a percent, for each adult and night:
    /// rounded, and then no more than the cap.
    CappedPercentage {
        /// In hundredths of a percent.
        hundredths: i64,
        /// The most for an adult and a night.
        cap: i64,
    },
}

/// When somebody comes, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// The day of the first night.
    pub arrival: NaiveDate,
    /// The day after the last night.
    pub departure: NaiveDate,
    /// Guests who pay a tax.
    pub adults: i64,
    /// Guests who do not.
    pub children: i64,
}

impl Stay {
    /// Its nights.
    pub fn period(&self) -> Period {
        Period {
            arrival: self.arrival,
            departure: self.departure,
        }
    }
}

/// The price of a stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// What it is made of, in the order in which it is shown. No amount is zero, only reductions are
    /// negative.
    pub lines: Vec<Line>,
    /// The sum of the lines: everything that has to be paid and is kept.
    pub total: i64,
    /// What is paid beside and given back.
    pub deposit: i64,
}

/// A part of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// What for.
    pub charge: Charge,
    /// How much.
    pub amount: i64,
}

/// What a line of a quote is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charge {
    /// Nights of one price.
    Nights {
        /// How many.
        nights: i64,
        /// The price of each.
        price: i64,
    },
    /// Guests beyond those included.
    FurtherGuests {
        /// How many.
        guests: i64,
        /// For how many nights.
        nights: i64,
        /// The price of each guest and night.
        price: i64,
    },
    /// The reduction for a long stay, in percent of the nights.
    Reduction(i64),
    /// Cleaning.
    Cleaning,
    /// The tax.
    Tax,
}

/// Why a stay has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The departure is not after the arrival.
    NoNight,
    /// There is no adult, or a number of guests is negative.
    NoAdult,
    /// More guests than the home takes: so many.
    TooManyGuests(i64),
    /// Fewer nights than the home asks for: so many.
    TooShort(i64),
    /// More nights than the home takes: so many.
    TooLong(i64),
}

/// From so many nights on, the weekly reduction is given.
pub const WEEK: i64 = 7;
/// From so many nights on, the monthly reduction is given.
pub const MONTH: i64 = 28;
/// The most nights of a stay where a home names no limit.
pub const MOST_NIGHTS: i64 = 365;
/// For how many nights ahead [`lowest_night`] looks.
const AHEAD: u64 = 365;

/// The price of a stay.
///
/// # Errors
///
/// If the home does not take such a stay.
pub fn quote(prices: &Prices, stay: &Stay) -> Result<Quote, Refusal> {
    let nights = check(prices, stay)?;
    let mut lines = night_lines(prices, stay);
    let of_nights: i64 = lines.iter().map(|line| line.amount).sum();
    let guests = stay.adults + stay.children;
    let further = (guests - prices.guests_included.unwrap_or(guests)).max(0);
    let price = prices.further_guest;
    let of_guests = further * nights * price;
    let charge = Charge::FurtherGuests {
        guests: further,
        nights,
        price,
    };
    lines.push(Line {
        charge,
        amount: of_guests,
    });
    let percentage = match nights {
        MONTH.. if prices.monthly_percentage > 0 => prices.monthly_percentage,
        WEEK.. => prices.weekly_percentage,
        _ => 0,
    };
    let reduction = part_of(of_nights, percentage, 100);
    lines.push(Line {
        charge: Charge::Reduction(percentage),
        amount: -reduction,
    });
    lines.push(Line {
        charge: Charge::Cleaning,
        amount: prices.cleaning,
    });
    let taxed = of_nights + of_guests - reduction;
    lines.push(Line {
        charge: Charge::Tax,
        amount: tax(prices.tax, stay, nights, taxed),
    });
    lines.retain(|line| line.amount != 0);
    Ok(Quote {
        total: lines.iter().map(|line| line.amount).sum(),
        deposit: prices.deposit,
        lines,
    })
}

/// The price of the cheapest of the nights from a day on, a year ahead.
pub fn lowest_night(prices: &NightPrices, from: NaiveDate) -> i64 {
    if prices.seasons.is_empty() {
        let weekend = prices.weekend.unwrap_or(prices.night);
        return prices.night.min(weekend);
    }
    let of_seasons = prices.seasons.iter().map(|season| season.night);
    let others = [Some(prices.night), prices.weekend].into_iter().flatten();
    let least = of_seasons.chain(others).min();
    let nights = nights_of(from, from + Days::new(AHEAD));
    let mut lowest = None;
    for night in nights {
        let price = price_of(prices, night);
        lowest = Some(lowest.map_or(price, |lowest: i64| lowest.min(price)));
        // Nothing can be lower: mostly one of the first nights, so that a list of cards is soon done.
        if lowest == least {
            break;
        }
    }
    lowest.unwrap_or(prices.night)
}

/// The number of nights.
fn check(prices: &Prices, stay: &Stay) -> Result<i64, Refusal> {
    let nights = (stay.departure - stay.arrival).num_days();
    if nights < 1 {
        return Err(Refusal::NoNight);
    }
    if stay.adults < 1 || stay.children < 0 {
        return Err(Refusal::NoAdult);
    }
    // The sum might not fit, if these come from an address.
    if stay.adults.saturating_add(stay.children) > prices.sleeps {
        return Err(Refusal::TooManyGuests(prices.sleeps));
    }
    let season = season_of(&prices.nights, stay.arrival);
    let fewest = season.and_then(|season| season.min_nights);
    let fewest = fewest.unwrap_or(prices.min_nights);
    if nights < fewest {
        return Err(Refusal::TooShort(fewest));
    }
    let most = prices.max_nights.unwrap_or(MOST_NIGHTS);
    if nights > most {
        return Err(Refusal::TooLong(most));
    }
    Ok(nights)
}

/// A line for each price, in the order in which the prices come first.
fn night_lines(prices: &Prices, stay: &Stay) -> Vec<Line> {
    let mut found: Vec<(i64, i64)> = Vec::new();
    for night in nights_of(stay.arrival, stay.departure) {
        let price = price_of(&prices.nights, night);
        match found.iter_mut().find(|(known, _)| *known == price) {
            Some((_, nights)) => *nights += 1,
            None => found.push((price, 1)),
        }
    }
    let line = |(price, nights)| Line {
        charge: Charge::Nights { nights, price },
        amount: price * nights,
    };
    found.into_iter().map(line).collect()
}

fn nights_of(arrival: NaiveDate, departure: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    arrival.iter_days().take_while(move |day| *day < departure)
}

fn price_of(prices: &NightPrices, night: NaiveDate) -> i64 {
    let is_weekend = matches!(night.weekday(), Weekday::Fri | Weekday::Sat);
    match season_of(prices, night) {
        Some(season) => season.night,
        None if is_weekend => prices.weekend.unwrap_or(prices.night),
        None => prices.night,
    }
}

fn season_of(prices: &NightPrices, night: NaiveDate) -> Option<&Season> {
    let seasons = prices.seasons.iter();
    let seasons = seasons.filter(|season| (season.first..=season.last).contains(&night));
    seasons.max_by_key(|season| season.first)
}

fn tax(tax: Tax, stay: &Stay, nights: i64, taxed: i64) -> i64 {
    let adult_nights = stay.adults * nights;
    match tax {
        Tax::None => 0,
        Tax::PerAdultNight(amount) => amount * adult_nights,
        Tax::Percentage(hundredths) => part_of(taxed, hundredths, 10_000),
        Tax::CappedPercentage { hundredths, cap } => {
            let guest_nights = (stay.adults + stay.children) * nights;
            part_of(taxed, hundredths, 10_000 * guest_nights).min(cap) * adult_nights
        }
    }
}

/// `amount * numerator / denominator`, a half upwards. Nothing is negative.
fn part_of(amount: i64, numerator: i64, denominator: i64) -> i64 {
    (amount * numerator + denominator / 2) / denominator
}

#[cfg(test)]
mod tests;
