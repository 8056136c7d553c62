//! Where things are: first lines, sizes, file names, templates beside their pages, and no path
//! of one machine.

use std::collections::BTreeSet;
use std::process::Command;

use crate::tree::{File, Finding, assert_found, assert_none, files, root, sources};

/// Of a source file, without its tests.
const MAX_LINES: usize = 500;

const PAGES: &str = "crates/site/src/pages/";
const TEMPLATES: &str = "crates/site/templates/pages/";

#[test]
fn every_source_begins_with_what_it_holds() {
    assert_none(sources().iter().filter_map(missing_head));
    let with = File::new("a.rs", "//! What it holds.\nuse x;\n");
    let without = File::new("b.rs", "use x;\n//! Too late.\n");
    assert_found(
        [with, without].iter().filter_map(missing_head),
        &["b.rs:1: the first line is not a `//!` comment"],
    );
}

fn missing_head(file: &File) -> Option<Finding> {
    let has_head = file.text.starts_with("//!");
    (!has_head).then(|| file.finding(1, "the first line is not a `//!` comment"))
}

#[test]
fn sources_are_short_without_their_tests() {
    assert_none(sources().iter().filter_map(excess_length));
    let code = "//! x\n".repeat(MAX_LINES);
    let tests = "#[cfg(test)]\nmod tests {}\n".repeat(MAX_LINES);
    let examples = [
        File::new("crates/db/src/a.rs", &format!("{code}{tests}")),
        File::new("crates/db/src/b.rs", &format!("{code}//\n{tests}")),
        File::new("crates/db/tests/it/c.rs", &tests),
    ];
    assert_found(
        examples.iter().filter_map(excess_length),
        &[
            "crates/db/src/b.rs:501: 501 lines without tests, 500 are the most",
            "crates/db/tests/it/c.rs:501: 1000 lines without tests, 500 are the most",
        ],
    );
}

fn excess_length(file: &File) -> Option<Finding> {
    let all = file.text.lines().count();
    let code = match file.first_test_line() {
        // A file that is all test has the limit too.
        Some(1) | None => all,
        Some(line) => line - 1,
    };
    (code > MAX_LINES).then(|| {
        let what = format!("{code} lines without tests, {MAX_LINES} are the most");
        file.finding(MAX_LINES + 1, &what)
    })
}

#[test]
fn a_module_lies_in_a_file_of_its_name() {
    assert_none(sources().iter().filter_map(nameless_module));
    let examples = ["crates/db/src/names.rs", "crates/db/src/names/mod.rs"];
    assert_found(
        examples
            .map(|path| File::new(path, "//! x\n"))
            .iter()
            .filter_map(nameless_module),
        &["crates/db/src/names/mod.rs:1: a module's file has the module's name"],
    );
}

fn nameless_module(file: &File) -> Option<Finding> {
    (file.name() == "mod.rs").then(|| file.finding(1, "a module's file has the module's name"))
}

#[test]
fn a_page_and_its_template_have_one_name() {
    let files = files();
    assert!(files.iter().any(|file| file.path.starts_with(PAGES)));
    assert!(files.iter().any(|file| file.path.starts_with(TEMPLATES)));
    assert_none(unpaired_pages(&files));
}

#[test]
fn a_page_without_its_template_and_the_other_way_round_are_found() {
    let attribute = |path| format!("//! x\n\n#[template(path = \"{path}\")]\n");
    let examples = [
        File::new(&format!("{PAGES}home.rs"), &attribute("pages/home.html")),
        File::new(&format!("{PAGES}list.rs"), &attribute("pages/home.html")),
        File::new(&format!("{PAGES}gone.rs"), &attribute("pages/gone.html")),
        File::new(&format!("{PAGES}pager.rs"), &attribute("pager.html")),
        File::new(&format!("{TEMPLATES}home.html"), ""),
        File::new(&format!("{TEMPLATES}left.html"), ""),
    ];
    assert_found(
        unpaired_pages(&examples),
        &[
            "crates/site/src/pages/list.rs:3: a page's template is `pages/list.html`",
            "crates/site/src/pages/gone.rs:3: the template `pages/gone.html` is not there",
            "crates/site/templates/pages/left.html:1: no page uses it: expected \
             `crates/site/src/pages/left.rs` to",
        ],
    );
}

