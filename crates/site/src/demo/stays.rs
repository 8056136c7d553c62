//! The nights of the example homes that are taken.

use chrono::{Days, NaiveDate};
use db::{Integer, Transaction};
use sea_orm::DbErr;

use crate::domain::stay::{self, AddError, NewStay, Period};

/// When they begin, in days from the day of the loading on, how many nights they are, and why. Each home's
/// are a few days later than those of the one before.
const STAYS: &[(u64, u64, &str)] = &[
    (3, 4, stay::BOOKING),
    (7, 2, stay::BLOCK),
    (16, 7, stay::BOOKING),
    (38, 10, stay::BOOKING),
    (75, 3, stay::BOOKING),
    (110, 14, stay::BLOCK),
    (190, 14, stay::BOOKING),
];

/// Takes nights of a letting, the `number`th of the homes.
pub(super) async fn insert(
    db: &Transaction,
    letting: Integer,
    number: u64,
    today: NaiveDate,
) -> Result<(), DbErr> {
    for (start, nights, kind) in STAYS {
        let arrival = today + Days::new(start + number % 9);
        let new = NewStay {
            letting,
            period: Period {
                arrival,
                departure: arrival + Days::new(*nights),
            },
            kind,
            note: String::new(),
        };
        match stay::add(db, new).await {
            Ok(_) | Err(AddError::Taken) => {}
            Err(AddError::Database(error)) => return Err(error),
        }
    }
    Ok(())
}
