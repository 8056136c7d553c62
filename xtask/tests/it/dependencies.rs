//! Which crate may depend on which: the table of `ARCHITECTURE.md` is the rule, and what
//! `cargo metadata` says has to obey it.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::tree::{File, Finding, assert_found, assert_none, root};

const HEADER: &str = "| crate | may depend on | must not know |";

/// Crates, and the crates of this workspace that stand behind each.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// A row of the table.
struct TableRow {
    line: usize,
    allowed: Allowed,
}

enum Allowed {
    All,
    Only(BTreeSet<String>),
}

#[test]
fn the_crates_depend_on_each_other_as_the_table_allows() {
    let path = "ARCHITECTURE.md";
    let text = std::fs::read_to_string(root().join(path)).expect("ARCHITECTURE.md can be read");
    assert_none(compare(&File::new(path, &text), &dependencies()));
}

#[test]
fn what_the_table_does_not_allow_is_found() {
    let graph: Graph = [
        ("db", vec![]),
        ("web", vec!["db", "site"]),
        ("site", vec!["db", "web"]),
        ("admin", vec![]),
        ("xtask", vec!["db"]),
    ]
    .map(|(name, behind)| {
        let behind = behind.into_iter().map(str::to_owned);
        (name.to_owned(), behind.collect())
    })
    .into();
    let table = format!(
        "# Crates\n\n{HEADER}\n|---|---|---|\n\
         | `db`, `telemetry` | nothing in the workspace | the site |\n\
         | `web` | `accounts`, `db` | SQL |\n\
         | `site` | all | – |\n\n\
         | `admin` | not in the table any more | |\n"
    );
    assert_found(
        compare(&File::new("A.md", &table), &graph),
        &[
            "A.md:3: the table has no row for the crate `admin`",
            "A.md:6: the table does not let `web` depend on `site`, which it does",
            "A.md:3: the table does not let `xtask` depend on `db`, which it does",
        ],
    );
}

#[test]
fn a_document_without_the_table_is_found() {
    let document = File::new("A.md", "# Crates\n");
    assert_found(
        compare(&document, &Graph::new()),
        &["A.md:1: there is no table with the header `| crate | may depend on | must not know |`"],
    );
}

fn compare(document: &File, graph: &Graph) -> Vec<Finding> {
    let Some((header, _)) = document.lines().find(|(_, line)| *line == HEADER) else {
        let what = format!("there is no table with the header `{HEADER}`");
        return vec![document.finding(1, &what)];
    };
    let rows = read_table(document, header);
    let mut findings = Vec::new();
    for (name, behind) in graph {
        let row = rows.get(name);
        // The automation is no crate of the product and needs no row while it stands alone.
        if row.is_none() && name != "xtask" {
            let what = format!("the table has no row for the crate `{name}`");
            findings.push(document.finding(header, &what));
            continue;
        }
        let line = row.map_or(header, |row| row.line);
        for dependency in behind {
            let is_allowed = row.is_some_and(|row| match &row.allowed {
                Allowed::All => true,
                Allowed::Only(names) => names.contains(dependency),
            });
            if !is_allowed {
                let what = format!(
                    "the table does not let `{name}` depend on `{dependency}`, which it does"
                );
                findings.push(document.finding(line, &what));
            }
        }
    }
    findings
}

/// The rows below the header, one for each crate they name.
fn read_table(document: &File, header: usize) -> BTreeMap<String, TableRow> {
    let rows = document.lines().skip(header + 1);
    rows.take_while(|(_, line)| line.starts_with('|'))
        .flat_map(|(line, row)| {
            let mut cells = row.split('|').skip(1).map(str::trim);
            let crates = names(cells.next().unwrap_or_default());
            let allowed = cells.next().unwrap_or_default();
            crates.into_iter().map(move |name| {
                let allowed = match allowed {
                    "all" => Allowed::All,
                    allowed => Allowed::Only(names(allowed)),
                };
                (name, TableRow { line, allowed })
            })
        })
        .collect()
}

/// What stands between backticks; words without them name no crate.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The normal and build dependencies within the workspace. Tests may know more.
fn dependencies() -> Graph {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .no_deps()
        .exec()
        .expect("cargo tells the crates of the workspace");
    let packages = metadata.workspace_packages();
    let members: BTreeSet<_> = packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let graph: Graph = packages
        .iter()
        .map(|package| {
            let behind = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind != DependencyKind::Development)
                .map(|dependency| dependency.name.clone())
                .filter(|name| members.contains(name));
            (package.name.to_string(), behind.collect())
        })
        .collect();
    assert!(graph.len() > 3, "the workspace was not found");
    graph
}
