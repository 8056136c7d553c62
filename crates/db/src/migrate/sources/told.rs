//! Messages for sources that cannot be decided, and the commands that decide them.

use std::collections::{BTreeMap, BTreeSet};

use super::lookup::{Resolver, Source, SourceTables};
use crate::inspect::column_names;
use crate::migrate::refusal::Refusal;
use crate::names::quoted;
use crate::schema::{Part, Schema};

impl Resolver<'_> {
    /// Why the source of a part is undecided.
    pub(super) fn told(self, part: &Part, others: &[(String, i64)]) -> String {
        let state = if self.is_there(part.table) {
            "is empty"
        } else {
            "is missing"
        };
        let there = if others.is_empty() {
            self.nothing_like(part)
        } else {
            let near = self.near(part, |rows| rows > 0);
            format!("{} {}{near}", list_of(others), has_columns(others.len()))
        };
        format!("table `{}` {state}; {there}", part.table)
    }

    pub(super) fn nothing_like(self, part: &Part) -> String {
        let columns = column_names(self.schema, part);
        let near = self.near(part, |_| true);
        format!("no table has its columns ({columns}){near}")
    }

    /// The near misses of a part, and what each lacks.
    fn near(self, part: &Part, is_told: fn(i64) -> bool) -> String {
        let near = self.found.near_misses_of(part).into_iter();
        let near = near.filter(|near| is_told(near.candidate.rows));
        let told = near.take(TOLD_TABLES).map(|near| {
            let rows = list_of(&[(near.candidate.table.clone(), near.candidate.rows)]);
            format!("; {rows} nearly does: {}", near.wrong.join(", "))
        });
        told.collect()
    }

    /// The refusal, with a command for every set of tables that could be meant.
    pub(super) fn undecided(
        self,
        chosen: &[Source],
        named: &SourceTables,
        open: Vec<(&'static Part, String)>,
    ) -> Refusal {
        let is_open = |part: &Part| open.iter().any(|(other, _)| *other == part);
        let mut commands = BTreeSet::new();
        let all: Vec<_> = open
            .iter()
            .flat_map(|(part, _)| self.others(part))
            .collect();
        // Empty tables are offered only if all are empty.
        let offered = all.iter().filter(|(_, rows)| *rows > 0).collect::<Vec<_>>();
        let offered = if offered.is_empty() {
            all.iter().collect()
        } else {
            offered
        };
        for (anchor, _) in offered {
            let parts = chosen.iter().filter_map(|source| {
                let table = if is_open(source.part) {
                    // A part without a candidate gets its own, empty table.
                    let beside = self.beside(source.part, anchor);
                    beside.unwrap_or_else(|| source.part.table.to_owned())
                } else if source.is_own() && !named.contains_key(source.part.name) {
                    return None;
                } else {
                    source.table.clone()
                };
                Some((source.part.name, table))
            });
            commands.insert(argument(parts));
        }
        // The command that leaves these parts empty is offered unless everything would be empty.
        let is_nowhere = |part: &Part| {
            self.others(part).is_empty() && self.found.near_misses_of(part).is_empty()
        };
        let may_be_empty = |part: &Part| self.is_there(part.table) || self.others(part).is_empty();
        let is_nothing =
            open.iter().all(|(part, _)| is_nowhere(part)) && open.len() == self.schema.parts.len();
        let leave = if open.iter().all(|(part, _)| may_be_empty(part)) && !is_nothing {
            let parts = open
                .iter()
                .map(|(part, _)| (part.name, part.table.to_owned()));
            Some(argument(with(named, parts)))
        } else {
            None
        };
        let nearly = open
            .iter()
            .flat_map(|(part, _)| self.found.near_misses_of(part));
        let nearly = nearly.filter(|near| near.candidate.unlike > 0);
        Refusal::Undecided {
            program: self.schema.program,
            has_nearly: nearly.count() > 0,
            problems: open.into_iter().map(|(_, problem)| problem).collect(),
            commands: commands.into_iter().collect(),
            leave,
        }
    }

    /// The candidate of a part that fits another table best: tied by a foreign key, or of the same
    /// application by its name, or the one with most rows.
    fn beside(self, part: &'static Part, anchor: &str) -> Option<String> {
        let others = self.others(part);
        if others.iter().any(|(name, _)| name == anchor) {
            return Some(anchor.to_owned());
        }
        let refers = |from: &str, to: &str| {
            let columns = self.found.tables.get(from);
            let mut columns = columns.into_iter().flat_map(BTreeMap::values);
            columns.any(|column| {
                column
                    .references
                    .as_ref()
                    .is_some_and(|key| key.table == to)
            })
        };
        let app = |name: &str| name.rsplit_once('_').map(|(app, _)| app.to_owned());
        let best = others.iter().max_by_key(|(name, rows)| {
            let is_tied = refers(anchor, name) || refers(name, anchor);
            (is_tied, app(name) == app(anchor), *rows)
        });
        best.map(|(name, _)| name.clone())
    }
}

/// The command that names a part's table, in addition to what the operator has named.
pub(in crate::migrate) fn command(
    schema: &Schema,
    named: &SourceTables,
    part: &Part,
    table: &str,
) -> String {
    let said = with(named, [(part.name, table.to_owned())]);
    format!("{} migrate --from {}", schema.program, argument(said))
}

/// What the operator has named, with more.
fn with<'a>(
    named: &'a SourceTables,
    more: impl IntoIterator<Item = (&'a str, String)>,
) -> impl Iterator<Item = (&'a str, String)> {
    let mut all: BTreeMap<&str, String> = BTreeMap::new();
    let said = named
        .iter()
        .map(|(part, table)| (part.as_str(), table.clone()));
    all.extend(said.chain(more));
    all.into_iter()
}

/// The value of `--from`, quoted for a shell and for our own parser.
fn argument<'a>(parts: impl Iterator<Item = (&'a str, String)>) -> String {
    let is_plain = |one: char| one.is_alphanumeric() || matches!(one, '_' | '-' | '.');
    let parts = parts.map(|(part, table)| {
        if table.chars().all(is_plain) {
            format!("{part}={table}")
        } else {
            format!("{part}={}", quoted(&table))
        }
    });
    let text = parts.collect::<Vec<_>>().join(",");
    if text
        .chars()
        .all(|one| is_plain(one) || matches!(one, '=' | ','))
    {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

pub(super) fn list_of(tables: &[(String, i64)]) -> String {
    let named = tables.iter().map(|(name, rows)| match rows {
        1 => format!("`{name}` (1 row)"),
        rows => format!("`{name}` ({rows} rows)"),
    });
    named.collect::<Vec<_>>().join(", ")
}

pub(super) fn has_columns(tables: usize) -> &'static str {
    if tables == 1 {
        "has its columns"
    } else {
        "have its columns"
    }
}

/// How many near misses are named.
const TOLD_TABLES: usize = 3;
