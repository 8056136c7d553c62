//! All models of an admin, checked against each other before the first request.

use std::collections::BTreeSet;
use std::fmt;

use crate::description::model::{Field, FieldKind, Inline, LABEL, Model, Pages, TextPart, WordSet};
use crate::description::scale::Scale;

/// The models of an admin, and its applications.
#[derive(Debug, Clone)]
pub struct Registry {
    apps: Vec<App>,
    models: Vec<&'static Model>,
    currency_digits: u32,
}

/// An application: a group of models.
#[derive(Debug, Clone, Copy)]
pub struct App {
    /// Its label, as addresses and permissions have it.
    pub label: &'static str,
    /// Key of its name.
    pub name: &'static str,
    /// Pages of the site's own that stand in the index beside the models.
    pub own_pages: &'static [OwnPage],
}

/// A page that the engine does not make, but leads to.
#[derive(Debug, Clone, Copy)]
pub struct OwnPage {
    /// Key of its name.
    pub name: &'static str,
    /// Its address.
    pub address: &'static str,
    /// The permission without which nobody is shown the way there.
    pub permission: &'static str,
}

/// A table without a model whose rows are deleted with an object: the table, its column with the
/// object's key, and the object's model, `app.name`. A table that does not exist is skipped.
pub type DependentTable = (&'static str, &'static str, &'static str);

/// A description that contradicts itself or another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescriptionProblem {
    /// Its stable name, `admin.E001`.
    pub id: &'static str,
    /// The model, `app.name`, or the field, `app.name.field`.
    pub subject: String,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for DescriptionProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "({}) {}: {}", self.id, self.subject, self.text)
    }
}

