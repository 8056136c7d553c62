//! Builds statements from checked parts. No other code turns a definition into SQL again.

use super::Dialect;

/// A statement that is being written, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sql {
    text: String,
    dialect: Dialect,
}

impl Sql {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            text: String::new(),
            dialect,
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Keywords, which are literals of this program.
    pub(super) fn words(&mut self, words: &'static str) {
        self.space();
        self.text.push_str(words);
    }

    /// A word of a SQLite type, in which everything is allowed that is no mark.
    pub(super) fn type_word(&mut self, word: &str) {
        self.space();
        let letters = word.chars().filter(|letter| {
            letter.is_ascii_alphanumeric() || *letter == '_' || !letter.is_ascii()
        });
        self.text.extend(letters);
    }

    pub(super) fn name(&mut self, name: &str) {
        self.space();
        self.text.push_str(&crate::names::quoted(name));
    }

    pub(super) fn names<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        self.open();
        for (number, name) in names.into_iter().enumerate() {
            if number > 0 {
                self.comma();
            }
            self.name(name);
        }
        self.close();
    }

    /// A text constant. On PostgreSQL line ends are escaped, since each statement is one line.
    pub(super) fn constant(&mut self, text: &str) {
        self.space();
        let needs_escapes = |letter: char| letter == '\\' || letter.is_ascii_control();
        if self.dialect == Dialect::Sqlite || !text.contains(needs_escapes) {
            self.text.push('\'');
            self.text.push_str(&text.replace('\'', "''"));
            self.text.push('\'');
            return;
        }
        self.text.push_str("E'");
        for letter in text.chars() {
            match letter {
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\\' => self.text.push_str("\\\\"),
                '\'' => self.text.push_str("''"),
                letter => self.text.push(letter),
            }
        }
        self.text.push('\'');
    }

    /// Hexadecimal digits, as the lexer has read them.
    pub(super) fn blob(&mut self, digits: &str) {
        self.space();
        self.text.push_str(&format!("x'{digits}'"));
    }

    /// A number, as the lexer has read it.
    pub(super) fn number(&mut self, number: &str) {
        self.space();
        self.text.push_str(number);
        if number.ends_with('.') {
            self.text.push('0');
        }
    }

    pub(super) fn symbol(&mut self, symbol: &'static str) {
        match symbol {
            "(" => self.open(),
            ")" => self.close(),
            "," => self.comma(),
            "." | "::" | "[" | "]" => self.text.push_str(symbol),
            _ => {
                self.space();
                self.text.push_str(symbol);
            }
        }
    }

    pub(super) fn open(&mut self) {
        self.space();
        self.text.push('(');
    }

    /// Opens the parentheses of a function or a type.
    pub(super) fn open_call(&mut self) {
        self.text.push('(');
    }

    pub(super) fn close(&mut self) {
        self.text.push(')');
    }

    pub(super) fn comma(&mut self) {
        self.text.push(',');
    }

    /// Adds another part to the end.
    pub(super) fn append(&mut self, other: &Self) {
        self.space();
        self.text.push_str(&other.text);
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(['(', '.', ':', '[']) {
            self.text.push(' ');
        }
    }
}
