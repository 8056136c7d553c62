//! Prices in words, for every page that shows some.

use chrono::NaiveDate;

use crate::domain::quote::{self, NightPrices};
use crate::frame::Frame;
use crate::money::Currency;
use crate::state::AppState;

/// What the words for prices depend on, beside the home: the reader, the currency, the day. The day is a
/// part of the key of every page that uses it (`CACHED_ROUTES`).
#[derive(Debug, Clone, Copy)]
pub struct Pricing<'a> {
    /// The texts.
    pub frame: &'a Frame,
    /// The currency of the site.
    pub currency: Currency,
    /// The day that it is where the homes are.
    pub today: NaiveDate,
}

impl<'a> Pricing<'a> {
    /// For a page of the site, today.
    pub fn new(app: &AppState, frame: &'a Frame) -> Self {
        Self {
            frame,
            currency: app.currency,
            today: app.calendar.today(),
        }
    }

    /// An amount.
    pub fn money(&self, amount: i64) -> String {
        let language = self.frame.texts().language();
        self.currency.written(amount, language)
    }

    /// Hundredths of a percent.
    pub fn percent(&self, hundredths: i64) -> String {
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        let mut number = whole.to_string();
        if rest > 0 {
            let digits = format!("{rest:02}");
            number += &self.frame.text("decimal-point");
            number += digits.trim_end_matches('0');
        }
        self.frame.text_with("price-percent", "number", number)
    }

    /// "from $95 a night": the lowest night of the next year.
    pub fn from(&self, prices: &NightPrices) -> String {
        let lowest = quote::lowest_night(prices, self.today);
        let price = self.money(lowest);
        self.frame.text_with("price-from", "price", price)
    }
}
