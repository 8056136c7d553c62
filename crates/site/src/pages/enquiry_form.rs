//! The fields of an enquiry: what was typed, what is wrong with it, and what it means.

use db::rules::{Flaw, TextRule};
use mail::Address;
use web::extract::{QueryValues, parse_digits};
use web::form::Form;

use super::pricing::Pricing;
use super::stay::{self, Guests};
use crate::domain::enquiry::{EMAIL, GUESTS, MESSAGE, NAME, TELEPHONE};
use crate::domain::home;
use crate::domain::prices;
use crate::domain::quote::{Prices, Quote, Season, Stay};
use crate::frame::Frame;

/// What is too long is shown again as it was typed, up to this many characters.
const SHOWN_AGAIN: usize = 20_000;

/// The fields, in the order of the form.
const NAMES: [&str; 9] = [
    "name",
    "email",
    "telephone",
    "from",
    "to",
    "adults",
    "children",
    "pets",
    "message",
];

/// The rules of the fields of a stay.
const SHORT: TextRule = TextRule::line(32);

/// A field of the form.
#[derive(Debug)]
pub struct AskField {
    /// Its name, and the id of its input.
    pub name: &'static str,
    /// What is asked.
    pub label: String,
    /// The type of its input; `textarea` for several lines.
    pub kind: &'static str,
    /// What browsers know to fill in (HTML, 4.10.18.7).
    pub fill: &'static str,
    /// The least and the most that the browser lets through; for texts the most characters.
    pub limits: Vec<(&'static str, String)>,
    /// Whether it may not be left empty.
    pub is_required: bool,
    /// What was typed.
    pub value: String,
    /// What is wrong with it; empty if nothing is.
    pub problem: String,
}

/// A home that is asked about.
#[derive(Debug)]
pub struct AskedHome<'a> {
    /// Its row.
    pub facts: &'a home::Model,
    /// What it costs: nothing, where it is not for sale.
    prices: Prices,
    is_for_sale: bool,
}

impl<'a> AskedHome<'a> {
    /// A home with its seasons, in a currency of so many decimal places.
    pub fn new(facts: &'a home::Model, seasons: &[Season], digits: u32) -> Self {
        Self {
            facts,
            prices: prices::terms(facts, seasons, digits),
            is_for_sale: facts.night_price.is_some(),
        }
    }

    fn guests(&self) -> Guests {
        if self.facts.allows_children {
            Guests::All
        } else {
            Guests::Adults
        }
    }
}

