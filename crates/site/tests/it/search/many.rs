//! Searches of more lettings than are looked at one by one, with keys so far apart that they are of many blocks.

use db::ConnectionTrait as _;

use super::titles;
use crate::support::{TestApp, on_both_databases};

const LETTINGS: i64 = 700;
/// From one key to the next.
const STEP: i64 = 5_000;

/// A letting by its number, from 1 on.
#[derive(Debug, Clone, Copy)]
struct Numbered(i64);

impl Numbered {
    fn title(self) -> String {
        let Self(number) = self;
        let mut title = format!("House {number}");
        for (each, word) in [(2, "Half"), (3, "Third"), (9, "Ninth"), (100, "Rare")] {
            if number % each == 0 {
                title += &format!(" {word}");
            }
        }
        title
    }

    fn sleeps(self) -> i64 {
        self.0 % 12 + 1
    }

    fn bedrooms(self) -> i64 {
        self.0 % 6
    }

    /// Whole dollars.
    fn price(self) -> i64 {
        50 + self.0 * 37 % 400
    }

    fn has(self, word: &str) -> bool {
        self.title().split(' ').any(|one| one == word)
    }
}

/// What is asked for, and who has it.
type Case = (&'static str, fn(Numbered) -> bool);

const CASES: &[Case] = &[
    ("q=house", |_| true),
    ("q=hou", |_| true),
    ("q=h", |_| true),
    ("q=half", |one| one.has("Half")),
    ("q=thi", |one| one.has("Third")),
    ("q=house+thi", |one| one.has("Third")),
    ("q=hou+half+nin", |one| one.has("Half") && one.has("Ninth")),
    ("q=rare", |one| one.has("Rare")),
    ("q=hou+rar", |one| one.has("Rare")),
    ("q=half+third+rare", |one| one.0 % 300 == 0),
    ("q=house+4", |one| one.0 == 4),
    ("guests=1", |_| true),
    ("guests=12", |one| one.sleeps() == 12),
    ("guests=13", |_| false),
    ("bedrooms=0", |_| true),
    ("guests=11&bedrooms=5", |one| {
        one.sleeps() >= 11 && one.bedrooms() == 5
    }),
    ("q=hou&guests=12&bedrooms=5", |one| {
        one.sleeps() == 12 && one.bedrooms() == 5
    }),
    ("max=50", |one| one.price() == 50),
    ("max=49", |_| false),
    ("min=449", |one| one.price() == 449),
    ("min=450", |_| false),
    ("min=100&max=100", |one| one.price() == 100),
    ("min=101&max=207", |one| (101..=207).contains(&one.price())),
    ("min=0&max=10000000", |_| true),
    ("min=10000000", |_| false),
    ("q=half&min=120&max=130", |one| {
        one.has("Half") && (120..=130).contains(&one.price())
    }),
    ("q=house&max=200&from=2027-05-01&to=2027-05-08", |one| {
        one.price() <= 200 && one.0 % 5 != 0
    }),
    ("q=rare&from=2027-05-09&to=2027-05-12", |one| {
        one.has("Rare")
    }),
    ("from=2027-05-01&to=2027-05-08", |one| one.0 % 5 != 0),
    ("place=springfield&guests=9", |one| one.sleeps() >= 9),
];

async fn fill(app: &TestApp) {
    let rows = |row: fn(Numbered) -> String| -> String {
        let rows = (1..=LETTINGS).map(|number| format!("({})", row(Numbered(number))));
        rows.collect::<Vec<_>>().join(", ")
    };
    let scripts = [
        "INSERT INTO lettings_address (id, number, street, city, state, zip_code, country_iso_code) VALUES "
            .to_owned()
            + &rows(|one| format!("{}, 1, 'Street', 'Springfield', 'CA', 92660, 'USA'", one.0 * STEP)),
        "INSERT INTO lettings_letting (id, title, address_id) VALUES ".to_owned()
            + &rows(|one| format!("{0}, '{1}', {0}", one.0 * STEP, one.title())),
        "INSERT INTO oc_lettings_home (id, letting_id, is_published, kind, sleeps, bedrooms, double_beds, \
         single_beds, sofa_beds, half_bathrooms, check_in, check_out, allows_pets, allows_smoking, \
         allows_children, permit, shows_street, summary_en, summary_fr, description_en, description_fr, \
         night_price, cleaning_price, deposit, min_nights, further_guest_price, weekly_percentage, \
         monthly_percentage, tax_kind, tax_amount) VALUES "
            .to_owned()
            + &rows(|one| {
                format!(
                    "{0}, {0}, TRUE, 'house', {1}, {2}, 1, 0, 0, 2, '15:00', '11:00', TRUE, FALSE, TRUE, '', \
                     TRUE, '', '', '', '', {3}, 0, 0, 1, 0, 0, 0, 'none', 0",
                    one.0 * STEP,
                    one.sleeps(),
                    one.bedrooms(),
                    one.price() * 100
                )
            }),
        format!(
            "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) \
             SELECT id, '2027-05-07', '2027-05-09', 'booked', '', '', '2026-01-02 03:04:05' \
             FROM lettings_letting WHERE id % {} = 0",
            5 * STEP
        ),
    ];
    for script in scripts {
        app.db.execute_unprepared(&script).await.unwrap();
    }
    app.db.make_derived_tables().await.unwrap();
}

on_both_databases! {
    async fn all_are_found_and_the_newest_first(app: TestApp) {
        fill(&app).await;
        let mut wrong = Vec::new();
        for (query, has) in CASES {
            let all: Vec<_> = (1..=LETTINGS).rev().map(Numbered).filter(|one| has(*one)).collect();
            let answer = app.get(&format!("/lettings/?{query}&sort=newest")).await.expect(200);
            let total = answer.texts("p.total").concat();
            let expected: Vec<_> = all.iter().take(24).map(|one| one.title()).collect();
            let is_told = all.is_empty() || total.starts_with(&format!("{} ", all.len()));
            if !is_told || (titles(&answer) != expected && !all.is_empty()) {
                wrong.push(format!("{query}: {total}, not {}: {:?}", all.len(), titles(&answer)));
            }
            if all.is_empty() && !total.starts_with("No ") {
                wrong.push(format!("{query}: {total}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
