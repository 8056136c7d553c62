//! Fields as a page shows them.

use accounts::hashers::{Field as HashField, Summary};
use accounts::validators::MIN_LENGTH;
use web::form::Form;

use crate::data::labels::{labels, labels_of};
use crate::data::record::Record;
use crate::description::model::{Field, Kind, Model};
use crate::description::value::Value;
use crate::form::clean::{Errors, Part, PasswordField, password_fields};
use crate::pages::links::AUTOCOMPLETE;
use crate::request::ask::Ask;

/// A list of more choices than these is a field for the key, with a way to look for it.
const MAX_CHOICES: u64 = 500;

/// A field of a form.
#[derive(Debug, Clone)]
pub(crate) struct Widget {
    /// Its name in the form.
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) is_required: bool,
    pub(crate) control: Control,
    /// Buttons that lead to related objects: value and text.
    pub(crate) ways: Vec<(String, String)>,
    /// What somebody else has stored meanwhile.
    pub(crate) theirs: Option<String>,
}

/// What a field is filled in with.
#[derive(Debug, Clone)]
pub(crate) enum Control {
    /// One line: type, value, and the limits of what may be typed.
    Line {
        kind: &'static str,
        value: String,
        limits: Vec<(&'static str, String)>,
    },
    /// Yes or no.
    Box(bool),
    /// One of several.
    One(Vec<Choice>),
    /// Several of several.
    Several(Vec<Choice>),
    /// The key of one of very many, and what that is called.
    Key {
        value: String,
        label: Option<String>,
        /// Where a script asks for proposals, for who may see them.
        search: Option<String>,
    },
    /// Date and time.
    Time { date: String, time: String },
    /// A new password, twice.
    Password {
        fields: [PasswordField; 2],
        is_unusable: bool,
        rule_of_length: String,
    },
    /// Nothing to fill in.
    Shown { text: String, link: Option<String> },
    /// What may be seen of a hash: names with values, and where another password is set.
    Hash {
        lines: Vec<(String, String)>,
        link: Option<String>,
    },
}

/// One to choose.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

impl Widget {
    /// What its element says of itself, beside type and value.
    pub(crate) fn attributes(&self) -> Vec<(&'static str, String)> {
        let mut attributes = Vec::new();
        if self.is_required {
            attributes.push(("required", String::new()));
        }
        let name = &self.name;
        if !self.errors.is_empty() {
            attributes.push(("aria-invalid", "true".to_owned()));
            attributes.push(("aria-describedby", format!("{name}-errors")));
        } else if self.help.is_some() {
            attributes.push(("aria-describedby", format!("{name}-help")));
        }
        attributes
    }

