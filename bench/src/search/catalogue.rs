//! Lettings and profiles with words as common and as rare as in a real catalogue, and what is asked for.

use std::fmt::Write as _;

use crate::filled::Filled;

/// Syllables of made-up words: three make one.
const SYLLABLES: [&str; 20] = [
    "bar", "len", "mor", "tis", "quo", "fen", "gal", "hin", "jor", "kel", "lum", "nax", "pir",
    "rud", "sab", "tov", "ven", "wix", "yor", "zan",
];
const WORDS: usize = 8_000;
/// Words of very many titles.
pub(super) const COMMON: [&str; 32] = [
    "Old", "Blue", "Quiet", "Sunny", "Little", "Grand", "Green", "White", "Hidden", "Bright",
    "Stone", "Garden", "House", "Cottage", "Loft", "Cabin", "Studio", "Villa", "Barn", "Flat",
    "Retreat", "Lodge", "Nest", "Corner", "Lake", "Beach", "River", "Harbor", "Meadow", "Hill",
    "Forest", "Bay",
];
/// Cities in which two lettings of three are.
pub(super) const CITIES: [&str; 8] = [
    "Irvine",
    "Seattle",
    "Boston",
    "Austin",
    "Portland",
    "Savannah",
    "Newport Beach",
    "Santa Fe",
];
pub(super) const STATES: [(&str, &str); 8] = [
    ("CA", "California"),
    ("WA", "Washington"),
    ("MA", "Massachusetts"),
    ("TX", "Texas"),
    ("OR", "Oregon"),
    ("GA", "Georgia"),
    ("NM", "New Mexico"),
    ("CO", "Colorado"),
];
pub(super) const KINDS: [&str; 4] = ["house", "apartment", "cabin", "villa"];
pub(super) const AMENITIES: [&str; 5] = ["wifi", "kitchen", "parking", "fireplace", "hot-tub"];
/// One letting of so many has a word that hardly any other has.
pub(super) const RARE: usize = 50;
/// Nights are taken so often, in two years; with few lettings twice by each.
const STAYS: usize = 100_000;

/// What is in the database.
pub(super) struct Catalogue {
    pub(super) lettings: usize,
}

pub(super) fn word(number: usize) -> String {
    let number = number % WORDS;
    [number / 400 % 20, number / 20 % 20, number % 20]
        .map(|index| SYLLABLES[index])
        .concat()
}

/// The word that only a few titles have: of a letting whose key is a multiple of [`RARE`].
pub(super) fn rare_word(id: usize) -> String {
    word(id) + &word(id / WORDS)[..3]
}

impl Catalogue {
    /// The SQL for the rows.
    pub(super) fn fill(&self, filled: &Filled<'_>) -> String {
        let size = self.lettings;
        let mut sql = format!("BEGIN;\n{}", vocabulary());
        let series = filled.series(size);
        let rare = format!(
            "CASE WHEN s.i % {RARE} = 0 THEN {} || substr({}, 1, 3) ELSE '' END",
            nth(&format!("s.i % {WORDS}")),
            nth(&format!("(s.i / {WORDS}) % {WORDS}")),
        );
        let city = format!(
            "CASE WHEN s.i % 3 = 0 THEN {} ELSE {} END",
            nth("s.i % 5000"),
            nth(&format!("11000 + s.i % {}", CITIES.len()))
        );
        let _ = writeln!(
            sql,
            "INSERT INTO lettings_address (id, number, street, city, state, zip_code, country_iso_code) \
             SELECT s.i, s.i % 9999 + 1, 'Street ' || s.i, {city}, {state}, s.i % 99999 + 1, 'USA' \
             FROM {series};\n\
             INSERT INTO lettings_letting (id, title, address_id) \
             SELECT s.i, {a} || ' ' || {b} || ' ' || {c} || ' ' || {rare}, s.i FROM {series};",
            state = nth(&format!("12000 + s.i % {}", STATES.len())),
            a = common(1, 0),
            b = common(31, 12),
            c = made_up(1),
        );
        let description: Vec<_> = [3, 7, 11, 13, 17, 19, 23, 29]
            .map(made_up)
            .into_iter()
            .chain([common(7, 3), common(11, 5), common(13, 9)])
            .collect();
        sql += &homes(&series, &description.join(" || ' ' || "));
        sql += &people(&series);
        sql += &stays(&filled.series(STAYS.min(2 * size)), size, filled);
        sql += "DROP TABLE bench_word;\n";
        if filled.is_postgres() {
            for table in ["lettings_address", "lettings_letting", "oc_lettings_home"] {
                let _ = writeln!(
                    sql,
                    "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table};"
                );
            }
        }
        sql + "COMMIT;\n"
    }
}

