//! What a release is made with and called: one release of Rust everywhere, and a version that the
//! changelog knows.

use std::path::Path;

use crate::tree::{File, Finding, assert_found, assert_none, files};

/// What rustup would obey: official images would fetch a second toolchain beside their own.
const TOOLCHAIN_FILES: [&str; 2] = ["rust-toolchain", "rust-toolchain.toml"];

/// Where the release of Rust has to be named.
const NAMES_RUST: [&str; 2] = [".gitlab-ci.yml", "Dockerfile"];

#[test]
fn one_release_of_rust_is_named() {
    let files = files();
    let manifest = file(&files, "Cargo.toml");
    let release = value(&manifest.text, "rust-version").expect("the release of Rust");
    for path in NAMES_RUST {
        let named = images(&file(&files, path).text);
        assert!(named.contains(&release), "{path} names {named:?}");
    }
    assert_none(files.iter().flat_map(|file| other_releases(file, release)));
}

#[test]
fn another_release_of_rust_is_found() {
    let examples = [
        File::new("Dockerfile", "ARG RUST_IMAGE=rust:1.95-bookworm\n"),
        File::new(".gitlab-ci.yml", "a: rust:1\nb: mirror/rust:1.94\n"),
        File::new("bench/runs/a.txt", "rust:1.94-bookworm\n"),
        File::new("rust-toolchain.toml", "[toolchain]\n"),
    ];
    assert_found(
        examples
            .iter()
            .flat_map(|file| other_releases(file, "1.95")),
        &[
            ".gitlab-ci.yml:2: Rust 1.94, and `rust-version` is 1.95",
            "rust-toolchain.toml:1: official images would fetch a second toolchain",
        ],
    );
}

#[test]
fn programs_for_strangers_have_their_allocator() {
    assert_none(files().iter().flat_map(builds_without_allocator));
    let examples = [
        File::new(
            "Dockerfile",
            "RUN cargo build --release --package site --lib\n",
        ),
        File::new(
            "docs/a.md",
            "cargo build --release -p site --features jemalloc\n",
        ),
        File::new("README.md", "`cargo build --release` makes the program.\n"),
    ];
    assert_found(
        examples.iter().flat_map(builds_without_allocator),
        &[
            "Dockerfile:1: a release is built with `--features jemalloc`",
            "README.md:1: a release is built with `--features jemalloc`",
        ],
    );
}

fn builds_without_allocator(file: &File) -> Vec<Finding> {
    if is_code(file) || file.path.starts_with("bench/runs/") {
        return Vec::new();
    }
    let builds = file.lines().filter(|(_, line)| {
        line.contains("build --release") && !line.contains("--features jemalloc")
    });
    builds
        .map(|(number, _)| file.finding(number, "a release is built with `--features jemalloc`"))
        .collect()
}

fn other_releases(file: &File, release: &str) -> Vec<Finding> {
    if TOOLCHAIN_FILES.contains(&file.name()) {
        return vec![file.finding(1, "official images would fetch a second toolchain")];
    }
    // Raw output and what was changed are of their day.
    if file.path.starts_with("bench/runs/") || file.name() == "CHANGELOG.md" || is_code(file) {
        return Vec::new();
    }
    let lines = file.lines().flat_map(|(number, line)| {
        let others = images(line).into_iter().filter(|named| *named != release);
        others.map(move |named| (number, named))
    });
    lines
        .map(|(number, named)| {
            let what = format!("Rust {named}, and `rust-version` is {release}");
            file.finding(number, &what)
        })
        .collect()
}

fn is_code(file: &File) -> bool {
    Path::new(&file.path)
        .extension()
        .is_some_and(|kind| kind == "rs")
}

/// The releases of images called `rust`, such as `1.95` of `rust:1.95-bookworm`.
fn images(text: &str) -> Vec<&str> {
    let tags = text.split("rust:").skip(1);
    let releases = tags.map(|tag| {
        let end = tag.find(|c: char| c != '.' && !c.is_ascii_digit());
        &tag[..end.unwrap_or(tag.len())]
    });
    releases.filter(|release| release.contains('.')).collect()
}

#[test]
fn the_changelog_has_the_version_of_the_program() {
    let files = files();
    let manifest = file(&files, "crates/site/Cargo.toml");
    let version = value(&manifest.text, "version").expect("the program's version");
    let changelog = file(&files, "CHANGELOG.md");
    assert_none(misplaced(changelog, version));
}

#[test]
fn a_changelog_of_another_form_is_found() {
    let good = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a\n\n## [0.2.0] - 2026-12-24\n\n\
                ### Fixed\n\n- b\n";
    let misplaced = |text: &str, version| misplaced(&File::new("C.md", text), version);
    assert_found(misplaced(good, "0.2.0"), &[]);
    assert_found(
        misplaced(good, "0.3.0"),
        &["C.md:9: the newest version is 0.2.0, and the program's is 0.3.0"],
    );
    assert_found(
        misplaced("## 0.2.0\n### New\n- a\n", "0.2.0"),
        &[
            "C.md:1: neither `## [Unreleased]` nor `## [1.2.3] - 2026-12-24`",
            "C.md:2: none of Added, Changed, Deprecated, Removed, Fixed, Security",
            "C.md:1: no version is released",
        ],
    );
}

/// The sections of Keep a Changelog 1.1.
const SECTIONS: [&str; 6] = [
    "Added",
    "Changed",
    "Deprecated",
    "Removed",
    "Fixed",
    "Security",
];

fn misplaced(changelog: &File, version: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut newest = None;
    for (number, line) in changelog.lines() {
        if let Some(section) = line.strip_prefix("### ") {
            if !SECTIONS.contains(&section) {
                let what = format!("none of {}", SECTIONS.join(", "));
                findings.push(changelog.finding(number, &what));
            }
        } else if let Some(heading) = line.strip_prefix("## ") {
            match released(heading) {
                Some(released) => newest = newest.or(Some((number, released))),
                None if heading == "[Unreleased]" => {}
                None => {
                    let what = "neither `## [Unreleased]` nor `## [1.2.3] - 2026-12-24`";
                    findings.push(changelog.finding(number, what));
                }
            }
        }
    }
    match newest {
        Some((_, newest)) if newest == version => {}
        Some((number, newest)) => {
            let what = format!("the newest version is {newest}, and the program's is {version}");
            findings.push(changelog.finding(number, &what));
        }
        None => findings.push(changelog.finding(1, "no version is released")),
    }
    findings
}

/// The version of `[1.2.3] - 2026-12-24`.
fn released(heading: &str) -> Option<&str> {
    let (version, date) = heading.strip_prefix('[')?.split_once("] - ")?;
    let is_date = date.len() == 10 && date.split('-').map(str::len).eq([4, 2, 2]);
    let is_version = version.split('.').all(|part| part.parse::<u32>().is_ok());
    (is_date && is_version).then_some(version)
}

fn file<'a>(files: &'a [File], path: &str) -> &'a File {
    let file = files.iter().find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("there is no {path}"))
}

/// The value of a key in a manifest, where it is a text.
fn value<'a>(manifest: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = manifest.lines();
    let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""))?;
    value.strip_suffix('"')
}
