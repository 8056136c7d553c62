//! A reference, and what the searches in all languages share.

use std::ops::Range;

/// A place in a text that refers to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The part of the text that is replaced to change the reference.
    pub span: Range<usize>,
    /// The address, without quotes, escapes and surrounding spaces.
    pub url: String,
    /// The line of the address, from 1.
    pub line: usize,
    /// How it is written.
    pub syntax: ReferenceSyntax,
}

/// The forms of references. They are written exactly as Django does, so that the hash is the same
/// (`Django 5.2 contrib/staticfiles/storage.py`, `HashedFilesMixin.patterns`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceSyntax {
    /// `url(…)` in a style sheet.
    CssUrl,
    /// `@import "…"` in a style sheet.
    CssImport,
    /// A string in a style sheet, when what surrounds it must stay.
    CssString,
    /// `/*# sourceMappingURL=… */`.
    CssSourceMap,
    /// `//# sourceMappingURL=…`.
    JsSourceMap,
}

/// The address in a comment such as `# sourceMappingURL=style.css.map`, given its inside. As in
/// Django, the word counts in this spelling only.
pub(super) fn source_map(comment: &str) -> Option<&str> {
    let rest = comment.strip_prefix('#')?.strip_prefix([' ', '\t'])?;
    let url = rest.strip_prefix("sourceMappingURL=")?.trim();
    let is_one_word = !url.is_empty() && !url.contains(char::is_whitespace);
    is_one_word.then_some(url)
}

/// Removes what browsers strip off both ends of an address.
pub(super) fn trim(url: &str) -> &str {
    url.trim_matches(|character: char| character <= ' ')
}

/// Counts the lines up to places of a text, which must come in ascending order.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let (at, line) = (0, 1);
        Self { text, at, line }
    }

    pub(super) fn line_of(&mut self, at: usize) -> usize {
        self.line += self.text[self.at..at].matches('\n').count();
        self.at = at;
        self.line
    }
}
