//! What lettings can be narrowed by: one description, from which the form, what is read of an address, the
//! statement, the links and the key of a kept page are made.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use form_urlencoded::Serializer;
use web::extract::{QueryValues, parse_digits};

use crate::domain::home::amenity::AMENITIES;
use crate::domain::home::{BEDROOMS, KINDS, SLEEPS};
use crate::domain::stay::parse_day;

/// The longest text that is looked for, in characters.
pub const LONGEST_TEXT: usize = 200;
/// The longest value that the form shows again, in characters.
const LONGEST_SHOWN: usize = 300;
/// What a price may be, in whole units of the currency.
const PRICE: RangeInclusive<i64> = 0..=10_000_000;

/// The years in which nights are looked for.
const YEARS: RangeInclusive<i32> = 2000..=2199;

/// Something to narrow by.
#[derive(Debug, PartialEq, Eq)]
pub struct Filter {
    /// The parameter of the address.
    pub name: &'static str,
    /// Which values it takes.
    pub values: Values,
    /// The key of its label.
    pub label: &'static str,
    /// The key of the words that say what it has narrowed to, with the variable `value`.
    pub said: &'static str,
}

/// The values of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Words.
    Text,
    /// A whole number.
    Number(RangeInclusive<i64>),
    /// A price in whole units of the currency.
    Price(RangeInclusive<i64>),
    /// A day.
    Date,
    /// One of these.
    One(&'static [&'static str]),
    /// Any of these, all of which have to hold.
    Several(&'static [&'static str]),
}

/// Words anywhere.
pub const WORDS: &Filter = &Filter {
    name: "q",
    values: Values::Text,
    label: "search-words",
    said: "search-said-words",
};
/// Words of the place.
pub const PLACE: &Filter = &Filter {
    name: "place",
    values: Values::Text,
    label: "search-place",
    said: "search-said-place",
};
/// The day of the first night that has to be free.
pub const FROM: &Filter = &Filter {
    name: "from",
    values: Values::Date,
    label: "search-from",
    said: "search-said-dates",
};
/// The day after the last night that has to be free. What is said of it is said with [`FROM`].
pub const TO: &Filter = &Filter {
    name: "to",
    values: Values::Date,
    label: "search-to",
    said: "search-said-dates",
};
/// For how many it has to be.
pub const GUESTS: &Filter = &Filter {
    name: "guests",
    values: Values::Number(SLEEPS),
    label: "search-guests",
    said: "search-said-guests",
};
/// How many bedrooms there have to be.
pub const AT_LEAST_BEDROOMS: &Filter = &Filter {
    name: "bedrooms",
    values: Values::Number(BEDROOMS),
    label: "search-bedrooms",
    said: "search-said-bedrooms",
};
/// The lowest price of a night.
pub const LEAST: &Filter = &Filter {
    name: "min",
    values: Values::Price(PRICE),
    label: "search-min",
    said: "search-said-min",
};
/// The highest price of a night.
pub const MOST: &Filter = &Filter {
    name: "max",
    values: Values::Price(PRICE),
    label: "search-max",
    said: "search-said-max",
};
/// The kind of home.
pub const KIND: &Filter = &Filter {
    name: "kind",
    values: Values::One(KINDS),
    label: "search-kind",
    said: "search-said-choice",
};
/// What it has to have.
pub const AMENITY: &Filter = &Filter {
    name: "amenity",
    values: Values::Several(AMENITIES),
    label: "search-amenities",
    said: "search-said-choice",
};
/// The order, which narrows nothing.
pub const SORT: &Filter = &Filter {
    name: "sort",
    values: Values::One(SORTS),
    label: "search-sort",
    said: "search-said-choice",
};

/// All of them, in the order of the form.
pub const FILTERS: [&Filter; 11] = [
    PLACE,
    WORDS,
    FROM,
    TO,
    GUESTS,
    AT_LEAST_BEDROOMS,
    LEAST,
    MOST,
    KIND,
    AMENITY,
    SORT,
];

