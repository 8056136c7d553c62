//! The tokens of a script, as far as it takes to tell code from strings, templates, regular
//! expressions and comments.
//!
//! Whether a `/` divides or starts a regular expression depends on the grammar; here it is
//! decided by the token before, with a stack of brackets for `)` and `}`. Where that is wrong,
//! which takes such oddities as a function divided by something, the worst is a reference that
//! stays plain.

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Comment,
    /// A name or a keyword.
    Word,
    /// A string with its quotes, also one that is cut off.
    String,
    OpenParen,
    CloseParen,
    OpenBrace,
    CloseBrace,
    Comma,
    Star,
    /// `.` or `?.`.
    Dot,
    /// Anything else.
    Other,
}

/// Gives the tokens of a text one by one.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    before: Before,
    open: Vec<Bracket>,
}

/// What is before the present place, as far as it decides what a `/` or a `{` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A value: what follows divides it.
    Value,
    /// A word after which the condition of a statement comes.
    Condition,
    /// A dot: what follows is the name of a property.
    Dot,
    /// An operator, an opening bracket, or a word such as `return`: a value follows.
    Operator,
    /// A colon: after it is a value in an object, and a statement elsewhere.
    Colon,
    /// Where a statement starts.
    Statement,
}

/// A bracket that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bracket {
    /// Around the condition of a statement, or around anything else.
    Paren { is_condition: bool },
    /// `[`.
    Square,
    /// Around statements, or around an object.
    Brace { is_object: bool },
    /// `${` in a template.
    Template,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut lexer = Self {
            text,
            at: 0,
            before: Before::Statement,
            open: Vec::new(),
        };
        // The line for the shell in front of scripts that can be started.
        if text.starts_with("#!") {
            lexer.at = line_length(text);
        }
        lexer
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn token(&mut self, first: char) -> TokenKind {
        let rest = self.rest();
        match first {
            '/' if rest.starts_with("//") => {
                self.at += line_length(rest);
                TokenKind::Comment
            }
            '/' if rest.starts_with("/*") => {
                let length = rest[2..].find("*/").map(|inside| inside + 4);
                self.at += length.unwrap_or(rest.len());
                TokenKind::Comment
            }
            '"' | '\'' => self.string(first),
            '`' => {
                self.at += 1;
                self.template()
            }
            '0'..='9' => self.number(),
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => self.number(),
            _ if is_word_start(first) => self.word(),
            '/' if self.before != Before::Value => match regex_length(rest) {
                Some(length) => {
                    self.at += length;
                    self.value(TokenKind::Other)
                }
                None => self.punctuation(first),
            },
            _ => self.punctuation(first),
        }
    }

    fn value(&mut self, kind: TokenKind) -> TokenKind {
        self.before = Before::Value;
        kind
    }

    fn string(&mut self, quote: char) -> TokenKind {
        let mut characters = self.rest().char_indices().skip(1);
        let mut length = self.rest().len();
        while let Some((offset, character)) = characters.next() {
            match character {
                _ if character == quote => {
                    length = offset + 1;
                    break;
                }
                '\\' => {
                    let is_return = characters.next().is_some_and(|(_, next)| next == '\r');
                    if is_return
                        && characters
                            .clone()
                            .next()
                            .is_some_and(|(_, next)| next == '\n')
                    {
                        characters.next();
                    }
                }
                '\n' | '\r' => {
                    length = offset;
                    break;
                }
                _ => {}
            }
        }
        self.at += length;
        self.value(TokenKind::String)
    }

    /// The rest of a template, up to its end or to code in it.
    fn template(&mut self) -> TokenKind {
        let mut bytes = self.rest().bytes().enumerate().peekable();
        while let Some((offset, byte)) = bytes.next() {
            match byte {
                b'`' => {
                    self.at += offset + 1;
                    return self.value(TokenKind::Other);
                }
                b'\\' => {
                    bytes.next();
                }
                b'$' if bytes.peek().is_some_and(|(_, next)| *next == b'{') => {
                    self.at += offset + 2;
                    self.open.push(Bracket::Template);
                    self.before = Before::Operator;
                    return TokenKind::Other;
                }
                _ => {}
            }
        }
        self.at = self.text.len();
        self.value(TokenKind::Other)
    }

    fn number(&mut self) -> TokenKind {
        let is_number = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
        self.at += self.rest().bytes().take_while(is_number).count();
        self.value(TokenKind::Other)
    }

    fn word(&mut self) -> TokenKind {
        let rest = self.rest();
        let mut length = 0;
        while let Some(next) = rest[length..].chars().next() {
            if next == '\\' {
                length += escape_length(&rest[length..]);
            } else if is_word_start(next) || next.is_ascii_digit() {
                length += next.len_utf8();
            } else {
                break;
            }
        }
        self.at += length;
        self.before = if self.before == Before::Dot {
            Before::Value
        } else {
            after_word(&rest[..length])
        };
        TokenKind::Word
    }

    fn punctuation(&mut self, first: char) -> TokenKind {
        let rest = self.rest();
        self.at += first.len_utf8();
        match first {
            '(' => {
                let is_condition = self.before == Before::Condition;
                self.open.push(Bracket::Paren { is_condition });
                self.before = Before::Operator;
                TokenKind::OpenParen
            }
            '[' => {
                self.open.push(Bracket::Square);
                self.before = Before::Operator;
                TokenKind::Other
            }
            '{' => {
                let is_object = self.is_object_next();
                self.open.push(Bracket::Brace { is_object });
                self.before = if is_object {
                    Before::Operator
                } else {
                    Before::Statement
                };
                TokenKind::OpenBrace
            }
            ')' | ']' => self.close(first),
            '}' => self.close_brace(),
            '.' if rest.starts_with("...") => {
                self.at += 2;
                self.before = Before::Operator;
                TokenKind::Other
            }
            '.' => {
                self.before = Before::Dot;
                TokenKind::Dot
            }
            '?' if rest[1..].starts_with('.') => {
                self.at += 1;
                self.before = Before::Dot;
                TokenKind::Dot
            }
            // Behind a value they belong to it, and before one they are operators.
            '+' | '-' if rest[1..].starts_with(first) => {
                self.at += 1;
                TokenKind::Other
            }
            '=' if rest[1..].starts_with('>') => {
                self.at += 1;
                self.before = Before::Statement;
                TokenKind::Other
            }
            _ => {
                self.before = match first {
                    ';' => Before::Statement,
                    ':' => Before::Colon,
                    _ => Before::Operator,
                };
                match first {
                    ',' => TokenKind::Comma,
                    '*' => TokenKind::Star,
                    _ => TokenKind::Other,
                }
            }
        }
    }

    fn is_object_next(&self) -> bool {
        match self.before {
            Before::Operator => true,
            Before::Colon => {
                let innermost = self.open.last();
                !matches!(innermost, None | Some(Bracket::Brace { is_object: false }))
            }
            _ => false,
        }
    }

    /// A bracket that does not fit the open one closes nothing.
    fn close(&mut self, bracket: char) -> TokenKind {
        self.before = Before::Value;
        match self.open.last() {
            Some(Bracket::Paren { is_condition }) if bracket == ')' => {
                if *is_condition {
                    self.before = Before::Statement;
                }
                self.open.pop();
            }
            Some(Bracket::Square) if bracket == ']' => {
                self.open.pop();
            }
            _ => {}
        }
        if bracket == ')' {
            TokenKind::CloseParen
        } else {
            TokenKind::Other
        }
    }

    /// A brace closes also what was left open in it.
    fn close_brace(&mut self) -> TokenKind {
        while let Some(bracket) = self.open.pop() {
            match bracket {
                Bracket::Template => return self.template(),
                Bracket::Brace { is_object } => {
                    self.before = if is_object {
                        Before::Value
                    } else {
                        Before::Statement
                    };
                    return TokenKind::CloseBrace;
                }
                Bracket::Paren { .. } | Bracket::Square => {}
            }
        }
        self.before = Before::Statement;
        TokenKind::CloseBrace
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_whitespace).len();
        let first = self.rest().chars().next()?;
        let start = self.at;
        let kind = self.token(first);
        let end = self.at;
        Some(Token { kind, start, end })
    }
}

