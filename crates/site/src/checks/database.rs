//! The database and its schema.

use db::Address;
use db::migrate::StartingPoint;

use super::{LOGIN_MEMORY_TOLD, Level, Message, Subject, warning};
use crate::shown::{hidden, hides_all_of_a_part, shown_in_short, way_back};

pub(super) fn file_outlives_deployment(subject: &Subject<'_>) -> Option<Message> {
    let settings = subject.settings;
    let is_file = matches!(settings.database.address, Address::Sqlite(_));
    let is_wrong = is_file && settings.on_render();
    is_wrong.then(|| {
        warning(
            "oc_lettings.W004",
            "The database is a SQLite file on Render, whose disk is wiped at every deployment.",
            "Set DATABASE_URL to a PostgreSQL database.",
        )
    })
}

pub(super) fn is_usable(subject: &Subject<'_>) -> Option<Message> {
    let error = subject.database?.as_ref().err()?;
    Some(Message {
        level: Level::Error,
        id: "oc_lettings.E001",
        text: web::describe(error),
        hint: "Check DATABASE_URL, and whether the database is the site's.",
    })
}

pub(super) fn is_migrated(subject: &Subject<'_>) -> Option<Message> {
    let plan = subject.database?.as_ref().ok()?;
    let text = format!(
        "The database lacks {} steps of this release.",
        plan.steps.len()
    );
    let is_wrong = !plan.is_empty();
    is_wrong.then(|| {
        warning(
            "oc_lettings.W005",
            &text,
            "Run `oc-lettings migrate`; `--plan` shows the steps.",
        )
    })
}

pub(super) fn rows_refer_to_something(subject: &Subject<'_>) -> Option<Message> {
    let found: Vec<_> = subject.orphans.iter().map(ToString::to_string).collect();
    (!found.is_empty()).then(|| {
        warning(
            "oc_lettings.W012",
            &format!("Rows refer to what is not there: {}.", found.join("; ")),
            "Pages pass over them. Make a backup, then delete them, or add what they refer to.",
        )
    })
}

pub(super) fn logins_take_memory(subject: &Subject<'_>) -> Option<Message> {
    let bytes = subject.login_memory_bytes;
    (bytes >= LOGIN_MEMORY_TOLD).then(|| Message {
        level: Level::Info,
        id: "oc_lettings.I001",
        text: format!(
            "A login by the dearest password hash that is stored takes {} MB of memory.",
            bytes >> 20
        ),
        hint: "Have so much more than 64 MB. A new password takes next to none: it is hashed by PBKDF2.",
    })
}

pub(super) fn what_is_shown(subject: &Subject<'_>) -> Option<Message> {
    let plan = subject.database?.as_ref().ok()?;
    (plan.starting_point != StartingPoint::Nothing).then(|| Message {
        level: Level::Info,
        id: "oc_lettings.I002",
        text: format!(
            "The site shows {}. Way back to Django: {}.",
            shown_in_short(plan),
            way_back(plan)
        ),
        hint: "`oc-lettings migrate --plan` names the tables.",
    })
}

pub(super) fn nothing_is_hidden(subject: &Subject<'_>) -> Option<Message> {
    let plan = subject.database?.as_ref().ok()?;
    let hidden = hidden(plan);
    let (level, id) = if hides_all_of_a_part(plan) {
        (Level::Warning, "oc_lettings.W007")
    } else {
        (Level::Info, "oc_lettings.I003")
    };
    (!hidden.is_empty()).then(|| Message {
        level,
        id,
        text: format!(
            "The site does not show what tables of the same columns, or nearly, hold: {}.",
            hidden.join("; ")
        ),
        hint: "Where it should, `oc-lettings migrate --from PART=TABLE` copies it into what is empty.",
    })
}

pub(super) fn tables_are_whole(subject: &Subject<'_>) -> Option<Message> {
    let plan = subject.database?.as_ref().ok()?;
    let text = format!(
        "Tables are not as they should be: {}.",
        plan.faults.join("; ")
    );
    (!plan.faults.is_empty()).then(|| {
        warning(
            "oc_lettings.W008",
            &text,
            "Rows that are added there may fail. Mend what is named, then run `oc-lettings migrate`.",
        )
    })
}
