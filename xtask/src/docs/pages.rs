//! What the built pages get that mdBook does not give them: the way to the other language, links from
//! the files of the repository's root, French names of the buttons. Then their links are checked.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

/// Where both books were built.
pub(super) struct Book<'a> {
    pub(super) target: &'a Path,
    /// The languages, each with its own name.
    pub(super) languages: &'a [(&'a str, &'a str)],
}

/// Where mdBook's page has its buttons at the right.
const BUTTONS: &str = "<div class=\"right-buttons\">";

/// The words of mdBook's own page in French.
const FRENCH: [(&str, &str); 12] = [
    ("\"Search this book ...\"", "\"Chercher dans ce livre…\""),
    ("\"Search (`/`)\"", "\"Chercher (`/`)\""),
    ("\"Toggle Searchbar\"", "\"Chercher\""),
    (
        "\"Toggle Table of Contents\"",
        "\"Montrer ou cacher la table des matières\"",
    ),
    ("\"Table of contents\"", "\"Table des matières\""),
    ("\"Change theme\"", "\"Changer de thème\""),
    ("\"Themes\"", "\"Thèmes\""),
    (">Keyboard shortcuts<", ">Raccourcis clavier<"),
    ("to navigate between chapters", "pour changer de chapitre"),
    ("to search in the book", "pour chercher dans le livre"),
    ("to show this help", "pour montrer cette aide"),
    ("to hide this help", "pour cacher cette aide"),
];

/// Finishes the pages, and fails with every link that leads nowhere.
pub(super) fn finish(book: &Book<'_>) -> anyhow::Result<()> {
    for (language, _) in book.languages {
        for path in html_files(&book.target.join(language))? {
            let html = fs::read_to_string(&path).context("read a page")?;
            let html = relinked(&path, &html);
            let html = book.with_switch(&path, language, &html)?;
            fs::write(&path, html).context("write a page")?;
        }
    }
    let faults = faults(book.target)?;
    ensure!(faults.is_empty(), "\n{}", faults.join("\n"));
    Ok(())
}

impl Book<'_> {
    /// The page with links to the same page in the other languages, and its buttons in its own.
    fn with_switch(&self, page: &Path, language: &str, html: &str) -> anyhow::Result<String> {
        let Some((before, after)) = html.split_once(BUTTONS) else {
            // The table of contents for browsers without scripts.
            ensure!(
                page.ends_with("toc.html"),
                "{} has no buttons",
                page.display()
            );
            return Ok(html.to_owned());
        };
        let name = page.strip_prefix(self.target.join(language))?;
        let up = "../".repeat(name.components().count());
        let mut links = String::new();
        for (other, title) in self
            .languages
            .iter()
            .filter(|(other, _)| *other != language)
        {
            let is_there = self.target.join(other).join(name).exists();
            let name = if is_there {
                name
            } else {
                Path::new("index.html")
            };
            links += &format!(
                "<a href=\"{up}{other}/{}\" lang=\"{other}\" hreflang=\"{other}\" \
                 title=\"{title}\" class=\"icon-button\">{other}</a>",
                name.display()
            );
        }
        let html = format!("{before}{BUTTONS}{links}{after}");
        match language {
            "fr" => translated(html, &FRENCH),
            _ => Ok(html),
        }
    }
}

/// The page with links that lead to where mdBook puts what they name. A link to a file that the
/// books do not have loses its address.
fn relinked(page: &Path, html: &str) -> String {
    let mut text = String::new();
    let mut copied = 0;
    for range in addresses(html) {
        let address = &html[range.clone()];
        if is_elsewhere(address) || resolve(page, address).is_some() {
            continue;
        }
        let is_link = html[..range.start].ends_with(" href=\"");
        match moved(page, address) {
            Some(address) => {
                text += &html[copied..range.start];
                text += &address;
                copied = range.end;
            }
            None if is_link => {
                text += &html[copied..range.start - " href=\"".len()];
                copied = range.end + 1;
            }
            None => {}
        }
    }
    text + &html[copied..]
}

/// A text of mdBook's with its own words in French, each of which it has to have.
pub(super) fn translated(mut text: String, words: &[(&str, &str)]) -> anyhow::Result<String> {
    for (english, french) in words {
        ensure!(text.contains(english), "mdBook does not say {english}");
        text = text.replace(english, french);
    }
    Ok(text)
}

