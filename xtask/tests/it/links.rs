//! Links in documents: each leads to a file of the repository, and to a heading that it has. Other
//! hosts are not asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::tree::{File, Finding, assert_found, assert_none, files, root};

#[test]
fn links_lead_to_files_and_headings() {
    let documents = documents(files());
    assert!(documents.len() > 10, "{:?}", documents.keys());
    let is_there = |path: &Path| root().join(path).exists();
    assert_none(
        documents
            .values()
            .flat_map(|document| broken(document, &documents, is_there)),
    );
}

#[test]
fn broken_links_are_found() {
    let examples = [
        File::new(
            "docs/a.md",
            "# A\n[b](b.md#two-words) [c](../c.md) ![d](d.png) [e](https://example.com/x.md)\n\
             [f](gone.md) [g](b.md#gone) [h](#gone) `[i](gone.md)`\n```\n[j](gone.md)\n```\n\
             [k]: gone.txt\n<img src=\"gone.png\">\n",
        ),
        File::new(
            "docs/b.md",
            "## Two `words`!\n{{#include ../c.md}}\n[c](#of-c)\n",
        ),
        File::new("c.md", "# Of c\n"),
    ];
    let documents = documents(examples.into());
    let is_there = |path: &Path| path == Path::new("docs/d.png");
    assert_found(
        documents
            .values()
            .flat_map(|document| broken(document, &documents, is_there)),
        &[
            "docs/a.md:3: gone.md is not there",
            "docs/a.md:3: b.md#gone is no heading",
            "docs/a.md:3: #gone is no heading",
            "docs/a.md:7: gone.txt is not there",
            "docs/a.md:8: gone.png is not there",
        ],
    );
}

/// The documents by their paths; raw output of measurements is none.
fn documents(files: Vec<File>) -> BTreeMap<PathBuf, File> {
    files
        .into_iter()
        .filter(|file| {
            Path::new(&file.path)
                .extension()
                .is_some_and(|kind| kind == "md")
        })
        .filter(|file| !file.path.starts_with("bench/runs/"))
        .map(|file| (PathBuf::from(&file.path), file))
        .collect()
}

fn broken(
    document: &File,
    documents: &BTreeMap<PathBuf, File>,
    is_there: impl Fn(&Path) -> bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, link) in prose(document).flat_map(|(number, line)| links(number, &line)) {
        if link.contains("://") || link.starts_with("mailto:") {
            continue;
        }
        let (path, heading) = match link.split_once('#') {
            Some((path, heading)) => (path, Some(heading)),
            None => (&*link, None),
        };
        let target = match path {
            "" => PathBuf::from(&document.path),
            path => below(Path::new(&document.path).parent(), path),
        };
        let found = documents.get(&target);
        if found.is_none() && !is_there(&target) {
            findings.push(document.finding(number, &format!("{link} is not there")));
        } else if let Some(heading) = heading
            && !found.is_some_and(|file| headings(file, documents).contains(heading))
        {
            findings.push(document.finding(number, &format!("{link} is no heading")));
        }
    }
    findings
}

/// A path from a folder on, without `..`.
fn below(folder: Option<&Path>, path: &str) -> PathBuf {
    let mut found = folder.map(Path::to_owned).unwrap_or_default();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                found.pop();
            }
            Component::Normal(name) => found.push(name),
            _ => {}
        }
    }
    found
}

/// The lines with their numbers, without blocks of code.
fn prose(document: &File) -> impl Iterator<Item = (usize, String)> {
    let mut is_in_block = false;
    document.lines().filter_map(move |(number, line)| {
        if line.trim_start().starts_with("```") {
            is_in_block = !is_in_block;
            return None;
        }
        (!is_in_block).then(|| (number, line.to_owned()))
    })
}

/// The addresses of links and pictures in a line, without those in code.
fn links(number: usize, line: &str) -> Vec<(usize, String)> {
    let text: String = line.split('`').step_by(2).collect();
    let mut found = Vec::new();
    for (start, end) in [("](", ')'), (" src=\"", '"'), (" href=\"", '"')] {
        for rest in text.split(start).skip(1) {
            found.extend(rest.split(end).next());
        }
    }
    if text.starts_with('[') {
        found.extend(text.split_once("]: ").map(|(_, address)| address.trim()));
    }
    // A title may follow the address.
    let addresses = found.iter().filter_map(|found| found.split(' ').next());
    addresses.map(|link| (number, link.to_owned())).collect()
}

/// The headings of a document and of what it includes, as addresses name them.
fn headings(document: &File, documents: &BTreeMap<PathBuf, File>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, line) in prose(document) {
        if let Some(path) = line.strip_prefix("{{#include ") {
            let path = path.trim_end_matches("}}");
            let path = below(Path::new(&document.path).parent(), path);
            if let Some(file) = documents.get(&path) {
                found.extend(headings(file, documents));
            }
        }
        let text = line.trim_start_matches('#');
        if !line.starts_with('#') || !text.starts_with(' ') {
            continue;
        }
        let name: String = text
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        // The second of a name has a number.
        let numbered = (1..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone())
            .chain(numbered)
            .find(|name| !found.contains(name));
        found.extend(free);
    }
    found
}
