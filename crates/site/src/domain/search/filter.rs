//! What lettings can be narrowed by: one description, from which the form, what is read of an address, the
//! statement, the links and the key of a kept page are made.

use std::ops::RangeInclusive;

use form_urlencoded::Serializer;
use web::extract::{QueryValues, parse_digits};

use crate::domain::home::amenity::AMENITIES;
use crate::domain::home::{BEDROOMS, KINDS, SLEEPS};

/// The longest text that is looked for, in characters.
pub const LONGEST_TEXT: usize = 200;
/// The longest value that the form shows again, in characters.
const LONGEST_SHOWN: usize = 300;
/// What a price may be, in whole units of the currency.
const PRICE: RangeInclusive<i64> = 0..=10_000_000;

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
pub const FILTERS: [&Filter; 9] = [
    PLACE,
    WORDS,
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
    "place", "q", "guests", "bedrooms", "min", "max", "kind", "amenity", "sort", "page",
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
    /// One of a list.
    Slug(&'static str),
}

impl Value {
    /// As it stands in an address.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
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
        search
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

    /// The values that narrow the list.
    pub fn narrowing(&self) -> impl Iterator<Item = &Given> {
        self.given.iter().filter(|given| given.filter != SORT)
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
        let given = self.given.iter().filter(|given| *given != value);
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
        Values::One(choices) | Values::Several(choices) => {
            let choice = choices.iter().find(|choice| **choice == typed);
            choice
                .map(|slug| Value::Slug(slug))
                .ok_or(Problem::NoChoice)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn read(query: &str) -> Search {
        Search::read(&QueryValues::from_query(Some(query)))
    }

    #[test]
    fn every_filter_is_a_parameter() {
        let names: BTreeSet<_> = FILTERS
            .iter()
            .map(|filter| filter.name)
            .chain(["page"])
            .collect();
        assert_eq!(names, PARAMETERS.iter().copied().collect());
    }

    #[test]
    fn an_address_is_read_and_written_in_one_order() {
        for (query, expected) in [
            ("", "/"),
            ("page=3&utm=x", "/"),
            ("q=+&guests=", "/"),
            (
                "q=a+b&place=%C3%89&guests=04",
                "/?place=%C3%89&q=a+b&guests=4",
            ),
            (
                "amenity=wifi&amenity=pool&amenity=wifi",
                "/?amenity=wifi&amenity=pool",
            ),
            ("kind=boat&kind=cabin", "/?kind=cabin"),
            ("min=10&max=20&sort=price", "/?min=10&max=20&sort=price"),
        ] {
            let search = read(query);
            assert_eq!(search.path("/", 1), expected, "{query}");
            assert_eq!(search.wrong, [], "{query}");
        }
        assert_eq!(read("q=a").path("/", 2), "/?q=a&page=2");
    }

    #[test]
    fn what_is_wrong_is_told_and_the_rest_is_kept() {
        let long = format!("q={}", "a".repeat(201));
        for (query, name, problem) in [
            ("guests=0", "guests", Problem::NoNumber(1..=50)),
            ("guests=-1", "guests", Problem::NoNumber(1..=50)),
            (
                "bedrooms=99999999999999999999",
                "bedrooms",
                Problem::NoNumber(0..=30),
            ),
            ("min=1.5", "min", Problem::NoNumber(PRICE)),
            ("min=20&max=10", "max", Problem::Order),
            ("kind=castle", "kind", Problem::NoChoice),
            ("amenity=wifi'", "amenity", Problem::NoChoice),
            ("sort=random", "sort", Problem::NoChoice),
            (&long, "q", Problem::TooLong(200)),
            ("q=a%00b", "q", Problem::Signs),
        ] {
            let search = read(&format!("{query}&place=Orange"));
            let wrong: Vec<_> = search
                .wrong
                .iter()
                .map(|one| (one.filter.name, &one.problem))
                .collect();
            assert_eq!(wrong, [(name, &problem)], "{query}");
            assert_eq!(search.text(PLACE), Some("Orange"), "{query}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(query in "[ -~]{0,60}") {
            let search = read(&query);
            let again = search.path("", 1);
            let again = read(again.trim_start_matches('?'));
            prop_assert_eq!(again.given, search.given);
        }
    }
}