/// The SQL for a table of words, from which texts are put together.
fn vocabulary() -> String {
    let mut rows = Vec::new();
    rows.extend((0..WORDS).map(|number| (number, word(number))));
    let states = STATES.map(|(code, _)| code);
    for (start, list) in [(10_000, &COMMON[..]), (11_000, &CITIES), (12_000, &states)] {
        rows.extend((start..).zip(list.iter().map(|word| (*word).to_owned())));
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|(number, word)| format!("({number}, '{word}')"))
        .collect();
    let mut sql = "CREATE TABLE bench_word (n integer PRIMARY KEY, word text);\n".to_owned();
    for rows in rows.chunks(1_000) {
        // Writing into a string cannot fail.
        let _ = writeln!(sql, "INSERT INTO bench_word VALUES {};", rows.join(", "));
    }
    sql
}

/// The expression of a word by its number.
fn nth(expression: &str) -> String {
    format!("(SELECT word FROM bench_word WHERE n = {expression})")
}

/// The expression of a word of many titles, another for each row.
fn common(factor: usize, shift: usize) -> String {
    let number = format!("(s.i / {factor} + {shift}) % {}", COMMON.len());
    nth(&format!("10000 + {number}"))
}

/// The expression of a made-up word, another for each row.
fn made_up(factor: usize) -> String {
    nth(&format!("(s.i * {factor} + s.i / 977) % {WORDS}"))
}

/// The SQL for profiles with their users.
fn people(series: &str) -> String {
    format!(
        "INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, \
         is_staff, is_active, date_joined) SELECT s.i + 100, '!', FALSE, 'user' || s.i, {first}, {last}, \
         'user' || s.i || '@post.example', FALSE, TRUE, '2026-01-02 03:04:05' FROM {series};\n\
         INSERT INTO profiles_profile (id, favorite_city, user_id) \
         SELECT s.i, 'Irvine', s.i + 100 FROM {series};\n",
        first = common(3, 1),
        last = made_up(5),
    )
}

/// The SQL for homes, each with two amenities.
fn homes(series: &str, description: &str) -> String {
    let choose = |choices: &[&str], divisor: usize| {
        let cases = choices.iter().enumerate();
        let cases: String = cases
            .map(|(index, choice)| format!(" WHEN {index} THEN '{choice}'"))
            .collect();
        format!("CASE (s.i / {divisor}) % {}{cases} END", choices.len())
    };
    let amenities: String = [1, 3]
        .map(|divisor| {
            format!(
                "INSERT INTO oc_lettings_amenity (home_id, slug) SELECT s.i, {} FROM {series} \
                 WHERE true ON CONFLICT DO NOTHING;\n",
                choose(&AMENITIES, divisor)
            )
        })
        .concat();
    format!(
        "INSERT INTO oc_lettings_home (id, letting_id, is_published, kind, sleeps, bedrooms, double_beds, \
         single_beds, sofa_beds, half_bathrooms, check_in, check_out, allows_pets, allows_smoking, \
         allows_children, permit, shows_street, summary_en, summary_fr, description_en, description_fr, \
         night_price, cleaning_price, deposit, min_nights, further_guest_price, weekly_percentage, \
         monthly_percentage, tax_kind, tax_amount) \
         SELECT s.i, s.i, TRUE, {kind}, s.i % 12 + 1, s.i % 6, 1, 0, 0, 2, '15:00', '11:00', TRUE, FALSE, \
         TRUE, '', TRUE, '', '', {description}, '', 5000 + (s.i * 37 % 400) * 100, 0, 0, 1, 0, 0, 0, 'none', 0 \
         FROM {series};\n{amenities}",
        kind = choose(&KINDS, 1),
    )
}

/// The SQL for stays, each of some nights in 2027 or 2028.
fn stays(series: &str, lettings: usize, filled: &Filled<'_>) -> String {
    let day = |days: &str| {
        if filled.is_postgres() {
            format!("date '2027-01-01' + ({days})::integer")
        } else {
            format!("date('2027-01-01', '+' || ({days}) || ' days')")
        }
    };
    // Not twice in the same nights of a letting: its first stay is in one year, its second in the next.
    let start = format!("s.i / {} % 2 * 365 + s.i * 13 % 350", lettings.min(STAYS));
    format!(
        "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) \
         SELECT s.i * 7919 % {lettings} + 1, {}, {}, 'booked', 'stay' || s.i, '', '2026-01-02 03:04:05' \
         FROM {series} WHERE true ON CONFLICT DO NOTHING;\n",
        day(&start),
        day(&format!("{start} + s.i % 12 + 1")),
    )
}
