//! What is asked for: common, rare and misspelt words, filters, nights, and what nobody should ask.

use super::catalogue::{AMENITIES, CITIES, COMMON, KINDS, RARE, STATES, rare_word, word};

/// Requests of each kind.
const REQUESTS: usize = 60;

/// What questions may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// What words may, with the other questions of this kind.
    Mix,
    /// What words may.
    Words,
    /// What filters may.
    Filters,
    /// What suggestions may.
    Suggestions,
}

/// What questions are called, what they may take, and their paths.
pub(super) type Questions = (&'static str, Bound, Vec<String>);

/// What is asked for.
pub(super) fn questions(lettings: usize) -> Vec<Questions> {
    let many = |question: fn(usize) -> String| (0..REQUESTS).map(question).collect::<Vec<_>>();
    let rare = (0..REQUESTS).map(|index| rare(lettings, index)).collect();
    vec![
        ("common words", Bound::Mix, many(common)),
        ("rare words", Bound::Mix, rare),
        ("misspelt words", Bound::Mix, many(misspelt)),
        ("beginnings of words", Bound::Words, many(begun)),
        ("five filters and counts", Bound::Filters, many(filters)),
        ("filters few homes meet", Bound::Filters, many(few)),
        ("free nights", Bound::Filters, many(nights)),
        ("sorted by price or size", Bound::Filters, many(sorted)),
        ("suggestions", Bound::Suggestions, many(suggested)),
        ("profiles by name", Bound::Words, many(names)),
        ("odd texts", Bound::Filters, odd()),
    ]
}

fn common(index: usize) -> String {
    lettings(&match index % 6 {
        0 | 1 => format!("q={}", pick(index / 6 * 2 + index % 2)),
        2 => format!("q={}+{}", pick(index), pick(index + 13)),
        3 => format!("place={}", CITIES[index / 6 % 8].replace(' ', "+")),
        4 => format!("place={}", state(index / 6)),
        _ => format!("q={}", &pick(index)[..3]),
    })
}

fn rare(size: usize, index: usize) -> String {
    let index = index + 1;
    let id = index * size / REQUESTS / RARE * RARE;
    lettings(&match index % 3 {
        0 => format!("q={}", rare_word(id.max(RARE))),
        1 => format!("q={}+{}", asked(index), pick(index)),
        _ => format!("place={}", word(index * 3)),
    })
}

fn misspelt(index: usize) -> String {
    lettings(&match index % 2 {
        0 => format!("q={}", swapped(&asked(index))),
        _ => format!("q={}+{}", swapped(&asked(index)), pick(index)),
    })
}

/// Of very many words, of many and of few; some beside a word that is rare.
fn begun(index: usize) -> String {
    let letters = |text: &str, count: usize| text[..count].to_owned();
    lettings(&match index % 6 {
        0 => format!("q={}", letters(pick(index), 1)),
        1 => format!("q={}", letters(pick(index), 2)),
        2 => format!("q={}", letters(&word(index * 400), 3)),
        3 => format!(
            "q={}+{}",
            letters(pick(index), 2),
            letters(pick(index + 5), 2)
        ),
        4 => format!("q={}+{}", letters(pick(index), 2), asked(index)),
        _ => format!("q={}", letters(&asked(index), 5)),
    })
}

fn filters(index: usize) -> String {
    lettings(&format!(
        "place={}&guests={}&bedrooms={}&max={}&kind={}&amenity={}",
        state(index),
        index % 9 + 1,
        index % 4,
        100 + index * 5,
        KINDS[index % 4],
        AMENITIES[index % 5],
    ))
}

/// Numbers that few homes have, or none, alone and beside words that many have.
fn few(index: usize) -> String {
    let city = CITIES[index % 8].replace(' ', "+");
    lettings(&match index % 6 {
        0 => format!("q={}&guests=12&bedrooms=5", pick(index)),
        1 => format!("place={city}&guests=13"),
        2 => format!("place={city}&max=51&bedrooms=4"),
        3 => format!("q={}&min=449&max=450&guests=11", pick(index)),
        4 => format!("guests=12&bedrooms={}&max={}", index % 6, 50 + index),
        _ => format!(
            "place={}&kind={}&bedrooms=6",
            state(index),
            KINDS[index % 4]
        ),
    })
}

fn nights(index: usize) -> String {
    let day = index % 27 + 1;
    let nights = format!(
        "from=2027-{:02}-{day:02}&to=2027-{:02}-28",
        index % 12 + 1,
        index % 12 + 1
    );
    lettings(&match index % 6 {
        0 => nights,
        1 => format!("q={}&{nights}", pick(index)),
        2 => format!("place={}&{nights}&guests={}", state(index), index % 12 + 1),
        3 => format!("q={}&{nights}", asked(index)),
        4 => format!("{nights}&guests=12&bedrooms=5&max=60"),
        _ => filters(index)["/lettings/?".len()..].to_owned() + "&" + &nights,
    })
}

fn sorted(index: usize) -> String {
    let sort = ["price", "sleeps"][index % 2];
    lettings(&match index / 2 % 5 {
        0 => format!("sort={sort}&page={}", index % 10 + 1),
        1 => format!("q={}&sort={sort}", pick(index)),
        2 => format!("place={}&sort={sort}", state(index)),
        3 => format!("guests={}&sort={sort}", index % 12 + 1),
        _ => format!("guests={}&max={}&sort={sort}", index % 12 + 1, 60 + index),
    })
}

fn suggested(index: usize) -> String {
    let text = match index % 3 {
        0 => pick(index).to_owned(),
        1 => CITIES[index % 8].to_owned(),
        _ => asked(index),
    };
    let length = (index % 5 + 1).min(text.len());
    format!("/lettings/suggest/?q={}", &text[..length])
}

fn names(index: usize) -> String {
    let query = match index % 4 {
        0 => pick(index).to_owned(),
        1 => asked(index),
        2 => format!("{}+{}", pick(index), asked(index)),
        _ => format!("user{}", index * 3),
    };
    format!("/profiles/?q={query}")
}

/// Long texts, many words, and signs that mean something to the databases.
fn odd() -> Vec<String> {
    let long =
        ["a", "house+", "%F0%9F%8F%A0", "%00", "x'"].map(|text| text.repeat(10_000 / text.len()));
    let words: Vec<_> = (0..40).map(|index| swapped(&asked(index))).collect();
    let beginnings = ["a", "b", "c", "d", "g", "h", "l", "m", "q", "s"].join("+");
    let mut texts: Vec<String> = long.to_vec();
    texts.extend([words.join("+"), words[..10].join("+"), beginnings]);
    texts.extend(
        [
            "house+OR+beach",
            "house+AND+NOT+beach",
            "NEAR(house+beach)",
            "%22house",
            "house*",
            "*",
            "a+:+house",
            "%7Ba+b%7D+:+house",
            "house+%26+beach",
            "house+%7C+beach",
            "!house",
            "house:*",
            "'house'",
            "house%3C-%3Ebeach",
            "house'%3B+DROP+TABLE+lettings_letting%3B--",
            "%25",
            "_",
            "%5C",
            "(((",
            ")))",
            "^house",
            "-house",
            "%2Bhouse",
            "house+-beach",
        ]
        .map(str::to_owned),
    );
    let paths = texts
        .iter()
        .flat_map(|text| ["q", "place"].map(|name| format!("{name}={text}")));
    paths.map(|query| lettings(&query)).collect()
}

fn lettings(query: &str) -> String {
    format!("/lettings/?{query}")
}

fn pick(index: usize) -> &'static str {
    COMMON[index % COMMON.len()]
}

/// A made-up word that some lettings have.
fn asked(index: usize) -> String {
    word(index * 131 + 7)
}

fn state(index: usize) -> String {
    STATES[index % 8].1.replace(' ', "+")
}

/// With two letters in the other order.
fn swapped(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.swap(3, 4);
    letters.into_iter().collect()
}
