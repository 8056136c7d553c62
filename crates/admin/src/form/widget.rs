//! Widgets: fields as a page shows them.

use accounts::hashers::{Field as HashField, Summary};
use accounts::permission::Permissions;
use db::rules::Lines;
use db::{Database, DbErr};
use web::form::Form;
use web::i18n::Texts;

use super::clean::{Errors, FormPart, PasswordField, length_rule, password_fields};
use crate::data::access::Rights;
use crate::data::labels::{choice_text_of, choices_for, labels, labels_of};
use crate::data::record::Record;
use crate::description::model::{Field, FieldKind, Model, Suggest};
use crate::description::registry::Registry;
use crate::description::scale::Scale;
use crate::description::value::Value;
use crate::words;

/// The address at which choices for a field are looked for, as JSON.
pub(crate) const AUTOCOMPLETE: &str = "/admin/autocomplete/";

/// With more choices than these, a relation is a line for the key, with a search, instead of a
/// list.
const MAX_CHOICES: u64 = 500;

/// A field of a form, as the template shows it.
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
    pub(crate) related_buttons: Vec<(String, String)>,
    /// The note about what somebody else has changed meanwhile.
    pub(crate) conflict_note: Option<String>,
}

/// The control by which a field is filled in or shown.
#[derive(Debug, Clone)]
pub(crate) enum Control {
    /// One line: type, value, and the limits of what may be typed.
    Input {
        kind: &'static str,
        value: String,
        limits: Vec<(&'static str, String)>,
    },
    /// Several lines: the text, the most characters that may be typed, and what it will look like, if
    /// that is another text; empty without a text.
    TextArea {
        value: String,
        most: usize,
        preview: Option<String>,
    },
    /// A checkbox.
    Checkbox(bool),
    /// A list of which one is chosen.
    Select(Vec<Choice>),
    /// A list of which any number is chosen.
    MultiSelect(Vec<Choice>),
    /// Checkboxes of which any number is on.
    Chips(Vec<Choice>),
    /// A line for a key, if a list would be too long, and the label of the object with that key.
    KeyInput {
        value: String,
        label: Option<String>,
        /// The address at which a script looks for choices; `None` if the user may not see them, or
        /// their model has no search.
        search: Option<String>,
    },
    /// Date and time.
    DateTime { date: String, time: String },
    /// A new password, twice.
    Password {
        fields: [PasswordField; 2],
        is_unusable: bool,
        length_rule: String,
    },
    /// A value that is only shown.
    ReadOnly { text: String, link: Option<String> },
    /// The parts of a hash that may be seen, names with values, and the address of the page that
    /// sets another password.
    Hash {
        lines: Vec<(String, String)>,
        link: Option<String>,
    },
}

/// An option of a list.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

impl Widget {
    /// The attributes of its element, beside type and value.
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

    /// Whether it is only shown.
    pub(crate) fn is_read_only(&self) -> bool {
        matches!(
            self.control,
            Control::ReadOnly { .. } | Control::Hash { .. }
        )
    }
}

/// What widgets are made from: the database and the models for choices, the texts, and the
/// permissions of the user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WidgetBuilder<'a> {
    pub(crate) db: &'a Database,
    pub(crate) registry: &'a Registry,
    pub(crate) texts: &'a Texts,
    pub(crate) permissions: &'a Permissions,
}