/// The orders, the first of which is the one that nobody has to ask for.
pub const SORTS: &[&str] = &["best", "newest", "price", "sleeps"];

/// The parameters of an address that a list depends on, in the order in which they are written.
pub const PARAMETERS: &[&str] = &[
    "place", "q", "from", "to", "guests", "bedrooms", "min", "max", "kind", "amenity", "sort",
    "page",
];

/// A value that was given and is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Of which filter.
    pub filter: &'static Filter,
    /// The value.
    pub value: Value,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words as they were typed.
    Text(String),
    /// A number.
    Number(i64),
    /// A day.
    Date(NaiveDate),
    /// One of a list.
    Slug(&'static str),
}

impl Value {
    /// As it stands in an address.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Slug(slug) => (*slug).to_owned(),
        }
    }
}

/// A value that was given and is wrong. The search goes on without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Of which filter.
    pub filter: &'static Filter,
    /// What was typed, for the form.
    pub typed: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A text is longer than so many characters.
    TooLong(usize),
    /// A text holds signs that nobody types.
    Signs,
    /// It is no number within these limits.
    NoNumber(RangeInclusive<i64>),
    /// It is not in the list.
    NoChoice,
    /// The highest price is below the lowest.
    Order,
    /// It is no day.
    NoDay,
    /// One of the two days is missing.
    NoOther,
    /// The departure is not after the arrival.
    Backwards,
}

/// What lettings are narrowed by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What is right, in the order of [`FILTERS`].
    pub given: Vec<Given>,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
}

impl Search {
    /// Reads an address. Parameters that nobody knows are not seen.
    pub fn read(values: &QueryValues) -> Self {
        let mut search = Self::default();
        for filter in FILTERS {
            let typed: Vec<&str> = match filter.values {
                Values::Several(_) => values.all(filter.name).collect(),
                _ => values.get(filter.name).into_iter().collect(),
            };
            for typed in typed {
                search.add(filter, typed);
            }
        }
        if let (Some(least), Some(most)) = (search.number(LEAST), search.number(MOST))
            && most < least
        {
            search.given.retain(|given| given.filter != MOST);
            search.wrong.push(Wrong {
                filter: MOST,
                typed: most.to_string(),
                problem: Problem::Order,
            });
        }
        search.check_dates();
        search
    }

    /// Nights need both days.
    fn check_dates(&mut self) {
        let wrong = |filter, typed: Option<NaiveDate>, problem| Wrong {
            filter,
            typed: typed.map(|day| day.to_string()).unwrap_or_default(),
            problem,
        };
        let is_wrong = |filter| self.wrong.iter().any(|wrong| wrong.filter == filter);
        let told = match (self.date(FROM), self.date(TO)) {
            (Some(from), Some(to)) if to <= from => wrong(TO, Some(to), Problem::Backwards),
            (Some(_), None) if !is_wrong(TO) => wrong(TO, None, Problem::NoOther),
            (None, Some(_)) if !is_wrong(FROM) => wrong(FROM, None, Problem::NoOther),
            _ => return,
        };
        self.given.retain(|given| given.filter != told.filter);
        self.wrong.push(told);
    }

    fn add(&mut self, filter: &'static Filter, typed: &str) {
        let typed = typed.trim();
        if typed.is_empty() {
            return;
        }
        match read_value(filter, typed) {
            Ok(value) => {
                let given = Given { filter, value };
                if !self.given.contains(&given) {
                    self.given.push(given);
                }
            }
            // One sentence a field is enough.
            Err(_) if self.wrong.iter().any(|wrong| wrong.filter == filter) => {}
            Err(problem) => {
                let shown = typed.chars().filter(|letter| !letter.is_control());
                self.wrong.push(Wrong {
                    filter,
                    typed: shown.take(LONGEST_SHOWN).collect(),
                    problem,
                });
            }
        }
    }

    /// Whether anything was asked for, so that this is one of many lists.
    pub fn is_asked(&self) -> bool {
        !(self.given.is_empty() && self.wrong.is_empty())
    }