fn unpaired_pages(files: &[File]) -> Vec<Finding> {
    let templates: BTreeSet<_> = files
        .iter()
        .filter_map(|file| stem(file, TEMPLATES, ".html"))
        .collect();
    let mut used = BTreeSet::new();
    let mut findings = Vec::new();
    for file in files {
        let Some(page) = stem(file, PAGES, ".rs") else {
            continue;
        };
        for (number, line) in file.lines() {
            let Some((_, rest)) = line.split_once("#[template(path = \"pages/") else {
                continue;
            };
            let template = rest.split('"').next().unwrap_or_default();
            if template.strip_suffix(".html") != Some(page) {
                let what = format!("a page's template is `pages/{page}.html`");
                findings.push(file.finding(number, &what));
            } else if templates.contains(page) {
                used.insert(page);
            } else {
                let what = format!("the template `pages/{page}.html` is not there");
                findings.push(file.finding(number, &what));
            }
        }
    }
    findings.extend(files.iter().filter_map(|file| {
        let template = stem(file, TEMPLATES, ".html").filter(|stem| !used.contains(stem))?;
        let what = format!("no page uses it: expected `{PAGES}{template}.rs` to");
        Some(file.finding(1, &what))
    }));
    findings
}

/// The part of a path between a folder and an ending.
fn stem<'a>(file: &'a File, folder: &str, ending: &str) -> Option<&'a str> {
    file.path.strip_prefix(folder)?.strip_suffix(ending)
}

/// Snapshots that were not decided upon, which a failed run of the tests leaves.
#[test]
fn no_rest_of_a_test_run_is_committed() {
    let output = Command::new("git")
        .args(["ls-files", "--", "*.pending-snap", "*.snap.new"])
        .current_dir(root())
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

/// What lies beside the repository is no part of the project: one place looks for it, and hands it
/// to the one group of tests that reads it.
#[test]
fn one_place_looks_beside_the_repository() {
    assert_none(sources().iter().flat_map(looks_beside));
    let name = BESIDE.replace("../", "");
    let examples = [
        File::new("xtask/src/needs.rs", BESIDE),
        File::new(
            "crates/db/tests/it/a.rs",
            &format!("//! x\n\"../../{BESIDE}\""),
        ),
        File::new(
            "crates/db/tests/it/b.rs",
            &format!("//! {name}\n../{name}er\n/{name}"),
        ),
    ];
    assert_found(
        examples.iter().flat_map(looks_beside),
        &["crates/db/tests/it/a.rs:2: looks beside the repository"],
    );
}

const BESIDE: &str = concat!("../", "shared");

fn looks_beside(file: &File) -> Vec<Finding> {
    if file.path == "xtask/src/needs.rs" {
        return Vec::new();
    }
    let looks = |line: &str| {
        line.match_indices(BESIDE)
            .any(|(start, _)| !line[start + BESIDE.len()..].starts_with(is_in_name))
    };
    let lines = file.lines().filter(|(_, line)| looks(line));
    lines
        .map(|(number, _)| file.finding(number, "looks beside the repository"))
        .collect()
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    assert_none(files().iter().flat_map(machine_paths));
}

#[test]
fn paths_of_one_machine_are_found() {
    let work = MACHINE_FOLDERS[0];
    let bad = [
        "X/a",
        "`X`",
        "X",
        "cd X && ls",
        "sqlite:///X/a.sqlite3",
        "\"X\"",
        "=X/a:b",
    ];
    let good = [
        "targetX",
        "./X",
        "${here}X",
        "Xshop",
        "X-shop",
        "https:/X.example",
        "aX",
        "~X",
    ];
    for (lines, is_found) in [(&bad[..], true), (&good[..], false)] {
        for line in lines {
            let file = File::new("a.md", &line.replace('X', work));
            assert_eq!(
                machine_paths(&file).len(),
                usize::from(is_found),
                "{}",
                file.text
            );
        }
    }
}

/// Folders at the root of some machine, put together here so that this file names none.
const MACHINE_FOLDERS: [&str; 4] = [
    concat!("/", "work"),
    concat!("/", "root"),
    concat!("/", "home"),
    concat!("/", "tmp"),
];

fn machine_paths(file: &File) -> Vec<Finding> {
    let lines = file.lines().filter(|(_, line)| has_machine_path(line));
    lines
        .map(|(number, _)| file.finding(number, "an absolute path of one machine"))
        .collect()
}

fn has_machine_path(line: &str) -> bool {
    MACHINE_FOLDERS.iter().any(|folder| {
        line.match_indices(folder).any(|(start, _)| {
            let (before, after) = (&line[..start], &line[start + folder.len()..]);
            begins_path(before) && !after.starts_with(is_in_name)
        })
    })
}

/// Whether a slash after this text is the root: not within a relative path, and not the second
/// of `https://`, but the last of `sqlite:////`.
fn begins_path(before: &str) -> bool {
    let text = before.trim_end_matches('/');
    match before.len() - text.len() {
        0 => !text.ends_with(|c| is_in_name(c) || ")]}>.~*".contains(c)),
        1 => false,
        _ => true,
    }
}

fn is_in_name(character: char) -> bool {
    character.is_alphanumeric() || "_-".contains(character)
}
