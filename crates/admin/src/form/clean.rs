//! The values that a form sends: read and checked, with the errors of each field.

use std::collections::BTreeMap;

use accounts::validators::{Known, MIN_LENGTH, Violation, violations};
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Timelike as _, Utc};
use db::DbErr;
use db::rules::{Flaw, TextRule};
use sea_orm::ConnectionTrait;
use web::form::Form;
use web::i18n::Texts;

use crate::data::labels::{label_of, labels_of};
use crate::data::record::{Record, first_above, first_disordered, is_taken};
use crate::description::model::{Field, FieldKind, Model, WordSet};
use crate::description::registry::Registry;
use crate::description::scale::{Scale, ScaleError};
use crate::description::value::Value;

/// Error texts by the name of the field. The empty name is for the form as a whole.
pub(crate) type Errors = BTreeMap<String, Vec<String>>;

/// The hidden field by which a form carries what it was opened with: see `form::version`.
pub(crate) const VERSION: &str = "_version";

/// The prefix of the hidden field with the note about another field. It is sent along until the
/// form is saved.
pub(crate) const NOTE_PREFIX: &str = "_note-";

/// A part of a form that is about one object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormPart<'a> {
    pub(crate) model: &'static Model,
    /// The fields that the form takes.
    pub(crate) fields: &'a [&'static Field],
    /// The prefix of its fields' names: for an embedded form the relation and a dash, else empty.
    pub(crate) prefix: &'a str,
    /// The object that is changed; `None` for a new one.
    pub(crate) key: Option<i64>,
}

impl FormPart<'_> {
    /// The name of a field in the form.
    pub(crate) fn name(&self, field: &Field) -> String {
        format!("{}{}", self.prefix, field.name)
    }
}

/// The values of an object as its form would send them, from which [`clean`] reads them again.
pub(crate) fn fields_of(
    registry: &Registry,
    part: FormPart<'_>,
    record: &Record,
) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for field in part.fields {
        let name = part.name(field);
        match (field.kind, record.value(field.name)) {
            (FieldKind::Password, _) => {}
            (FieldKind::ManyToMany(_), _) => {
                let keys = record.related_keys.get(field.name).into_iter().flatten();
                fields.extend(keys.map(|key| (name.clone(), key.to_string())));
            }
            (FieldKind::Words(_), _) => {
                let words = record.words.get(field.name).into_iter().flatten();
                fields.extend(words.map(|word| (name.clone(), (*word).to_owned())));
            }
            (FieldKind::Integer { .. }, Value::Integer(number)) => {
                fields.push((name, registry.scale_of(field).text(*number)));
            }
            (_, Value::Boolean(is_true)) => {
                if *is_true {
                    fields.push((name, "on".to_owned()));
                }
            }
            (_, Value::Time(time)) => {
                fields.push((format!("{name}_0"), time.format("%Y-%m-%d").to_string()));
                fields.push((format!("{name}_1"), time.format("%H:%M:%S").to_string()));
            }
            // What is stored is no time: the field of the date shows it.
            (FieldKind::DateTime { .. }, Value::Text(text)) => {
                fields.push((format!("{name}_0"), text.clone()));
            }
            (_, value) => fields.push((name, value.text())),
        }
    }
    fields
}

/// Reads what was typed in one part of a form: a record of its valid fields, and the errors of the
/// others. Passwords are left out, which [`clean_password`] reads.
pub(crate) async fn clean(
    db: &impl ConnectionTrait,
    registry: &Registry,
    texts: &Texts,
    part: FormPart<'_>,
    form: &Form,
) -> Result<(Record, Errors), DbErr> {
    let mut record = Record::default();
    let mut errors = Errors::new();
    for field in part.fields {
        let name = part.name(field);
        let error = match field.kind {
            FieldKind::ManyToMany(_) => clean_many_to_many(db, registry, field, &name, form)
                .await?
                .map(|keys| drop(record.related_keys.insert(field.name, keys))),
            FieldKind::Relation(_) => clean_relation(db, registry, field, &name, form)
                .await?
                .map(|key| drop(record.values.insert(field.name, Value::Integer(key)))),
            FieldKind::Words(set) => clean_words(set, &name, form)
                .map(|words| drop(record.words.insert(field.name, words))),
            FieldKind::Password => continue,
            _ => clean_value(registry, field, &name, form)
                .map(|value| drop(record.values.insert(field.name, value))),
        };
        if let Err(error) = error {
            errors.entry(name).or_default().push(error.text(texts));
        }
    }
    if let Some([lower, upper]) = first_disordered(part.model, &record) {
        let label = |name| part.model.field(name).map_or("", |field| field.label);
        let text = texts.with(
            "admin-error-order",
            [("other", texts.get(label(lower)).into())],
        );
        let name = format!("{}{upper}", part.prefix);
        errors.entry(name).or_default().push(text);
    }
    if let Some(limit) = first_above(part.model, &record)
        && let Some(field) = part.model.field(limit.field)
    {
        let most = registry.scale_of(field).text(limit.most);
        let text = FieldError("admin-error-most", most).text(texts);
        errors.entry(part.name(field)).or_default().push(text);
    }
    for field in part.fields.iter().filter(|field| field.is_unique) {
        let Some(value) = record.values.get(field.name) else {
            continue;
        };
        if is_taken(db, part.model, field, value, part.key).await? {
            let names = [
                ("model", texts.get(part.model.singular).into()),
                ("field", texts.get(field.label).into()),
            ];
            let text = texts.with("admin-error-taken", names);
            errors.entry(part.name(field)).or_default().push(text);
        }
    }
    Ok((record, errors))
}