/// Where the values of `href` and `src` stand in a page.
fn addresses(html: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for name in [" href=\"", " src=\""] {
        for (at, _) in html.match_indices(name) {
            let (before, value) = (&html[..at], &html[at + name.len()..]);
            let is_in_tag = before.rfind('<') > before.rfind('>');
            if let Some(length) = value.find('"').filter(|_| is_in_tag) {
                let start = at + name.len();
                found.push(start..start + length);
            }
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

/// Whether an address names a host, or holds its data.
fn is_elsewhere(address: &str) -> bool {
    address.contains("://") || address.starts_with("mailto:") || address.starts_with("data:")
}

/// The file that an address in a page leads to, if it is there, and the part of it.
fn resolve<'a>(page: &Path, address: &'a str) -> Option<(PathBuf, Option<&'a str>)> {
    let (path, part) = match address.split_once('#') {
        Some((path, part)) => (path, Some(part)),
        None => (address, None),
    };
    if path.is_empty() {
        return Some((page.to_owned(), part));
    }
    let mut file = page.parent()?.join(path);
    if file.is_dir() {
        file.push("index.html");
    }
    file.is_file().then_some((file, part))
}

/// Where mdBook puts what an address names: a README becomes the first page of its folder. Pages are
/// made of files of the repository's root, too, whose links are from there.
fn moved(page: &Path, address: &str) -> Option<String> {
    let address = address.replace("README.html", "index.html");
    let from_root = match address.strip_prefix("docs/") {
        Some(rest) => format!("../../{rest}"),
        None if address.starts_with("index.html") => format!("../{address}"),
        None => address.to_lowercase(),
    };
    [address, from_root]
        .into_iter()
        .find(|address| resolve(page, address).is_some())
}

/// Every link that leads nowhere, and everything that would be loaded from another host.
fn faults(target: &Path) -> anyhow::Result<Vec<String>> {
    let mut pages = BTreeMap::new();
    for path in html_files(target)? {
        let html = fs::read_to_string(&path).context("read a page")?;
        pages.insert(path, html);
    }
    let mut faults = Vec::new();
    for (path, html) in &pages {
        let name = path.strip_prefix(target)?.display();
        for range in addresses(html) {
            let address = &html[range.clone()];
            let tag = html[..range.start].rfind('<').unwrap_or_default();
            let is_link = html[tag..].starts_with("<a ");
            if is_elsewhere(address) {
                if !is_link && !address.starts_with("data:") {
                    faults.push(format!("{name}: loads {address}"));
                }
                continue;
            }
            let is_there = match resolve(path, address) {
                Some((file, Some(part))) => {
                    let id = format!("id=\"{part}\"");
                    pages
                        .get(&normal(&file)?)
                        .is_some_and(|html| html.contains(&id))
                }
                Some((_, None)) => true,
                None => false,
            };
            if !is_there {
                faults.push(format!("{name}: {address} leads nowhere"));
            }
        }
    }
    Ok(faults)
}

/// The path without `..`, as [`html_files`] gives it.
fn normal(path: &Path) -> anyhow::Result<PathBuf> {
    path.canonicalize().context("find a page")
}

/// The pages below a folder.
fn html_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![normal(folder)?];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).context("read a folder of pages")? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "html") {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        bail!("no page was built in {}", folder.display());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: &[(&str, &str)] = &[("en", "English"), ("fr", "Français")];

    /// A built book with these pages.
    fn books(pages: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, html) in pages {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, html).unwrap();
        }
        folder
    }

    #[test]
    fn links_of_the_roots_files_lead_to_their_pages() {
        let page = "<a href=\"README.html\">a</a> <a href=\"SECURITY.html#x\">b</a> \
                    <a href=\"docs/en/a.html\">c</a> <a href=\"e2e/README.html\">d</a> \
                    <a href=\"../running/README.html#y\">e</a> \
                    <code>&lt;a href=\"e.md\"&gt;</code> <a href=\"https://example.com\">f</a>";
        let folder = books(&[
            ("en/building/architecture.html", page),
            ("en/building/security.html", ""),
            ("en/index.html", ""),
            ("en/a.html", ""),
            ("en/running/index.html", ""),
        ]);
        let path = folder.path().join("en/building/architecture.html");
        assert_eq!(
            relinked(&path, page),
            "<a href=\"../index.html\">a</a> <a href=\"security.html#x\">b</a> \
             <a href=\"../../en/a.html\">c</a> <a>d</a> \
             <a href=\"../running/index.html#y\">e</a> \
             <code>&lt;a href=\"e.md\"&gt;</code> <a href=\"https://example.com\">f</a>"
        );
    }

    #[test]
    fn a_page_leads_to_itself_in_the_other_language() {
        let folder = books(&[
            ("en/a/b.html", ""),
            ("fr/a/b.html", ""),
            ("fr/index.html", ""),
        ]);
        let book = Book {
            target: folder.path(),
            languages: LANGUAGES,
        };
        for (name, expected) in [
            ("en/a/b.html", "href=\"../../fr/a/b.html\""),
            ("en/c.html", "href=\"../fr/index.html\""),
        ] {
            let page = book.with_switch(&folder.path().join(name), "en", BUTTONS);
            let page = page.unwrap();
            assert!(page.contains(expected), "{page}");
        }
    }

    #[test]
    fn what_leads_nowhere_or_to_others_is_found() {
        let folder = books(&[
            (
                "en/a.html",
                "<a href=\"b.html#there\"></a><a href=\"b.html#gone\"></a><a href=\"#self\"></a>\
                 <img src=\"c.png\"><a href=\"https://example.com/\"></a>\
                 <script src=\"https://example.com/a.js\"></script>",
            ),
            ("en/b.html", "<h2 id=\"there\"></h2>"),
        ]);
        let target = folder.path().canonicalize().unwrap();
        assert_eq!(
            faults(&target).unwrap(),
            [
                "en/a.html: b.html#gone leads nowhere",
                "en/a.html: #self leads nowhere",
                "en/a.html: c.png leads nowhere",
                "en/a.html: loads https://example.com/a.js",
            ]
        );
    }
}
