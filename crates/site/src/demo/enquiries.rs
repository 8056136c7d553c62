//! What made-up guests ask about some of the lettings. No letter is written: nobody is there to read it.

use chrono::{Days, NaiveDate};
use db::Integer;
use db::datetime::now;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, DbErr};

use crate::domain::enquiry::{self, ANSWERED, DECLINED, NEW};

/// A question.
struct Sample {
    state: &'static str,
    /// How many days ago it came.
    age: u64,
    name: &'static str,
    email: &'static str,
    language: &'static str,
    /// In how many days the stay would begin, and how many nights it would have.
    stay: [u64; 2],
    guests: [i64; 3],
    message: &'static str,
}

const SAMPLES: [Sample; 4] = [
    Sample {
        state: NEW,
        age: 0,
        name: "Ada Weller",
        email: "ada.weller@example.com",
        language: "en",
        stay: [64, 7],
        guests: [2, 1, 0],
        message: "We would come by train. Is there a bus to the house, and a cot for a child of two?",
    },
    Sample {
        state: NEW,
        age: 1,
        name: "Luc Morel",
        email: "luc.morel@example.com",
        language: "fr",
        stay: [92, 5],
        guests: [2, 0, 0],
        message: "Bonjour,\n\nà quelle heure peut-on arriver ? Nous viendrions de Lyon.",
    },
    Sample {
        state: ANSWERED,
        age: 4,
        name: "Sana Karim",
        email: "sana.karim@example.com",
        language: "en",
        stay: [120, 3],
        guests: [2, 0, 0],
        message: "How far is it to the beach on foot?",
    },
    Sample {
        state: DECLINED,
        age: 9,
        name: "Jo Pfeiffer",
        email: "jo.pfeiffer@example.com",
        language: "en",
        stay: [40, 2],
        guests: [2, 0, 0],
        message: "May we hold a party for thirty people?",
    },
];

/// Has a letting asked about, if it is among those of which guests ask: `number` counts the homes.
pub(super) async fn insert(
    db: &impl ConnectionTrait,
    letting: Integer,
    (number, today): (u64, NaiveDate),
) -> Result<(), DbErr> {
    let of_it = usize::try_from(number).ok();
    let Some(sample) = of_it.and_then(|number| SAMPLES.get(number)) else {
        return Ok(());
    };
    let [begins, nights] = sample.stay;
    let [adults, children, pets] = sample.guests;
    let number = enquiry::new_number();
    let row = enquiry::ActiveModel {
        id: NotSet,
        letting_id: Set(letting),
        // It is no answer to a form, so that nothing else has this digest.
        digest: Set(format!("demo {number}")),
        number: Set(number),
        state: Set(sample.state.to_owned()),
        received_at: Set(now() - Days::new(sample.age)),
        name: Set(sample.name.to_owned()),
        email: Set(sample.email.to_owned()),
        telephone: Set(String::new()),
        arrival: Set(Some(today + Days::new(begins))),
        departure: Set(Some(today + Days::new(begins + nights))),
        adults: Set(Integer(adults)),
        children: Set(Integer(children)),
        pets: Set(Integer(pets)),
        message: Set(sample.message.to_owned()),
        language: Set(sample.language.to_owned()),
        quoted_total: Set(None),
        quoted_currency: Set(String::new()),
        stay_id: Set(None),
    };
    row.insert(db).await?;
    Ok(())
}
