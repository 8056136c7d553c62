//! The notices of the crates that the program is built from, for `oc-lettings licenses`: the texts
//! that come with their sources, each once.
//!
//! `cargo about` would ask the crates' git hosts for files, which takes minutes, needs them all to
//! answer and gives another text when one does not. The sources that cargo has unpacked are pinned
//! by `Cargo.lock`, so that the same lock gives the same notices everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value;
use xtask::process;

/// The file with the notices, which is compiled into the program.
const FILE: &str = "crates/site/licenses/third-party.txt";

/// `cargo xtask licenses`.
pub(crate) fn run() -> anyhow::Result<()> {
    let path = process::repository().join(FILE);
    fs::write(&path, notices()?).with_context(|| format!("write {FILE}"))
}

/// A crate that the program, or what builds it, is made from.
#[derive(Debug, Clone)]
struct Crate {
    /// Its name and version.
    name: String,
    license: String,
    authors: Vec<String>,
    folder: PathBuf,
    /// The file with the licence, if the manifest names one.
    license_file: Option<String>,
    /// Whether a library in another language comes with it.
    links: bool,
}

const HEAD: &str = "\
OC Lettings is built from Rust's standard library and from the crates below, each under the licence
behind its name. Where a crate offers several, the text that follows is of the one that is used here.
SQLite, which is among them, is in the public domain.
";

fn notices() -> anyhow::Result<String> {
    let mut crates = BTreeMap::new();
    for target in targets()? {
        crates.extend(crates_of(&target)?);
    }
    let mut text = HEAD.to_owned() + "\n";
    // The texts with the crates that have them. The key is the text without its line breaks, which
    // differ between copies of one text.
    let mut users: BTreeMap<String, (String, BTreeSet<&str>)> = BTreeMap::new();
    let standard = "Copyright (c) The Rust Project Contributors\n\n".to_owned() + MIT;
    let mut add = |name, text: String| {
        let folded: Vec<_> = text.split_whitespace().collect();
        let (_, names) = users
            .entry(folded.join(" "))
            .or_insert((text, BTreeSet::new()));
        names.insert(name);
    };
    add("Rust's standard library", standard);
    for found in crates.values() {
        text += &format!("{} ({})\n", found.name, found.license);
        for license in texts(found)? {
            add(&found.name, license);
        }
    }
    let mut users: Vec<_> = users.into_values().collect();
    users.sort_by(|(_, a), (_, b)| a.cmp(b));
    for (license, names) in users {
        let names: Vec<_> = names.into_iter().collect();
        text += &format!("\n{RULE}\n{}\n\n{license}\n", names.join(", "));
    }
    Ok(text)
}

const RULE: &str = "----------------------------------------------------------------";

/// The targets that the image is built for, from `deny.toml`.
fn targets() -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(process::repository().join("deny.toml"))?;
    let line = text.lines().find(|line| line.starts_with("targets = ["));
    let line = line.context("deny.toml names no targets in one line")?;
    Ok(line
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect())
}

/// The crates that the program needs for a target, by name and version, without those for tests
/// only.
fn crates_of(target: &str) -> anyhow::Result<BTreeMap<(String, String), Crate>> {
    let mut cargo = process::command("cargo", &["metadata", "--format-version=1", "--locked"]);
    cargo.args(["--features", "site/jemalloc"]);
    let metadata = process::read(cargo.args(["--filter-platform", target]))?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let by_id = |list: &Value| -> BTreeMap<String, Value> {
        let items = list.as_array().into_iter().flatten();
        items
            .map(|item| (text_of(&item["id"]), item.clone()))
            .collect()
    };
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let ours = packages
        .iter()
        .find(|(_, package)| package["name"] == "site");
    let mut left = vec![ours.context("there is no package `site`")?.0.clone()];
    let mut seen = BTreeSet::new();
    let mut crates = BTreeMap::new();
    while let Some(id) = left.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        for dependency in nodes[&id]["deps"].as_array().into_iter().flatten() {
            let mut kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
            if kinds.any(|kind| kind["kind"] != "dev") {
                left.push(text_of(&dependency["pkg"]));
            }
        }
        let package = &packages[&id];
        // The crates of this workspace have no source, and are under the project's licence.
        if !package["source"].is_null() {
            let key = (text_of(&package["name"]), text_of(&package["version"]));
            crates.insert(key, Crate::read(package)?);
        }
    }
    Ok(crates)
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Crate {
    fn read(package: &Value) -> anyhow::Result<Self> {
        let manifest = PathBuf::from(text_of(&package["manifest_path"]));
        let authors = package["authors"].as_array().into_iter().flatten();
        Ok(Self {
            name: format!(
                "{} {}",
                text_of(&package["name"]),
                text_of(&package["version"])
            ),
            license: text_of(&package["license"]),
            // Without their e-mail addresses.
            authors: authors
                .map(|author| {
                    text_of(author)
                        .split(" <")
                        .next()
                        .unwrap_or_default()
                        .to_owned()
                })
                .collect(),
            folder: manifest
                .parent()
                .context("a manifest lies in a folder")?
                .to_owned(),
            license_file: package["license_file"].as_str().map(str::to_owned),
            links: package["links"].is_string(),
        })
    }
}

