//! The final content and name of every file. References lead to hashed names, and a file's hash is
//! of its content with the rewritten references.

use std::collections::BTreeMap;

use super::digest::Digest;
use super::{Error, MissingReference, Plan, PlannedFile};
use crate::hash;
use crate::manifest::Manifest;
use crate::references::address::{self, Target};
use crate::references::{self, Language, Reference};

/// All files with their final names.
#[derive(Debug)]
pub(super) struct LinkedFiles<'a> {
    /// By plain name.
    pub(super) files: BTreeMap<&'a str, LinkedFile>,
}

/// A file's final name, and its content where that differs from the source.
#[derive(Debug)]
pub(super) struct LinkedFile {
    pub(super) hashed_name: String,
    pub(super) rewritten: Option<RewrittenText>,
}

/// Content with references to hashed names.
#[derive(Debug)]
pub(super) struct RewrittenText {
    pub(super) text: String,
    pub(super) digest: Digest,
}

impl LinkedFiles<'_> {
    pub(super) fn manifest(&self) -> Manifest {
        let pairs = self.files.iter();
        let paths = pairs.map(|(name, file)| ((*name).to_owned(), file.hashed_name.clone()));
        Manifest {
            paths: paths.collect(),
        }
    }
}

/// Finds the final name of every file. A file is rewritten after those that it refers to, at any
/// depth.
pub(super) fn link(plan: &Plan) -> Result<LinkedFiles<'_>, Error> {
    let mut files = BTreeMap::new();
    for file in &plan.files {
        let linked = LinkedFile {
            hashed_name: hash::hashed_name(&file.name, &file.digest.for_name()),
            rewritten: None,
        };
        files.insert(&*file.name, linked);
    }
    let texts = read_texts(plan, &files)?;
    for name in order(&texts)? {
        let text = &texts[name];
        if text.links.is_empty() {
            continue;
        }
        let rewritten = text.rewrite(&files);
        let digest = Digest::of(rewritten.as_bytes());
        let linked = LinkedFile {
            hashed_name: hash::hashed_name(name, &digest.for_name()),
            rewritten: Some(RewrittenText {
                text: rewritten,
                digest,
            }),
        };
        files.insert(name, linked);
    }
    Ok(LinkedFiles { files })
}

/// A file in a language with references.
struct Text<'a> {
    content: String,
    references: Vec<Reference>,
    /// The names of the files that the references lead to.
    links: Vec<&'a str>,
}

impl Text<'_> {
    fn rewrite(&self, files: &BTreeMap<&str, LinkedFile>) -> String {
        let mut links = self.links.iter();
        references::rewrite(&self.content, &self.references, |reference| {
            let linked = files.get(links.next()?)?;
            Some(address::point_to(&reference.url, &linked.hashed_name))
        })
    }
}

fn read_texts<'a>(
    plan: &Plan,
    files: &BTreeMap<&'a str, LinkedFile>,
) -> Result<BTreeMap<&'a str, Text<'a>>, Error> {
    let static_url = match plan.config.static_url.trim_matches('/') {
        "" => "/".to_owned(),
        inside => format!("/{inside}/"),
    };
    let mut texts = BTreeMap::new();
    let mut missing = Vec::new();
    for file in &plan.files {
        let Some(language) = Language::of(&file.name) else {
            continue;
        };
        let content = read(file)?;
        let mut references = Vec::new();
        let mut links = Vec::new();
        for reference in references::find(language, &content) {
            match address::resolve(&file.name, &reference.url, &static_url) {
                Target::Foreign => {}
                Target::File(target) if files.contains_key(&*target) => {
                    // Take the plan's own string: `target` does not live long enough.
                    let entry = files.get_key_value(&*target);
                    links.extend(entry.map(|(name, _)| *name));
                    references.push(reference);
                }
                Target::File(target) | Target::Outside(target) => missing.push(MissingReference {
                    file: file.name.clone(),
                    line: reference.line,
                    reference: reference.url,
                    target,
                }),
            }
        }
        let Some((name, _)) = files.get_key_value(&*file.name) else {
            continue;
        };
        texts.insert(
            *name,
            Text {
                content,
                references,
                links,
            },
        );
    }
    if missing.is_empty() {
        Ok(texts)
    } else {
        Err(Error::MissingReferences(missing))
    }
}

fn read(file: &PlannedFile) -> Result<String, Error> {
    let bytes = file.read()?;
    String::from_utf8(bytes.into_owned()).map_err(|_| Error::NotText {
        name: file.name.clone(),
    })
}

/// The state of a text in the depth-first walk.
enum Visit {
    Begun,
    Done,
}

/// The texts in an order in which each comes after those it refers to.
fn order<'a>(texts: &BTreeMap<&'a str, Text<'a>>) -> Result<Vec<&'a str>, Error> {
    let mut visits: BTreeMap<&str, Visit> = BTreeMap::new();
    let mut order = Vec::with_capacity(texts.len());
    for start in texts.keys() {
        if visits.contains_key(start) {
            continue;
        }
        // The path from the start to the present text, each with the index of its next reference.
        // There is no recursion, since the files decide on the depth.
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        visits.insert(start, Visit::Begun);
        while let Some((name, next)) = way.last_mut() {
            let Some(target) = texts[name].links.get(*next) else {
                visits.insert(name, Visit::Done);
                order.push(*name);
                way.pop();
                continue;
            };
            *next += 1;
            match visits.get(target) {
                Some(Visit::Begun) => return Err(cycle(&way, target)),
                None if texts.contains_key(target) => {
                    visits.insert(target, Visit::Begun);
                    way.push((target, 0));
                }
                // It is done, or is a file without references.
                Some(Visit::Done) | None => {}
            }
        }
    }
    Ok(order)
}

fn cycle(way: &[(&str, usize)], target: &str) -> Error {
    let names = way.iter().map(|(name, _)| *name);
    let cycle = names.skip_while(|name| *name != target);
    let closed = cycle.chain([target]).map(str::to_owned);
    Error::Cycle(closed.collect())
}
