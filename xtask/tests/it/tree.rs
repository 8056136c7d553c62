//! The files of the repository as the rules see them. Knows no rule.

use std::fs;
use std::path::{Path, PathBuf};

/// A text file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding(String);

impl File {
    /// Of an example.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The lines with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// Something that is wrong in one of the lines.
    pub(crate) fn finding(&self, line: usize, what: &str) -> Finding {
        Finding(format!("{}:{line}: {what}", self.path))
    }

    /// The file's name without its folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether it is a source of this workspace.
    pub(crate) fn is_source(&self) -> bool {
        let is_member = ["bench/", "crates/", "rehearsal/", "xtask/"]
            .iter()
            .any(|folder| self.path.starts_with(folder));
        is_member
            && Path::new(&self.path)
                .extension()
                .is_some_and(|kind| kind == "rs")
    }

    /// The line on which the tests begin: the first where the whole file is one, none where it
    /// has no tests.
    pub(crate) fn first_test_line(&self) -> Option<usize> {
        if self.path.contains("/tests/") || self.name() == "tests.rs" {
            return Some(1);
        }
        self.lines()
            .find(|(_, line)| line.trim() == "#[cfg(test)]")
            .map(|(number, _)| number)
    }
}

/// Every text file of the repository, without what `.gitignore` leaves out.
pub(crate) fn files() -> Vec<File> {
    let mut files = Vec::new();
    walk("", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 50, "the repository was not found");
    files
}

/// The source files of the workspace.
pub(crate) fn sources() -> Vec<File> {
    let mut files = files();
    files.retain(File::is_source);
    files
}

/// The root of the repository: of this checkout, not of the one this was compiled in.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a test its package by a variable"
)]
pub(crate) fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let root = Path::new(&manifest).parent();
    root.expect("xtask lies in the repository").to_owned()
}

/// Fails with every place that breaks a rule.
#[track_caller]
pub(crate) fn assert_none(findings: impl IntoIterator<Item = Finding>) {
    let findings: Vec<_> = findings.into_iter().map(|finding| finding.0).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Fails unless a rule finds exactly these places in an example.
#[track_caller]
pub(crate) fn assert_found(findings: impl IntoIterator<Item = Finding>, expected: &[&str]) {
    let findings: Vec<_> = findings.into_iter().map(|finding| finding.0).collect();
    assert_eq!(findings, expected);
}

fn walk(folder: &str, files: &mut Vec<File>) {
    let entries = fs::read_dir(root().join(folder)).expect("the folder can be read");
    for entry in entries {
        let entry = entry.expect("the folder can be read");
        let name = entry.file_name().into_string().expect("the name is UTF-8");
        let path = match folder {
            "" => name,
            folder => format!("{folder}/{name}"),
        };
        let kind = entry.file_type().expect("the file's kind can be read");
        if is_ignored(&path) || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            walk(&path, files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File { path, text });
        }
    }
}

/// What `.gitignore` names, and git's own folder.
fn is_ignored(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let at_root = [".git", "target", ".env", "staticfiles"];
    at_root.contains(&path)
        || ["__pycache__", "node_modules"].contains(&name)
        || [".sqlite3", ".before-adoption", ".snap.new", ".pending-snap"]
            .iter()
            .any(|part| name.contains(part))
}

#[test]
fn the_tests_of_a_file_are_found() {
    let line = |path, text| File::new(path, text).first_test_line();
    assert_eq!(line("crates/db/tests/it/main.rs", "//! x\n"), Some(1));
    assert_eq!(line("crates/db/src/name/tests.rs", "//! x\n"), Some(1));
    assert_eq!(
        line("crates/db/src/lib.rs", "//! x\n#[cfg(test)]\nmod tests;\n"),
        Some(2)
    );
    assert_eq!(line("crates/db/src/lib.rs", "//! x\n"), None);
}
