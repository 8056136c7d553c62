//! References in scripts: their source maps. The names of modules are none, as in Django, which
//! leaves them unless it is told otherwise: a module is found beside its file under its plain name.

use super::reference::{Form, Lines, Reference, source_map};

/// Finds the comments of a line of their own that name a source map.
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
                form: Form::JsSourceMap,
            });
        }
        start += line.len();
    }
    references
}
