//! Takes nights of a home, changes what was taken, or frees it.

use accounts::messages::level;
use admin::{Staff, redirect};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use db::rules::TextRule;
use db::{Integer, Transaction};
use sea_orm::{EntityTrait as _, ModelTrait as _};
use web::extract::{QueryValues, parse_digits};
use web::form::Form;

use super::letting_editor::LettingEditor;
use super::month::{MonthView, page};
use super::stay_form::{StayFields, Subject, state_of};
use crate::domain::history::{self, Change, Entry};
use crate::domain::stay::{self, AddError, NewStay};
use crate::frame::Frame;
use crate::state::AppState;

/// The rule of each field of the form; others are left out.
fn rule_of(name: &str) -> Option<TextRule> {
    match name {
        "letting" | "stay" | "state" | "arrival" | "departure" | "kind" | "action" => {
            Some(TextRule::line(32))
        }
        "note" => Some(TextRule::line(stay::NOTE)),
        _ => None,
    }
}

/// `POST /admin/calendar/`: takes nights, changes a stay, or frees its nights.
pub async fn change_stay(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    values: QueryValues,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    let view = MonthView::read(&values, app.calendar.today());
    let form = Form::read(request, rule_of).await?;
    let key = |name| form.get(name).and_then(parse_digits).map(Integer);
    let found = match key("stay") {
        Some(stay) => stay::Entity::find_by_id(stay).one(&app.db).await?,
        None => None,
    };
    let letting = found
        .as_ref()
        .map(|stay| stay.letting_id)
        .or(key("letting"));
    let subject = match letting {
        Some(letting) => Subject::find(&app.db, letting).await?,
        None => None,
    };
    let is_crossed = match (&found, key("stay")) {
        (Some(stay), _) => form.get("state") != Some(&state_of(stay)),
        (None, asked) => asked.is_some(),
    };
    let Some(subject) = subject.filter(|_| !is_crossed) else {
        staff
            .visit
            .add_message(level::ERROR, frame.text("month-crossed"))
            .await?;
        return Ok(redirect(&view.address()));
    };
    let fields = match &found {
        Some(stay) => StayFields::of(subject, stay),
        None => StayFields::new(subject, view.first),
    };
    if let Some(stay) = fields.stay.filter(|_| fields.is_imported) {
        staff
            .visit
            .add_message(level::ERROR, frame.text("month-not-ours"))
            .await?;
        return Ok(redirect(&view.path(&[("stay", &stay.0.to_string())])));
    }
    let is_freed = form.get("action") == Some("free");
    let mut fields = if is_freed {
        fields
    } else {
        fields.typed(&frame, &form)
    };
    let done = if fields.has_errors() {
        None
    } else {
        save(&app, &staff, &fields, (found, is_freed)).await?
    };
    let Some(said) = done else {
        if !fields.has_errors() {
            fields.arrival.errors.push(frame.text("month-taken"));
        }
        return Ok(page(&app, &staff, frame, (view, Some(fields)))
            .await?
            .into_response());
    };
    staff
        .visit
        .add_message(level::SUCCESS, frame.text(said))
        .await?;
    Ok(redirect(&view.address()))
}

/// Does what the form asks for, and writes it into the history. Tells what to say; `None` if the nights are
/// taken.
async fn save(
    app: &AppState,
    staff: &Staff,
    fields: &StayFields,
    (found, is_freed): (Option<stay::Model>, bool),
) -> web::Result<Option<&'static str>> {
    let Some(period) = fields.period() else {
        return Ok(None);
    };
    let new = NewStay {
        letting: fields.subject.id,
        period,
        kind: fields.kind,
        note: fields.note.value.clone(),
    };
    let transaction = app.db.begin().await?;
    let label = format!("{} to {}", period.arrival, period.departure);
    let (said, change) = match (found, is_freed) {
        (Some(stay), true) => {
            stay.delete(&transaction).await?;
            ("month-freed", Change::Deleted(label))
        }
        (Some(stay), false) => match stay::change(&transaction, stay, new).await {
            Ok(_) => ("month-changed", Change::Changed(label, vec!["Nights"])),
            Err(error) => return refused(transaction, error).await,
        },
        (None, _) => match stay::add(&transaction, new).await {
            Ok(_) => ("month-added", Change::Added(label)),
            Err(error) => return refused(transaction, error).await,
        },
    };
    let entry = Entry {
        user: staff.user.id,
        letting: fields.subject.id,
        title: &fields.subject.title,
        name: "stay",
    };
    history::write(&transaction, entry, &[change]).await?;
    transaction.commit().await?;
    Ok(Some(said))
}

async fn refused(transaction: Transaction, error: AddError) -> web::Result<Option<&'static str>> {
    transaction.rollback().await?;
    match error {
        AddError::Taken => Ok(None),
        AddError::Database(error) => Err(error.into()),
    }
}
