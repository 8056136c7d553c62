//! The lexer of definitions. It refuses every character that begins no token: `;`, `$`, `\` and, on
//! PostgreSQL, comments.

use std::ops::Range;

use super::{Dialect, MAX_DEFINITION, MAX_NAME, MAX_NAME_POSTGRES, Refusal};

/// The smallest part of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// A bare word: a keyword or a name. PostgreSQL's are in lower case.
    Word(String),
    /// A name in quotes, without them.
    Name(String),
    /// A text constant, without its quotes.
    Text(String),
    /// The hexadecimal digits of SQLite's `x'…'`.
    Blob(String),
    /// A number, without a sign.
    Number(String),
    /// An operator or a mark.
    Symbol(&'static str),
}

/// The longest come first: `->>` is not `->` and `>`.
const SQLITE_SYMBOLS: &[&str] = &[
    "->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "==", "(", ")", ",", ".", "=", "<", ">",
    "+", "-", "*", "/", "%", "&", "|", "~",
];

const POSTGRES_SYMBOLS: &[&str] = &[
    "!~~*", "!~~", "!~*", "~~*", "->>", "#>>", "<->", "-|-", "&<|", "|&>", "~~", "!~", "~*", "->",
    "#>", "::", "||", "&&", "@>", "<@", "@@", "<<", ">>", "&<", "&>", "<=", ">=", "<>", "?|", "?&",
    "(", ")", "[", "]", ",", ".", "=", "<", ">", "+", "-", "*", "/", "%", "&", "|", "~", "#", "^",
    "?",
];

/// The characters of PostgreSQL's operators. The server reads adjacent ones as one operator.
const POSTGRES_OPERATOR: &str = "+-*/<>=~!@#%^&|`?";

/// Splits a definition into tokens.
pub(super) fn tokens(text: &str, dialect: Dialect) -> Result<Vec<Token>, Refusal> {
    let spanned = spanned(text, dialect)?;
    Ok(spanned.into_iter().map(|(token, _)| token).collect())
}

/// The same, each with the place of its text, in bytes.
pub(crate) fn spanned(text: &str, dialect: Dialect) -> Result<Vec<(Token, Range<usize>)>, Refusal> {
    if text.len() > MAX_DEFINITION {
        return Err(Refusal::form("it is too long"));
    }
    let mut lexer = Lexer {
        rest: text,
        dialect,
    };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_space()?;
        let start = text.len() - lexer.rest.len();
        let Some(token) = lexer.next()? else {
            return Ok(tokens);
        };
        tokens.push((token, start..text.len() - lexer.rest.len()));
    }
}

