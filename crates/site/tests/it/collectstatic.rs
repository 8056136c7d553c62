//! `collectstatic`: its question, its flags, its words and its exit codes.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::program::{Run, command, run};

pub(crate) fn collect(folder: &Path, args: &[&str]) -> Run {
    let args = [&["collectstatic"], args].concat();
    run(folder, &[("STATICFILES_DIRS", "own")], &args)
}

/// A folder with sources of the operator's own.
pub(crate) fn folder_with_sources() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    fs::create_dir_all(own.join("img")).unwrap();
    let style = format!(
        "body {{ background: url(img/leaf.svg) }}\n{}",
        "/* long */\n".repeat(200)
    );
    fs::write(own.join("own.css"), style).unwrap();
    fs::write(
        own.join("img/leaf.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    )
    .unwrap();
    fs::write(own.join(".hidden"), "left out").unwrap();
    folder
}

#[test]
fn a_second_run_finds_nothing_to_do_and_an_own_file_goes_before_ours() {
    let folder = folder_with_sources();
    fs::write(folder.path().join("own/site.css"), "p { color: red }").unwrap();
    let first = collect(folder.path(), &["--noinput", "-v", "2"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(
        first
            .out
            .contains("Found another file with the destination path 'site.css'")
    );
    assert!(first.out.contains("Copying 'own/own.css'"), "{}", first.out);
    assert!(first.out.contains(" as 'own."), "{}", first.out);
    let second = collect(folder.path(), &["--noinput"]);
    assert!(
        second
            .out
            .starts_with("\n0 static files copied to 'staticfiles', 12 unmodified")
    );
    assert_eq!(collect(folder.path(), &["--noinput", "-v", "0"]).out, "");
    let site = fs::read_to_string(folder.path().join("staticfiles/site.css")).unwrap();
    assert_eq!(site, "p { color: red }");
}

#[test]
fn the_question_is_asked_before_anything_is_overwritten() {
    let folder = folder_with_sources();
    assert_eq!(
        collect(folder.path(), &[]).code,
        Some(0),
        "an empty folder has nothing to lose"
    );
    for (args, answer, code, words) in [
        (&["collectstatic"][..], "no\n", 1, "will be overwritten"),
        (&["collectstatic"], "", 1, "will be overwritten"),
        (
            &["collectstatic", "--clear"],
            "y\n",
            1,
            "will be DELETED first",
        ),
        (&["collectstatic"], "yes\n", 0, "will be overwritten"),
    ] {
        let mut child = command(folder.path(), &[("STATICFILES_DIRS", "own")])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(answer.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?} {answer:?}");
        assert!(out.contains(words), "{out}");
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(err.contains("cancelled"), code == 1, "{err}");
    }
}

#[test]
fn a_dry_run_does_nothing_and_a_missing_reference_changes_nothing() {
    let folder = folder_with_sources();
    let dry = collect(folder.path(), &["--dry-run"]);
    assert_eq!(dry.code, Some(0));
    assert!(
        dry.out.contains("Pretending to copy 'own/own.css'"),
        "{dry:?}"
    );
    assert!(!folder.path().join("staticfiles").exists());

    fs::write(
        folder.path().join("own/bad.css"),
        "\n\np { background: url(gone.png) }",
    )
    .unwrap();
    let bad = collect(folder.path(), &["--noinput"]);
    assert_eq!(bad.code, Some(1));
    for word in ["bad.css", "3", "gone.png"] {
        assert!(bad.err.contains(word), "{word} in {}", bad.err);
    }
    assert!(!folder.path().join("staticfiles/own.css").exists());
    let ignoring = collect(folder.path(), &["--noinput", "-i", "bad.*"]);
    assert_eq!(ignoring.code, Some(0), "{ignoring:?}");
    let copied = collect(
        folder.path(),
        &["--noinput", "--clear", "--no-post-process"],
    );
    assert_eq!(copied.code, Some(0), "{copied:?}");
    assert!(!folder.path().join("staticfiles/staticfiles.json").exists());
    assert!(folder.path().join("staticfiles/bad.css").exists());
    assert_eq!(collect(folder.path(), &["-v", "4"]).code, Some(2));
}

/// Row "summary", and what each level of `-v` adds.
#[test]
fn every_part_of_the_summary_and_of_the_report_is_there() {
    let folder = folder_with_sources();
    let root = folder.path().join("staticfiles");
    fs::create_dir(folder.path().join("more")).unwrap();
    fs::write(folder.path().join("more/own.css"), "second").unwrap();
    fs::write(folder.path().join("more/own.css.gz"), "old").unwrap();
    fs::create_dir(&root).unwrap();
    fs::write(root.join("old.txt"), "old").unwrap();
    let collect = |args: &[&str]| {
        let args = [&["collectstatic", "--noinput"], args].concat();
        run(folder.path(), &[("STATICFILES_DIRS", "own,more")], &args)
    };
    let dry = collect(&["--dry-run", "--clear"]);
    assert!(
        dry.out.starts_with("Pretending to delete 'old.txt'\n"),
        "{dry:?}"
    );
    assert!(root.join("old.txt").exists());
    let silent = collect(&["--dry-run", "--clear", "-v0"]);
    assert_eq!(silent.out, "");

    let first = collect(&["--clear"]);
    assert_eq!(
        first.out,
        "Deleting 'old.txt'\n\n1 static file deleted, 12 static files copied to 'staticfiles', \
         12 post-processed, 1 skipped due to conflict.\n"
    );
    let second = collect(&["-v", "3"]);
    for line in [
        "Found another file with the destination path 'own.css'. It is ignored, since only the \
         first one found is collected: 'more/own.css'",
        "Leaving out 'own.css.gz': it is made here",
        "Skipping 'own.css' (not modified)",
        "Skipped post-processing 'img/leaf.svg'",
        "0 static files copied to 'staticfiles', 12 unmodified, 6 post-processed, 1 skipped due \
         to conflict.",
    ] {
        assert!(
            second.out.lines().any(|told| told == line),
            "{line} in {}",
            second.out
        );
    }
    fs::remove_file(root.join("own.css.br")).unwrap();
    let third = collect(&["-v", "3"]);
    assert!(
        third.out.contains("Compressed 'own.css' as 'own.css.br' ("),
        "{}",
        third.out
    );
    let hidden = collect(&["--no-default-ignore", "-i", "*.css"]);
    assert_eq!(hidden.code, Some(0), "{hidden:?}");
    assert!(root.join(".hidden").exists());
}

/// What is left is a folder beside `STATIC_ROOT`, for as long as nobody collects again.
#[test]
fn a_run_that_was_killed_leaves_nothing_for_ever() {
    let folder = folder_with_sources();
    assert_eq!(collect(folder.path(), &["--noinput"]).code, Some(0));
    let manifest = folder.path().join("staticfiles/staticfiles.json");
    let before = fs::read(&manifest).unwrap();
    // Without a pattern that would make it fast: it compresses for longer than it lives.
    let mut number = 1_u32;
    let mut text = String::new();
    while text.len() < 8_000_000 {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text += &format!("item {} is {}\n", number >> 20, number >> 9);
    }
    fs::write(folder.path().join("own/long.txt"), text).unwrap();
    let mut child = command(folder.path(), &[("STATICFILES_DIRS", "own")])
        .args(["collectstatic", "--noinput"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_mins(1);
    while temporary(folder.path()).is_empty() {
        assert!(Instant::now() < deadline, "no temporary folder was made");
        assert_eq!(child.try_wait().unwrap(), None, "it was too fast");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        temporary(folder.path()).len(),
        1,
        "the test would test nothing"
    );
    assert_eq!(fs::read(&manifest).unwrap(), before);

    fs::write(folder.path().join("own/long.txt"), "short").unwrap();
    let next = collect(folder.path(), &["--noinput"]);
    assert_eq!(next.code, Some(0), "{next:?}");
    assert_eq!(temporary(folder.path()), [""; 0]);
    assert!(next.out.contains("1 static file copied"), "{}", next.out);
}

fn temporary(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".collectstatic-"))
        .collect()
}
