//! The form of a search, what it has narrowed to, and what is wrong with it: all made of the one description
//! of the filters.

use super::dates;
use super::offer_words;
use super::pricing::Pricing;
use crate::domain::search::Counts;
use crate::domain::search::filter::{
    AMENITY, FILTERS, FROM, Filter, GUESTS, Given, KIND, LONGEST_TEXT, PLACE, Problem, SORT, SORTS,
    Search, TO, Value, Values, WORDS, Wrong,
};
use crate::domain::stay::parse_day;
use crate::frame::Frame;

/// The address of the lists.
pub const LIST: &str = "/lettings/";

/// The form, filled in.
#[derive(Debug)]
pub struct SearchForm {
    /// What most visitors begin with.
    pub first: Vec<SearchField>,
    /// What else can be typed.
    pub further: Vec<SearchField>,
    /// What can be chosen of one list each.
    pub choices: Vec<SearchChoices>,
    /// What it has to have.
    pub amenities: SearchChoices,
    /// Whether something of all but the first is in use or wrong, so that it is shown.
    pub is_open: bool,
}

/// A field to type in.
#[derive(Debug)]
pub struct SearchField {
    /// Its name.
    pub name: &'static str,
    /// What is asked.
    pub label: String,
    /// Whether it is a day, as far as browsers can show it.
    pub is_day: bool,
    /// The least and the most of a number; `None` for words and days.
    pub limits: Option<(i64, i64)>,
    /// Whether names are suggested while somebody types.
    pub is_suggested: bool,
    /// How long words may be.
    pub longest: usize,
    /// What was typed.
    pub value: String,
    /// What is wrong with it; empty if nothing is.
    pub problem: String,
}

/// A field to choose from a list.
#[derive(Debug)]
pub struct SearchChoices {
    /// Its name.
    pub name: &'static str,
    /// What is asked.
    pub label: String,
    /// What there is.
    pub choices: Vec<SearchChoice>,
    /// What is wrong with what was asked for; empty if nothing is.
    pub problem: String,
}

/// What can be chosen.
#[derive(Debug)]
pub struct SearchChoice {
    /// As it stands in the address; empty for none.
    pub slug: &'static str,
    /// In words.
    pub label: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
    /// How many lettings it would leave, where that is known.
    pub count: Option<usize>,
}

/// A value in use, which can be taken off.
#[derive(Debug)]
pub struct Chip {
    /// In words.
    pub label: String,
    /// The list without it.
    pub path: String,
}

impl SearchForm {
    /// For a search of which it may be known how many lettings a further filter would leave.
    pub fn new(pricing: &Pricing<'_>, search: &Search, counts: Option<&Counts>) -> Self {
        let is_first = |filter: &&Filter| [PLACE, WORDS, FROM, TO, GUESTS].contains(filter);
        let fields = |filters: Vec<&'static Filter>| -> Vec<SearchField> {
            let fields = filters.into_iter();
            fields
                .filter_map(|filter| field(pricing, search, filter))
                .collect()
        };
        let (first, further): (Vec<_>, Vec<_>) = FILTERS.into_iter().partition(is_first);
        let is_further = |filter: &'static Filter| !is_first(&filter);
        let is_open = search.given.iter().any(|given| is_further(given.filter))
            || search.wrong.iter().any(|wrong| is_further(wrong.filter));
        Self {
            first: fields(first),
            further: fields(further),
            choices: vec![
                choices(pricing, search, KIND, counts),
                choices(pricing, search, SORT, None),
            ],
            amenities: choices(pricing, search, AMENITY, counts),
            is_open,
        }
    }
}

/// The values that narrow a list, each with the list without it.
pub fn chips(pricing: &Pricing<'_>, search: &Search) -> Vec<Chip> {
    let chip = |given: &Given| Chip {
        label: said(pricing, search, given),
        path: search.without(given).path(LIST, 1),
    };
    search.narrowing().map(chip).collect()
}

/// What a value narrows to, in words.
pub fn said(pricing: &Pricing<'_>, search: &Search, Given { filter, value }: &Given) -> String {
    let frame = pricing.frame;
    match (value, &filter.values) {
        (Value::Date(day), _) => {
            let (arrival, departure) = search.nights().unwrap_or((*day, *day));
            let dates = dates::span(frame, arrival, departure);
            frame.text_with(filter.said, "value", dates)
        }
        (Value::Number(number), Values::Price(_)) => {
            let price = pricing.money(number.saturating_mul(pricing.currency.unit()));
            frame.text_with(filter.said, "value", price)
        }
        (Value::Number(number), _) => frame.text_with(filter.said, "value", *number),
        (Value::Slug(slug), _) => {
            frame.text_with(filter.said, "value", choice_label(frame, filter, slug))
        }
        (Value::Text(text), _) => frame.text_with(filter.said, "value", text.as_str()),
    }
}

