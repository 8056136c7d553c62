//! What a home costs, before anybody has named days.

use super::dates;
use super::pricing::Pricing;
use crate::domain::quote::{MONTH, NightPrices, Prices, Tax, WEEK};

/// All prices of a home.
#[derive(Debug)]
pub struct PriceTable {
    /// From what a night is.
    pub from: String,
    /// The nights, by season.
    pub nights: Vec<NightRow>,
    /// What is paid beside the nights, each with its name.
    pub charges: Vec<(String, String)>,
}

/// The nights of one price.
#[derive(Debug)]
pub struct NightRow {
    /// Which nights.
    pub when: String,
    /// What each costs.
    pub price: String,
    /// The fewest nights of a stay.
    pub least: String,
}

impl PriceTable {
    /// In the words of a page.
    pub fn new(pricing: &Pricing<'_>, prices: &Prices) -> Self {
        Self {
            from: pricing.from(&prices.nights),
            nights: night_rows(pricing, prices),
            charges: charges(pricing, prices),
        }
    }
}

fn night_rows(pricing: &Pricing<'_>, prices: &Prices) -> Vec<NightRow> {
    let frame = pricing.frame;
    let row = |when: String, price: i64, least: i64| NightRow {
        when,
        price: pricing.money(price),
        least: frame.text_with("price-nights", "count", least),
    };
    let least = prices.min_nights;
    let NightPrices {
        night,
        weekend,
        seasons,
    } = &prices.nights;
    let mut rows = match weekend {
        None => vec![row(frame.text("price-every-night"), *night, least)],
        Some(weekend) => vec![
            row(frame.text("price-weekday"), *night, least),
            row(frame.text("price-weekend"), *weekend, least),
        ],
    };
    let ahead = seasons.iter().filter(|season| season.last >= pricing.today);
    rows.extend(ahead.map(|season| {
        let when = dates::span(frame, season.first, season.last);
        row(when, season.night, season.min_nights.unwrap_or(least))
    }));
    rows
}

fn charges(pricing: &Pricing<'_>, prices: &Prices) -> Vec<(String, String)> {
    let frame = pricing.frame;
    let mut charges = Vec::new();
    if prices.cleaning > 0 {
        let price = pricing.money(prices.cleaning);
        charges.push((frame.text("price-cleaning"), price));
    }
    if let Some(included) = prices.guests_included.filter(|_| prices.further_guest > 0) {
        let name = frame.text_with("price-further-guest", "count", included);
        charges.push((name, pricing.money(prices.further_guest)));
    }
    for (nights, percentage) in [
        (WEEK, prices.weekly_percentage),
        (MONTH, prices.monthly_percentage),
    ] {
        if percentage > 0 {
            let name = frame.text_with("price-long-stay", "count", nights);
            let part = pricing.percent(percentage * 100);
            charges.push((name, frame.text_with("price-reduced", "percent", part)));
        }
    }
    charges.extend(tax(pricing, prices.tax));
    if prices.deposit > 0 {
        let price = pricing.money(prices.deposit);
        charges.push((frame.text("price-deposit"), price));
    }
    if let Some(most) = prices.max_nights {
        let nights = frame.text_with("price-nights", "count", most);
        charges.push((frame.text("price-longest"), nights));
    }
    charges
}

fn tax(pricing: &Pricing<'_>, tax: Tax) -> Option<(String, String)> {
    let frame = pricing.frame;
    let (name, amount) = match tax {
        Tax::None => return None,
        Tax::PerAdultNight(amount) => ("price-tax-adult", pricing.money(amount)),
        Tax::Percentage(hundredths) => ("price-tax-part", pricing.percent(hundredths)),
        Tax::CappedPercentage { hundredths, cap } => {
            let values = [
                ("percent", pricing.percent(hundredths).into()),
                ("price", pricing.money(cap).into()),
            ];
            ("price-tax-part", frame.texts().with("price-capped", values))
        }
    };
    Some((frame.text(name), amount))
}
