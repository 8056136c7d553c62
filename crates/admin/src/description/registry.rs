//! All models of an admin, checked against each other before the first request.

use std::collections::BTreeSet;
use std::fmt;

use crate::description::model::{Field, Kind, LABEL, Model, Pages, Part};

/// The models of an admin, and its applications.
#[derive(Debug, Clone)]
pub struct Registry {
    apps: Vec<App>,
    models: Vec<&'static Model>,
}

/// An application: a group of models.
#[derive(Debug, Clone, Copy)]
pub struct App {
    /// Its label, as addresses and permissions have it.
    pub label: &'static str,
    /// Key of its name.
    pub name: &'static str,
}

/// A table without a model whose rows are deleted with an object: the table, its column with the
/// object's key, and the object's model, `app.name`. A table that does not exist is skipped.
pub type Follower = (&'static str, &'static str, &'static str);

/// A description that contradicts itself or another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its stable name, `admin.E001`.
    pub id: &'static str,
    /// The model, `app.name`, or the field, `app.name.field`.
    pub place: String,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "({}) {}: {}", self.id, self.place, self.text)
    }
}

/// A resolved path: the relations to follow, and the field at its end.
#[derive(Debug, Clone)]
pub struct Route {
    /// The relations on the way.
    pub steps: Vec<&'static Field>,
    /// The field; `None` for the object's key, `id`.
    pub field: Option<&'static Field>,
    /// The model that has the field.
    pub model: &'static Model,
}

impl Route {
    /// Whether a list can have a filter of the values there.
    fn narrows(&self) -> bool {
        match self.field.map(|field| field.kind) {
            Some(Kind::Password) => false,
            // The filter looks up the list's own objects in the table of pairs, not related ones.
            Some(Kind::Many(_)) => self.steps.is_empty(),
            _ => true,
        }
    }
}

