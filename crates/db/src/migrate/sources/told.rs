//! What is said where it cannot be told which tables are meant, and the commands that say it.

use std::collections::{BTreeMap, BTreeSet};

use super::lookup::{Looker, Named, Source};
use crate::inspect::column_names;
use crate::migrate::refusal::Refusal;
use crate::names::quoted;
use crate::schema::{Part, Schema};

impl Looker<'_> {
    /// Why a part is open.
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

    /// What nearly has the columns of a part, and the difference.
    fn near(self, part: &Part, is_told: fn(i64) -> bool) -> String {
        let near = self.found.nearly(part).into_iter();
        let near = near.filter(|near| is_told(near.like.rows));
        let told = near.take(TOLD_TABLES).map(|near| {
            let rows = list_of(&[(near.like.table.clone(), near.like.rows)]);
            format!("; {rows} nearly does: {}", near.wrong.join(", "))
        });
        told.collect()
    }

    /// The refusal, with a command for every set of tables that could be meant.
    pub(super) fn undecided(
        self,
        chosen: &[Source],
        named: &Named,
        open: Vec<(&'static Part, String)>,
    ) -> Refusal {
        let is_open = |part: &Part| open.iter().any(|(other, _)| *other == part);
        let mut commands = BTreeSet::new();
        let all: Vec<_> = open
            .iter()
            .flat_map(|(part, _)| self.others(part))
            .collect();
        // A set of nothing is offered where there is nothing else.
        let offered = all.iter().filter(|(_, rows)| *rows > 0).collect::<Vec<_>>();
        let offered = if offered.is_empty() {
            all.iter().collect()
        } else {
            offered
        };
        for (anchor, _) in offered {
            let parts = chosen.iter().filter_map(|source| {
                let table = if is_open(source.part) {
                    // Of a part that is nowhere the table is made, empty.
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
        // What stays empty by the operator's own word, unless that would be everything.
        let is_nowhere =
            |part: &Part| self.others(part).is_empty() && self.found.nearly(part).is_empty();
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
        let nearly = open.iter().flat_map(|(part, _)| self.found.nearly(part));
        let nearly = nearly.filter(|near| near.like.unlike > 0);
        Refusal::Undecided {
            program: self.schema.program,
            has_nearly: nearly.count() > 0,
            problems: open.into_iter().map(|(_, problem)| problem).collect(),
            commands: commands.into_iter().collect(),
            leave,
        }
    }

    /// The table of a part that belongs to another table: of the same application by its name, or
    /// what that refers to, or the fullest.
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

/// The command that says of one part which table is meant, on top of what was said.
pub(in crate::migrate) fn command(
    schema: &Schema,
    named: &Named,
    part: &Part,
    table: &str,
) -> String {
    let said = with(named, [(part.name, table.to_owned())]);
    format!("{} migrate --from {}", schema.program, argument(said))
}

/// What was said, and what is to be said beside it.
fn with<'a>(
    named: &'a Named,
    more: impl IntoIterator<Item = (&'a str, String)>,
) -> impl Iterator<Item = (&'a str, String)> {
    let mut all: BTreeMap<&str, String> = BTreeMap::new();
    let said = named
        .iter()
        .map(|(part, table)| (part.as_str(), table.clone()));
    all.extend(said.chain(more));
    all.into_iter()
}

/// What stands behind `--from`, so that a shell hands it on as it is, and it is read as it was meant.
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

/// How many tables are named that nearly have the columns.
const TOLD_TABLES: usize = 3;
