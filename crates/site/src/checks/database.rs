//! The database and its schema.

use db::Address;
use db::migrate::StartingPoint;

use super::{CheckInput, CheckMessage, Level, NOTABLE_LOGIN_MEMORY_BYTES, warning};
use crate::plan_summary::{hidden_lines, hides_a_whole_part, shown_in_one_line, way_back};

pub(super) fn file_outlives_deployment(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let settings = input.settings;
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

pub(super) fn is_usable(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let error = input.database?.as_ref().err()?;
    Some(CheckMessage {
        level: Level::Error,
        id: "oc_lettings.E001",
        text: web::describe(error),
        hint: "Check DATABASE_URL, and whether the database is the site's.",
    })
}

pub(super) fn is_migrated(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let plan = input.database?.as_ref().ok()?;
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

pub(super) fn rows_refer_to_something(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let found: Vec<_> = input.orphans.iter().map(ToString::to_string).collect();
    (!found.is_empty()).then(|| {
        warning(
            "oc_lettings.W012",
            &format!("Rows refer to what is not there: {}.", found.join("; ")),
            "Pages pass over them. Make a backup, then delete them, or add what they refer to.",
        )
    })
}

pub(super) fn logins_take_memory(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let bytes = input.login_memory_bytes;
    (bytes >= NOTABLE_LOGIN_MEMORY_BYTES).then(|| CheckMessage {
        level: Level::Info,
        id: "oc_lettings.I001",
        text: format!(
            "A login by the dearest password hash that is stored takes {} MB of memory.",
            bytes >> 20
        ),
        hint: "Have so much more than 64 MB. A new password takes next to none: it is hashed by PBKDF2.",
    })
}

pub(super) fn what_is_shown(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let plan = input.database?.as_ref().ok()?;
    (plan.starting_point != StartingPoint::Nothing).then(|| CheckMessage {
        level: Level::Info,
        id: "oc_lettings.I002",
        text: format!(
            "The site shows {}. Way back to Django: {}.",
            shown_in_one_line(plan),
            way_back(plan)
        ),
        hint: "`oc-lettings migrate --plan` names the tables.",
    })
}

pub(super) fn nothing_is_hidden(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let plan = input.database?.as_ref().ok()?;
    let hidden = hidden_lines(plan);
    let (level, id) = if hides_a_whole_part(plan) {
        (Level::Warning, "oc_lettings.W007")
    } else {
        (Level::Info, "oc_lettings.I003")
    };
    (!hidden.is_empty()).then(|| CheckMessage {
        level,
        id,
        text: format!(
            "The site does not show what tables of the same columns, or nearly, hold: {}.",
            hidden.join("; ")
        ),
        hint: "Where it should, `oc-lettings migrate --from PART=TABLE` copies it into what is empty.",
    })
}

pub(super) fn tables_are_whole(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let plan = input.database?.as_ref().ok()?;
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

pub(super) fn legal_pages_are_written(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let missing = input.unwritten_pages.iter();
    let missing: Vec<_> = missing.map(|page| page.path()).collect();
    (!missing.is_empty()).then(|| {
        warning(
            "oc_lettings.W016",
            &format!("Pages that the law asks for are not written: {}.", missing.join(", ")),
            "Write them in the admin, under Legal pages: who takes enquiries has to say what is done \
             with them.",
        )
    })
}
