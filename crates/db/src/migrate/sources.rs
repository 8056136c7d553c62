//! Decides the source of each part's rows: its own table, the older site's, the target of a foreign
//! key, or the table that an operator names. Nothing else is guessed. Pure.

mod joins;
mod lookup;
mod told;

use self::lookup::Resolver;
pub(super) use self::lookup::is_recorded;
pub use self::lookup::{Source, SourceTables, counted};
pub(super) use self::told::command;
use self::told::{has_columns, list_of};
use super::refusal::Refusal;
use crate::inspect::{Findings, problems, problems_of};
use crate::schema::{Part, Schema};

/// The named tables in the database's own spelling, if only the case differs.
pub(super) fn in_its_own_case(found: &Findings, named: &SourceTables) -> SourceTables {
    let known = |table: &str| {
        let all = found.tables.keys().chain(found.other_relations.keys());
        let alike = all.filter(|name| name.to_lowercase() == table.to_lowercase());
        let alike: Vec<_> = alike.collect();
        match alike[..] {
            [only] => only.clone(),
            _ => table.to_owned(),
        }
    };
    let named = named.iter();
    named
        .map(|(part, table)| (part.clone(), known(table)))
        .collect()
}

/// Decides for every part, in the order of [`Schema::parts`].
pub(super) fn decide(
    schema: &Schema,
    found: &Findings,
    named: &SourceTables,
) -> Result<Vec<Source>, Refusal> {
    let resolver = Resolver { schema, found };
    resolver.check_names(named)?;
    let mut chosen: Vec<Source> = Vec::new();
    let mut open = Vec::new();
    // In reverse order: a part that refers to another comes first, since its foreign key may decide the
    // other's source.
    for part in schema.parts.iter().rev() {
        let table = match named.get(part.name) {
            Some(table) => resolver.follow(part, table)?,
            None => match resolver.referred_to(part, &chosen) {
                Some(table) => table,
                None => resolver.by_itself(part).unwrap_or_else(|problem| {
                    open.push((part, problem));
                    part.table.to_owned()
                }),
            },
        };
        chosen.push(Source { part, table });
    }
    chosen.reverse();
    open.reverse();
    if !open.is_empty() {
        return Err(resolver.undecided(&chosen, named, open));
    }
    resolver.check_references(&chosen, named)?;
    Ok(chosen)
}

/// Sources from which nothing is copied, since a part's own table already holds all their rows. A
/// handback needs them. Such a table is named by the operator, is the target of a chosen source's
/// foreign key, or is the older site's if other parts are copied from that site.
pub(super) fn equals(
    schema: &Schema,
    found: &Findings,
    named: &SourceTables,
    chosen: &[Source],
) -> Vec<Source> {
    // In an adopted database this was decided by the adoption.
    if !found.versions.is_empty() && chosen.iter().all(Source::is_own) {
        return Vec::new();
    }
    let resolver = Resolver { schema, found };
    let known = schema.legacy.iter().flat_map(|legacy| legacy.copies);
    let is_legacy = chosen
        .iter()
        .any(|source| known.clone().any(|copy| copy.from == source.table));
    let is_open = |part: &Part| !found.sources.contains_key(part.table);
    let own = chosen
        .iter()
        .filter(|source| source.is_own() && is_open(source.part));
    let equals = own.filter_map(|own| {
        let part = own.part;
        let mut referrers = chosen.iter();
        let referred = referrers.find_map(|source| resolver.reference(source, part));
        let referred = referred.map(|(_, reference)| reference.table.as_str());
        let referred = referred.filter(|table| found.rows(part, table) > 0);
        let legacy = resolver.legacy(part).filter(|_| is_legacy);
        let named = named.get(part.name).map(String::as_str);
        let tables = [named, referred, legacy.map(|copy| copy.from)];
        let is_equal = |table: &&str| {
            let candidate = found.candidate(part, table);
            *table != part.table && candidate.is_some_and(|candidate| candidate.unlike == 0)
        };
        let table = tables.into_iter().flatten().find(is_equal)?.to_owned();
        Some(Source { part, table })
    });
    equals.collect()
}

