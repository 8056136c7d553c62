//! The derived table of what a search reads of each letting, and the index of its words.

use std::collections::BTreeSet;

use db::schema::{
    Column, Content, DerivedTable, Detail, Index, Kind, Moves, Name, NameIndex, RowQuery, Source,
    Table, WORD_PARTS, WordIndex,
};

use super::listing::listed_letting;
use super::numbers;
use super::tables::MOVED_PLACE;
use crate::countries::Country;
use crate::domain::home::{BEDROOMS, SLEEPS};
use crate::pages::offer_words;
use crate::places::Place;
use crate::states::State;
use crate::texts;
use crate::words::folded;

/// Its parts: the title, the place, the rest, and tokens for what is not typed as words.
pub const TITLE: usize = 0;
/// City, state and country.
pub const PLACE: usize = 1;
/// Summary, description, kind and amenities, in all languages.
pub const REST: usize = 2;
/// What [`kind_token`], [`amenity_token`], [`Place::token`] and [`super::numbers`] give.
pub const TOKENS: usize = 3;

/// The name of the table.
pub const DOCUMENT_TABLE: &str = DOCUMENT.name;

/// Lettings that are no drafts.
pub(super) const LETTING_DOCUMENT: DerivedTable = DerivedTable {
    table: &DOCUMENT,
    content: Content::Rows(RowQuery {
        from: FROM,
        key: "letting.id",
        values: &[
            "facts.sleeps",
            "facts.bedrooms",
            LOWEST_PRICE,
            "facts.kind",
            "letting.title",
            "address.city",
            "address.state",
            "address.country_iso_code",
            "(SELECT string_agg(slug, ' ' ORDER BY slug) FROM oc_lettings_amenity \
             WHERE home_id = facts.id)",
            "facts.summary_en || ' ' || facts.summary_fr || ' ' || facts.description_en || ' ' \
             || facts.description_fr",
        ],
        sources: &[
            Source {
                table: "lettings_letting",
                id: "letting.id",
            },
            Source {
                table: "lettings_address",
                id: "address.id",
            },
        ],
        details: &[
            Detail {
                table: "oc_lettings_home",
                keys: "SELECT letting_id FROM oc_lettings_home WHERE id",
            },
            Detail {
                table: "oc_lettings_season",
                keys: "SELECT home.letting_id FROM oc_lettings_home AS home \
                       JOIN oc_lettings_season AS season ON season.home_id = home.id WHERE season.id",
            },
        ],
    }),
    words: Some(WORDS),
};

/// The index of words.
pub const WORDS: WordIndex = WordIndex {
    table: &WORD_TABLE,
    version: 2,
    spelling: &SPELLING,
    columns: &[
        "title",
        "city",
        "state",
        "country",
        "kind",
        "amenities",
        "body",
        "sleeps",
        "bedrooms",
        "price",
    ],
    words: document_words,
    names: Some(NAMES),
};

/// What is suggested while somebody types: places and titles, by how they begin.
pub const NAMES: NameIndex = NameIndex {
    table: &NAME_TABLE,
    names: document_names,
    moves: Some(Moves {
        table: &MOVED_PLACE,
        moved,
    }),
};

/// The table of places whose lettings have moved to another.
pub const MOVED_TABLE: &str = MOVED_PLACE.name;

/// The kind of a name that a place has in its address.
pub const PLACE_NAME: &str = "place";
/// The kind of the other names of a state or a country.
pub const OTHER_NAME: &str = "other";
/// The kind of the title of a letting.
pub const TITLE_NAME: &str = "title";

const FROM: &str = concat!(
    listed_letting!(),
    " LEFT JOIN oc_lettings_home AS facts ON facts.letting_id = letting.id"
);

const DOCUMENT: Table = Table {
    name: "oc_lettings_document",
    columns: &[
        Column::new("letting_id", Kind::BigIntegerField).index(Index::PrimaryKey),
        Column::new("sleeps", Kind::BigIntegerField).null(),
        Column::new("bedrooms", Kind::BigIntegerField).null(),
        Column::new("price", Kind::BigIntegerField).null(),
        Column::new("kind", Kind::TextField).null(),
        Column::new("title", Kind::TextField).null(),
        Column::new("city", Kind::TextField).null(),
        Column::new("state", Kind::TextField).null(),
        Column::new("country", Kind::TextField).null(),
        Column::new("amenities", Kind::TextField).null(),
        Column::new("body", Kind::TextField).null(),
    ],
    // The indexes in whose order long lists are read.
    unique_together: &[&["price", "letting_id"], &["sleeps", "letting_id"]],
};

const WORD_TABLE: Table = Table {
    name: "oc_lettings_words",
    columns: &[Column::new("letting_id", Kind::BigIntegerField).index(Index::PrimaryKey)],
    unique_together: &[],
};

const SPELLING: Table = Table {
    name: "oc_lettings_spelling",
    columns: &[
        Column::new("spelling", Kind::CharField(64)),
        Column::new("word", Kind::CharField(64)),
    ],
    unique_together: &[&["spelling", "word"]],
};

const NAME_TABLE: Table = Table {
    name: "oc_lettings_name",
    columns: &[
        Column::new("kind", Kind::TextField),
        Column::new("name", Kind::TextField),
        Column::new("target", Kind::TextField),
        Column::new("sample", Kind::BigIntegerField),
    ],
    unique_together: &[],
};

