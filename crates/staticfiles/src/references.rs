//! References from one static file to another: how to find and to rewrite them in a text. Knows the
//! syntax of the languages, not which files exist.

pub(crate) mod address;
mod css;
mod js;
mod reference;

pub use self::reference::{Reference, ReferenceSyntax};

/// A language in which files refer to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Style sheets.
    Css,
    /// Scripts and modules.
    JavaScript,
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

/// Finds all references in a text, in their order. In a style sheet, text in a comment or a string
/// that only looks like a reference is skipped.
pub fn find(language: Language, text: &str) -> Vec<Reference> {
    match language {
        Language::Css => css::find(text),
        Language::JavaScript => js::find(text),
    }
}

/// Rewrites the text with the addresses that `address` returns. A reference for which it returns
/// `None` stays as it is, byte by byte.
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
            written.push_str(&reference.syntax.write(&url));
            end = reference.span.end;
        }
    }
    written.push_str(&text[end..]);
    written
}

impl ReferenceSyntax {
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

/// An address that is written without quotes. White space in it would end it, and is encoded.
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