struct Lexer<'a> {
    rest: &'a str,
    dialect: Dialect,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Option<Token>, Refusal> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        let second = self.rest[first.len_utf8()..].chars().next();
        let is_sqlite = self.dialect == Dialect::Sqlite;
        let token = match first {
            '\'' => Token::Text(self.quoted('\'')?),
            '"' => Token::Name(self.name('"')?),
            '`' if is_sqlite => Token::Name(self.name('`')?),
            '[' if is_sqlite => Token::Name(self.bracketed()?),
            'x' | 'X' if is_sqlite && second == Some('\'') => Token::Blob(self.blob()?),
            'e' | 'E' if !is_sqlite && second == Some('\'') => Token::Text(self.escaped()?),
            '0'..='9' => Token::Number(self.number()?),
            '.' if second.is_some_and(|next| next.is_ascii_digit()) => {
                Token::Number(self.number()?)
            }
            _ if self.is_word(first) && !first.is_ascii_digit() => Token::Word(self.word()?),
            _ => Token::Symbol(self.symbol()?),
        };
        Ok(Some(token))
    }

    /// SQLite keeps the comments that are within a definition.
    fn skip_space(&mut self) -> Result<(), Refusal> {
        loop {
            let is_space = |letter: char| matches!(letter, ' ' | '\t' | '\n' | '\r' | '\u{c}');
            self.rest = self.rest.trim_start_matches(is_space);
            if self.dialect != Dialect::Sqlite {
                return Ok(());
            }
            if self.rest.starts_with("--") {
                self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                let end = comment.find("*/");
                let end = end.ok_or_else(|| Refusal::form("a comment has no end"))?;
                self.rest = &comment[end + 2..];
            } else {
                return Ok(());
            }
        }
    }

    /// The text between two quotes. A doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Result<String, Refusal> {
        let mut text = String::new();
        let mut rest = &self.rest[1..];
        loop {
            let end = rest.find(quote);
            let end = end.ok_or_else(|| Refusal::form(format!("a {quote} has no end")))?;
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            if !rest.starts_with(quote) {
                break;
            }
            text.push(quote);
            rest = &rest[1..];
        }
        self.rest = rest;
        if text.contains('\0') {
            return Err(Refusal::form("a text holds a NUL"));
        }
        Ok(text)
    }

    fn name(&mut self, quote: char) -> Result<String, Refusal> {
        let name = self.quoted(quote)?;
        self.check_name(name)
    }

    fn bracketed(&mut self) -> Result<String, Refusal> {
        let end = self.rest.find(']');
        let end = end.ok_or_else(|| Refusal::form("a [ has no end"))?;
        let name = self.rest[1..end].to_owned();
        self.rest = &self.rest[end + 1..];
        self.check_name(name)
    }

    fn check_name(&self, name: String) -> Result<String, Refusal> {
        let max = match self.dialect {
            Dialect::Postgres => MAX_NAME_POSTGRES,
            Dialect::Sqlite => MAX_NAME,
        };
        if name.is_empty() || name.len() > max || name.chars().any(char::is_control) {
            return Err(Refusal::form(
                "a name is empty, too long, or holds a control character",
            ));
        }
        Ok(name)
    }

    fn blob(&mut self) -> Result<String, Refusal> {
        self.rest = &self.rest[1..];
        let digits = self.quoted('\'')?;
        let is_blob =
            digits.len().is_multiple_of(2) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_blob {
            return Err(Refusal::form(
                "an x'…' holds no pairs of hexadecimal digits",
            ));
        }
        Ok(digits)
    }

    /// PostgreSQL's `E'…'`, with the escapes that this program and the server write.
    fn escaped(&mut self) -> Result<String, Refusal> {
        let mut text = String::new();
        let mut letters = self.rest[2..].char_indices().peekable();
        let wrong = || Refusal::form("an E'…' has no end, or an escape that no backup has");
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => {
                    let (_, escape) = letters.next().ok_or_else(wrong)?;
                    text.push(match escape {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        '\\' | '\'' => escape,
                        _ => return Err(wrong()),
                    });
                }
                '\'' if letters.next_if(|(_, next)| *next == '\'').is_some() => text.push('\''),
                '\'' => {
                    self.rest = &self.rest[2 + at + 1..];
                    return Ok(text);
                }
                '\0' => return Err(wrong()),
                letter => text.push(letter),
            }
        }
        Err(wrong())
    }

    /// Digits, with a point and an exponent or, on SQLite, hexadecimal ones.
    fn number(&mut self) -> Result<String, Refusal> {
        let bytes = self.rest.as_bytes();
        let is_hexadecimal =
            self.dialect == Dialect::Sqlite && matches!(bytes, [b'0', b'x' | b'X', ..]);
        let mut end = 0;
        if is_hexadecimal {
            end = 2 + count(&bytes[2..], u8::is_ascii_hexdigit);
        } else {
            end += count(bytes, u8::is_ascii_digit);
            if bytes.get(end) == Some(&b'.') {
                end += 1 + count(&bytes[end + 1..], u8::is_ascii_digit);
            }
            if matches!(bytes.get(end), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                let digits = count(
                    &bytes[(end + 1 + sign).min(bytes.len())..],
                    u8::is_ascii_digit,
                );
                if digits > 0 {
                    end += 1 + sign + digits;
                }
            }
        }
        let next = self.rest[end..].chars().next();
        if end > MAX_NAME || (is_hexadecimal && end == 2) || next.is_some_and(|n| self.is_word(n)) {
            return Err(Refusal::form("a number is too long, or runs into a word"));
        }
        let number = self.rest[..end].to_owned();
        self.rest = &self.rest[end..];
        Ok(number)
    }

    fn is_word(&self, letter: char) -> bool {
        letter.is_ascii_alphanumeric()
            || letter == '_'
            // SQLite takes every byte above ASCII for a letter; PostgreSQL writes such names in
            // quotes.
            || (self.dialect == Dialect::Sqlite && !letter.is_ascii())
    }

    fn word(&mut self) -> Result<String, Refusal> {
        let end = self.rest.find(|letter| !self.is_word(letter));
        let end = end.unwrap_or(self.rest.len());
        let word = match self.dialect {
            Dialect::Postgres => self.rest[..end].to_ascii_lowercase(),
            Dialect::Sqlite => self.rest[..end].to_owned(),
        };
        self.rest = &self.rest[end..];
        self.check_name(word)
    }

    fn symbol(&mut self) -> Result<&'static str, Refusal> {
        let symbols = match self.dialect {
            Dialect::Postgres => POSTGRES_SYMBOLS,
            Dialect::Sqlite => SQLITE_SYMBOLS,
        };
        let unknown = || {
            let first: String = self.rest.chars().take(1).collect();
            Refusal::form(format!("`{}` is in no definition", first.escape_debug()))
        };
        let found = symbols
            .iter()
            .find(|symbol| self.rest.starts_with(**symbol));
        let symbol = found.ok_or_else(unknown)?;
        let rest = &self.rest[symbol.len()..];
        let is_operator = |text: &str| text.starts_with(|c| POSTGRES_OPERATOR.contains(c));
        // `--` and `/*` begin comments, and whatever else touches is an operator of its own.
        if self.dialect == Dialect::Postgres && is_operator(symbol) && is_operator(rest) {
            return Err(unknown());
        }
        self.rest = rest;
        Ok(symbol)
    }
}

fn count(bytes: &[u8], is_meant: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is_meant(byte)).count()
}