/// Why a value is not taken: a key of the catalogue, and a number for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldError(&'static str, String);

impl FieldError {
    /// A character that no text may hold.
    pub(crate) const CONTROL: Self = Self::of("admin-error-nul");

    /// More characters than there may be.
    pub(crate) fn too_long(most: usize) -> Self {
        Self("admin-error-long", most.to_string())
    }

    const fn of(key: &'static str) -> Self {
        Self(key, String::new())
    }

    pub(crate) fn text(self, texts: &Texts) -> String {
        // As text, so that no language puts separators into it.
        texts.with(self.0, [("number", self.1.into())])
    }
}

/// The errors of fields whose texts break their rules. Nothing of such a form is stored or hashed.
pub(crate) fn flaws(texts: &Texts, form: &Form) -> Errors {
    let mut errors = Errors::new();
    for (name, flaw) in form.flaws() {
        let error = match flaw {
            Flaw::TooLong(most) => FieldError::too_long(*most),
            Flaw::Control => FieldError::CONTROL,
        };
        // Date and time of day have one label, at which the error is shown.
        let ends = ["_0", "_1"].iter();
        let mut bare = ends.filter_map(|end| name.strip_suffix(end));
        let name = bare.next().unwrap_or(name);
        errors.insert(name.to_owned(), vec![error.text(texts)]);
    }
    errors
}

const REQUIRED: FieldError = FieldError::of("form-required");

fn clean_value(
    registry: &Registry,
    field: &Field,
    name: &str,
    form: &Form,
) -> Result<Value, FieldError> {
    let typed = form.get(name).unwrap_or_default();
    match field.kind {
        FieldKind::Integer { null: true, .. } | FieldKind::Date { null: true }
            if typed.trim().is_empty() =>
        {
            Ok(Value::Null)
        }
        FieldKind::Integer { min, max, .. } => {
            clean_number(registry.scale_of(field), typed, [min, max]).map(Value::Integer)
        }
        FieldKind::Date { .. } => clean_date(typed).map(Value::Date),
        FieldKind::Choice(choices) => clean_choice(typed, choices),
        FieldKind::Text { min, max } => {
            let lines = field.lines;
            let text = clean_text(typed, min, TextRule { most: max, lines })?;
            let text = match field.clean {
                Some(clean) if !text.is_empty() => clean(&text).map_err(FieldError::of)?,
                _ => text,
            };
            Ok(Value::Text(text))
        }
        // As in Django, these texts are false and all others true.
        FieldKind::Boolean(_) => Ok(Value::Boolean(!matches!(
            form.get(name),
            None | Some("" | "false" | "False" | "0")
        ))),
        FieldKind::DateTime { null } => clean_time(name, form, null.then_some(Value::Null)),
        FieldKind::Relation(_)
        | FieldKind::ManyToMany(_)
        | FieldKind::Words(_)
        | FieldKind::Password => Ok(Value::Null),
    }
}

