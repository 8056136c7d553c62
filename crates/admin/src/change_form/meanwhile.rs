//! What somebody else has stored since a form was opened, field by field.
//!
//! A form carries a print of each of its fields as it was opened. Against that, what is sent tells
//! what its user has changed, and what is stored tells what somebody else has.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use web::form::Form;

use super::Sheet;
use crate::ask::Ask;
use crate::record::short_hash;

/// The field with the prints.
pub(super) const VERSION: &str = "_version";

/// What has become of a field that somebody else has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Its user had left it alone: it holds what they have stored.
    Theirs,
    /// Both have changed it: it holds what its user typed.
    Both,
}

/// A form, brought up to what is stored.
pub(super) struct Meanwhile {
    /// What was typed, and what is stored now where nothing was.
    pub(super) form: Form,
    /// What its user has to be told of.
    pub(super) marks: BTreeMap<String, Mark>,
}

/// A field of the form.
struct Watched {
    name: String,
    /// The program itself writes it; nobody is told of that.
    is_recorded: bool,
    /// It belongs to an object that was not chosen in the form.
    is_aside: bool,
}

/// What a field holds, in short. Nothing is nothing, sent or not: a time that is missing has no field
/// of its own name.
fn print(form: &Form, name: &str) -> String {
    let mut hash = Sha256::new();
    for end in ENDS {
        let name = format!("{name}{end}");
        let values = form.all(&name).map(str::trim);
        let mut values: Vec<_> = values.filter(|value| !value.is_empty()).collect();
        values.sort_unstable();
        hash.update(format!("{values:?}\0"));
    }
    let mut print = short_hash(hash);
    print.truncate(12);
    print
}

/// Date and time of a field have names of their own.
const ENDS: [&str; 3] = ["", "_0", "_1"];

/// Whether a field was sent with other values than those that are stored.
pub(super) fn differs(form: &Form, stored: &Form, name: &str) -> bool {
    print(form, name) != print(stored, name)
}

fn watched(ask: &Ask, sheet: &Sheet, form: &Form) -> Vec<Watched> {
    let own = sheet.open_fields(ask).into_iter().map(|field| Watched {
        name: field.name.to_owned(),
        is_recorded: field.is_recorded,
        is_aside: false,
    });
    let mut names: Vec<_> = own.collect();
    for one in sheet.embedded_forms(ask) {
        let Some(key) = one.key else { continue };
        let chosen = form.get(one.relation.name).unwrap_or_default().trim();
        let is_aside = chosen != key.to_string();
        let part = one.part();
        names.extend(one.fields.iter().map(|field| Watched {
            name: part.name(field),
            is_recorded: field.is_recorded,
            is_aside,
        }));
    }
    names
}

fn encoded(prints: &BTreeMap<String, String>) -> String {
    let prints = prints.iter().map(|(name, print)| format!("{name}:{print}"));
    prints.collect::<Vec<_>>().join(" ")
}

/// The prints of what a form was opened with; `None` for one that tells of none, such as another
/// program's.
fn opened(form: &Form) -> Option<BTreeMap<String, String>> {
    let prints = form.get(VERSION).filter(|prints| !prints.is_empty())?;
    let prints = prints.split(' ').filter_map(|one| one.split_once(':'));
    let prints = prints.map(|(name, print)| (name.to_owned(), print.to_owned()));
    Some(prints.collect())
}

/// Whether a form was opened with fields of this prefix.
pub(super) fn was_opened_with(form: &Form, prefix: &str) -> bool {
    opened(form).is_some_and(|opened| opened.keys().any(|name| name.starts_with(prefix)))
}

/// The prints of what is stored, for a form that is opened with it.
pub(super) fn version(ask: &Ask, sheet: &Sheet) -> String {
    let stored = sheet.stored(ask);
    let names = watched(ask, sheet, &stored).into_iter();
    let prints = names.map(|name| {
        let print = print(&stored, &name.name);
        (name.name, print)
    });
    encoded(&prints.collect())
}

/// The form with the values of another for some of its fields.
fn with_values(form: &Form, names: &[String], others: &Form) -> Form {
    let is_other = |field: &str| {
        let mut names = names.iter();
        names.any(|name| {
            field
                .strip_prefix(name.as_str())
                .is_some_and(|end| ENDS.contains(&end))
        })
    };
    let kept = form.fields().iter().filter(|(name, _)| !is_other(name));
    let others = others.fields().iter().filter(|(name, _)| is_other(name));
    kept.chain(others).cloned().collect()
}

