//! A release: a version that manifest and changelog agree on, as a tag.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use xtask::{output, process, version};

/// Tags the present commit with a version.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cargo xtask release 1.2.3")]
pub(crate) struct Args {
    /// Such as 1.2.3.
    version: String,
}

/// `cargo xtask release`.
pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let tag = tag(&process::repository(), &args.version)?;
    output::line(&format!(
        "Tagged {tag}. To publish it: git push origin {tag}"
    ));
    Ok(())
}

/// Tags the commit of a checkout with a version and what the changelog says of it. Fails with
/// everything that is not as a release has it.
fn tag(folder: &Path, wanted: &str) -> anyhow::Result<String> {
    let mut problems = Vec::new();
    let version = version::of_program(folder)?;
    if version != wanted {
        problems.push(format!("crates/site/Cargo.toml has the version {version}"));
    }
    let changelog = fs::read_to_string(folder.join("CHANGELOG.md")).context("read CHANGELOG.md")?;
    let section = section(&changelog, wanted);
    if section.is_empty() {
        problems.push(format!(
            "CHANGELOG.md says nothing under `## [{wanted}] - DATE`"
        ));
    }
    if !process::read(git(folder).args(["status", "--porcelain"]))?.is_empty() {
        problems.push("not everything is committed".to_owned());
    }
    let tag = format!("v{wanted}");
    if !process::read(git(folder).args(["tag", "--list", &tag]))?.is_empty() {
        problems.push(format!("there is a tag {tag} already"));
    }
    ensure!(
        problems.is_empty(),
        "{wanted} is not released: {}",
        problems.join("; ")
    );
    let mut make = git(folder);
    // A line that begins with `#` is a heading here, and no comment.
    make.args(["tag", "--annotate", "--cleanup=verbatim", "--file=-", &tag]);
    let mut make = make.stdin(Stdio::piped()).spawn().context("run git")?;
    let mut message = make.stdin.take().context("the input is a pipe")?;
    write!(message, "OC Lettings {wanted}\n\n{section}\n").context("tell git the message")?;
    drop(message);
    ensure!(make.wait()?.success(), "git made no tag");
    Ok(tag)
}

fn git(folder: &Path) -> Command {
    let mut git = process::command("git", &[]);
    git.current_dir(folder);
    git
}

/// What the changelog says of a version; empty if it has no such heading.
fn section(changelog: &str, version: &str) -> String {
    let heading = format!("## [{version}] - ");
    let lines = changelog
        .lines()
        .skip_while(|line| !line.starts_with(&heading))
        .skip(1)
        .take_while(|line| !line.starts_with("## "));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-12-24\n\n### Added\n\n\
                             - a\n\n## [1.1.0] - 2026-12-01\n\n- b\n";

    /// A checkout whose program has the version 1.2.0.
    fn checkout() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("crates/site");
        fs::create_dir_all(&site).unwrap();
        let manifest = "[package]\nname = \"site\"\nversion = \"1.2.0\"\n";
        fs::write(site.join("Cargo.toml"), manifest).unwrap();
        fs::write(folder.path().join("CHANGELOG.md"), CHANGELOG).unwrap();
        for arguments in [
            &["init", "--quiet"][..],
            &["config", "user.name", "Ann"],
            &["config", "user.email", "ann@example.com"],
            &["add", "."],
            &["commit", "--quiet", "--message", "a"],
        ] {
            process::run(git(folder.path()).args(arguments)).unwrap();
        }
        folder
    }

    #[test]
    fn the_tag_says_what_the_changelog_says() {
        let folder = checkout();
        assert_eq!(tag(folder.path(), "1.2.0").unwrap(), "v1.2.0");
        let mut show = git(folder.path());
        let message = process::read(show.args(["tag", "--list", "--format=%(contents)", "v1.2.0"]));
        assert_eq!(
            message.unwrap().trim(),
            "OC Lettings 1.2.0\n\n### Added\n\n- a"
        );
    }

    #[test]
    fn everything_that_keeps_from_a_release_is_told() {
        let folder = checkout();
        tag(folder.path(), "1.2.0").unwrap();
        fs::write(folder.path().join("new"), "").unwrap();
        let refused = |version| tag(folder.path(), version).unwrap_err().to_string();
        assert_eq!(
            refused("1.2.0"),
            "1.2.0 is not released: not everything is committed; there is a tag v1.2.0 already"
        );
        fs::remove_file(folder.path().join("new")).unwrap();
        assert_eq!(
            refused("1.3.0"),
            "1.3.0 is not released: crates/site/Cargo.toml has the version 1.2.0; \
             CHANGELOG.md says nothing under `## [1.3.0] - DATE`"
        );
    }
}