impl WidgetBuilder<'_> {
    /// The widget of a field to fill in, with the values of the form and the errors of the field.
    pub(crate) async fn editable(
        self,
        part: FormPart<'_>,
        field: &Field,
        form: &Form,
        errors: &Errors,
    ) -> Result<Widget, DbErr> {
        let name = part.name(field);
        let typed = form.get(&name).unwrap_or_default().to_owned();
        let errors_of = |name: &str| errors.get(name).cloned().unwrap_or_default();
        let mut related_buttons = Vec::new();
        let control = match field.kind {
            FieldKind::Integer { min, max, .. } => {
                number_control(self.registry.scale_of(field), typed, [min, max])
            }
            FieldKind::Date { .. } => Control::Input {
                kind: "date",
                value: typed,
                limits: Vec::new(),
            },
            FieldKind::Words(set) => {
                let typed: Vec<_> = form.all(&name).collect();
                let choice = |(word, key): &(&str, &str)| Choice {
                    value: (*word).to_owned(),
                    label: self.texts.get(key),
                    is_chosen: typed.contains(word),
                };
                Control::Chips(set.choices.iter().map(choice).collect())
            }
            FieldKind::Choice(choices) => self.choice_of(choices, &typed),
            FieldKind::Text { min, max } => match field.suggest {
                Some(suggest) => self.suggested(suggest, &typed),
                None => text_control(field, typed, [min, max]),
            },
            FieldKind::Boolean(_) => Control::Checkbox(!matches!(
                form.get(&name),
                None | Some("" | "false" | "False" | "0")
            )),
            FieldKind::DateTime { .. } => Control::DateTime {
                date: form
                    .get(&format!("{name}_0"))
                    .unwrap_or_default()
                    .to_owned(),
                time: form
                    .get(&format!("{name}_1"))
                    .unwrap_or_default()
                    .to_owned(),
            },
            FieldKind::Password => Control::Password {
                fields: password_fields(errors),
                length_rule: length_rule(self.texts),
                is_unusable: form.get("usable_password") == Some("false"),
            },
            FieldKind::Relation(_) => {
                related_buttons = self.related_buttons_of(field, &name);
                self.select(part, field, &typed).await?
            }
            FieldKind::ManyToMany(_) => {
                related_buttons = self.related_buttons_of(field, &name);
                related_buttons.retain(|(value, _)| value.ends_with(":add"));
                self.multi_select(field, form.all(&name).collect()).await?
            }
        };
        Ok(Widget {
            label: self.texts.get(field.label),
            help: field.help.map(|key| self.texts.get(key)),
            errors: errors_of(&name),
            is_required: is_required(field),
            control,
            related_buttons,
            conflict_note: None,
            name,
        })
    }

    /// The texts that are offered, and the one that is stored or was typed.
    fn suggested(self, suggest: Suggest, typed: &str) -> Control {
        let mut offered = suggest(self.texts.language().language.as_str());
        if !typed.is_empty() && offered.iter().all(|(value, _)| *value != typed) {
            offered.push((typed.to_owned(), typed.to_owned()));
        }
        let choice = |(value, label): (String, String)| Choice {
            is_chosen: value == typed,
            value,
            label,
        };
        Control::Select(offered.into_iter().map(choice).collect())
    }

    fn choice_of(self, choices: &[(&str, &str)], typed: &str) -> Control {
        let choice = |(value, key): &(&str, &str)| Choice {
            value: (*value).to_owned(),
            label: self.texts.get(key),
            is_chosen: *value == typed,
        };
        Control::Select(choices.iter().map(choice).collect())
    }

    async fn select(
        self,
        part: FormPart<'_>,
        field: &Field,
        typed: &str,
    ) -> Result<Control, DbErr> {
        let Some(target) = self.registry.target(field) else {
            return Ok(Control::Select(Vec::new()));
        };
        let relation = (part.model, field, part.key);
        let mut found = choices_for(self.db, self.registry, relation, MAX_CHOICES + 1).await?;
        if found.len() as u64 > MAX_CHOICES {
            let label = match typed.trim().parse() {
                Ok(key) => choice_text_of(self.db, self.registry, target, key).await?,
                Err(_) => None,
            };
            return Ok(Control::KeyInput {
                value: typed.to_owned(),
                label: label.map(|(_, label)| label),
                search: self.search_of(part.model, field, target),
            });
        }
        // What was typed is shown, though somebody else has taken it meanwhile.
        if let Ok(key) = typed.trim().parse()
            && found.iter().all(|(known, _)| *known != key)
        {
            found.extend(choice_text_of(self.db, self.registry, target, key).await?);
        }
        Ok(Control::Select(choices(found, &[typed])))
    }

    /// The address of [`AUTOCOMPLETE`] for a field; `None` if the user may not see the choices, or
    /// their model has no search.
    fn search_of(self, model: &Model, field: &Field, target: &Model) -> Option<String> {
        let can_search = target.pages.is_some_and(|pages| !pages.search.is_empty());
        (can_search && Rights::of(self.permissions, target).view).then(|| {
            let names = [
                ("app_label", model.app),
                ("model_name", model.name),
                ("field_name", field.name),
            ];
            let mut query = form_urlencoded::Serializer::new(String::new());
            format!("{AUTOCOMPLETE}?{}", query.extend_pairs(names).finish())
        })
    }

    async fn multi_select(self, field: &Field, typed: Vec<&str>) -> Result<Control, DbErr> {
        let Some(target) = self.registry.target(field) else {
            return Ok(Control::MultiSelect(Vec::new()));
        };
        let found = labels(self.db, self.registry, target, None).await?;
        Ok(Control::MultiSelect(choices(found, &typed)))
    }

    /// The buttons to related objects, by what the user may do with them.
    fn related_buttons_of(self, field: &Field, name: &str) -> Vec<(String, String)> {
        let Some(target) = self.registry.target(field) else {
            return Vec::new();
        };
        if target.pages.is_none() {
            return Vec::new();
        }
        let rights = Rights::of(self.permissions, target);
        let related_buttons = [
            ("choose", "admin-way-choose", rights.view),
            ("add", "admin-way-add", rights.add),
            ("change", "admin-way-change", rights.change),
            ("view", "admin-way-view", rights.view && !rights.change),
        ];
        let related_buttons = related_buttons
            .into_iter()
            .filter(|(_, _, is_open)| *is_open);
        related_buttons
            .map(|(action, key, _)| (format!("{name}:{action}"), self.texts.get(key)))
            .collect()
    }

    /// The widget of a field that is only shown.
    pub(crate) async fn read_only(self, field: &Field, record: &Record) -> Result<Widget, DbErr> {
        let control = match field.kind {
            FieldKind::Password => Control::Hash {
                lines: hash_lines(self.texts, &record.text(field.name)),
                link: None,
            },
            _ => Control::ReadOnly {
                text: self.text_of(field, record).await?,
                link: self.link_of(field, record),
            },
        };
        Ok(Widget {
            name: field.name.to_owned(),
            label: self.texts.get(field.label),
            help: None,
            errors: Vec::new(),
            is_required: false,
            control,
            related_buttons: Vec::new(),
            conflict_note: None,
        })
    }

    fn link_of(self, field: &Field, record: &Record) -> Option<String> {
        let FieldKind::Relation(_) = field.kind else {
            return None;
        };
        let target = self.registry.target(field)?;
        let key = record.key(field.name)?;
        let is_open = target.pages.is_some() && Rights::of(self.permissions, target).view;
        is_open.then(|| format!("{}{key}/change/", target.address()))
    }

    /// The value of a field in words.
    pub(crate) async fn text_of(self, field: &Field, record: &Record) -> Result<String, DbErr> {
        let keys = match field.kind {
            FieldKind::ManyToMany(_) => record
                .related_keys
                .get(field.name)
                .cloned()
                .unwrap_or_default(),
            FieldKind::Relation(_) => record.key(field.name).into_iter().collect(),
            FieldKind::Words(set) => {
                let words = record.words.get(field.name).into_iter().flatten();
                let known = words.filter_map(|word| {
                    let mut choices = set.choices.iter();
                    choices.find(|(choice, _)| choice == word)
                });
                let names: Vec<_> = known.map(|(_, key)| self.texts.get(key)).collect();
                return Ok(names.join(", "));
            }
            FieldKind::Choice(_) | FieldKind::Integer { .. } => {
                let value = record.value(field.name);
                return Ok(words::field_value(self.texts, self.registry, field, value));
            }
            _ => {
                return Ok(match record.value(field.name) {
                    // To the second, as a form has it.
                    Value::Time(time) => time.format("%Y-%m-%d %H:%M:%S").to_string(),
                    value => words::value(self.texts, value),
                });
            }
        };
        let Some(target) = self.registry.target(field) else {
            return Ok(String::new());
        };
        let labels = labels_of(self.db, self.registry, target, &keys).await?;
        let labels: Vec<_> = labels.into_iter().map(|(_, label)| label).collect();
        Ok(labels.join(", "))
    }
}

