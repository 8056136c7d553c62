//! Dependencies that nobody uses: each is in the code of the crate that names it, those of the
//! program in code that is no test. `cargo machete` and `cargo shear` ask the same, at the price of
//! a program to compile; here the names are looked up in what the tests have read anyway.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::tree::{File, assert_none, files, root};

/// A dependency as a manifest names it, and as code does.
struct Dependency {
    name: String,
    library: String,
    is_for_tests: bool,
}

#[test]
fn every_dependency_is_used() {
    let metadata = MetadataCommand::new()
        .current_dir(root())
        .other_options(["--locked".to_owned(), "--all-features".to_owned()])
        .exec()
        .expect("cargo tells the crates");
    let files = files();
    let mut named = BTreeSet::new();
    for (folder, dependencies) in members(&metadata) {
        named.extend(dependencies.iter().map(|one| one.name.clone()));
        let manifest = format!("{folder}/Cargo.toml");
        let manifest = files.iter().find(|file| file.path == manifest);
        let manifest = manifest.expect("the manifest can be read");
        let unused = unused(&folder, &dependencies, &files);
        let what = unused.map(|name| manifest.finding(1, &format!("nothing uses `{name}`")));
        assert_none(what.collect::<Vec<_>>());
    }
    let workspace = files.iter().find(|file| file.path == "Cargo.toml");
    let workspace = workspace.expect("the manifest can be read");
    let shared = shared(&workspace.text);
    assert!(shared.contains(&"anyhow"), "{shared:?}");
    let unused = shared.iter().filter(|name| !named.contains(**name));
    assert_none(unused.map(|name| workspace.finding(1, &format!("no member names `{name}`"))));
}

#[test]
fn what_nobody_uses_is_found() {
    let dependency = |name: &str, is_for_tests| Dependency {
        name: name.to_owned(),
        library: name.replace('-', "_"),
        is_for_tests,
    };
    let dependencies = [
        dependency("serde-json", false),
        dependency("bytes", false),
        dependency("http", false),
        dependency("tempfile", false),
        dependency("rand", true),
        dependency("insta", true),
    ];
    let code = "//! Not http::Uri.\nuse serde_json::Value;\nfn a(b: bytes::Bytes, c: d::http::E) {}\n\
                #[cfg(test)]\nmod tests { fn b() { tempfile::tempdir(); } }\n";
    let files = [
        File::new("crates/db/src/a.rs", code),
        File::new("crates/db/tests/it/main.rs", "use rand as _;\n"),
        File::new("crates/dbase/src/a.rs", "use http::Uri;\nuse insta::x;\n"),
    ];
    let unused: Vec<_> = unused("crates/db", &dependencies, &files).collect();
    assert_eq!(unused, ["http", "tempfile", "insta"]);
    let manifest = "[package]\na = 1\n[workspace.dependencies]\nb = 1\nc.d = { e = [\n    f,\n] }\n\n[g]\nh = 1";
    assert_eq!(shared(manifest), ["b", "c.d"]);
}

/// Each member's folder, with its dependencies.
fn members(metadata: &Metadata) -> Vec<(String, Vec<Dependency>)> {
    let nodes = &metadata.resolve.as_ref().expect("a resolved graph").nodes;
    let members = metadata.workspace_packages().into_iter().map(|package| {
        let node = nodes.iter().find(|node| node.id == package.id);
        let node = node.expect("every member is in the graph");
        let dependencies = node.deps.iter().map(|dependency| Dependency {
            name: metadata[&dependency.pkg].name.to_string(),
            library: dependency.name.clone(),
            is_for_tests: dependency
                .dep_kinds
                .iter()
                .all(|kind| kind.kind == DependencyKind::Development),
        });
        let folder = package.manifest_path.parent().expect("a folder");
        let folder = folder.as_std_path().strip_prefix(root());
        let folder = folder.expect("members lie in the repository");
        let folder = folder.to_string_lossy().into_owned();
        (folder, dependencies.collect())
    });
    members.collect()
}

fn unused<'a>(
    folder: &'a str,
    dependencies: &'a [Dependency],
    files: &'a [File],
) -> impl Iterator<Item = &'a str> {
    let sources = move || {
        let own = move |file: &&File| {
            let path = file.path.strip_prefix(folder);
            path.is_some_and(|path| path.starts_with('/')) && file.is_source()
        };
        files.iter().filter(own)
    };
    let is_used = move |dependency: &Dependency| {
        sources().any(|file| {
            let end = match file.first_test_line() {
                Some(line) if !dependency.is_for_tests => line,
                _ => usize::MAX,
            };
            let mut lines = file.lines().take_while(|(number, _)| *number < end);
            lines.any(|(_, line)| {
                // The examples of a documentation are tests.
                let is_comment = line.trim_start().starts_with("//");
                (dependency.is_for_tests || !is_comment) && names(line, &dependency.library)
            })
        })
    };
    let unused = dependencies.iter().filter(move |one| !is_used(one));
    unused.map(|dependency| &*dependency.name)
}

/// Whether a line has a path that begins with a crate, or imports it whole.
fn names(line: &str, library: &str) -> bool {
    line.match_indices(library).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + library.len()..]);
        let begins = !before.ends_with(|c: char| c.is_alphanumeric() || "_:.".contains(c));
        begins
            && ["::", " as ", ";"]
                .iter()
                .any(|next| after.starts_with(next))
    })
}

/// What the workspace offers its members.
fn shared(manifest: &str) -> Vec<&str> {
    let lines = manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]");
    let lines = lines.skip(1).take_while(|line| !line.starts_with('['));
    let names = lines.filter(|line| !line.starts_with([' ', ']', '#']));
    names
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect()
}
