//! The form for a stay, and what the stay costs. It works without scripts: what somebody has typed is in the
//! page's address, and comes back with what is wrong beside it.

use chrono::NaiveDate;
use web::extract::{QueryValues, parse_digits};

use super::dates;
use super::pricing::Pricing;
use crate::domain::quote::{Charge, Line, Prices, Quote, Refusal, Stay, quote};
use crate::domain::stay::{Period, parse_day};
use crate::frame::Frame;

/// The parameters of the page's address, in the order of the form.
const NAMES: [&str; 4] = ["from", "to", "adults", "children"];

/// The longest value that a form shows again; no good one is longer.
const LONGEST_VALUE: usize = 32;

/// The form, filled in, and the price of what it says.
#[derive(Debug)]
pub struct StayForm {
    /// Its fields.
    pub fields: Vec<StayField>,
    /// The price, if all is right.
    pub bill: Option<Bill>,
}

/// A field of the form.
#[derive(Debug)]
pub struct StayField {
    /// Its name, and the id of its input.
    pub name: &'static str,
    /// What is asked.
    pub label: String,
    /// The type of its input.
    pub kind: &'static str,
    /// The least that the browser lets through.
    pub least: String,
    /// The most that the browser lets through; empty if there is no limit.
    pub most: String,
    /// What was typed, or what is likely.
    pub value: String,
    /// What is wrong with it; empty if nothing is.
    pub problem: String,
}

/// What a stay costs, in words.
#[derive(Debug)]
pub struct Bill {
    /// Everything that has to be paid.
    pub total: String,
    /// Which stay it is.
    pub stay: String,
    /// What the total is made of.
    pub lines: Vec<(String, String)>,
    /// What is paid beside and given back; empty if nothing is.
    pub deposit: String,
}

/// Which guests a home takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guests {
    /// Of any age.
    All,
    /// Adults alone.
    Adults,
}

/// Whether somebody has asked for a price: such a page is one of many, which no cache keeps and no search
/// engine lists.
pub fn is_asked(values: &QueryValues) -> bool {
    NAMES.iter().any(|name| values.get(name).is_some())
}

impl StayForm {
    /// For a home with these prices, of which some nights may be taken.
    pub fn new(
        pricing: &Pricing<'_>,
        prices: &Prices,
        guests: Guests,
        (values, taken): (&QueryValues, &[Period]),
    ) -> Self {
        if !is_asked(values) {
            let adults = prices.sleeps.clamp(1, 2).to_string();
            let typed = ["", "", &adults, "0"];
            return Self {
                fields: fields(pricing, prices, guests, typed, None),
                bill: None,
            };
        }
        let typed = NAMES.map(|name| {
            let value = values.get(name).unwrap_or_default().trim();
            if value.len() > LONGEST_VALUE {
                ""
            } else {
                value
            }
        });
        let outcome = read(pricing.today, guests, typed).and_then(|stay| {
            refuse_taken(&stay, taken)?;
            let quote = quote(prices, &stay).map_err(Problem::of)?;
            Ok(Bill::new(pricing, &stay, &quote))
        });
        let (bill, problem) = match outcome {
            Ok(bill) => (Some(bill), None),
            Err(problem) => (None, Some(problem)),
        };
        Self {
            fields: fields(pricing, prices, guests, typed, problem),
            bill,
        }
    }
}

/// What is wrong, and in which field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// The field.
    pub field: &'static str,
    message: &'static str,
    /// The number that the message names.
    count: i64,
}

impl Problem {
    const fn new(field: &'static str, message: &'static str) -> Self {
        Self {
            field,
            message,
            count: 0,
        }
    }

    fn of(refusal: Refusal) -> Self {
        let (field, message, count) = match refusal {
            Refusal::NoNight => ("to", "stay-backwards", 0),
            Refusal::NoAdult => ("adults", "stay-no-adult", 0),
            Refusal::TooManyGuests(most) => ("adults", "stay-too-many", most),
            Refusal::TooShort(fewest) => ("to", "stay-too-short", fewest),
            Refusal::TooLong(most) => ("to", "stay-too-long", most),
        };
        Self {
            field,
            message,
            count,
        }
    }

    /// It in the reader's language.
    pub fn sentence(self, frame: &Frame) -> String {
        frame.text_with(self.message, "count", self.count)
    }
}

/// The stay of what was typed, with its price; or the first thing that is wrong. Whether its nights are free, it
/// does not know.
pub fn judge(
    pricing: &Pricing<'_>,
    prices: &Prices,
    guests: Guests,
    typed: [&str; 4],
) -> Result<(Stay, Quote), Problem> {
    let stay = read(pricing.today, guests, typed)?;
    let quote = quote(prices, &stay).map_err(Problem::of)?;
    Ok((stay, quote))
}

/// The stay of what was typed.
fn read(today: NaiveDate, guests: Guests, typed: [&str; 4]) -> Result<Stay, Problem> {
    let [from, to, adults, children] = typed;
    let arrival = parse_day(from).ok_or(Problem::new("from", "stay-no-arrival"))?;
    if arrival < today {
        return Err(Problem::new("from", "stay-past"));
    }
    let departure = parse_day(to).ok_or(Problem::new("to", "stay-no-departure"))?;
    let adults = parse_digits(adults).ok_or(Problem::new("adults", "stay-no-adult"))?;
    let children = if children.is_empty() { "0" } else { children };
    let children = parse_digits(children).ok_or(Problem::new("children", "stay-no-number"))?;
    if children > 0 && guests == Guests::Adults {
        return Err(Problem::new("children", "stay-no-children"));
    }
    Ok(Stay {
        arrival,
        departure,
        adults,
        children,
    })
}