    /// Whether anything is looked for by words, or by what has them in the index: then a long list is sorted in
    /// part.
    pub fn has_words(&self) -> bool {
        let in_index = [WORDS, PLACE, KIND, AMENITY];
        self.given
            .iter()
            .any(|given| in_index.contains(&given.filter))
    }

    /// The values that narrow the list. Of two days the first stands for both.
    pub fn narrowing(&self) -> impl Iterator<Item = &Given> {
        let has_nights = self.nights().is_some();
        self.given.iter().filter(move |given| match given.filter {
            filter if filter == FROM => has_nights,
            filter => filter != SORT && filter != TO,
        })
    }

    /// The nights that have to be free, from the arrival to the departure.
    pub fn nights(&self) -> Option<(NaiveDate, NaiveDate)> {
        self.date(FROM).zip(self.date(TO))
    }

    /// The day of a filter.
    fn date(&self, filter: &Filter) -> Option<NaiveDate> {
        self.values(filter).find_map(|value| match value {
            Value::Date(date) => Some(*date),
            _ => None,
        })
    }

    /// The text of a filter.
    pub fn text(&self, filter: &Filter) -> Option<&str> {
        self.values(filter).find_map(|value| match value {
            Value::Text(text) => Some(&**text),
            _ => None,
        })
    }

    /// The number of a filter.
    pub fn number(&self, filter: &Filter) -> Option<i64> {
        self.values(filter).find_map(|value| match value {
            Value::Number(number) => Some(*number),
            _ => None,
        })
    }

    /// What was chosen of a filter's list.
    pub fn slugs(&self, filter: &Filter) -> impl Iterator<Item = &'static str> {
        self.values(filter).filter_map(|value| match value {
            Value::Slug(slug) => Some(*slug),
            _ => None,
        })
    }

    /// The order.
    pub fn sort(&self) -> &'static str {
        self.slugs(SORT).next().unwrap_or(SORTS[0])
    }

    fn values(&self, filter: &Filter) -> impl Iterator<Item = &Value> {
        let given = self.given.iter();
        given
            .filter(move |given| given.filter == filter)
            .map(|given| &given.value)
    }

    /// The same without one of its values, and without what is wrong.
    #[must_use]
    pub fn without(&self, value: &Given) -> Self {
        let is_other_day = |given: &Given| value.filter == FROM && given.filter == TO;
        let given = self.given.iter();
        let given = given.filter(|given| *given != value && !is_other_day(given));
        Self {
            given: given.cloned().collect(),
            wrong: Vec::new(),
        }
    }

    /// The list's address, for one of its pages.
    pub fn path(&self, base: &str, page: u64) -> String {
        let mut query = Serializer::new(String::new());
        for name in PARAMETERS {
            let given = self.given.iter().filter(|given| given.filter.name == *name);
            for given in given {
                query.append_pair(name, &given.value.text());
            }
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        match query.finish() {
            query if query.is_empty() => base.to_owned(),
            query => format!("{base}?{query}"),
        }
    }
}

fn read_value(filter: &Filter, typed: &str) -> Result<Value, Problem> {
    match &filter.values {
        Values::Text if typed.chars().nth(LONGEST_TEXT).is_some() => {
            Err(Problem::TooLong(LONGEST_TEXT))
        }
        Values::Text if typed.chars().any(char::is_control) => Err(Problem::Signs),
        Values::Text => Ok(Value::Text(typed.to_owned())),
        Values::Number(range) | Values::Price(range) => {
            let number = parse_digits(typed).filter(|number| range.contains(number));
            let number = number.ok_or_else(|| Problem::NoNumber(range.clone()))?;
            Ok(Value::Number(number))
        }
        Values::Date => {
            let day = parse_day(typed).filter(|day| YEARS.contains(&day.year()));
            day.map(Value::Date).ok_or(Problem::NoDay)
        }
        Values::One(choices) | Values::Several(choices) => {
            let choice = choices.iter().find(|choice| **choice == typed);
            choice
                .map(|slug| Value::Slug(slug))
                .ok_or(Problem::NoChoice)
        }
    }
}

#[cfg(test)]
mod tests;