/// What was typed into the fields.
#[derive(Debug, Default)]
pub struct Typed {
    values: Vec<(&'static str, String)>,
    flaws: Vec<(&'static str, Flaw)>,
}

/// What is wrong, field by field, in the reader's language.
#[derive(Debug, Default)]
pub struct Problems(Vec<(&'static str, String)>);

/// A stay that a home takes, with its price where it has one.
#[derive(Debug, Clone)]
pub struct PricedStay {
    /// When, and how many.
    pub stay: Stay,
    /// What it costs, where the home is for sale.
    pub quote: Option<Quote>,
}

/// An enquiry that is right in itself.
#[derive(Debug)]
pub struct Good {
    /// Who asks.
    pub name: String,
    /// Where the answer goes.
    pub email: Address,
    /// May be empty.
    pub telephone: String,
    /// When, how many, and for how much.
    pub priced: PricedStay,
    /// How many pets come.
    pub pets: i64,
    /// What else is asked.
    pub message: String,
}

/// The rule of each field as it is read; others are left out. What is longer than a field takes is told, and
/// shown again.
pub fn rule_of(name: &str) -> Option<TextRule> {
    match name {
        "message" => Some(TextRule::lines(SHOWN_AGAIN)),
        "website" | "stamp" | "action" => Some(TextRule::line(256)),
        name if NAMES.contains(&name) => Some(TextRule::line(SHOWN_AGAIN)),
        _ => None,
    }
}

impl Typed {
    /// What a form holds.
    pub fn of_form(form: &Form) -> Self {
        let value = |name| (name, form.get(name).unwrap_or_default().to_owned());
        let flaw = |name: &'static str| Some((name, form.flaw(name)?));
        Self {
            values: NAMES.map(value).to_vec(),
            flaws: NAMES.into_iter().filter_map(flaw).collect(),
        }
    }

    /// The stay that the page's address names; what is likely for what it does not.
    pub fn of_query(values: &QueryValues, home: &AskedHome<'_>) -> Self {
        let adults = home.prices.sleeps.clamp(1, 2).to_string();
        let value = |name: &'static str| {
            let likely = match name {
                "adults" => adults.as_str(),
                "children" | "pets" => "0",
                _ => "",
            };
            let asked = match name {
                "from" | "to" | "adults" | "children" => values.get(name),
                _ => None,
            };
            let asked = asked.filter(|value| SHORT.flaw(value).is_none());
            (name, asked.unwrap_or(likely).to_owned())
        };
        Self {
            values: NAMES.map(value).to_vec(),
            flaws: Vec::new(),
        }
    }

    fn get(&self, name: &str) -> &str {
        let mut values = self.values.iter();
        let value = values.find(|(known, _)| *known == name);
        value.map_or("", |(_, value)| value.trim())
    }

    /// Whether somebody has said when.
    pub fn has_dates(&self) -> bool {
        !self.get("from").is_empty() || !self.get("to").is_empty()
    }

    /// The stay, with its price.
    pub fn stay(
        &self,
        pricing: &Pricing<'_>,
        home: &AskedHome<'_>,
    ) -> Result<PricedStay, (&'static str, String)> {
        let typed = ["from", "to", "adults", "children"].map(|name| self.get(name));
        let judged = stay::judge(pricing, &home.prices, home.guests(), typed);
        judged
            .map(|(stay, quote)| PricedStay {
                stay,
                quote: home.is_for_sale.then_some(quote),
            })
            .map_err(|problem| (problem.field, problem.sentence(pricing.frame)))
    }

    /// The whole enquiry, or everything that is wrong with it.
    pub fn read(&self, pricing: &Pricing<'_>, home: &AskedHome<'_>) -> Result<Good, Problems> {
        let frame = pricing.frame;
        let mut problems = Problems::default();
        let name = self.text(frame, &mut problems, ("name", TextRule::line(*NAME.end())));
        let telephone = ("telephone", TextRule::line(*TELEPHONE.end()));
        let telephone = self.text(frame, &mut problems, telephone);
        let message = self.text(frame, &mut problems, ("message", TextRule::lines(MESSAGE)));
        let email = self.text(
            frame,
            &mut problems,
            ("email", TextRule::line(*EMAIL.end())),
        );
        for (name, value, key) in [
            ("name", &name, "enquiry-no-name"),
            ("message", &message, "enquiry-no-message"),
        ] {
            if value.is_empty() && !problems.has(name) {
                problems.add(name, frame.text(key));
            }
        }
        let email = Address::parse(&email);
        if email.is_err() && !problems.has("email") {
            problems.add("email", frame.text("enquiry-no-email"));
        }
        let pets = self.pets(frame, home);
        let pets = pets.map_err(|sentence| problems.add("pets", sentence));
        let stay = self.stay(pricing, home);
        let stay = stay.map_err(|(field, sentence)| problems.add(field, sentence));
        match (email, pets, stay) {
            (Ok(email), Ok(pets), Ok(priced)) if problems.0.is_empty() => Ok(Good {
                name,
                email,
                telephone,
                priced,
                pets,
                message: message.replace("\r\n", "\n").replace('\r', "\n"),
            }),
            _ => Err(problems),
        }
    }

    /// A text, with what its rule says about it.
    fn text(
        &self,
        frame: &Frame,
        problems: &mut Problems,
        (name, rule): (&'static str, TextRule),
    ) -> String {
        let value = self.get(name);
        let mut flaws = self.flaws.iter();
        let read = flaws.find(|(known, _)| *known == name);
        match read.map(|(_, flaw)| *flaw).or_else(|| rule.flaw(value)) {
            None => {}
            Some(Flaw::Control) => problems.add(name, frame.text("enquiry-control")),
            Some(Flaw::TooLong(_)) => {
                let most = rule.most.to_string();
                problems.add(name, frame.text_with("enquiry-long", "number", most));
            }
        }
        value.to_owned()
    }

    fn pets(&self, frame: &Frame, home: &AskedHome<'_>) -> Result<i64, String> {
        let typed = match self.get("pets") {
            "" => "0",
            typed => typed,
        };
        match parse_digits(typed) {
            Some(count) if count > 0 && !home.facts.allows_pets => {
                Err(frame.text("enquiry-pets-not-allowed"))
            }
            Some(count) if GUESTS.contains(&count) => Ok(count),
            _ => Err(frame.text("enquiry-no-number")),
        }
    }

    /// The fields to be shown, with what was typed.
    pub fn fields(
        &self,
        pricing: &Pricing<'_>,
        home: &AskedHome<'_>,
        problems: &Problems,
    ) -> Vec<AskField> {
        let frame = pricing.frame;
        let day = |days: u64| (pricing.today + chrono::Days::new(days)).to_string();
        let sleeps = home.prices.sleeps;
        let number =
            |least: i64, most: i64| vec![("min", least.to_string()), ("max", most.to_string())];
        let length = |most: usize| vec![("maxlength", most.to_string())];
        let described = [
            ("name", "enquiry-name", "text", "name", length(*NAME.end())),
            (
                "email",
                "enquiry-email",
                "email",
                "email",
                length(*EMAIL.end()),
            ),
            (
                "telephone",
                "enquiry-telephone",
                "tel",
                "tel",
                length(*TELEPHONE.end()),
            ),
            ("from", "stay-from", "date", "off", vec![("min", day(0))]),
            ("to", "stay-to", "date", "off", vec![("min", day(1))]),
            ("adults", "stay-adults", "number", "off", number(1, sleeps)),
            (
                "children",
                "stay-children",
                "number",
                "off",
                number(0, sleeps),
            ),
            (
                "pets",
                "enquiry-pets",
                "number",
                "off",
                number(0, *GUESTS.end()),
            ),
            (
                "message",
                "enquiry-message",
                "textarea",
                "off",
                length(MESSAGE),
            ),
        ];
        let is_left_out = |name: &str| match name {
            "children" => !home.facts.allows_children,
            "pets" => !home.facts.allows_pets,
            _ => false,
        };
        let shown = described.into_iter().filter(|(name, ..)| {
            let is_empty = ["", "0"].contains(&self.get(name));
            !is_left_out(name) || !is_empty || problems.has(name)
        });
        shown
            .map(|(name, label, kind, fill, limits)| AskField {
                name,
                label: frame.text(label),
                kind,
                fill,
                limits,
                is_required: name != "telephone",
                value: self.get(name).to_owned(),
                problem: problems.of(name).to_owned(),
            })
            .collect()
    }
}

impl Problems {
    /// One problem more.
    pub fn add(&mut self, field: &'static str, sentence: String) {
        self.0.push((field, sentence));
    }

    fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == field)
    }

    fn of(&self, field: &str) -> &str {
        let mut problems = self.0.iter();
        let problem = problems.find(|(known, _)| *known == field);
        problem.map_or("", |(_, sentence)| sentence)
    }
}
