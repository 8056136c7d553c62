//! References in scripts: their source maps. The names of imported modules are left alone, as in
//! Django's default: a module is served under its plain name, too.

use super::reference::{Lines, Reference, ReferenceSyntax, source_map};

/// Finds comments that name a source map and have a line of their own.
pub(super) fn find(text: &str) -> Vec<Reference> {
    let mut lines = Lines::new(text);
    let mut references = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if let Some(url) = content.strip_prefix("//").and_then(source_map) {
            references.push(Reference {
                span: start..start + content.len(),
                url: url.to_owned(),
                line: lines.line_of(start),
                syntax: ReferenceSyntax::JsSourceMap,
            });
        }
        start += line.len();
    }
    references
}