fn number_control(scale: Scale, value: String, bounds: [i64; 2]) -> Control {
    if !scale.is_whole() {
        // As text, in which a browser of any language takes a comma as well as a point.
        return Control::Input {
            kind: "text",
            value,
            limits: vec![("inputmode", "decimal".to_owned())],
        };
    }
    let [min, max] = bounds.map(|bound| scale.text(bound));
    Control::Input {
        kind: "number",
        value,
        limits: vec![("min", min), ("max", max)],
    }
}

fn text_control(field: &Field, value: String, [min, max]: [usize; 2]) -> Control {
    if field.lines == Lines::Several {
        let preview = field.preview.map(|preview| preview(&value));
        return Control::TextArea {
            value,
            most: max,
            preview,
        };
    }
    if field.input_type == "time" {
        return Control::Input {
            kind: field.input_type,
            value,
            limits: Vec::new(),
        };
    }
    let mut limits = vec![("maxlength", max.to_string())];
    if min > 1 {
        limits.push(("minlength", min.to_string()));
    }
    Control::Input {
        kind: field.input_type,
        value,
        limits,
    }
}

fn is_required(field: &Field) -> bool {
    match field.kind {
        FieldKind::Text { min, .. } => min > 0,
        FieldKind::Integer { null, .. }
        | FieldKind::Date { null }
        | FieldKind::DateTime { null } => !null,
        FieldKind::Choice(_) | FieldKind::Relation(_) | FieldKind::Password => true,
        FieldKind::Boolean(_) | FieldKind::ManyToMany(_) | FieldKind::Words(_) => false,
    }
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

fn hash_lines(texts: &Texts, encoded: &str) -> Vec<(String, String)> {
    match Summary::of(encoded) {
        Summary::Unusable => vec![(texts.get("admin-hash-unusable"), String::new())],
        Summary::Unknown => vec![(texts.get("admin-hash-unknown"), String::new())],
        Summary::Known(lines) => {
            let lines = lines.into_iter();
            lines
                .map(|(field, value)| (texts.get(hash_key(field)), value))
                .collect()
        }
    }
}

/// The key of the name of a hash's part.
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
