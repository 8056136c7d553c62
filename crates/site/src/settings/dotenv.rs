//! The grammar of `.env` files. Reads text; knows no variable.
//!
//! As `python-dotenv` 1.2, which the Django site used, reads them
//! (`python-dotenv 1.2 src/dotenv/parser.py`), but for what docs/en/running/settings.md lists: nothing
//! is expanded, and a line that is no assignment is an error.

/// A line that is no assignment. It says where and what, but never the line itself, which may hold
/// a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub(super) struct Error {
    /// The line's number, from 1.
    pub(super) line: usize,
    /// What is wrong with it.
    pub(super) what: &'static str,
}

/// The assignments of a file, in its order.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>, Vec<Error>> {
    // Python opens text files with universal newlines: every kind of line end counts as one.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut scanner = Scanner {
        rest: text.strip_prefix('\u{feff}').unwrap_or(&text),
        line: 1,
    };
    let mut assignments = Vec::new();
    let mut errors = Vec::new();
    loop {
        scanner.skip(is_space);
        if scanner.rest.is_empty() {
            break;
        }
        let line = scanner.line;
        match scanner.assignment() {
            Ok(assignment) => assignments.extend(assignment),
            Err(what) => {
                errors.push(Error { line, what });
                scanner.skip(|character| character != '\n');
            }
        }
    }
    if errors.is_empty() {
        Ok(assignments)
    } else {
        Err(errors)
    }
}

/// What Python's `\s` matches: Unicode's white space and the four separators of ASCII.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// White space within a line.
fn is_blank(character: char) -> bool {
    is_space(character) && character != '\n'
}

/// The text of a file: UTF-8, or UTF-16 with its mark, as editors of Windows write it. Fails for
/// anything else, with the line but never with its text.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, String> {
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks::<2>();
        let units: Vec<_> = units.iter().copied().map(unit).collect();
        let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
        text.ok_or_else(|| "begins as UTF-16 text and is none".to_owned())
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => return utf_16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => return utf_16(rest, u16::from_be_bytes),
        _ => {}
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text.to_owned()),
        Err(error) => error,
    };
    let before = &bytes[..error.valid_up_to()];
    let line = before.split(|byte| *byte == b'\n').count();
    Err(format!(
        "is not UTF-8 text: line {line} holds the byte 0x{:02X}, as files of older editors on Windows \
         do (code page 1252); save it as UTF-8",
        bytes[error.valid_up_to()]
    ))
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl Scanner<'_> {
    /// Reads one line, or several where a quoted value spans them; a comment gives nothing.
    fn assignment(&mut self) -> Result<Option<(String, String)>, &'static str> {
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with(is_blank)
        {
            self.rest = rest;
            self.skip(is_blank);
        }
        if self.rest.starts_with('#') {
            self.skip(|character| character != '\n');
            return Ok(None);
        }
        let name = self.name().ok_or("no name before `=`")?;
        self.skip(is_blank);
        let Some(rest) = self.rest.strip_prefix('=') else {
            return Err("no `=` after the name");
        };
        self.rest = rest;
        let is_apart = !self.skip(is_blank).is_empty();
        let value = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            Some('#') if is_apart => {
                self.skip(|character| character != '\n');
                String::new()
            }
            _ => self.unquoted(),
        };
        Ok(Some((name, value)))
    }

    fn name(&mut self) -> Option<String> {
        let Some(rest) = self.rest.strip_prefix('\'') else {
            let name = self.skip(|c| !is_space(c) && !matches!(c, '=' | '#'));
            return Some(name).filter(|name| !name.is_empty());
        };
        let (name, rest) = rest.split_once('\'').filter(|(name, _)| !name.is_empty())?;
        self.line += name.matches('\n').count();
        self.rest = rest;
        Some(name.to_owned())
    }

    /// Reads a value up to the end of the line or a comment, which is a `#` behind white space. A
    /// value may begin with `#`, as one generated key in fifty does.
    fn unquoted(&mut self) -> String {
        let line = self.skip(|character| character != '\n');
        let mut signs = line.match_indices('#').map(|(index, _)| index);
        let comment = signs.find(|index| line[..*index].ends_with(is_space));
        let value = &line[..comment.unwrap_or(line.len())];
        value.trim_end_matches(is_space).to_owned()
    }

    /// Reads a value between quotes, with nothing but a comment behind them. A backslash escapes
    /// whatever follows it.
    fn quoted(&mut self, quote: char) -> Result<String, &'static str> {
        let text = &self.rest[1..];
        let mut characters = text.char_indices();
        let end = loop {
            match characters.next() {
                Some((_, '\\')) => drop(characters.next()),
                Some((index, character)) if character == quote => break index,
                Some(_) => {}
                None => return Err("a quote that is not closed"),
            }
        };
        let value = unescape(&text[..end], quote);
        self.line += text[..end].matches('\n').count();
        self.rest = &text[end + 1..];
        self.skip(is_blank);
        if self.rest.starts_with('#') {
            self.skip(|character| character != '\n');
        }
        if self.rest.is_empty() || self.rest.starts_with('\n') {
            Ok(value)
        } else {
            Err("something follows the closing quote")
        }
    }

    /// Passes over characters of a kind, and returns them.
    fn skip(&mut self, kind: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !kind(c)).unwrap_or(self.rest.len());
        let (skipped, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.line += skipped.matches('\n').count();
        skipped.to_owned()
    }
}

