//! References in scripts: the modules they name, and their source maps.

mod lexer;

use self::lexer::{Lexer, Token, TokenKind};
use super::{Form, Lines, Reference, source_map, trim};

/// Finds what a script refers to.
pub(super) fn find(text: &str) -> Vec<Reference> {
    let mut finder = Finder {
        text,
        lines: Lines::new(text),
        expected: Expected::Anything,
        references: Vec::new(),
    };
    let mut previous = Previous::default();
    for token in Lexer::new(text) {
        if token.kind == TokenKind::Comment {
            finder.comment(&token);
            continue;
        }
        finder.next(&token, previous);
        previous = Previous {
            end: token.end,
            is_dot: token.kind == TokenKind::Dot,
        };
    }
    // A comment may come between the name of a module and the end of its `import()`.
    finder
        .references
        .sort_by_key(|reference| reference.span.start);
    finder.references
}

/// A string that means the address.
pub(super) fn quote(url: &str) -> String {
    let mut quoted = String::with_capacity(url.len() + 2);
    quoted.push('"');
    for character in url.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// What matters of the token before.
#[derive(Debug, Clone, Copy, Default)]
struct Previous {
    end: usize,
    is_dot: bool,
}

/// The search through one script.
struct Finder<'a> {
    text: &'a str,
    lines: Lines<'a>,
    expected: Expected,
    references: Vec<Reference>,
}

/// What the tokens so far may be the start of.
#[derive(Debug, Clone)]
enum Expected {
    Anything,
    /// After `import`.
    ImportRest {
        keyword_start: usize,
        keyword_end: usize,
    },
    /// After `export`.
    ExportRest,
    /// In what a statement imports or exports, between the keyword and `from`.
    Clause(Depth),
    /// After a `from` outside of braces: it may also be a name that is imported.
    FromRest {
        clause_end: usize,
        from_start: usize,
        from_end: usize,
    },
    /// After `import(`.
    Argument,
    /// After `import("…"`: it is a name alone only when the argument ends there.
    ArgumentEnd(Option<Reference>),
}

/// Where in a clause a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    Outside,
    InBraces,
}

