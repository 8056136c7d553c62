//! A position in the tokens of a definition, and the parser's steps from there.

use super::token::Token;
use super::{MAX_NESTING, Refusal};

/// Reads tokens one after the other. Words are compared without regard to case.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(tokens: &'a [Token]) -> Self {
        Self {
            tokens,
            at: 0,
            depth: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn peek_second(&self) -> Option<&'a Token> {
        self.tokens.get(self.at + 1)
    }

    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        is_word(self.peek(), word)
    }

    /// Takes a sequence of words if all of them come next, otherwise none.
    pub(super) fn take(&mut self, words: &str) -> bool {
        let mut at = self.at;
        for word in words.split(' ') {
            if !is_word(self.tokens.get(at), word) {
                return false;
            }
            at += 1;
        }
        self.at = at;
        true
    }

    /// Takes the first of several words that comes next, and returns our own spelling of it.
    pub(super) fn take_one_of(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|words| self.take(words))
    }

    pub(super) fn expect(&mut self, words: &str) -> Result<(), Refusal> {
        if self.take(words) {
            return Ok(());
        }
        Err(self.unexpected(words))
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol)
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_there = self.is_symbol(symbol);
        self.at += usize::from(is_there);
        is_there
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.take_symbol(symbol) {
            return Ok(());
        }
        Err(self.unexpected(symbol))
    }

    /// A name, bare or in quotes.
    pub(super) fn name(&mut self) -> Result<&'a str, Refusal> {
        match self.peek() {
            Some(Token::Word(name) | Token::Name(name)) => {
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// A whole number, with its sign.
    pub(super) fn integer(&mut self) -> Result<i64, Refusal> {
        let sign = if self.take_symbol("-") { "-" } else { "" };
        let Some(Token::Number(digits)) = self.peek() else {
            return Err(self.unexpected("a number"));
        };
        let number = format!("{sign}{digits}").parse();
        let number = number.map_err(|_| self.unexpected("a whole number"))?;
        self.at += 1;
        Ok(number)
    }

    pub(super) fn expect_end(&self) -> Result<(), Refusal> {
        if self.is_at_end() {
            return Ok(());
        }
        Err(self.unexpected("the end"))
    }

    /// Names in parentheses.
    pub(super) fn names(&mut self) -> Result<Vec<String>, Refusal> {
        self.expect_symbol("(")?;
        let mut names = Vec::new();
        while !self.is_symbol(")") {
            names.push(self.name()?.to_owned());
            if !self.take_symbol(",") {
                break;
            }
        }
        self.expect_symbol(")")?;
        Ok(names)
    }

    /// Counts a level of nesting, which [`Self::leave`] takes back. Fails beyond the limit.
    pub(super) fn enter(&mut self) -> Result<(), Refusal> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(Refusal::form("its parentheses are too deep"));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Skips tokens up to one that `is_end` accepts outside of inner parentheses, or to the end of the
    /// present parentheses.
    pub(super) fn skip_until(&mut self, is_end: impl Fn(&Self) -> bool) {
        let mut open = 0_usize;
        while let Some(token) = self.peek() {
            match token {
                Token::Symbol("(" | "[") => open += 1,
                Token::Symbol(")" | "]") if open == 0 => return,
                Token::Symbol(")" | "]") => open -= 1,
                _ if open == 0 && is_end(self) => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Skips the rest of the present parentheses, including their end.
    pub(super) fn skip_parenthesis(&mut self) -> Result<(), Refusal> {
        self.skip_until(|_| false);
        self.expect_symbol(")")
    }

    /// Goes back to an earlier position.
    pub(super) fn return_to(&mut self, earlier: &Self) {
        self.at = earlier.at;
        self.depth = earlier.depth;
    }

    pub(super) fn unexpected(&self, wanted: &str) -> Refusal {
        let found = match self.peek() {
            None => "its end".to_owned(),
            Some(Token::Word(text) | Token::Name(text) | Token::Number(text)) => {
                format!("`{}`", super::shown(text))
            }
            Some(Token::Text(_) | Token::Blob(_)) => "a text".to_owned(),
            Some(Token::Symbol(symbol)) => format!("`{symbol}`"),
        };
        Refusal::form(format!("{found} stands where {wanted} belongs"))
    }
}

fn is_word(token: Option<&Token>, word: &str) -> bool {
    matches!(token, Some(Token::Word(found)) if found.eq_ignore_ascii_case(word))
}