/// Reads a number. A fraction of zeros is dropped, as in Django.
fn clean_number(scale: Scale, typed: &str, [min, max]: [i64; 2]) -> Result<i64, FieldError> {
    if typed.trim().is_empty() {
        return Err(REQUIRED);
    }
    let number = scale.parse(typed).map_err(|error| match error {
        ScaleError::Half => FieldError::of("admin-error-half"),
        ScaleError::Places(places) if places > 0 => {
            FieldError("admin-error-places", places.to_string())
        }
        ScaleError::Number if !scale.is_whole() => FieldError::of("admin-error-decimal"),
        ScaleError::Number | ScaleError::Places(_) => FieldError::of("admin-error-integer"),
    })?;
    match number {
        number if number < min => Err(FieldError("admin-error-least", scale.text(min))),
        number if number > max => Err(FieldError("admin-error-most", scale.text(max))),
        number => Ok(number),
    }
}

/// Reads a day in a year of four digits, which both databases and Django can hold.
fn clean_date(typed: &str) -> Result<NaiveDate, FieldError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(REQUIRED);
    }
    let day: Option<NaiveDate> = typed.parse().ok();
    day.filter(|day| (1..=9999).contains(&day.year()))
        .ok_or(FieldError::of("admin-error-date"))
}

/// Reads words, in the order of the choices.
fn clean_words(set: WordSet, name: &str, form: &Form) -> Result<Vec<&'static str>, FieldError> {
    let typed: Vec<_> = form.all(name).filter(|typed| !typed.is_empty()).collect();
    let words = set.choices.iter().map(|(word, _)| *word);
    let chosen: Vec<_> = words.filter(|word| typed.contains(word)).collect();
    let is_known = |typed: &&str| chosen.contains(typed);
    if typed.iter().all(is_known) {
        Ok(chosen)
    } else {
        Err(FieldError::of("admin-error-choice"))
    }
}

fn clean_choice(typed: &str, choices: &[(&str, &str)]) -> Result<Value, FieldError> {
    if typed.is_empty() {
        return Err(REQUIRED);
    }
    let is_known = choices.iter().any(|(value, _)| *value == typed);
    is_known
        .then(|| Value::Text(typed.to_owned()))
        .ok_or(FieldError::of("admin-error-choice"))
}

fn clean_text(typed: &str, min: usize, rule: TextRule) -> Result<String, FieldError> {
    // A browser ends the lines of a text with CR LF, whatever was in the page (WHATWG HTML, 4.10.22.4).
    let text = typed.trim().replace("\r\n", "\n");
    match rule.flaw(&text) {
        Some(Flaw::Control) => return Err(FieldError::CONTROL),
        Some(Flaw::TooLong(most)) => return Err(FieldError::too_long(most)),
        None => {}
    }
    match text.chars().count() {
        0 if min > 0 => Err(REQUIRED),
        length if length < min => Err(FieldError("admin-error-short", min.to_string())),
        _ => Ok(text),
    }
}

/// Reads date and time of day from two fields, as Django's form has them. If both are empty, the
/// value is `empty`, or there is an error without it.
fn clean_time(name: &str, form: &Form, empty: Option<Value>) -> Result<Value, FieldError> {
    let field = |end: &str| {
        form.get(&format!("{name}_{end}"))
            .unwrap_or_default()
            .trim()
    };
    let (date, time) = (field("0"), field("1"));
    let error = FieldError::of("admin-error-time");
    if date.is_empty() && time.is_empty() {
        return empty.ok_or(REQUIRED);
    }
    let date: NaiveDate = date.parse().map_err(|_| error.clone())?;
    let time = match time.len() {
        5 => NaiveTime::parse_from_str(time, "%H:%M"),
        _ => NaiveTime::parse_from_str(time, "%H:%M:%S%.f"),
    };
    let time: DateTime<Utc> = date.and_time(time.map_err(|_| error.clone())?).and_utc();
    // What both databases and Django can hold: years of four digits, and no second 60.
    let year = time.year();
    if (1..=9999).contains(&year) && time.nanosecond() < 1_000_000_000 {
        Ok(Value::Time(time))
    } else {
        Err(error)
    }
}

async fn clean_relation(
    db: &impl ConnectionTrait,
    registry: &Registry,
    field: &Field,
    name: &str,
    form: &Form,
) -> Result<Result<i64, FieldError>, DbErr> {
    let typed = form.get(name).unwrap_or_default().trim();
    if typed.is_empty() {
        return Ok(Err(REQUIRED));
    }
    let (Some(target), Ok(key)) = (registry.target(field), typed.parse()) else {
        return Ok(Err(FieldError::of("admin-error-choice")));
    };
    let is_there = label_of(db, registry, target, key).await?.is_some();
    Ok(if is_there {
        Ok(key)
    } else {
        Err(FieldError::of("admin-error-choice"))
    })
}