/// The nights have to be free.
fn refuse_taken(stay: &Stay, taken: &[Period]) -> Result<(), Problem> {
    let wanted = Period {
        arrival: stay.arrival,
        departure: stay.departure,
    };
    if taken.iter().any(|period| period.overlaps(wanted)) {
        return Err(Problem::new("from", "stay-taken"));
    }
    Ok(())
}

fn fields(
    pricing: &Pricing<'_>,
    prices: &Prices,
    guests: Guests,
    typed: [&str; 4],
    problem: Option<Problem>,
) -> Vec<StayField> {
    let frame = pricing.frame;
    let day = |days: u64| {
        let day = pricing.today + chrono::Days::new(days);
        day.to_string()
    };
    let most = || prices.sleeps.to_string();
    let limits = [
        ("stay-from", "date", day(0), String::new()),
        ("stay-to", "date", day(1), String::new()),
        ("stay-adults", "number", "1".to_owned(), most()),
        ("stay-children", "number", "0".to_owned(), most()),
    ];
    let all = NAMES.into_iter().zip(limits).zip(typed);
    let shown = all.filter(|((name, _), value)| {
        let is_problem = problem.is_some_and(|problem| problem.field == *name);
        *name != "children" || guests == Guests::All || is_problem || !["", "0"].contains(value)
    });
    let field = |((name, (label, kind, least, most)), value): ((_, (&str, _, _, _)), &str)| {
        let problem = problem.filter(|problem| problem.field == name);
        let sentence = |problem: Problem| problem.sentence(frame);
        StayField {
            name,
            label: frame.text(label),
            kind,
            least,
            most,
            value: value.to_owned(),
            problem: problem.map(sentence).unwrap_or_default(),
        }
    };
    shown.map(field).collect()
}

impl Bill {
    /// For a stay and its price.
    pub fn new(pricing: &Pricing<'_>, stay: &Stay, quote: &Quote) -> Self {
        let frame = pricing.frame;
        let nights = (stay.departure - stay.arrival).num_days();
        let values = [
            (
                "dates",
                dates::span(frame, stay.arrival, stay.departure).into(),
            ),
            ("nights", nights.into()),
            ("guests", (stay.adults + stay.children).into()),
        ];
        let line = |line: &Line| (words(pricing, line.charge), pricing.money(line.amount));
        let deposit = (quote.deposit > 0).then(|| {
            let price = pricing.money(quote.deposit);
            frame.text_with("stay-deposit", "price", price)
        });
        Self {
            total: pricing.money(quote.total),
            stay: frame.texts().with("stay-which", values),
            lines: quote.lines.iter().map(line).collect(),
            deposit: deposit.unwrap_or_default(),
        }
    }
}

fn words(pricing: &Pricing<'_>, charge: Charge) -> String {
    let texts = pricing.frame.texts();
    match charge {
        Charge::Nights { nights, price } => {
            let price = pricing.money(price);
            let values = [("nights", nights.into()), ("price", price.into())];
            texts.with("stay-line-nights", values)
        }
        Charge::FurtherGuests {
            guests,
            nights,
            price,
        } => {
            let values = [
                ("guests", guests.into()),
                ("nights", nights.into()),
                ("price", pricing.money(price).into()),
            ];
            texts.with("stay-line-guests", values)
        }
        Charge::Reduction(percentage) => {
            let percent = pricing.percent(percentage * 100);
            texts.with("stay-line-reduction", [("percent", percent.into())])
        }
        Charge::Cleaning => texts.get("stay-line-cleaning"),
        Charge::Tax => texts.get("stay-line-tax"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrong(typed: [&str; 4]) -> Option<(&'static str, &'static str)> {
        let today = parse_day("2027-03-01").unwrap();
        let problem = read(today, Guests::All, typed).err()?;
        Some((problem.field, problem.message))
    }

    #[test]
    fn the_first_thing_that_is_wrong_is_told() {
        let good = ["2027-03-01", "2027-03-05", "2", ""];
        assert_eq!(wrong(good), None);
        for (index, value, message) in [
            (0, "", "stay-no-arrival"),
            (0, "2027-3-1", "stay-no-arrival"),
            (0, "2027-02-30", "stay-no-arrival"),
            (0, "+12027-01-1", "stay-no-arrival"),
            (0, "2027-02-28", "stay-past"),
            (1, "tomorrow", "stay-no-departure"),
            (2, "", "stay-no-adult"),
            (2, "-1", "stay-no-adult"),
            (2, "99999999999999999999", "stay-no-adult"),
            (3, "one", "stay-no-number"),
        ] {
            let mut typed = good;
            typed[index] = value;
            assert_eq!(wrong(typed), Some((NAMES[index], message)), "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_value_panics(typed in [".{0,12}", ".{0,12}", "[0-9]{0,20}", "[0-9]{0,20}"]) {
            let [a, b, c, d] = &typed;
            let _ = wrong([a, b, c, d]);
        }
    }
}