/// Brings what was sent up to what is stored.
pub(super) fn compare(ask: &Ask, sheet: &Sheet, form: &Form) -> Meanwhile {
    let mut form = form.clone();
    let mut marks = BTreeMap::new();
    let Some(opened) = opened(&form) else {
        return Meanwhile { form, marks };
    };
    let stored = sheet.stored(ask);
    // Twice: which object is chosen says which fields count, and may be somebody else's change.
    for _ in 0..2 {
        let mut theirs = Vec::new();
        for name in watched(ask, sheet, &form) {
            let Some(opened) = opened.get(&name.name) else {
                continue;
            };
            let is_theirs = print(&stored, &name.name) != *opened;
            let is_mine = print(&form, &name.name) != *opened;
            if !is_theirs || (is_mine && !differs(&form, &stored, &name.name)) {
                continue;
            }
            let is_told = !name.is_aside && (is_mine || !name.is_recorded);
            if !is_mine {
                theirs.push(name.name.clone());
            }
            if is_told {
                let mark = if is_mine { Mark::Both } else { Mark::Theirs };
                marks.entry(name.name).or_insert(mark);
            }
        }
        form = with_values(&form, &theirs, &stored);
    }
    Meanwhile { form, marks }
}

/// A form that was left for a related object, as it is taken up again: what was typed stays, the
/// rest is what is stored now.
pub(super) fn taken_up(ask: &Ask, sheet: &Sheet, form: &Form) -> Form {
    let Some(mut opened) = opened(form) else {
        return form.clone();
    };
    let stored = sheet.stored(ask);
    let mut fresh = Vec::new();
    for name in watched(ask, sheet, form) {
        let is_mine = opened
            .get(&name.name)
            .is_some_and(|opened| print(form, &name.name) != *opened);
        if name.is_aside {
            // Another object was chosen: these are not about it.
            opened.remove(&name.name);
        } else if !is_mine {
            opened.insert(name.name.clone(), print(&stored, &name.name));
            fresh.push(name.name);
        }
    }
    let version = (VERSION.to_owned(), encoded(&opened));
    let form = with_values(form, &fresh, &stored);
    let others = form.fields().iter().filter(|(name, _)| name != VERSION);
    others.cloned().chain([version]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        let fields = fields.iter();
        let fields = fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        fields.collect()
    }

    #[test]
    fn a_field_differs_by_what_it_holds() {
        for (sent, stored, expected) in [
            (&[("a", " x ")][..], &[("a", "x")][..], false),
            (&[("a", "x")], &[("a", "y")], true),
            (&[("a", "")], &[], false),
            (&[("a", "1"), ("a", "2")], &[("a", "2"), ("a", "1")], false),
            (&[("a", "1"), ("a", "2")], &[("a", "1")], true),
            (
                &[("a_0", "1"), ("a_1", "2")],
                &[("a_0", "2"), ("a_1", "1")],
                true,
            ),
            // Another field begins with the same letters.
            (&[("a", "x"), ("a_2", "y")], &[("a", "x")], false),
        ] {
            assert_eq!(
                differs(&form(sent), &form(stored), "a"),
                expected,
                "{sent:?}"
            );
        }
    }

    #[test]
    fn values_are_put_into_their_fields_alone() {
        let sent = form(&[
            ("a", "1"),
            ("ab", "2"),
            ("b_0", "3"),
            ("b_1", "4"),
            ("c", "5"),
        ]);
        let stored = form(&[("a", "6"), ("a", "7"), ("b_0", "8"), ("c", "9")]);
        let names = ["a", "b"].map(str::to_owned);
        assert_eq!(
            with_values(&sent, &names, &stored),
            form(&[
                ("ab", "2"),
                ("c", "5"),
                ("a", "6"),
                ("a", "7"),
                ("b_0", "8")
            ])
        );
    }

    #[test]
    fn prints_are_read_as_they_were_written() {
        let prints = BTreeMap::from([("a", "12"), ("b-c", "34")]);
        let prints = prints.into_iter();
        let prints: BTreeMap<_, _> = prints.map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        assert_eq!(opened(&form(&[(VERSION, &encoded(&prints))])), Some(prints));
        assert_eq!(opened(&form(&[(VERSION, "")])), None);
        assert_eq!(opened(&form(&[])), None);
        assert_eq!(
            opened(&form(&[(VERSION, "no prints : a:")])).map(|all| all.len()),
            Some(2)
        );
    }
}
