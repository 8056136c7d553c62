//! What a migration's plan means for the site, in words: what it shows, what it does not, and which
//! ways lead back to Django.

use db::migrate::{HiddenTable, Plan, ShownPart, counted};
use db::origin::Origin;

/// What the site shows, a line for each part: how many rows, from which table.
pub fn shown_lines(plan: &Plan) -> Vec<String> {
    let line = |shown: &ShownPart| {
        let ShownPart { part, table, .. } = shown;
        let from = if table == part.table {
            format!("of {table}")
        } else {
            format!("copied from {table}")
        };
        format!(
            "{}, {from}{}",
            counted(shown.rows, part),
            missing_note(shown)
        )
    };
    plan.shown.iter().map(line).collect()
}

/// What the site shows, in one line and without the tables.
pub fn shown_in_one_line(plan: &Plan) -> String {
    let shown = plan.shown.iter();
    let counts = shown.map(|of| counted(of.rows, of.part) + &missing_note(of));
    counts.collect::<Vec<_>>().join(", ")
}

/// A note on the rows of a part that refer to nothing, which pages pass over; empty without any.
fn missing_note(shown: &ShownPart) -> String {
    match shown.lost {
        0 => String::new(),
        1 => " (1 more refers to nothing, and is not shown)".to_owned(),
        lost => format!(" ({lost} more refer to nothing, and are not shown)"),
    }
}

/// The tables with the columns of a part, or nearly, whose rows the site does not show, a line for
/// each.
pub fn hidden_lines(plan: &Plan) -> Vec<String> {
    let line = |hidden: &HiddenTable| {
        let all = counted(hidden.rows, hidden.part);
        let table = &hidden.table;
        let wrong = if hidden.wrong.is_empty() {
            String::new()
        } else {
            format!(" ({})", hidden.wrong.join(", "))
        };
        if hidden.unlike == hidden.rows {
            format!("{all} in {table}{wrong}")
        } else {
            format!("{} of {all} in {table}{wrong}", hidden.unlike)
        }
    };
    plan.hidden.iter().map(line).collect()
}

/// Whether the site shows no row of a part although another table has the columns of it, or nearly.
pub fn hides_a_whole_part(plan: &Plan) -> bool {
    plan.hidden.iter().any(|hidden| {
        let mut shown = plan.shown.iter();
        shown.any(|shown| shown.part == hidden.part && shown.rows == 0)
    })
}

/// How Django takes the database back.
pub fn way_back(plan: &Plan) -> &'static str {
    if !plan.sources.is_empty() {
        "`oc-lettings handback --to original` for code that reads the tables copied from, \
         `manage.py migrate --fake` or `oc-lettings handback --to modular` for code that reads the \
         site's"
    } else if plan.origin == Origin::MadeNew {
        "none is needed: Django works on the same tables"
    } else {
        "none is needed: Django works on the same tables; `manage.py migrate --fake` where its code has \
         migrations that would do again what was done"
    }
}