/// A step from an object to another.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// To the object that a relation leads to.
    Relation(&'static Field),
    /// To the one object that is a part of it, by that one's unique relation.
    Part(&'static Field),
}

impl Step {
    /// The column in which both objects' rows meet: that of the object's own table first, then that
    /// of the other's.
    pub(crate) fn columns(self) -> [String; 2] {
        match self {
            Self::Relation(field) => [field.column(), "id".to_owned()],
            Self::Part(field) => ["id".to_owned(), field.column()],
        }
    }
}

/// A resolved path: the relations to follow, and the field at its end.
#[derive(Debug, Clone)]
pub struct ResolvedPath {
    /// The steps on the way, each with the model that it leads to.
    pub steps: Vec<(Step, &'static Model)>,
    /// The field; `None` for the object's key, `id`.
    pub field: Option<&'static Field>,
    /// The model that has the field.
    pub model: &'static Model,
}

impl ResolvedPath {
    /// Whether a list can have a filter of the values there.
    fn can_filter(&self) -> bool {
        match self.field.map(|field| field.kind) {
            Some(FieldKind::Password | FieldKind::Words(_) | FieldKind::Date { .. }) => false,
            // The filter looks up the list's own objects in the table of pairs, not related ones.
            Some(FieldKind::ManyToMany(_)) => self.steps.is_empty(),
            _ => true,
        }
    }
}

impl Registry {
    /// A registry of these applications and models. The error holds every contradiction.
    pub fn new(apps: &[App], models: &[&'static Model]) -> Result<Self, Vec<DescriptionProblem>> {
        let registry = Self {
            apps: apps.to_vec(),
            models: models.to_vec(),
            currency_digits: 2,
        };
        let problems = registry.problems();
        if problems.is_empty() {
            Ok(registry)
        } else {
            Err(problems)
        }
    }

    /// The same, with amounts of money in a currency of so many decimal places: two by default.
    #[must_use]
    pub fn with_currency_digits(self, currency_digits: u32) -> Self {
        Self {
            currency_digits,
            ..self
        }
    }

    /// How a field's numbers are typed and shown.
    pub(crate) fn scale_of(&self, field: &Field) -> Scale {
        Scale::of(field.unit, self.currency_digits)
    }

    /// A row's model of an inline, with its relation to the object of the form.
    pub fn inline_parts(&self, inline: &Inline) -> Option<(&'static Model, &'static Field)> {
        let model = self.model(inline.model)?;
        model.field(inline.relation).map(|field| (model, field))
    }

    /// Every model.
    pub fn models(&self) -> &[&'static Model] {
        &self.models
    }

    /// The applications, in order.
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// A model by its full name.
    pub fn model(&self, full_name: &str) -> Option<&'static Model> {
        let (app, name) = full_name.split_once('.')?;
        self.models
            .iter()
            .copied()
            .find(|model| model.app == app && model.name == name)
    }

    /// The model at the other end of a relation or of a many-to-many field.
    pub fn target(&self, field: &Field) -> Option<&'static Model> {
        match field.kind {
            FieldKind::Relation(to) => self.model(to),
            FieldKind::ManyToMany(many_to_many) => self.model(many_to_many.to),
            _ => None,
        }
    }

    /// Every relation to a model, with the model that has it. Deleting an object deletes all that
    /// refer to it by these.
    pub fn relations_to(&self, model: &Model) -> Vec<(&'static Model, &'static Field)> {
        let name = model.full_name();
        let all = self.models.iter().flat_map(|model| {
            let fields = model.fields.iter();
            fields.map(move |field| (*model, field))
        });
        all.filter(|(_, field)| matches!(field.kind, FieldKind::Relation(to) if to == name))
            .collect()
    }

    /// Every table of pairs or words of a model, with the column that holds the model's keys.
    pub fn pairs_of(&self, model: &Model) -> Vec<(&'static str, &'static str)> {
        let name = model.full_name();
        let mut found = Vec::new();
        for owner in &self.models {
            for field in owner.fields {
                if let FieldKind::ManyToMany(many_to_many) = field.kind {
                    if owner.full_name() == name {
                        found.push((many_to_many.table, many_to_many.own_column));
                    }
                    if many_to_many.to == name {
                        found.push((many_to_many.table, many_to_many.other_column));
                    }
                }
                if let FieldKind::Words(set) = field.kind
                    && owner.full_name() == name
                {
                    found.push((set.table, set.own_column));
                }
            }
        }
        found
    }

    /// The model of that name whose objects are parts of another's, one of each, with their relation.
    fn part(&self, whole: &Model, name: &str) -> Option<(&'static Model, &'static Field)> {
        let mut models = self.models.iter().copied();
        let part = models.find(|model| model.name == name && model.part_of.is_some())?;
        let relation = part.part_of.and_then(|relation| part.field(relation))?;
        let leads_here = part.whole() == (whole.app, whole.name);
        (relation.is_unique && leads_here).then_some((part, relation))
    }

    /// Resolves a path of a model; `None` if there is no such field, or a step on the way is neither a
    /// relation nor the name of a part's model. A path does not end at a part.
    pub fn resolve(&self, model: &'static Model, path: &str) -> Option<ResolvedPath> {
        let mut resolved = ResolvedPath {
            steps: Vec::new(),
            field: None,
            model,
        };
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            if name == "id" && names.peek().is_none() {
                return Some(resolved);
            }
            let Some(field) = resolved.model.field(name) else {
                let (part, relation) = self.part(resolved.model, name)?;
                resolved.steps.push((Step::Part(relation), part));
                resolved.model = part;
                continue;
            };
            if names.peek().is_none() {
                resolved.field = Some(field);
                return Some(resolved);
            }
            let FieldKind::Relation(to) = field.kind else {
                return None;
            };
            resolved.model = self.model(to)?;
            resolved.steps.push((Step::Relation(field), resolved.model));
        }
        None
    }

    fn problems(&self) -> Vec<DescriptionProblem> {
        let mut problems = Problems::default();
        let mut names = BTreeSet::new();
        for model in &self.models {
            let subject = model.full_name();
            if !names.insert(subject.clone()) {
                problems.add("admin.E001", &subject, "is described twice".to_owned());
            }
            if model.pages.is_some() && !self.apps.iter().any(|app| app.label == model.app) {
                let text = format!("belongs to no application of the admin: {}", model.app);
                problems.add("admin.E002", &subject, text);
            }
            self.check_fields(model, &mut problems);
            self.check_parts(model, "admin.E006", model.label, &mut problems);
            let choice = model.choice.unwrap_or_default();
            self.check_parts(model, "admin.E006", choice, &mut problems);
            self.check_part_of(model, &mut problems);
            if let Some(pages) = model.pages {
                self.check_paths(model, pages, &mut problems);
                self.check_form(model, pages, &mut problems);
            }
        }
        problems.0
    }

    fn check_fields(&self, model: &'static Model, problems: &mut Problems) {
        let mut names = BTreeSet::from(["id"]);
        for field in model.fields {
            let subject = format!("{}.{}", model.full_name(), field.name);
            if !names.insert(field.name) {
                problems.add("admin.E003", &subject, "is described twice".to_owned());
            }
            match field.kind {
                FieldKind::Relation(to)
                | FieldKind::ManyToMany(crate::description::model::ManyToMany { to, .. })
                    if self.model(to).is_none() =>
                {
                    let text = format!("leads to a model that nobody describes: {to}");
                    problems.add("admin.E004", &subject, text);
                }
                FieldKind::Integer { min, max, .. } if min > max => {
                    problems.add("admin.E005", &subject, format!("{min} is above {max}"));
                }
                FieldKind::Text { min, max } if min > max => {
                    problems.add("admin.E005", &subject, format!("{min} is above {max}"));
                }
                FieldKind::Choice([]) | FieldKind::Words(WordSet { choices: [], .. }) => {
                    problems.add("admin.E017", &subject, "has no choice".to_owned());
                }
                _ => {}
            }
        }
    }

    fn check_part_of(&self, model: &'static Model, problems: &mut Problems) {
        let subject = model.full_name();
        if let Some(relation) = model.part_of {
            let field = model.field(relation);
            if !field.is_some_and(|field| matches!(field.kind, FieldKind::Relation(_))) {
                let text = format!("is a part of nothing at {relation}");
                problems.add("admin.E018", &subject, text);
            }
        }
        let limited = model.limits.iter();
        let limited = limited.flat_map(|limit| [limit.field, limit.when.0]);
        for name in model.ordered.iter().flatten().copied().chain(limited) {
            if model.field(name).is_none() {
                problems.add("admin.E019", &subject, format!("has no field {name}"));
            }
        }
        let inlines = model.pages.map_or(&[][..], |pages| pages.inlines);
        for inline in inlines {
            let relation = self.inline_parts(inline).map(|(_, field)| field.kind);
            let is_back = matches!(relation, Some(FieldKind::Relation(to)) if to == subject);
            if !is_back {
                let text = format!("cannot have rows of {} in its form", inline.model);
                problems.add("admin.E020", &subject, text);
            }
        }
    }

    fn check_parts(
        &self,
        model: &'static Model,
        id: &'static str,
        parts: &[TextPart],
        problems: &mut Problems,
    ) {
        for part in parts {
            if let TextPart::Value(path) = part {
                self.check_path(model, id, path, problems);
            }
        }
    }

    fn check_path(
        &self,
        model: &'static Model,
        id: &'static str,
        path: &str,
        problems: &mut Problems,
    ) {
        let resolved = self.resolve(model, path);
        if resolved.is_none_or(|resolved| resolved.field.is_some_and(|field| !field.is_column())) {
            problems.add(id, &model.full_name(), format!("has nothing at {path}"));
        }
    }

    fn check_paths(&self, model: &'static Model, pages: &'static Pages, problems: &mut Problems) {
        for path in pages.columns.iter().filter(|path| **path != LABEL) {
            self.check_path(model, "admin.E007", path, problems);
        }
        for path in pages.search {
            let path = path.trim_start_matches(['^', '=']);
            self.check_path(model, "admin.E008", path, problems);
        }
        for path in pages.filters {
            let text = match self.resolve(model, path) {
                None => format!("has nothing at {path}"),
                Some(resolved) if resolved.can_filter() => continue,
                Some(_) => format!("cannot be narrowed down by {path}"),
            };
            problems.add("admin.E009", &model.full_name(), text);
        }
        if let Some(path) = pages.date_hierarchy {
            let field = self
                .resolve(model, path)
                .and_then(|resolved| resolved.field);
            if !matches!(
                field.map(|field| field.kind),
                Some(FieldKind::DateTime { .. })
            ) {
                let text = format!("has no time at {path}");
                problems.add("admin.E016", &model.full_name(), text);
            }
        }
        for path in pages.ordering {
            self.check_path(model, "admin.E010", path.trim_start_matches('-'), problems);
        }
        if let Some(parts) = pages.on_site {
            self.check_parts(model, "admin.E011", parts, problems);
        }
    }

    fn check_form(&self, model: &'static Model, pages: &'static Pages, problems: &mut Problems) {
        let subject = model.full_name();
        let adds = pages.add_fieldsets.into_iter().collect::<Vec<_>>();
        for fieldsets in [pages.fieldsets].into_iter().chain(adds) {
            let mut names = BTreeSet::new();
            for name in fieldsets.iter().flat_map(|set| set.fields) {
                if model.field(name).is_none() {
                    problems.add("admin.E012", &subject, format!("has no field {name}"));
                }
                if !names.insert(*name) {
                    problems.add("admin.E013", &subject, format!("shows {name} twice"));
                }
            }
            for embedded in fieldsets.iter().filter_map(|set| set.embedded) {
                let field = model.field(embedded);
                let target = field.and_then(|field| self.target(field));
                let is_known = field.is_some_and(|f| matches!(f.kind, FieldKind::Relation(_)))
                    && target.is_some_and(|target| target.pages.is_some())
                    && names.contains(embedded);
                if !is_known {
                    let text = format!("cannot have the form of {embedded} in its own");
                    problems.add("admin.E014", &subject, text);
                }
            }
        }
        for name in pages.reserved {
            if model.field(name).is_none() {
                problems.add("admin.E015", &subject, format!("has no field {name}"));
            }
        }
    }
}

#[derive(Debug, Default)]
struct Problems(Vec<DescriptionProblem>);

impl Problems {
    fn add(&mut self, id: &'static str, subject: &str, text: String) {
        let subject = subject.to_owned();
        self.0.push(DescriptionProblem { id, subject, text });
    }
}
