//! References from one static file to another: where they are in a text, and how they are
//! written. Knows the syntax of the languages, not which files there are.

pub(crate) mod address;
mod css;
mod js;

use std::ops::Range;

/// A language in which files refer to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Style sheets.
    Css,
    /// Scripts and modules.
    JavaScript,
}

/// A place in a text that refers to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What is replaced when the reference is to lead elsewhere.
    pub span: Range<usize>,
    /// The address: without quotes, escapes and spaces around it.
    pub url: String,
    /// The line of the address, from 1.
    pub line: usize,
    /// How it is written.
    pub form: Form,
}

/// The forms of references. What is written is to the letter what Django writes, so that the
/// hash is the same (`Django 5.2 contrib/staticfiles/storage.py`, `HashedFilesMixin.patterns`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `url(…)` in a style sheet.
    CssUrl,
    /// `@import "…"` in a style sheet.
    CssImport,
    /// A string in a style sheet, where more of the style sheet's own is around it.
    CssString,
    /// `/*# sourceMappingURL=… */`.
    CssSourceMap,
    /// `//# sourceMappingURL=…`.
    JsSourceMap,
}

impl Language {
    /// The language of a file, by its name.
    pub fn of(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension {
            "css" => Some(Self::Css),
            "js" | "mjs" => Some(Self::JavaScript),
            _ => None,
        }
    }
}

/// Finds all references in a text, in their order. In a style sheet what is in comments and strings
/// is none.
pub fn find(language: Language, text: &str) -> Vec<Reference> {
    match language {
        Language::Css => css::find(text),
        Language::JavaScript => js::find(text),
    }
}

/// Writes the text with other addresses. A reference for which there is none stays to the byte.
pub fn rewrite(
    text: &str,
    references: &[Reference],
    mut address: impl FnMut(&Reference) -> Option<String>,
) -> String {
    let mut written = String::with_capacity(text.len() + 16 * references.len());
    let mut end = 0;
    for reference in references {
        if let Some(url) = address(reference) {
            written.push_str(&text[end..reference.span.start]);
            written.push_str(&reference.form.write(&url));
            end = reference.span.end;
        }
    }
    written.push_str(&text[end..]);
    written
}

impl Form {
    fn write(self, url: &str) -> String {
        match self {
            Self::CssUrl => format!("url({})", css::quote(url)),
            Self::CssImport => format!("@import url({})", css::quote(url)),
            Self::CssString => css::quote(url),
            Self::CssSourceMap => {
                let url = bare(url).replace("*/", "%2A/");
                format!("/*# sourceMappingURL={url} */")
            }
            Self::JsSourceMap => format!("//# sourceMappingURL={}", bare(url)),
        }
    }
}

/// An address without quotes around it: no space in it may end it.
fn bare(url: &str) -> String {
    let mut written = String::with_capacity(url.len());
    for character in url.chars() {
        if character.is_whitespace() {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                written.push_str(&format!("%{byte:02X}"));
            }
        } else {
            written.push(character);
        }
    }
    written
}

/// The address in the inside of a comment such as `# sourceMappingURL=style.css.map`. The word
/// counts in this spelling only, as in Django.
fn source_map(comment: &str) -> Option<&str> {
    let rest = comment.strip_prefix('#')?.strip_prefix([' ', '\t'])?;
    let url = rest.strip_prefix("sourceMappingURL=")?.trim();
    let is_one_word = !url.is_empty() && !url.contains(char::is_whitespace);
    is_one_word.then_some(url)
}

/// Without what browsers strip off both ends of an address.
fn trim(url: &str) -> &str {
    url.trim_matches(|character: char| character <= ' ')
}

/// Counts lines up to ever later places of a text.
#[derive(Debug)]
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let (at, line) = (0, 1);
        Self { text, at, line }
    }

    fn line_of(&mut self, at: usize) -> usize {
        self.line += self.text[self.at..at].matches('\n').count();
        self.at = at;
        self.line
    }
}
