//! Checks that the references between chosen sources mean the same rows as before: equal ids in another
//! table may be other objects.

use super::lookup::{Resolver, Source, SourceTables, counted};
use super::told::command;
use crate::inspect::Reference;
use crate::migrate::refusal::Refusal;
use crate::schema::{CopyRows, Part};

/// The table that a source's column refers to.
struct Target {
    column: &'static str,
    /// The target of its foreign key. Without one, the table of the same site, if that is known.
    reference: Option<Reference>,
    has_key: bool,
}

impl Resolver<'_> {
    fn target(self, source: &Source, part: &Part) -> Option<Target> {
        if let Some((column, reference)) = self.reference(source, part) {
            return Some(Target {
                column,
                reference: Some(reference.clone()),
                has_key: true,
            });
        }
        let described = self.schema.table(source.part.table)?;
        let mut columns = described.columns.iter();
        let column = columns.find(|column| column.references == Some(part.table))?;
        let mut copies = self.schema.legacy.iter().flat_map(|legacy| legacy.copies);
        let is_legacy = |copy: &&CopyRows| copy.from == source.table;
        let table = if source.is_own() {
            Some(part.table)
        } else if copies.clone().any(|copy| is_legacy(&copy)) {
            copies
                .find(|copy| copy.to == part.table)
                .map(|copy| copy.from)
        } else {
            None
        };
        Some(Target {
            column: column.name,
            reference: table.map(|table| Reference {
                table: table.to_owned(),
                column: String::new(),
            }),
            has_key: false,
        })
    }

    /// Refuses sources whose references would lead to rows of another table than before.
    pub(super) fn check_references(
        self,
        chosen: &[Source],
        named: &SourceTables,
    ) -> Result<(), Refusal> {
        let pairs = chosen
            .iter()
            .flat_map(|source| chosen.iter().map(move |target| (source, target)));
        let conflicts = pairs.filter_map(|(source, target)| self.conflict(source, target, named));
        let conflicts: Vec<_> = conflicts.collect();
        if conflicts.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Faulty(conflicts))
        }
    }

    fn conflict(self, source: &Source, target: &Source, named: &SourceTables) -> Option<String> {
        let referred = self.target(source, target.part)?;
        let referring = self.found.rows(source.part, &source.table);
        let is_copied = !source.is_own() && referring > 0;
        if let Some(reference) = referred.reference.as_ref().filter(|of| !of.leads_to_ids())
            && is_copied
        {
            return Some(format!(
                "`{}.{}` refers to `{}.{}`, and not to an `id`: its values are no ids",
                source.table, referred.column, reference.table, reference.column
            ));
        }
        let meant = referred
            .reference
            .as_ref()
            .map(|reference| reference.table.as_str());
        let is_joined = referring > 0 && self.found.rows(target.part, &target.table) > 0;
        // Django with SQLite 3.26 renamed targets to `…__old` and left them so (Django's ticket 29182).
        let is_left_over = meant.is_some_and(|table| {
            table.strip_suffix("__old") == Some(&*target.table) && !self.is_there(table)
        });
        let is_meant = is_left_over || meant == Some(&target.table);
        if !is_joined || is_meant || self.is_adopted() {
            return None;
        }
        let candidate = meant.and_then(|table| self.found.candidate(target.part, table));
        let rows = candidate.map_or(0, |candidate| candidate.rows);
        if let Some(candidate) = candidate
            && target.is_own()
            && rows > 0
            && candidate.unlike == 0
        {
            return None;
        }
        // A foreign key within the own tables to something that is no candidate is a matter of
        // `repair`, which judges keys.
        let is_in_place = source.is_own() && target.is_own();
        if referred.has_key && is_in_place && candidate.is_none() {
            return None;
        }
        // An operator may say that the references mean the chosen table, unless the foreign key's own
        // target has rows.
        let may_mean = !referred.has_key || rows == 0 || is_in_place;
        let is_named = named.get(target.part.name) == Some(&target.table);
        if may_mean && is_named {
            return None;
        }
        Some(self.describe_conflict((source, target), &referred, (rows, may_mean), named))
    }

    fn describe_conflict(
        self,
        (source, target): (&Source, &Source),
        referred: &Target,
        (rows, may_mean): (i64, bool),
        named: &SourceTables,
    ) -> String {
        let part = target.part;
        let to = &target.table;
        let shown = counted(self.found.rows(part, to), part);
        let refers = match &referred.reference {
            Some(reference) => {
                let from = &reference.table;
                let refers = if referred.has_key {
                    "refers to"
                } else {
                    "has no foreign key and may mean"
                };
                let holds = if rows > 0 {
                    format!("holds {}", counted(rows, part))
                } else if self.is_there(from) {
                    "is empty".to_owned()
                } else {
                    "is not there".to_owned()
                };
                format!("{refers} `{from}`, which {holds}")
            }
            None => "has no foreign key".to_owned(),
        };
        let mut ways = Vec::new();
        if may_mean {
            let command = command(self.schema, named, part, to);
            ways.push(format!("`{command}` says that those of `{to}` are meant"));
        }
        if let Some(reference) = referred.reference.as_ref().filter(|_| rows > 0) {
            let command = command(self.schema, named, part, &reference.table);
            let once = if self.found.rows(part, part.table) > 0 {
                format!(", once `{}` is empty", part.table)
            } else {
                String::new()
            };
            ways.push(format!(
                "`{command}` takes those of `{}`{once}",
                reference.table
            ));
        }
        format!(
            "`{}.{}` {refers}, while `{to}` holds {shown}: whose ids these are cannot be told. {}",
            source.table,
            referred.column,
            ways.join("; ")
        )
    }
}
