//! The documentation in two languages: the same pages under the same names, and on each the same
//! commands in the same order. That each command works is the business of the rehearsal and of the
//! site's tests, which run them.

use std::collections::BTreeMap;
use std::path::Path;

use crate::tree::{File, files};

#[test]
fn each_page_is_there_in_both_languages_with_the_same_commands() {
    let files = files();
    let english = pages(&files, "docs/en/", commands);
    assert!(english.values().any(|commands| !commands.is_empty()));
    assert_eq!(english, pages(&files, "docs/fr/", commands));
}

#[test]
fn both_languages_have_the_pages_in_the_same_order() {
    let files = files();
    let contents = |folder: &str| pages(&files, folder, links).remove("SUMMARY.md");
    assert!(contents("docs/en/").is_some_and(|links| links.len() > 10));
    assert_eq!(contents("docs/en/"), contents("docs/fr/"));
}

/// What is found in each Markdown file below a folder.
fn pages<'a>(
    files: &'a [File],
    folder: &str,
    find: fn(&str) -> Vec<String>,
) -> BTreeMap<&'a str, Vec<String>> {
    let pages = files.iter().filter_map(|file| {
        let name = file.path.strip_prefix(folder)?;
        (Path::new(name).extension()? == "md").then(|| (name, find(&file.text)))
    });
    pages.collect()
}

#[test]
fn commands_are_found_in_blocks_only() {
    let text = "$ not this\n# nor this\n```console\n$ make run\nsaid\n# reboot   # for a start\n```\n   \
                ```console\n   $ make stop\n   ```\n```sh\n$ x\n```\n";
    assert_eq!(commands(text), ["make run", "reboot", "make stop"]);
}

/// Lines after a prompt, a user's or that of root, in the blocks of a terminal; without a comment.
fn commands(text: &str) -> Vec<String> {
    let mut is_in_block = false;
    let mut commands = Vec::new();
    for line in text.lines().map(str::trim_start) {
        let prompted = line.strip_prefix("$ ").or_else(|| line.strip_prefix("# "));
        if let Some(kind) = line.strip_prefix("```") {
            is_in_block = kind == "console";
        } else if is_in_block && let Some(command) = prompted {
            let command = command.split("   #").next().unwrap_or_default();
            commands.push(command.to_owned());
        }
    }
    commands
}

/// Where the links of a page lead.
fn links(text: &str) -> Vec<String> {
    let links = text.split("](").skip(1);
    links
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}
