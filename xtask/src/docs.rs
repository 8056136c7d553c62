//! Builds the documentation: a book for each language by mdBook, beside what the books share.

mod pages;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use xtask::{output, process};

use self::pages::Book;

/// The folder of the sources, and within `target` that of the result.
const DOCS: &str = "docs";

/// The languages, each with its own name.
const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("fr", "Français")];

/// What pages of both languages refer to.
const SHARED: [&str; 4] = ["nginx", "pictures", "prometheus", "systemd"];

/// The version whose pages [`pages`] knows.
const MDBOOK: &str = "0.5.4";

/// What the French search does otherwise.
const FRENCH_SEARCH: &str = include_str!("docs/french.js");

/// What it says of what was found, in French.
const FRENCH_RESULTS: [(&str, &str); 5] = [
    ("' search result for \\''", "' résultat pour «\u{a0}'"),
    ("' search results for \\''", "' résultats pour «\u{a0}'"),
    (
        "'No search results for \\''",
        "'Aucun résultat pour «\u{a0}'",
    ),
    ("'\\':'", "'\u{a0}»\u{a0}:'"),
    ("'\\'.'", "'\u{a0}».'"),
];

/// The first page, which leads to a language.
const START: &str = include_str!("docs/start.html");

/// `cargo xtask docs`.
pub(crate) fn run() -> anyhow::Result<()> {
    build()?;
    output::line("The documentation is in target/docs: make docs-serve shows it.");
    Ok(())
}

/// Builds both books, and checks their links. Returns the folder that has them.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    install()?;
    let sources = process::repository().join(DOCS);
    let target = process::repository().join("target").join(DOCS);
    if target.exists() {
        fs::remove_dir_all(&target).context("remove what was built before")?;
    }
    fs::create_dir_all(&target).context("make the folder for the documentation")?;
    for name in SHARED {
        copy(&sources.join(name), &target.join(name))?;
    }
    for (language, _) in LANGUAGES {
        let mut build = process::command(mdbook(), &["build", "--dest-dir"]);
        build
            .arg(target.join(language))
            .arg(sources.join(language))
            .env("MDBOOK_LOG", "warn");
        let output = build.output().context("run mdbook")?;
        let said = String::from_utf8_lossy(&output.stderr);
        // It only warns of what is missing.
        ensure!(
            output.status.success() && said.is_empty(),
            "mdbook, {language}: {said}"
        );
    }
    append(&target.join("fr/searchindex.js"), FRENCH_SEARCH)?;
    let searcher = target.join("fr/searcher.js");
    let text = fs::read_to_string(&searcher).context("read the search")?;
    fs::write(&searcher, pages::translated(text, &FRENCH_RESULTS)?).context("write the search")?;
    fs::write(target.join("index.html"), START).context("write the first page")?;
    pages::finish(&Book {
        target: &target,
        languages: &LANGUAGES,
    })?;
    Ok(target)
}

/// Installs mdBook without its server, unless it is there. Without optimisation and debug
/// information it is made in half the time.
fn install() -> anyhow::Result<()> {
    let version = process::read(&mut process::command(mdbook(), &["--version"]));
    if version.is_ok_and(|version| version.trim() == format!("mdbook v{MDBOOK}")) {
        return Ok(());
    }
    let mut install = process::command("cargo", &["install", "--locked", "--debug", "--force"]);
    install
        .args(["--no-default-features", "--features", "search"])
        .args(["--version", MDBOOK, "mdbook"])
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_TARGET_DIR", "target/scanners");
    process::run(&mut install)
}

/// Where `cargo install` puts it, which need not be on the path.
fn mdbook() -> PathBuf {
    Path::new(&process::cargo_home()).join("bin/mdbook")
}

/// Copies a folder without those in it; nothing if it is not there.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if !from.exists() {
        return Ok(());
    }
    fs::create_dir_all(to).with_context(|| format!("make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).context("copy a file")?;
        }
    }
    Ok(())
}

fn append(path: &Path, more: &str) -> anyhow::Result<()> {
    let mut file = fs::File::options()
        .append(true)
        .open(path)
        .with_context(|| format!("open {}", path.display()))?;
    write!(file, "\n{more}").with_context(|| format!("write {}", path.display()))
}
