//! References in style sheets, found by the tokens of CSS Syntax Level 3.

use super::reference::{Lines, Reference, ReferenceSyntax, source_map, trim};

/// Finds the references of a style sheet.
pub(super) fn find(text: &str) -> Vec<Reference> {
    let mut finder = Finder {
        scanner: Scanner { text, at: 0 },
        lines: Lines::new(text),
        references: Vec::new(),
    };
    finder.run();
    finder.references
}

/// The address as a CSS string; characters that would end the string are escaped.
pub(super) fn quote(url: &str) -> String {
    let mut quoted = String::with_capacity(url.len() + 2);
    quoted.push('"');
    for character in url.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' | '\r' | '\u{c}' => {
                quoted.push_str(&format!("\\{:x} ", u32::from(character)));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// The search through one style sheet.
struct Finder<'a> {
    scanner: Scanner<'a>,
    lines: Lines<'a>,
    references: Vec<Reference>,
}

impl Finder<'_> {
    fn run(&mut self) {
        while let Some(character) = self.scanner.peek() {
            let start = self.scanner.at;
            match character {
                '/' if self.scanner.rest().starts_with("/*") => self.comment(),
                '"' | '\'' => {
                    self.scanner.string(character);
                }
                '@' => {
                    self.scanner.at += 1;
                    if self.scanner.name().eq_ignore_ascii_case("import") {
                        self.import(start);
                    }
                }
                // A colour or an id is one token with the name that follows: `#url(` is no `url()`.
                '#' => {
                    self.scanner.at += 1;
                    self.scanner.name();
                }
                _ if self.scanner.is_at_name() => {
                    let name = self.scanner.name();
                    if name.eq_ignore_ascii_case("url") && self.scanner.eat('(') {
                        self.url(start);
                    }
                }
                _ => self.scanner.at += character.len_utf8(),
            }
        }
    }

    fn comment(&mut self) {
        let start = self.scanner.at;
        let inside = self.scanner.comment();
        if let Some(url) = inside.and_then(source_map) {
            self.add(start, url, ReferenceSyntax::CssSourceMap);
        }
    }

    /// Reads what follows `@import`: a string. A `url()` is left to [`Self::run`].
    fn import(&mut self, start: usize) {
        let mut has_comments = false;
        loop {
            self.scanner.whitespace();
            if !self.scanner.rest().starts_with("/*") {
                break;
            }
            self.scanner.comment();
            has_comments = true;
        }
        let string_start = self.scanner.at;
        let Some(quote) = self.scanner.peek().filter(|next| is_quote(*next)) else {
            return;
        };
        let Some(url) = self.scanner.string(quote) else {
            return;
        };
        // With comments in between, the rule has more than the form `@import "…"`: only its string
        // is replaced.
        if has_comments {
            self.add(string_start, &url, ReferenceSyntax::CssUrl);
        } else {
            self.add(start, &url, ReferenceSyntax::CssImport);
        }
    }

    /// What follows `url(`.
    fn url(&mut self, start: usize) {
        self.scanner.whitespace();
        let string_start = self.scanner.at;
        let Some(quote) = self.scanner.peek().filter(|next| is_quote(*next)) else {
            if let Some(url) = self.scanner.bare_url() {
                self.add(start, &url, ReferenceSyntax::CssUrl);
            }
            return;
        };
        let Some(url) = self.scanner.string(quote) else {
            return;
        };
        let string_end = self.scanner.at;
        self.scanner.whitespace();
        if self.scanner.eat(')') {
            self.add(start, &url, ReferenceSyntax::CssUrl);
        } else {
            // The address has modifiers (CSS Values Level 4), which stay as they are: only its
            // string is replaced.
            self.scanner.at = string_end;
            self.add(string_start, &url, ReferenceSyntax::CssString);
        }
    }

    /// Adds the reference between `start` and the scanner's place.
    fn add(&mut self, start: usize, url: &str, syntax: ReferenceSyntax) {
        let url = trim(url).to_owned();
        if url.is_empty() {
            return;
        }
        self.references.push(Reference {
            span: start..self.scanner.at,
            url,
            line: self.lines.line_of(start),
            syntax,
        });
    }
}

