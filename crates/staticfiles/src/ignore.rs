//! The files that are left out: shell patterns as Python's `fnmatch` reads them. Knows names only.

use regex::{RegexSet, RegexSetBuilder};

/// The patterns that Django ignores by default (`Django 5.2 contrib/staticfiles/apps.py`).
pub const DEFAULT_PATTERNS: [&str; 3] = ["CVS", ".*", "*~"];

/// Patterns of files and folders to leave out.
///
/// `*` is any run of characters, also across `/`; `?` is any character; `[abc]`, `[a-z]` and
/// `[!a-z]` are one of these, or none of these. Case counts.
#[derive(Debug, Clone, Default)]
pub struct Patterns(RegexSet);

impl Patterns {
    /// Reads patterns. As in Django, `./a//b/` means `a/b`.
    pub fn new<Pattern: AsRef<str>>(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        let translate = |pattern: Pattern| translate(&normalize(pattern.as_ref()));
        Self(compile(patterns.into_iter().map(translate)))
    }

    /// Whether a folder is left out, by its own name.
    pub fn ignores_folder(&self, base_name: &str) -> bool {
        self.matches(base_name)
    }

    /// Whether a file is left out, by its own name or by its name below the source.
    pub fn ignores_file(&self, name: &str) -> bool {
        let base_name = name.rsplit('/').next().unwrap_or(name);
        self.matches(base_name) || self.matches(name)
    }

    /// Whether a file is left out, or a folder that it is in.
    pub(crate) fn ignores_below(&self, name: &str) -> bool {
        let mut folders = name.split('/');
        folders.next_back();
        folders.any(|folder| self.ignores_folder(folder)) || self.ignores_file(name)
    }

    fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Normalises a pattern as `os.path.normpath` does for
/// `Django 5.2 management/commands/collectstatic.py`.
fn normalize(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let root = if pattern.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

fn compile(expressions: impl Iterator<Item = String>) -> RegexSet {
    RegexSetBuilder::new(expressions)
        .dot_matches_new_line(true)
        .size_limit(usize::MAX)
        .build()
        .expect("what is translated is an expression, and of no size that is too large")
}

/// A pattern as a regular expression (`Python 3.13 fnmatch.translate`).
fn translate(pattern: &str) -> String {
    let mut expression = String::from("^");
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => match translate_set(rest) {
                Some((set, after)) => {
                    expression.push_str(&set);
                    rest = after;
                }
                None => expression.push_str(r"\["),
            },
            _ => push_escaped(&mut expression, character),
        }
    }
    expression.push('$');
    expression
}

/// Translates what follows a `[`, and returns the rest. `None` without a closing bracket: then the
/// `[` stands for itself.
fn translate_set(text: &str) -> Option<(String, &str)> {
    let (inversion, body) = match text.strip_prefix('!') {
        Some(body) => ("^", body),
        None => ("", text),
    };
    // A `]` that comes first is one of the characters.
    let first_length = body.chars().next()?.len_utf8();
    let end = first_length + body[first_length..].find(']')?;
    // `regex` refuses an empty class, and ranges that run backwards add nothing: it begins with an
    // intersection that is empty.
    let mut set = format!("[{inversion}[a&&b]");
    let mut characters = body[..end].chars().peekable();
    while let Some(first) = characters.next() {
        let mut after = characters.clone();
        let last = after.next_if_eq(&'-').and_then(|_| after.next());
        if last.is_some() {
            characters = after;
        }
        let last = last.unwrap_or(first);
        if first <= last {
            push_escaped(&mut set, first);
            set.push('-');
            push_escaped(&mut set, last);
        }
    }
    set.push(']');
    Some((set, &body[end + 1..]))
}

fn push_escaped(expression: &mut String, character: char) {
    expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_read_as_in_python() {
        let cases = [
            ("CVS", "CVS", true),
            ("CVS", "cvs", false),
            (".*", ".hidden", true),
            (".*", "a.hidden", false),
            ("*~", "x~", true),
            ("*", "", true),
            ("**a", "bcda", true),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1b2b3", false),
            ("css/*", "css/deep/a.css", true),
            ("?", "é", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[!a-c]x", "dx", true),
            ("[]a]", "]", true),
            ("[a-]", "-", true),
            ("[a", "[a", true),
            ("[", "[", true),
            ("[!]", "[!]", true),
            ("[!", "[!", true),
            ("[]", "[]", true),
            ("[!]a]", "b", true),
            ("[z-a]", "z", false),
            ("[!z-a]", "z", true),
            ("[z-ax]", "x", true),
            ("[a-c-e]", "d", false),
            ("[a-c-e]", "-", true),
            ("[--/]", ".", true),
            ("[^a]", "^", true),
            ("[a&&b]", "&", true),
            ("[[:alpha:]]", "a", false),
            ("[[:alpha:]]", "a]", true),
            (r"[\d]", r"\", true),
            ("{a,b}", "a", false),
            ("a+(b|c)$", "a+(b|c)$", true),
            ("a", "a\n", false),
            ("a*", "a\nb", true),
            ("./css//old/", "css/old", true),
            ("a/../b", "b", true),
            ("../b", "../b", true),
            ("/b/", "/b", true),
        ];
        for (pattern, text, expected) in cases {
            let patterns = Patterns::new([pattern]);
            assert_eq!(patterns.matches(text), expected, "{pattern} on {text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_pattern(pattern in r"[\[\]!^&~{}()\\a-c*?é+-]{0,12}|.*", text in ".*") {
            Patterns::new([pattern]).matches(&text);
        }
    }

    #[test]
    fn a_name_is_ignored_for_its_folder_too() {
        let patterns = Patterns::new(DEFAULT_PATTERNS);
        assert!(patterns.ignores_below("a/.git/config"));
        assert!(patterns.ignores_below("a/b~"));
        assert!(!patterns.ignores_below("a/b.css"));
        assert!(Patterns::new(["a/*.css"]).ignores_below("a/b.css"));
    }
}