fn after_word(word: &str) -> Before {
    match word {
        "if" | "while" | "for" | "with" => Before::Condition,
        "await" | "case" | "default" | "delete" | "extends" | "in" | "instanceof" | "new"
        | "return" | "throw" | "typeof" | "void" | "yield" => Before::Operator,
        "do" | "else" | "finally" | "try" => Before::Statement,
        _ => Before::Value,
    }
}

/// The length of a regular expression with its flags, when it ends on its line.
fn regex_length(text: &str) -> Option<usize> {
    let mut is_in_class = false;
    let mut characters = text.char_indices().skip(1);
    while let Some((offset, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next().filter(|(_, next)| !is_line_end(*next))?;
            }
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            '/' if !is_in_class => {
                let flags = text[offset + 1..].bytes();
                let flags_length = flags.take_while(u8::is_ascii_alphabetic).count();
                return Some(offset + 1 + flags_length);
            }
            _ if is_line_end(character) => return None,
            _ => {}
        }
    }
    None
}

fn escape_length(text: &str) -> usize {
    if text.starts_with("\\u{") {
        return text.find('}').map_or(text.len(), |end| end + 1);
    }
    text.chars().take(2).map(char::len_utf8).sum()
}

fn line_length(text: &str) -> usize {
    text.find(is_line_end).unwrap_or(text.len())
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn is_whitespace(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}

/// `#` starts the name of a private property.
fn is_word_start(character: char) -> bool {
    character.is_ascii_alphabetic()
        || matches!(character, '$' | '_' | '#' | '\\')
        || (!character.is_ascii() && !is_whitespace(character))
}
