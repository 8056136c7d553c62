//! The grammar of `.env` files. Reads text; knows no variable.
//!
//! As `python-dotenv`, which the Django site used, without its `${NAME}` expansion: a secret
//! key may hold a `$`, and Docker's `--env-file`, which reads the same file, expands nothing.

/// A line that is no assignment. Tells where and what, never the line itself: it may hold a
/// secret.
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
    let mut scanner = Scanner {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    let mut assignments = Vec::new();
    let mut errors = Vec::new();
    while !scanner.rest.is_empty() {
        let line = scanner.line;
        match scanner.assignment() {
            Ok(assignment) => assignments.extend(assignment),
            Err(what) => {
                errors.push(Error { line, what });
                scanner.skip_line();
            }
        }
    }
    if errors.is_empty() {
        Ok(assignments)
    } else {
        Err(errors)
    }
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl Scanner<'_> {
    /// Reads one line, or several where a quoted value spans them; blank lines and comments
    /// give nothing.
    fn assignment(&mut self) -> Result<Option<(String, String)>, &'static str> {
        self.skip_blanks();
        if self.rest.is_empty() || self.rest.starts_with(['#', '\n', '\r']) {
            self.skip_line();
            return Ok(None);
        }
        if let Some(rest) = self.rest.strip_prefix("export")
            && rest.starts_with([' ', '\t'])
        {
            self.rest = rest;
            self.skip_blanks();
        }
        let name = self.name()?;
        self.skip_blanks();
        let Some(rest) = self.rest.strip_prefix('=') else {
            return Err("no `=` after the name");
        };
        self.rest = rest;
        self.skip_blanks();
        let value = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            _ => self.unquoted(),
        };
        self.skip_line();
        Ok(Some((name, value)))
    }

    fn name(&mut self) -> Result<String, &'static str> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return Err("no name before `=`");
        }
        self.rest = rest;
        Ok(name.to_owned())
    }

    /// Up to the end of the line or a comment, which begins with a blank and `#`.
    fn unquoted(&mut self) -> String {
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        let comment = line
            .match_indices('#')
            .map(|(index, _)| index)
            .find(|index| line[..*index].ends_with([' ', '\t']) || *index == 0);
        line[..comment.unwrap_or(end)].trim_end().to_owned()
    }

    /// Between quotes: in double ones `\n`, `\r`, `\t` and an escaped quote or backslash, in
    /// single ones the latter two.
    fn quoted(&mut self, quote: char) -> Result<String, &'static str> {
        let mut value = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((index, character)) = characters.next() {
            match character {
                _ if character == quote => {
                    self.line += value.matches('\n').count();
                    self.rest = &self.rest[index + 1..];
                    return self.nothing_but_a_comment().map(|()| value);
                }
                '\\' => match characters.next().map(|(_, next)| next) {
                    Some(next) if next == quote || next == '\\' => value.push(next),
                    Some('n') if quote == '"' => value.push('\n'),
                    Some('r') if quote == '"' => value.push('\r'),
                    Some('t') if quote == '"' => value.push('\t'),
                    Some(next) => value.extend(['\\', next]),
                    None => break,
                },
                _ => value.push(character),
            }
        }
        Err("a quote that is not closed")
    }

    fn nothing_but_a_comment(&mut self) -> Result<(), &'static str> {
        self.skip_blanks();
        if self.rest.is_empty() || self.rest.starts_with(['#', '\n', '\r']) {
            Ok(())
        } else {
            Err("something follows the closing quote")
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn skip_line(&mut self) {
        self.rest = match self.rest.split_once('\n') {
            Some((_, rest)) => rest,
            None => "",
        };
        self.line += 1;
    }
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
        check("A=x#y # comment\nB=# comment", &[("A", "x#y"), ("B", "")]);
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
        fn a_double_quoted_value_reads_back(value in "[^\\x00]*") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            let parsed = parse(&format!("A=\"{escaped}\"\nB=1")).unwrap();
            prop_assert_eq!(&parsed[0].1, &value);
            prop_assert_eq!(&parsed[1].1, "1");
        }
    }
}