/// The lowest price that a night may have: of those outside of seasons and in seasons that are not over.
const LOWEST_PRICE: &str = "CASE WHEN facts.night_price IS NULL THEN NULL ELSE \
    (SELECT min(amount) FROM (SELECT facts.night_price AS amount UNION ALL SELECT facts.weekend_price \
    UNION ALL SELECT season.night_price FROM oc_lettings_season AS season \
    WHERE season.home_id = facts.id AND season.last_night >= CURRENT_DATE) AS nights) END";

/// The words of a letting, from the columns of [`WORDS`].
fn document_words(values: &[String]) -> [String; WORD_PARTS] {
    let [
        title,
        city,
        state,
        country,
        kind,
        amenities,
        body,
        sleeps,
        bedrooms,
        price,
    ] = values
    else {
        return [const { String::new() }; WORD_PARTS];
    };
    let mut tokens = vec![kind_token(kind)];
    tokens.extend(numbers::up_to(GUESTS_TOKEN, SLEEPS, sleeps));
    tokens.extend(numbers::up_to(BEDROOMS_TOKEN, BEDROOMS, bedrooms));
    tokens.extend(numbers::of_amount(PRICE_TOKEN, price));
    tokens.extend(amenities.split(' ').map(amenity_token));
    let place = Place::of(country, state, city);
    tokens.extend(place.with_those_around().iter().map(Place::token));
    let mut rest = vec![folded(body)];
    let kinds = offer_words::KINDS.iter().filter(|(slug, _)| slug == kind);
    let has = |slug: &str| amenities.split(' ').any(|amenity| amenity == slug);
    let offered = offer_words::AMENITIES.iter().filter(|(slug, _)| has(slug));
    for (slug, key) in kinds.chain(offered) {
        rest.push(folded(slug));
        rest.extend(
            texts::in_every_language(key)
                .iter()
                .map(|text| folded(text)),
        );
    }
    let place = place_names(city, state, country);
    [
        folded(title),
        folded(&place.join(" ")),
        rest.join(" "),
        tokens.join(" "),
    ]
}

/// The names of a letting and its places, from the columns of [`WORDS`].
fn document_names(id: i64, values: &[String]) -> Vec<Name> {
    let [title, city, state, country, ..] = values else {
        return Vec::new();
    };
    let mut names = vec![Name {
        kind: TITLE_NAME,
        name: folded(title),
        target: id.to_string(),
    }];
    let place = Place::of(country, state, city);
    for place in place.with_those_around() {
        let known = place.words();
        let target = place.key();
        let others = match (&place.state, &place.city) {
            (_, Some(_)) => Vec::new(),
            (Some(_), None) => state_names(state, country),
            (None, None) => country_names(country),
        };
        let others: BTreeSet<_> = others.into_iter().map(folded).collect();
        let others = others.into_iter().filter(|name| *name != known);
        let others = others.map(|name| (OTHER_NAME, name));
        let all = others.chain([(PLACE_NAME, known.clone())]);
        names.extend(all.map(|(kind, name)| Name {
            kind,
            name,
            target: target.clone(),
        }));
    }
    names.retain(|name| !name.name.is_empty());
    names
}

/// From which place to which a letting has moved within its country, as when a city is called otherwise.
fn moved(before: &[String], after: &[String]) -> Option<[String; 2]> {
    let place = |values: &[String]| match values {
        [_, city, state, country, ..] => Some(Place::of(country, state, city)),
        _ => None,
    };
    let (from, to) = (place(before)?, place(after)?);
    (from.country == to.country && from != to).then(|| [from.key(), to.key()])
}

/// What a place is called in all languages, with its codes.
pub fn place_names<'a>(city: &'a str, state: &'a str, country: &'a str) -> Vec<&'a str> {
    let mut names = vec![city];
    names.extend(state_names(state, country));
    names.extend(country_names(country));
    names
}

fn state_names<'a>(state: &'a str, country: &str) -> Vec<&'a str> {
    let mut names = vec![state];
    if let Some(state) = State::of(country, state) {
        names.extend([state.code, state.english, state.french]);
    }
    names
}

fn country_names(country: &str) -> Vec<&str> {
    let mut names = vec![country];
    if let Some(country) = Country::find(country) {
        names.extend([country.alpha_2, country.name("en"), country.name("fr")]);
    }
    names
}

/// What the tokens of numbers begin with: a home has those of all numbers of guests that it is large enough for,
/// and of bedrooms; and those of the ranges in which its price lies.
pub const GUESTS_TOKEN: &str = "guests";
/// See [`GUESTS_TOKEN`].
pub const BEDROOMS_TOKEN: &str = "bedrooms";
/// See [`GUESTS_TOKEN`].
pub const PRICE_TOKEN: &str = "price";

/// What the document of a home of a kind has among its tokens.
pub fn kind_token(kind: &str) -> String {
    format!("kind{}", letters(kind))
}

/// What the document of a home with an amenity has among its tokens.
pub fn amenity_token(slug: &str) -> String {
    format!("has{}", letters(slug))
}

fn letters(slug: &str) -> String {
    slug.chars().filter(char::is_ascii_alphanumeric).collect()
}