fn field(pricing: &Pricing<'_>, search: &Search, filter: &'static Filter) -> Option<SearchField> {
    let limits = match &filter.values {
        Values::Text | Values::Date => None,
        Values::Number(range) | Values::Price(range) => Some((*range.start(), *range.end())),
        Values::One(_) | Values::Several(_) => return None,
    };
    let given = search.given.iter().find(|given| given.filter == filter);
    let wrong = search.wrong.iter().find(|wrong| wrong.filter == filter);
    let typed = wrong.map(|wrong| wrong.typed.clone());
    let frame = pricing.frame;
    let value = typed
        .or_else(|| given.map(|given| given.value.text()))
        .unwrap_or_default();
    Some(SearchField {
        name: filter.name,
        is_day: filter.values == Values::Date && (value.is_empty() || parse_day(&value).is_some()),
        label: frame.text_with(filter.label, "currency", pricing.currency.code()),
        is_suggested: limits.is_none(),
        limits,
        longest: LONGEST_TEXT,
        value,
        problem: wrong
            .map(|wrong| sentence(frame, wrong))
            .unwrap_or_default(),
    })
}

fn choices(
    pricing: &Pricing<'_>,
    search: &Search,
    filter: &'static Filter,
    counts: Option<&Counts>,
) -> SearchChoices {
    let frame = pricing.frame;
    let (Values::One(slugs) | Values::Several(slugs)) = filter.values else {
        unreachable!("only lists are chosen from");
    };
    let chosen: Vec<_> = search.slugs(filter).collect();
    let counted = counts.map(|counts| match filter.name {
        "kind" => &counts.kinds,
        _ => &counts.amenities,
    });
    let choice = |slug: &'static str| {
        let is_chosen = chosen.contains(&slug);
        // What one value is replaced by is not counted: that would be another search.
        let is_further = !is_chosen && (filter != KIND || chosen.is_empty());
        let count = counted.map(|counts| counts.get(slug).copied().unwrap_or(0));
        SearchChoice {
            slug,
            label: choice_label(frame, filter, slug),
            is_chosen,
            count: count.filter(|_| is_further),
        }
    };
    let mut choices: Vec<_> = slugs.iter().map(|slug| choice(slug)).collect();
    if filter == KIND {
        choices.insert(
            0,
            SearchChoice {
                slug: "",
                label: frame.text("search-any"),
                is_chosen: chosen.is_empty(),
                count: None,
            },
        );
    }
    let wrong = search.wrong.iter().find(|wrong| wrong.filter == filter);
    SearchChoices {
        name: filter.name,
        label: frame.text(filter.label),
        choices,
        problem: wrong
            .map(|wrong| sentence(frame, wrong))
            .unwrap_or_default(),
    }
}

/// The keys of the orders.
const SORT_WORDS: &[(&str, &str)] = &[
    (SORTS[0], "search-sort-best"),
    (SORTS[1], "search-sort-newest"),
    (SORTS[2], "search-sort-price"),
    (SORTS[3], "search-sort-sleeps"),
];

fn choice_label(frame: &Frame, filter: &Filter, slug: &str) -> String {
    let words = match filter.name {
        "kind" => offer_words::KINDS,
        "amenity" => offer_words::AMENITIES,
        _ => SORT_WORDS,
    };
    let key = words.iter().find(|(known, _)| *known == slug);
    key.map(|(_, key)| frame.text(key)).unwrap_or_default()
}

/// What is wrong with a value, in words.
pub(super) fn sentence(frame: &Frame, wrong: &Wrong) -> String {
    match &wrong.problem {
        Problem::TooLong(most) => frame.text_with("search-wrong-long", "most", *most),
        Problem::Signs => frame.text("search-wrong-signs"),
        Problem::NoNumber(range) => frame.text_pair(
            "search-wrong-number",
            ["least", "most"],
            (*range.start(), *range.end()),
        ),
        Problem::NoChoice => frame.text("search-wrong-choice"),
        Problem::Order => frame.text("search-wrong-order"),
        Problem::NoDay => frame.text("search-wrong-day"),
        Problem::NoOther => frame.text("search-wrong-other-day"),
        Problem::Backwards => frame.text("stay-backwards"),
    }
}
