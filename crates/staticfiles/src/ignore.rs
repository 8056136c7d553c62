//! Which files are left out: shell patterns as Python's `fnmatch` reads them. Knows names only.

/// What Django leaves out unless told otherwise (`Django 5.2 contrib/staticfiles/apps.py`).
pub const DEFAULT_PATTERNS: [&str; 3] = ["CVS", ".*", "*~"];

/// Patterns of files and folders to leave out.
///
/// `*` is any run of characters, also across `/`; `?` is any character; `[abc]`, `[a-z]` and
/// `[!a-z]` are one of these, or none of these. Case counts.
#[derive(Debug, Clone, Default)]
pub struct Patterns(Vec<Vec<Part>>);

/// One step of a pattern.
#[derive(Debug, Clone)]
enum Part {
    Literal(char),
    Any,
    Run,
    Set {
        ranges: Vec<(char, char)>,
        is_inverted: bool,
    },
}

impl Patterns {
    /// Reads patterns. As in Django, `./a//b/` means `a/b`.
    pub fn new<Pattern: AsRef<str>>(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        let parse = |pattern: Pattern| parse(&normalize(pattern.as_ref()));
        Self(patterns.into_iter().map(parse).collect())
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

    /// Whether a file is left out for itself or for a folder it is in.
    pub(crate) fn ignores_below(&self, name: &str) -> bool {
        let mut folders = name.split('/');
        folders.next_back();
        folders.any(|folder| self.ignores_folder(folder)) || self.ignores_file(name)
    }

    fn matches(&self, text: &str) -> bool {
        self.0.iter().any(|pattern| is_match(pattern, text))
    }
}

/// As `os.path.normpath` does it for `Django 5.2 management/commands/collectstatic.py`.
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

fn parse(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        parts.push(match character {
            '*' => Part::Run,
            '?' => Part::Any,
            '[' => match parse_set(rest) {
                Some((set, after)) => {
                    rest = after;
                    set
                }
                None => Part::Literal('['),
            },
            _ => Part::Literal(character),
        });
    }
    parts
}

/// Reads what follows a `[`. Without a closing one the bracket stands for itself.
fn parse_set(text: &str) -> Option<(Part, &str)> {
    let (is_inverted, body) = match text.strip_prefix('!') {
        Some(body) => (true, body),
        None => (false, text),
    };
    // A `]` that comes first is one of the characters.
    let first_length = body.chars().next()?.len_utf8();
    let end = first_length + body[first_length..].find(']')?;
    let characters: Vec<char> = body[..end].chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        if characters.get(at + 1) == Some(&'-') && at + 2 < characters.len() {
            ranges.push((characters[at], characters[at + 2]));
            at += 3;
        } else {
            ranges.push((characters[at], characters[at]));
            at += 1;
        }
    }
    let set = Part::Set {
        ranges,
        is_inverted,
    };
    Some((set, &body[end + 1..]))
}

/// Goes back to the last `*` only, so that no pattern takes longer than the product of lengths.
fn is_match(pattern: &[Part], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut part, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match pattern.get(part) {
            Some(Part::Run) => {
                retry = Some((part + 1, at));
                part += 1;
                continue;
            }
            Some(expected) if at < text.len() && accepts(expected, text[at]) => {
                part += 1;
                at += 1;
                continue;
            }
            None if at == text.len() => return true,
            _ => {}
        }
        let Some((after_run, run_end)) = retry.filter(|(_, run_end)| *run_end < text.len()) else {
            return false;
        };
        retry = Some((after_run, run_end + 1));
        (part, at) = (after_run, run_end + 1);
    }
}

fn accepts(part: &Part, character: char) -> bool {
    match part {
        Part::Literal(literal) => *literal == character,
        Part::Any | Part::Run => true,
        Part::Set {
            ranges,
            is_inverted,
        } => {
            let is_in = ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&character));
            is_in != *is_inverted
        }
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_name_is_ignored_for_its_folder_too() {
        let patterns = Patterns::new(DEFAULT_PATTERNS);
        assert!(patterns.ignores_below("a/.git/config"));
        assert!(patterns.ignores_below("a/b~"));
        assert!(!patterns.ignores_below("a/b.css"));
        assert!(Patterns::new(["a/*.css"]).ignores_below("a/b.css"));
    }
}
