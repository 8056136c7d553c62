//! The enquiries as staff sees to them: lists, states, the stay that is made of one.

use std::collections::HashMap;

use chrono::{DateTime, Months, Utc};
use db::{Database, Integer, Transaction};
use mail::Outbox;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::{ANSWERED, BOOKED, Column, Entity, Model, about};
use crate::domain::letting;
use crate::domain::stay::{self, AddError, NewStay, Period};

/// The most enquiries that one round of a sweep deletes.
const SWEEP: u64 = 500;

/// An enquiry with the title of its letting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The row.
    pub enquiry: Model,
    /// The title of what is asked about.
    pub title: String,
}

/// The newest enquiries, of one state or of all, from an offset on.
pub async fn list(
    db: &impl ConnectionTrait,
    state: Option<&str>,
    [offset, limit]: [u64; 2],
) -> Result<Vec<Entry>, DbErr> {
    let mut rows = Entity::find();
    if let Some(state) = state {
        rows = rows.filter(Column::State.eq(state));
    }
    let rows = rows
        .order_by_desc(Column::ReceivedAt)
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?;
    with_titles(db, rows).await
}

/// One enquiry.
pub async fn find(db: &impl ConnectionTrait, id: Integer) -> Result<Option<Entry>, DbErr> {
    let row = Entity::find_by_id(id).one(db).await?;
    Ok(with_titles(db, row.into_iter().collect()).await?.pop())
}

async fn with_titles(db: &impl ConnectionTrait, rows: Vec<Model>) -> Result<Vec<Entry>, DbErr> {
    let ids = rows.iter().map(|row| row.letting_id);
    let titles: HashMap<i64, String> = letting::Entity::find()
        .select_only()
        .columns([letting::Column::Id, letting::Column::Title])
        .filter(letting::Column::Id.is_in(ids))
        .into_tuple::<(Integer, String)>()
        .all(db)
        .await?
        .into_iter()
        .map(|(id, title)| (id.0, title))
        .collect();
    let entries = rows.into_iter().map(|enquiry| Entry {
        title: titles
            .get(&enquiry.letting_id.0)
            .cloned()
            .unwrap_or_default(),
        enquiry,
    });
    Ok(entries.collect())
}

/// Puts an enquiry into a state. A stay that was made of it remains: it is freed in the calendar.
pub async fn set_state(
    db: &impl ConnectionTrait,
    id: Integer,
    state: &'static str,
) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .filter(Column::Id.eq(id));
    update.exec(db).await.map(drop)
}

/// Notes that an enquiry was answered. One that is booked stays booked.
pub async fn note_answer(db: &Transaction, id: Integer) -> Result<(), DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(ANSWERED))
        .filter(Column::Id.eq(id))
        .filter(Column::State.ne(BOOKED));
    update.exec(db).await.map(drop)
}

/// What came of making a stay of an enquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booking {
    /// The nights are the guest's.
    Made,
    /// A stay was made of it before.
    Before,
    /// Somebody else has one of the nights, or the enquiry names none.
    Taken,
}

/// Makes a stay of an enquiry. What is written has to be committed by the caller, and if the nights are taken or
/// it fails, rolled back.
pub async fn book(db: &Transaction, enquiry: &Model) -> Result<Booking, DbErr> {
    let (Some(arrival), Some(departure)) = (enquiry.arrival, enquiry.departure) else {
        return Ok(Booking::Taken);
    };
    // Whoever comes second waits here for the first.
    let marked = Entity::update_many()
        .col_expr(Column::State, Expr::value(BOOKED))
        .filter(Column::Id.eq(enquiry.id))
        .filter(Column::State.ne(BOOKED))
        .exec(db)
        .await?;
    if marked.rows_affected == 0 {
        return Ok(Booking::Before);
    }
    let new = NewStay {
        letting: enquiry.letting_id,
        period: Period { arrival, departure },
        kind: stay::BOOKING,
        // The number alone: what guests tell of themselves is kept in one place.
        note: enquiry.number.clone(),
    };
    let stay = match stay::add(db, new).await {
        Ok(stay) => stay,
        Err(AddError::Taken) => return Ok(Booking::Taken),
        Err(AddError::Database(error)) => return Err(error),
    };
    Entity::update_many()
        .col_expr(Column::StayId, Expr::value(stay.id))
        .filter(Column::Id.eq(enquiry.id))
        .exec(db)
        .await?;
    Ok(Booking::Made)
}

/// Deletes the enquiries that came before the last so many months, with the letters about them, and returns how
/// many there were.
pub async fn sweep(
    db: &Database,
    outbox: Outbox,
    (months, time): (u16, DateTime<Utc>),
) -> Result<u64, DbErr> {
    let Some(oldest) = time.checked_sub_months(Months::new(months.into())) else {
        return Ok(0);
    };
    let mut swept = 0;
    loop {
        let transaction = db.begin().await?;
        let ids: Vec<Integer> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::ReceivedAt.lt(oldest))
            .limit(SWEEP)
            .into_tuple()
            .all(&transaction)
            .await?;
        if ids.is_empty() {
            transaction.rollback().await?;
            return Ok(swept);
        }
        delete(&transaction, outbox, &ids).await?;
        transaction.commit().await?;
        swept += ids.len() as u64;
    }
}

/// Deletes enquiries with the letters about them.
pub(super) async fn delete(db: &Transaction, outbox: Outbox, ids: &[Integer]) -> Result<(), DbErr> {
    for id in ids {
        outbox.erase(db, &about(*id)).await?;
    }
    let ids = ids.iter().copied();
    let all = Entity::delete_many().filter(Column::Id.is_in(ids));
    all.exec(db).await.map(drop)
}