/// Resolves escapes. In double quotes they are Python's of one letter, of quotes and of the
/// backslash; in single quotes those of the single quote and of the backslash. Any other backslash
/// stands for itself.
fn unescape(text: &str, quote: char) -> String {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let mut ahead = characters.clone();
        let escaped = match ahead.next().filter(|_| character == '\\') {
            Some(next @ ('\\' | '\'')) => Some(next),
            Some('"') if quote == '"' => Some('"'),
            Some('a') if quote == '"' => Some('\u{7}'),
            Some('b') if quote == '"' => Some('\u{8}'),
            Some('f') if quote == '"' => Some('\u{c}'),
            Some('n') if quote == '"' => Some('\n'),
            Some('r') if quote == '"' => Some('\r'),
            Some('t') if quote == '"' => Some('\t'),
            Some('v') if quote == '"' => Some('\u{b}'),
            _ => None,
        };
        if escaped.is_some() {
            characters = ahead;
        }
        value.push(escaped.unwrap_or(character));
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let parsed = parse(text).unwrap();
        let parsed: Vec<_> = parsed
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(parsed, expected, "{text:?}");
    }

    /// Each line was read by python-dotenv 1.1 with the same result.
    #[test]
    fn values_are_read_as_dotenv_files_have_them() {
        check("A=1\nB = two words \n", &[("A", "1"), ("B", "two words")]);
        check("\u{feff}export A=1\r\nB=2\r\n", &[("A", "1"), ("B", "2")]);
        check("# A=1\n\n  # B\nC=\n", &[("C", "")]);
        check(
            "A=x#y # comment\nB=#a3x # c",
            &[("A", "x#y"), ("B", "#a3x")],
        );
        check("A='x # y' # comment", &[("A", "x # y")]);
        check(r#"A="x\ty\n\"z\"\\""#, &[("A", "x\ty\n\"z\"\\")]);
        check(r"A='x\ty\'z'", &[("A", r"x\ty'z")]);
        check("A=\"two\nlines\"\nB=1", &[("A", "two\nlines"), ("B", "1")]);
    }

    #[test]
    fn a_secret_key_is_taken_as_it_stands() {
        let key = "django-insecure-$a#b(c)&d*e^f%g@h!i=${DEBUG}\\n'\"";
        check(&format!("SECRET_KEY={key}"), &[("SECRET_KEY", key)]);
    }

    #[test]
    fn files_from_windows_are_read_or_named() {
        let text = "A=é\r\nB=1\r\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        let with_mark = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
            let units = units.iter().flat_map(|unit| bytes(*unit));
            mark.into_iter().chain(units).collect::<Vec<_>>()
        };
        let little = with_mark([0xFF, 0xFE], u16::to_le_bytes);
        assert_eq!(decode(&little).unwrap(), text);
        assert_eq!(
            decode(&with_mark([0xFE, 0xFF], u16::to_be_bytes)).unwrap(),
            text
        );
        assert!(
            decode(&little[..little.len() - 1])
                .unwrap_err()
                .contains("UTF-16")
        );
        let named = decode(b"A=1\r\nSECRET_KEY=clef-priv\xE9e\r\n").unwrap_err();
        assert!(
            named.contains("line 2") && named.contains("0xE9"),
            "{named}"
        );
        assert!(!named.contains("clef"), "{named}");
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
    }

    #[test]
    fn every_bad_line_is_named_by_its_number() {
        let errors = parse("A=1\nnonsense\nB='x\ny' z\n=1\nC=\"open\nD=1").unwrap_err();
        let lines: Vec<_> = errors.iter().map(|error| error.line).collect();
        assert_eq!(lines, [2, 3, 5, 6]);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse(&text);
        }

        #[test]
        fn a_double_quoted_value_reads_back(value in "[^\\x00\r]*") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            let parsed = parse(&format!("A=\"{escaped}\"\nB=1")).unwrap();
            prop_assert_eq!(&parsed[0].1, &value);
            prop_assert_eq!(&parsed[1].1, "1");
        }
    }
}