    /// Whether there is nothing to fill in.
    pub(crate) fn is_shown(&self) -> bool {
        matches!(self.control, Control::Shown { .. } | Control::Hash { .. })
    }
}

/// How long a new password has to be.
pub(crate) fn rule_of_length(ask: &Ask) -> String {
    ask.with("password-rule-length", [("length", MIN_LENGTH.into())])
}

/// A field to fill in, with what was typed.
pub(crate) async fn to_fill_in(
    ask: &Ask,
    part: Part<'_>,
    field: &Field,
    form: &Form,
    errors: &Errors,
) -> web::Result<Widget> {
    let name = part.name(field);
    let typed = form.get(&name).unwrap_or_default().to_owned();
    let errors_of = |name: &str| errors.get(name).cloned().unwrap_or_default();
    let mut ways = Vec::new();
    let control = match field.kind {
        Kind::Integer { min, max } => Control::Line {
            kind: "number",
            value: typed,
            limits: vec![("min", min.to_string()), ("max", max.to_string())],
        },
        Kind::Text { min, max } => {
            let mut limits = vec![("maxlength", max.to_string())];
            if min > 1 {
                limits.push(("minlength", min.to_string()));
            }
            Control::Line {
                kind: if field.name == "email" {
                    "email"
                } else {
                    "text"
                },
                value: typed,
                limits,
            }
        }
        Kind::Boolean(_) => Control::Box(!matches!(
            form.get(&name),
            None | Some("" | "false" | "False" | "0")
        )),
        Kind::DateTime { .. } => Control::Time {
            date: form
                .get(&format!("{name}_0"))
                .unwrap_or_default()
                .to_owned(),
            time: form
                .get(&format!("{name}_1"))
                .unwrap_or_default()
                .to_owned(),
        },
        Kind::Password => Control::Password {
            fields: password_fields(errors),
            rule_of_length: rule_of_length(ask),
            is_unusable: form.get("usable_password") == Some("false"),
        },
        Kind::Relation(_) => {
            ways = ways_of(ask, field, &name);
            one(ask, part.model, field, &typed).await?
        }
        Kind::Many(_) => {
            ways = ways_of(ask, field, &name);
            ways.retain(|(value, _)| value.ends_with(":add"));
            several(ask, field, form.all(&name).collect()).await?
        }
    };
    Ok(Widget {
        label: ask.text(field.label),
        help: field.help.map(|key| ask.text(key)),
        errors: errors_of(&name),
        is_required: is_required(field),
        control,
        ways,
        theirs: None,
        name,
    })
}

fn is_required(field: &Field) -> bool {
    match field.kind {
        Kind::Text { min, .. } => min > 0,
        Kind::Integer { .. } | Kind::Relation(_) | Kind::Password => true,
        Kind::DateTime { null } => !null,
        Kind::Boolean(_) | Kind::Many(_) => false,
    }
}

async fn one(ask: &Ask, model: &Model, field: &Field, typed: &str) -> web::Result<Control> {
    let admin = &ask.admin;
    let Some(target) = admin.registry.target(field) else {
        return Ok(Control::One(Vec::new()));
    };
    let found = labels(&admin.db, &admin.registry, target, Some(MAX_CHOICES + 1)).await?;
    if found.len() as u64 > MAX_CHOICES {
        let key = typed.trim().parse().ok();
        let key: Vec<i64> = key.into_iter().collect();
        let label = labels_of(&admin.db, &admin.registry, target, &key)
            .await?
            .pop();
        return Ok(Control::Key {
            value: typed.to_owned(),
            label: label.map(|(_, label)| label),
            search: search_of(ask, model, field, target),
        });
    }
    Ok(Control::One(choices(found, &[typed])))
}

/// Where [`crate::pages::links::autocomplete`] answers for a field, if it does.
fn search_of(ask: &Ask, model: &Model, field: &Field, target: &Model) -> Option<String> {
    let can_search = target.pages.is_some_and(|pages| !pages.search.is_empty());
    (can_search && ask.rights(target).view).then(|| {
        let names = [
            ("app_label", model.app),
            ("model_name", model.name),
            ("field_name", field.name),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        format!("{AUTOCOMPLETE}?{}", query.extend_pairs(names).finish())
    })
}

async fn several(ask: &Ask, field: &Field, typed: Vec<&str>) -> web::Result<Control> {
    let admin = &ask.admin;
    let Some(target) = admin.registry.target(field) else {
        return Ok(Control::Several(Vec::new()));
    };
    let found = labels(&admin.db, &admin.registry, target, None).await?;
    Ok(Control::Several(choices(found, &typed)))
}

fn choices(found: Vec<(i64, String)>, typed: &[&str]) -> Vec<Choice> {
    let choices = found.into_iter().map(|(key, label)| {
        let value = key.to_string();
        Choice {
            is_chosen: typed.iter().any(|typed| typed.trim() == value),
            value,
            label,
        }
    });
    choices.collect()
}

/// The buttons to related objects, by what the user may do with them.
fn ways_of(ask: &Ask, field: &Field, name: &str) -> Vec<(String, String)> {
    let Some(target) = ask.admin.registry.target(field) else {
        return Vec::new();
    };
    if target.pages.is_none() {
        return Vec::new();
    }
    let rights = ask.rights(target);
    let ways = [
        ("choose", "admin-way-choose", rights.view),
        ("add", "admin-way-add", rights.add),
        ("change", "admin-way-change", rights.change),
        ("view", "admin-way-view", rights.view && !rights.change),
    ];
    let ways = ways.into_iter().filter(|(_, _, is_open)| *is_open);
    ways.map(|(way, key, _)| (format!("{name}:{way}"), ask.text(key)))
        .collect()
}

/// A field of an object that is only shown.
pub(crate) async fn shown(ask: &Ask, field: &Field, record: &Record) -> web::Result<Widget> {
    let control = match field.kind {
        Kind::Password => Control::Hash {
            lines: hash_lines(ask, &record.text(field.name)),
            link: None,
        },
        _ => Control::Shown {
            text: text_of(ask, field, record).await?,
            link: link_of(ask, field, record),
        },
    };
    Ok(Widget {
        name: field.name.to_owned(),
        label: ask.text(field.label),
        help: None,
        errors: Vec::new(),
        is_required: false,
        control,
        ways: Vec::new(),
        theirs: None,
    })
}

fn link_of(ask: &Ask, field: &Field, record: &Record) -> Option<String> {
    let Kind::Relation(_) = field.kind else {
        return None;
    };
    let target = ask.admin.registry.target(field)?;
    let key = record.key(field.name)?;
    let is_open = target.pages.is_some() && ask.rights(target).view;
    is_open.then(|| format!("{}{key}/change/", target.address()))
}

/// The value of a field in words.
pub(crate) async fn text_of(ask: &Ask, field: &Field, record: &Record) -> web::Result<String> {
    let keys = match field.kind {
        Kind::Many(_) => record.many.get(field.name).cloned().unwrap_or_default(),
        Kind::Relation(_) => record.key(field.name).into_iter().collect(),
        _ => {
            return Ok(match record.value(field.name) {
                // As exactly as a form has it.
                Value::Time(time) => time.format("%Y-%m-%d %H:%M:%S").to_string(),
                value => in_words(ask, value),
            });
        }
    };
    let admin = &ask.admin;
    let Some(target) = admin.registry.target(field) else {
        return Ok(String::new());
    };
    let labels = labels_of(&admin.db, &admin.registry, target, &keys).await?;
    let labels: Vec<_> = labels.into_iter().map(|(_, label)| label).collect();
    Ok(labels.join(", "))
}

/// A value in words.
pub(crate) fn in_words(ask: &Ask, value: &Value) -> String {
    match value {
        Value::Boolean(true) => ask.text("admin-yes"),
        Value::Boolean(false) => ask.text("admin-no"),
        Value::Time(time) => time.format("%Y-%m-%d %H:%M").to_string(),
        value => value.text(),
    }
}

fn hash_lines(ask: &Ask, encoded: &str) -> Vec<(String, String)> {
    match Summary::of(encoded) {
        Summary::Unusable => vec![(ask.text("admin-hash-unusable"), String::new())],
        Summary::Unknown => vec![(ask.text("admin-hash-unknown"), String::new())],
        Summary::Known(lines) => {
            let lines = lines.into_iter();
            lines
                .map(|(field, value)| (ask.text(hash_key(field)), value))
                .collect()
        }
    }
}

/// What the parts of a hash are called.
fn hash_key(field: HashField) -> &'static str {
    match field {
        HashField::Algorithm => "hash-algorithm",
        HashField::Variety => "hash-variety",
        HashField::Version => "hash-version",
        HashField::MemoryCost => "hash-memory-cost",
        HashField::TimeCost => "hash-time-cost",
        HashField::Iterations => "hash-iterations",
        HashField::WorkFactor => "hash-work-factor",
        HashField::BlockSize => "hash-block-size",
        HashField::Parallelism => "hash-parallelism",
        HashField::Salt => "hash-salt",
        HashField::Hash => "hash-hash",
        HashField::Checksum => "hash-checksum",
    }
}