/// A place in a style sheet, and the tokens from there.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, expected: char) -> bool {
        let is_there = self.peek() == Some(expected);
        if is_there {
            self.at += expected.len_utf8();
        }
        is_there
    }

    fn whitespace(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_whitespace).len();
    }

    /// Reads a comment, and returns its inside; `None` if it has no end.
    fn comment(&mut self) -> Option<&'a str> {
        let inside = &self.rest()[2..];
        if let Some(length) = inside.find("*/") {
            self.at += length + 4;
            Some(&inside[..length])
        } else {
            self.at = self.text.len();
            None
        }
    }

    fn is_at_name(&self) -> bool {
        self.peek()
            .is_some_and(|next| is_name_character(next) || (next == '\\' && self.is_at_escape()))
    }

    /// Reads the longest run of name characters. Numbers with their units count too, so that a
    /// `url` within them is not found.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(next) = self.peek() {
            if is_name_character(next) {
                self.at += next.len_utf8();
                name.push(next);
            } else if next == '\\' && self.is_at_escape() {
                name.extend(self.escape());
            } else {
                break;
            }
        }
        name
    }

    /// Reads a string, and returns its value; `None` if a line's end or the text's end breaks it
    /// off.
    fn string(&mut self, quote: char) -> Option<String> {
        self.at += quote.len_utf8();
        let mut value = String::new();
        while let Some(next) = self.peek() {
            match next {
                _ if next == quote => {
                    self.at += 1;
                    return Some(value);
                }
                '\\' => value.extend(self.escape()),
                _ if is_newline(next) => return None,
                _ => {
                    self.at += next.len_utf8();
                    value.push(preprocessed(next));
                }
            }
        }
        None
    }

    /// Reads an address without quotes and the closing bracket. `None` if the text ends before it,
    /// or if the rules do not allow the address, which is then skipped.
    fn bare_url(&mut self) -> Option<String> {
        let mut url = String::new();
        while let Some(next) = self.peek() {
            match next {
                ')' => {
                    self.at += 1;
                    return Some(url);
                }
                '\\' if self.is_at_escape() => url.extend(self.escape()),
                _ if is_whitespace(next) => {
                    self.whitespace();
                    if self.peek() != Some(')') {
                        return self.bad_url();
                    }
                }
                '"'
                | '\''
                | '('
                | '\\'
                | '\u{1}'..='\u{8}'
                | '\u{b}'
                | '\u{e}'..='\u{1f}'
                | '\u{7f}' => return self.bad_url(),
                _ => {
                    self.at += next.len_utf8();
                    url.push(preprocessed(next));
                }
            }
        }
        None
    }

    fn bad_url(&mut self) -> Option<String> {
        while let Some(next) = self.peek() {
            if next == '\\' && self.is_at_escape() {
                self.escape();
                continue;
            }
            self.at += next.len_utf8();
            if next == ')' {
                break;
            }
        }
        None
    }

    fn is_at_escape(&self) -> bool {
        let mut next = self.rest().chars();
        next.next() == Some('\\') && next.next().is_some_and(|next| !is_newline(next))
    }

    /// Reads an escape, and returns its character. A backslash before a line's end stands for
    /// nothing.
    fn escape(&mut self) -> Option<char> {
        self.at += 1;
        let next = self.peek()?;
        if next == '\r' && self.rest().starts_with("\r\n") {
            self.at += 2;
            return None;
        }
        if !next.is_ascii_hexdigit() {
            self.at += next.len_utf8();
            return (!is_newline(next)).then_some(preprocessed(next));
        }
        let digits = self.rest().bytes().take(6);
        let count = digits.take_while(u8::is_ascii_hexdigit).count();
        let code = u32::from_str_radix(&self.rest()[..count], 16).ok();
        self.at += count;
        if self.rest().starts_with("\r\n") {
            self.at += 2;
        } else if self.peek().is_some_and(is_whitespace) {
            self.at += 1;
        }
        let character = code.filter(|code| *code != 0).and_then(char::from_u32);
        Some(character.unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'')
}

fn is_newline(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{c}')
}

fn is_whitespace(character: char) -> bool {
    is_newline(character) || matches!(character, ' ' | '\t')
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '-' | '_' | '\0')
        || !character.is_ascii()
}

/// The character that a parser reads in the place of another (CSS Syntax Level 3, 3.3).
fn preprocessed(character: char) -> char {
    match character {
        '\0' => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}
