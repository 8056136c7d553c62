//! The command line as people expect it: its version, completions, manual pages, and a hint at a
//! typing mistake.

use std::process::Command;

use site::release::Build;

use crate::support::program::run;

/// The settings are broken: what tells of the program itself does not read them.
const BROKEN: (&str, &str) = ("PORT", "none");

#[track_caller]
fn printed(args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path(), &[BROKEN], args);
    assert_eq!((run.code, &*run.err), (Some(0), ""), "{args:?}");
    run.out
}

#[test]
fn the_version_tells_the_commit_and_its_day() {
    let build = Build {
        commit: option_env!("COMMIT"),
        seconds: option_env!("COMMIT_TIME"),
        ..Build::default()
    };
    let expected = format!("oc-lettings {}\n", build.version());
    assert_eq!(printed(&["--version"]), expected);
}

#[test]
fn a_typing_mistake_is_answered_with_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    for (args, meant) in [
        (&["migrat"][..], "'migrate'"),
        (&["serve", "--bin=[::1]:80"], "'--bind'"),
        (&["completions", "bsh"], "'bash'"),
    ] {
        let run = run(folder.path(), &[], args);
        assert_eq!(run.code, Some(2), "{args:?}");
        assert!(run.err.contains(meant), "{args:?}: {}", run.err);
    }
}

#[test]
fn bash_completes_commands_and_options() {
    let script = printed(&["completions", "bash"]);
    for (words, expected) in [
        ("mig", "migrate"),
        ("migrate --pl", "--plan"),
        ("completions fi", "fish"),
        ("deploy roll", "rollback"),
    ] {
        let line: Vec<_> = ["oc-lettings"]
            .into_iter()
            .chain(words.split(' '))
            .collect();
        let last = line.len() - 1;
        let asked = format!(
            "{script}\nCOMP_WORDS=(oc-lettings {words}); COMP_CWORD={last}\n\
             _oc__lettings oc-lettings {} {}; echo \"${{COMPREPLY[@]}}\"",
            line[last],
            line[last - 1]
        );
        let output = Command::new("bash")
            .args(["--norc", "-c", &asked])
            .output()
            .unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert_eq!(complaints, "", "{words}");
        let offered = String::from_utf8_lossy(&output.stdout);
        assert_eq!(offered.trim(), expected, "{words}");
    }
}

#[test]
fn other_shells_have_their_scripts() {
    for (shell, start) in [
        ("zsh", "#compdef oc-lettings"),
        ("fish", "# Print an optspec"),
        ("elvish", "\nuse builtin"),
        ("powershell", "\nusing namespace"),
    ] {
        let script = printed(&["completions", shell]);
        assert!(script.starts_with(start), "{shell}: {script}");
        assert!(script.contains("showmigrations"), "{shell}");
    }
}

#[test]
fn each_command_has_a_manual_page() {
    let page = printed(&["man"]);
    assert_page(&page, "oc-lettings");
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man1");
    assert_eq!(printed(&["man", pages.to_str().unwrap()]), "");
    for name in [
        "oc-lettings",
        "oc-lettings-migrate",
        "oc-lettings-deploy-run",
    ] {
        let page = std::fs::read_to_string(pages.join(format!("{name}.1"))).unwrap();
        assert_page(&page, name);
    }
}

/// A title, the sections that every page has, and requests alone that `man` knows.
#[track_caller]
fn assert_page(page: &str, name: &str) {
    let requests: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix('.'))
        .collect();
    let title = format!("TH {name} 1 ");
    assert!(
        requests.iter().any(|line| line.starts_with(&title)),
        "{page}"
    );
    for section in ["SH NAME", "SH SYNOPSIS", "SH DESCRIPTION", "SH OPTIONS"] {
        assert!(requests.contains(&section), "{name}: {section}");
    }
    for request in requests {
        let known = ["TH", "SH", "TP", "RS", "RE", "br", "ie", "el", "PP", "SS"];
        let name = request.split(' ').next().unwrap_or_default();
        assert!(known.contains(&name), "{request}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("taken"), "").unwrap();
    let run = run(folder.path(), &[], &["man", "taken/man1"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err
            .starts_with("error: write manual pages into taken/man1: "),
        "{run:?}"
    );
}