async fn clean_many_to_many(
    db: &impl ConnectionTrait,
    registry: &Registry,
    field: &Field,
    name: &str,
    form: &Form,
) -> Result<Result<Vec<i64>, FieldError>, DbErr> {
    let error = FieldError::of("admin-error-choice");
    let mut keys = Vec::new();
    for typed in form.all(name) {
        match typed.trim().parse::<i64>() {
            Ok(key) => keys.push(key),
            Err(_) => return Ok(Err(error)),
        }
    }
    keys.sort_unstable();
    keys.dedup();
    let Some(target) = registry.target(field) else {
        return Ok(Err(error));
    };
    let known = labels_of(db, registry, target, &keys).await?;
    Ok(if known.len() == keys.len() {
        Ok(keys)
    } else {
        Err(error)
    })
}

/// A field for a new password: its name, the key of its label, what was wrong.
pub(crate) type PasswordField = (&'static str, &'static str, Vec<String>);

/// The two fields of a new password. What was typed is not shown again.
pub(crate) fn password_fields(errors: &Errors) -> [PasswordField; 2] {
    [
        ("password1", "password-new"),
        ("password2", "password-again"),
    ]
    .map(|(name, label)| (name, label, errors.get(name).cloned().unwrap_or_default()))
}

/// The text that says how long a new password has to be.
pub(crate) fn length_rule(texts: &Texts) -> String {
    texts.with("password-rule-length", [("length", MIN_LENGTH.into())])
}

/// Reads a new password, which was typed twice; `None` if the account shall have no password.
/// `known` returns the account's value of a field, which the password must not resemble.
pub(crate) fn clean_password(
    texts: &Texts,
    form: &Form,
    known: impl Fn(&'static str) -> String,
) -> Result<Option<String>, Errors> {
    if form.get("usable_password") == Some("false") {
        return Ok(None);
    }
    let mut errors = Errors::new();
    let [first, second] = ["password1", "password2"].map(|name| form.get(name).unwrap_or_default());
    for (name, typed) in [("password1", first), ("password2", second)] {
        if typed.is_empty() {
            errors.insert(name.to_owned(), vec![REQUIRED.text(texts)]);
        }
    }
    if errors.is_empty() && first != second {
        errors.insert(
            "password2".to_owned(),
            vec![texts.get("admin-password-mismatch")],
        );
    }
    if errors.is_empty() {
        let known = Known::FIELDS.map(known);
        let known = Known::of(known.each_ref().map(String::as_str));
        let found = violations(first, known).into_iter();
        let found: Vec<_> = found.map(|one| violation_text(texts, one)).collect();
        if !found.is_empty() {
            errors.insert("password1".to_owned(), found);
        }
    }
    if errors.is_empty() {
        Ok(Some(first.to_owned()))
    } else {
        Err(errors)
    }
}

fn violation_text(texts: &Texts, violation: Violation) -> String {
    match violation {
        Violation::TooSimilar { .. } => texts.get("admin-password-similar"),
        Violation::TooShort { min_length } => {
            let length = i64::try_from(min_length).unwrap_or(i64::MAX);
            texts.with("password-too-short", [("length", length.into())])
        }
        Violation::TooCommon => texts.get("password-too-common"),
        Violation::EntirelyNumeric => texts.get("password-entirely-numeric"),
        Violation::ControlCharacter => texts.get("password-control-character"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::model::Unit;

    #[test]
    fn numbers_are_read_as_django_reads_them() {
        for (typed, expected) in [
            ("7", Ok(7)),
            (" 007 ", Ok(7)),
            ("+7", Ok(7)),
            ("7.00", Ok(7)),
            ("0", Ok(0)),
            ("", Err("form-required")),
            (" ", Err("form-required")),
            ("7.5", Err("admin-error-integer")),
            ("seven", Err("admin-error-integer")),
            ("1e3", Err("admin-error-integer")),
            (".", Err("admin-error-integer")),
            ("-", Err("admin-error-integer")),
            ("-1", Err("admin-error-least")),
            ("101", Err("admin-error-most")),
            ("99999999999999999999999", Err("admin-error-most")),
            ("-99999999999999999999999", Err("admin-error-least")),
        ] {
            let scale = Scale::of(Unit::One, 2);
            let found = clean_number(scale, typed, [0, 100]).map_err(|error| error.0);
            assert_eq!(found, expected, "{typed}");
        }
    }
}