impl Finder<'_> {
    fn comment(&mut self, token: &Token) {
        let comment = &self.text[token.start..token.end];
        if let Some(url) = comment.strip_prefix("//").and_then(source_map) {
            let reference = self.reference(token.start, token, url, Form::JsSourceMap);
            self.references.extend(reference);
        }
    }

    fn next(&mut self, token: &Token, previous: Previous) {
        let expected = std::mem::replace(&mut self.expected, Expected::Anything);
        self.expected = self
            .go_on(expected, token, previous)
            .unwrap_or_else(|| self.start(token, previous));
    }

    /// A statement, or a call of `import`, starts with its keyword; after a dot that is the name
    /// of a property.
    fn start(&self, token: &Token, previous: Previous) -> Expected {
        if token.kind != TokenKind::Word || previous.is_dot {
            return Expected::Anything;
        }
        match &self.text[token.start..token.end] {
            "import" => Expected::ImportRest {
                keyword_start: token.start,
                keyword_end: token.end,
            },
            "export" => Expected::ExportRest,
            _ => Expected::Anything,
        }
    }

    /// The next expectation; nothing when the token does not fit the present one.
    fn go_on(&mut self, expected: Expected, token: &Token, previous: Previous) -> Option<Expected> {
        match (expected, token.kind) {
            (
                Expected::ImportRest {
                    keyword_start,
                    keyword_end,
                },
                TokenKind::String,
            ) => {
                let form = Form::JsImport;
                self.module(token, keyword_start, &[(keyword_end, token.start)], form);
                Some(Expected::Anything)
            }
            (Expected::ImportRest { .. }, TokenKind::OpenParen) => Some(Expected::Argument),
            (Expected::ImportRest { .. }, _)
            | (Expected::ExportRest, TokenKind::Star | TokenKind::OpenBrace) => {
                self.clause(Depth::Outside, token, previous)
            }
            (Expected::Clause(depth), _) => self.clause(depth, token, previous),
            (
                Expected::FromRest {
                    clause_end,
                    from_start,
                    from_end,
                },
                TokenKind::String,
            ) => {
                let gaps = [(clause_end, from_start), (from_end, token.start)];
                self.module(token, clause_end, &gaps, Form::JsFrom);
                Some(Expected::Anything)
            }
            (Expected::FromRest { .. }, _) => self.clause(Depth::Outside, token, previous),
            (Expected::Argument, TokenKind::String) => {
                let url = string_value(&self.text[token.start..token.end]);
                let reference =
                    url.and_then(|url| self.reference(token.start, token, &url, Form::JsModule));
                Some(Expected::ArgumentEnd(reference))
            }
            (Expected::ArgumentEnd(reference), TokenKind::CloseParen | TokenKind::Comma) => {
                self.references.extend(reference);
                Some(Expected::Anything)
            }
            _ => None,
        }
    }

    /// A token of what is imported or exported, such as `a, { b as c }` or `* as d`.
    fn clause(&self, depth: Depth, token: &Token, previous: Previous) -> Option<Expected> {
        match (token.kind, depth) {
            (TokenKind::Word, Depth::Outside) => match &self.text[token.start..token.end] {
                "from" => Some(Expected::FromRest {
                    clause_end: previous.end,
                    from_start: token.start,
                    from_end: token.end,
                }),
                // The line before ended without a semicolon; in braces they are names.
                "import" | "export" => None,
                _ => Some(Expected::Clause(depth)),
            },
            (TokenKind::OpenBrace, Depth::Outside) => Some(Expected::Clause(Depth::InBraces)),
            (TokenKind::CloseBrace, Depth::InBraces) => Some(Expected::Clause(Depth::Outside)),
            (TokenKind::Word | TokenKind::String, Depth::InBraces)
            | (TokenKind::Comma | TokenKind::Star, _) => Some(Expected::Clause(depth)),
            _ => None,
        }
    }

    /// Adds a module's name with what is before it back to `start`, or, when there is more than
    /// spaces in the gaps, the name alone: a comment must not get lost.
    fn module(&mut self, token: &Token, start: usize, gaps: &[(usize, usize)], form: Form) {
        let Some(url) = string_value(&self.text[token.start..token.end]) else {
            return;
        };
        let is_plain = gaps
            .iter()
            .all(|(start, end)| self.text[*start..*end].trim().is_empty());
        let reference = if is_plain {
            self.reference(start, token, &url, form)
        } else {
            self.reference(token.start, token, &url, Form::JsModule)
        };
        self.references.extend(reference);
    }

    fn reference(
        &mut self,
        start: usize,
        token: &Token,
        url: &str,
        form: Form,
    ) -> Option<Reference> {
        let url = trim(url).to_owned();
        let line = self.lines.line_of(token.start);
        (!url.is_empty()).then_some(Reference {
            span: start..token.end,
            url,
            line,
            form,
        })
    }
}

/// What a string with its quotes means; nothing when it is cut off or has no meaning.
fn string_value(string: &str) -> Option<String> {
    let quote = string.chars().next()?;
    let inside = string[quote.len_utf8()..].strip_suffix(quote)?;
    let mut value = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(backslash) = rest.find('\\') {
        value.push_str(&rest[..backslash]);
        let (character, length) = escape(&rest[backslash + 1..])?;
        value.extend(character);
        rest = &rest[backslash + 1 + length..];
    }
    value.push_str(rest);
    Some(value)
}

/// What follows a backslash: its meaning, and how long it is.
fn escape(rest: &str) -> Option<(Option<char>, usize)> {
    let next = rest.chars().next()?;
    let length = next.len_utf8();
    let character = match next {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'x' => return code_point(rest.get(1..3)?, 3),
        'u' if rest[1..].starts_with('{') => {
            let end = rest.find('}')?;
            return code_point(&rest[2..end], end + 1);
        }
        'u' => return code_point(rest.get(1..5)?, 5),
        // Octal numbers are not allowed in modules, and a zero is in no name.
        '0'..='9' => return None,
        '\r' if rest[1..].starts_with('\n') => return Some((None, 2)),
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => return Some((None, length)),
        _ => next,
    };
    Some((Some(character), length))
}

/// Halves of surrogate pairs are taken for no meaning: nobody writes an address like that.
fn code_point(digits: &str, length: usize) -> Option<(Option<char>, usize)> {
    let code = u32::from_str_radix(digits, 16).ok()?;
    Some((Some(char::from_u32(code)?), length))
}