impl Resolver<'_> {
    fn check_names(self, named: &SourceTables) -> Result<(), Refusal> {
        let known: Vec<_> = self.schema.parts.iter().map(|part| part.name).collect();
        let unknown = named.keys().filter(|name| !known.contains(&name.as_str()));
        let told = unknown.map(|name| {
            format!(
                "`{name}` is nothing that the site shows; it shows {}",
                known.join(", ")
            )
        });
        let told: Vec<_> = told.collect();
        if told.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Named(told))
        }
    }

    /// The table that an operator has named, if it can be taken.
    fn follow(self, part: &'static Part, table: &str) -> Result<String, Refusal> {
        let refuse = |problem| Err(Refusal::Named(vec![problem]));
        let own = part.table;
        if table == own {
            return Ok(own.to_owned());
        }
        if let Some(other) = self.found.other_relations.get(table) {
            return refuse(format!(
                "`{table}` is a {}, and no table: name the table that its rows are in, or make one of \
                 them (`CREATE TABLE … AS SELECT …`) and name that",
                other.kind
            ));
        }
        if !self.is_there(table) {
            let others = self.others(part);
            let hint = if others.is_empty() {
                self.nothing_like(part)
            } else {
                format!("{} {}", list_of(&others), has_columns(others.len()))
            };
            return refuse(format!("there is no table `{table}`; {hint}"));
        }
        let Some(candidate) = self.found.candidate(part, table) else {
            let described = self.schema.table(own);
            let wrong = described.map(|own| problems_of(table, own, &self.found.tables));
            let wrong = wrong.unwrap_or_default().join(", ");
            return refuse(format!(
                "`{table}` does not have the columns of {}: {wrong}",
                part.plural
            ));
        };
        let rows = self.found.rows(part, own);
        if rows == 0 {
            return Ok(table.to_owned());
        }
        // All rows are already in the part's own table: nothing is to be copied.
        if candidate.unlike == 0 {
            return Ok(own.to_owned());
        }
        refuse(format!(
            "`{own}` holds {} already, and {} of the {} in `{table}` are not among them; nothing is \
             replaced. Leave {} out of `--from`, or empty `{own}` first",
            counted(rows, part),
            candidate.unlike,
            candidate.rows,
            part.name,
        ))
    }

    /// The candidate that a chosen source refers to, unless the part's own table has rows too.
    fn referred_to(self, part: &'static Part, chosen: &[Source]) -> Option<String> {
        let mut referrers = chosen.iter();
        referrers.find_map(|source| {
            let (_, reference) = self.reference(source, part)?;
            if reference.table == part.table {
                return None;
            }
            let candidate = self.found.candidate(part, &reference.table)?;
            let rows = self.found.rows(part, part.table);
            let is_elsewhere = rows == 0 && candidate.rows > 0;
            let is_free = is_elsewhere || !self.is_there(part.table);
            is_free.then(|| reference.table.clone())
        })
    }

    /// The table that is taken without an operator's word, or the message that asks for it.
    fn by_itself(self, part: &'static Part) -> Result<String, String> {
        let table = self.by_its_columns(part)?;
        let is_empty = self.found.rows(part, &table) == 0;
        let mut near = self.found.near_misses.iter();
        let may_be_meant =
            near.any(|near| near.candidate.part == part && near.candidate.unlike > 0);
        if is_empty && may_be_meant && !self.is_adopted() {
            return Err(self.told(part, &self.others(part)));
        }
        Ok(table)
    }

    fn by_its_columns(self, part: &'static Part) -> Result<String, String> {
        let own = part.table.to_owned();
        let is_there = self.is_there(&own);
        if is_there && (self.is_adopted() || self.found.rows(part, &own) > 0) {
            return Ok(own);
        }
        let legacy = self.legacy(part);
        let others = self.others(part);
        let is_stranger = |name: &str| legacy.is_none_or(|copy| copy.from != name);
        let filled: Vec<_> = others.iter().filter(|(_, rows)| *rows > 0).collect();
        if filled.iter().any(|(name, _)| is_stranger(name)) {
            return Err(self.told(part, &others));
        }
        if let Some(copy) = legacy {
            let is_half_done = !filled.is_empty() && !self.was_copied(part.app);
            if !is_there || is_half_done {
                return Ok(copy.from.to_owned());
            }
        }
        if is_there {
            return if filled.is_empty() {
                Ok(own)
            } else {
                Err(self.told(part, &others))
            };
        }
        if others.is_empty() && !self.has_known_tables() {
            return Ok(own);
        }
        Err(self.told(part, &others))
    }
}

/// The problems of tables that exist. A missing table has none.
pub(super) fn misshapen(schema: &Schema, found: &Findings) -> Vec<String> {
    let there = |name: &str| found.tables.contains_key(name);
    let tables = schema.tables.iter().filter(|table| there(table.name));
    tables
        .flat_map(|table| problems(table, &found.tables))
        .collect()
}