/// The texts that a crate's licence requires to be kept.
fn texts(found: &Crate) -> anyhow::Result<Vec<String>> {
    let mut files = license_files(&found.folder)?;
    if let Some(name) = &found.license_file {
        files.insert(found.folder.join(name));
    }
    let mut files = applicable_files(&found.license, files);
    if found.links {
        for entry in fs::read_dir(&found.folder)? {
            let path = entry?.path();
            if path.is_dir() {
                let bundled = license_files(&path)?;
                files.extend(bundled.into_iter().filter(|path| named(path, "LICENSE")));
            }
        }
    }
    let mut texts = Vec::new();
    if files.is_empty() {
        texts.push(standard_text(found)?);
    }
    // libwebp-sys does not say that it links a library, and libwebp calls its licence COPYING.
    let bundled = found.folder.join("vendor/COPYING");
    if bundled.is_file() {
        files.insert(bundled);
    }
    let read = |path: &PathBuf| -> anyhow::Result<String> {
        let bytes = fs::read(path).with_context(|| format!("read {}", path.display()))?;
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.trim().lines().map(str::trim_end).collect();
        Ok(lines.join("\n"))
    };
    for file in &files {
        texts.push(read(file)?);
    }
    Ok(texts)
}

/// The files of a folder, and of folders within it, whose name says that they are about licences.
fn license_files(folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let words = [
            "LICENSE",
            "LICENCE",
            "COPYING",
            "COPYRIGHT",
            "NOTICE",
            "UNLICENSE",
        ];
        if !words.iter().any(|word| named(&path, word)) {
            continue;
        }
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                files.insert(entry?.path());
            }
        } else {
            files.insert(path);
        }
    }
    Ok(files)
}

/// The files that apply. If a crate offers a choice, it is the MIT licence, else that of Apache;
/// notices that are required in any case stay.
fn applicable_files(license: &str, files: BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let is_choice =
        (license.contains(" OR ") || license.contains('/')) && !license.contains(" AND ");
    let has = |word: &str| files.iter().any(|path| contains(path, word));
    let Some(word) = ["MIT", "APACHE"]
        .into_iter()
        .find(|word| is_choice && has(word))
    else {
        return files;
    };
    files
        .into_iter()
        .filter(|path| contains(path, word) || named(path, "NOTICE") || named(path, "COPYRIGHT"))
        .collect()
}

/// Whether a file's name begins with a word in capitals, however it is written.
fn named(path: &Path, word: &str) -> bool {
    upper_name(path).starts_with(word)
}

fn contains(path: &Path, word: &str) -> bool {
    upper_name(path).contains(word)
}

fn upper_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().to_uppercase()
}

const MIT: &str = include_str!("licenses/mit.txt");
const BSD: &str = include_str!("licenses/bsd-3-clause.txt");

/// The text for a crate that was published without one.
fn standard_text(found: &Crate) -> anyhow::Result<String> {
    let license = if found.license.contains("MIT") {
        MIT
    } else if found.license == "BSD-3-Clause" {
        BSD
    } else {
        bail!(
            "{} has no text of its licence, {}",
            found.name,
            found.license
        );
    };
    let authors = found.authors.join(", ");
    Ok(format!("Copyright (c) {authors}\n\n{}", license.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails if a dependency was added or removed and the notices were not written again.
    #[test]
    fn the_notices_are_those_of_the_crates_in_use() {
        let path = process::repository().join(FILE);
        let kept = fs::read_to_string(path).unwrap();
        assert!(kept.len() < 400_000, "{} bytes", kept.len());
        let made = notices().unwrap();
        let missing: Vec<_> = made.lines().filter(|line| !kept.contains(line)).collect();
        assert!(
            made == kept,
            "{FILE} is not what `cargo xtask licenses` makes; it lacks {missing:?}"
        );
    }

    #[test]
    fn of_a_choice_one_is_taken() {
        let files = |names: &[&str]| names.iter().map(PathBuf::from).collect::<BTreeSet<_>>();
        let both = files(&["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"]);
        for (license, given, expected) in [
            (
                "MIT OR Apache-2.0",
                &both,
                files(&["LICENSE-MIT", "NOTICE"]),
            ),
            ("Apache-2.0/MIT", &both, files(&["LICENSE-MIT", "NOTICE"])),
            ("MIT AND Apache-2.0", &both, both.clone()),
            (
                "Apache-2.0 OR GPL-2.0-only",
                &files(&["LICENSE-APACHE", "LICENSE-GPLv2"]),
                files(&["LICENSE-APACHE"]),
            ),
            (
                "MIT OR Zlib",
                &files(&["license.md"]),
                files(&["license.md"]),
            ),
        ] {
            assert_eq!(
                applicable_files(license, given.clone()),
                expected,
                "{license}"
            );
        }
    }

    #[test]
    fn a_crate_without_a_text_has_the_standard_one_with_its_authors() {
        let mut found = Crate {
            name: "book 1.0.0".to_owned(),
            license: "MIT".to_owned(),
            authors: vec!["Ann Lee".to_owned(), "Bob".to_owned()],
            folder: PathBuf::new(),
            license_file: None,
            links: false,
        };
        let text = standard_text(&found).unwrap();
        assert!(
            text.starts_with("Copyright (c) Ann Lee, Bob\n\nPermission is"),
            "{text}"
        );
        found.license = "ISC".to_owned();
        assert!(standard_text(&found).is_err());
    }
}