impl Registry {
    /// A registry of these applications and models. The error holds every contradiction.
    pub fn new(apps: &[App], models: &[&'static Model]) -> Result<Self, Vec<Problem>> {
        let registry = Self {
            apps: apps.to_vec(),
            models: models.to_vec(),
        };
        let problems = registry.problems();
        if problems.is_empty() {
            Ok(registry)
        } else {
            Err(problems)
        }
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

    /// The model at the other end of a relation or of a field of several.
    pub fn target(&self, field: &Field) -> Option<&'static Model> {
        match field.kind {
            Kind::Relation(to) => self.model(to),
            Kind::Many(many) => self.model(many.to),
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
        all.filter(|(_, field)| matches!(field.kind, Kind::Relation(to) if to == name))
            .collect()
    }

    /// Every table of pairs of a model, with the column that holds the model's keys.
    pub fn pairs_of(&self, model: &Model) -> Vec<(&'static str, &'static str)> {
        let name = model.full_name();
        let mut found = Vec::new();
        for owner in &self.models {
            for field in owner.fields {
                if let Kind::Many(many) = field.kind {
                    if owner.full_name() == name {
                        found.push((many.table, many.own));
                    }
                    if many.to == name {
                        found.push((many.table, many.other));
                    }
                }
            }
        }
        found
    }

    /// Resolves a path of a model; `None` if there is no such field, or a step on the way is no
    /// relation.
    pub fn route(&self, model: &'static Model, path: &str) -> Option<Route> {
        let mut route = Route {
            steps: Vec::new(),
            field: None,
            model,
        };
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            if name == "id" && names.peek().is_none() {
                return Some(route);
            }
            let field = route.model.field(name)?;
            if names.peek().is_none() {
                route.field = Some(field);
                return Some(route);
            }
            let Kind::Relation(to) = field.kind else {
                return None;
            };
            route.steps.push(field);
            route.model = self.model(to)?;
        }
        None
    }

    fn problems(&self) -> Vec<Problem> {
        let mut found = Found::default();
        let mut names = BTreeSet::new();
        for model in &self.models {
            let place = model.full_name();
            if !names.insert(place.clone()) {
                found.add("admin.E001", &place, "is described twice".to_owned());
            }
            if model.pages.is_some() && !self.apps.iter().any(|app| app.label == model.app) {
                let text = format!("belongs to no application of the admin: {}", model.app);
                found.add("admin.E002", &place, text);
            }
            self.check_fields(model, &mut found);
            self.check_parts(model, "admin.E006", model.label, &mut found);
            if let Some(pages) = model.pages {
                self.check_paths(model, pages, &mut found);
                self.check_form(model, pages, &mut found);
            }
        }
        found.0
    }

    fn check_fields(&self, model: &'static Model, found: &mut Found) {
        let mut names = BTreeSet::from(["id"]);
        for field in model.fields {
            let place = format!("{}.{}", model.full_name(), field.name);
            if !names.insert(field.name) {
                found.add("admin.E003", &place, "is described twice".to_owned());
            }
            match field.kind {
                Kind::Relation(to) | Kind::Many(crate::description::model::Many { to, .. })
                    if self.model(to).is_none() =>
                {
                    let text = format!("leads to a model that nobody describes: {to}");
                    found.add("admin.E004", &place, text);
                }
                Kind::Integer { min, max } if min > max => {
                    found.add("admin.E005", &place, format!("{min} is above {max}"));
                }
                Kind::Text { min, max } if min > max => {
                    found.add("admin.E005", &place, format!("{min} is above {max}"));
                }
                _ => {}
            }
        }
    }

    fn check_parts(
        &self,
        model: &'static Model,
        id: &'static str,
        parts: &[Part],
        found: &mut Found,
    ) {
        for part in parts {
            if let Part::Value(path) = part {
                self.check_path(model, id, path, found);
            }
        }
    }

    fn check_path(&self, model: &'static Model, id: &'static str, path: &str, found: &mut Found) {
        let route = self.route(model, path);
        if route.is_none_or(|route| route.field.is_some_and(|field| !field.is_column())) {
            found.add(id, &model.full_name(), format!("has nothing at {path}"));
        }
    }

    fn check_paths(&self, model: &'static Model, pages: &'static Pages, found: &mut Found) {
        for path in pages.columns.iter().filter(|path| **path != LABEL) {
            self.check_path(model, "admin.E007", path, found);
        }
        for path in pages.search {
            let path = path.trim_start_matches(['^', '=']);
            self.check_path(model, "admin.E008", path, found);
        }
        for path in pages.filters {
            let text = match self.route(model, path) {
                None => format!("has nothing at {path}"),
                Some(route) if route.narrows() => continue,
                Some(_) => format!("cannot be narrowed down by {path}"),
            };
            found.add("admin.E009", &model.full_name(), text);
        }
        if let Some(path) = pages.date_hierarchy {
            let field = self.route(model, path).and_then(|route| route.field);
            if !matches!(field.map(|field| field.kind), Some(Kind::DateTime { .. })) {
                let text = format!("has no time at {path}");
                found.add("admin.E016", &model.full_name(), text);
            }
        }
        for path in pages.ordering {
            self.check_path(model, "admin.E010", path.trim_start_matches('-'), found);
        }
        if let Some(parts) = pages.on_site {
            self.check_parts(model, "admin.E011", parts, found);
        }
    }

    fn check_form(&self, model: &'static Model, pages: &'static Pages, found: &mut Found) {
        let place = model.full_name();
        let adds = pages.add_fieldsets.into_iter().collect::<Vec<_>>();
        for fieldsets in [pages.fieldsets].into_iter().chain(adds) {
            let mut names = BTreeSet::new();
            for name in fieldsets.iter().flat_map(|set| set.fields) {
                if model.field(name).is_none() {
                    found.add("admin.E012", &place, format!("has no field {name}"));
                }
                if !names.insert(*name) {
                    found.add("admin.E013", &place, format!("shows {name} twice"));
                }
            }
            for embedded in fieldsets.iter().filter_map(|set| set.embedded) {
                let field = model.field(embedded);
                let target = field.and_then(|field| self.target(field));
                let is_known = field.is_some_and(|f| matches!(f.kind, Kind::Relation(_)))
                    && target.is_some_and(|target| target.pages.is_some())
                    && names.contains(embedded);
                if !is_known {
                    let text = format!("cannot have the form of {embedded} in its own");
                    found.add("admin.E014", &place, text);
                }
            }
        }
        for name in pages.reserved {
            if model.field(name).is_none() {
                found.add("admin.E015", &place, format!("has no field {name}"));
            }
        }
    }
}

#[derive(Debug, Default)]
struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, id: &'static str, place: &str, text: String) {
        let place = place.to_owned();
        self.0.push(Problem { id, place, text });
    }
}
