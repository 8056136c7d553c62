//! JSON as Python's `json.dumps` writes it with the separators `,` and `:`: nothing but ASCII.

use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// The text; what is not printable ASCII is escaped, so that it has one byte per character.
pub(crate) fn to_ascii(value: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Ascii);
    let written = value.serialize(&mut serializer);
    written.expect("a value has nothing that JSON cannot hold, and memory takes every write");
    String::from_utf8(text).expect("ASCII is UTF-8")
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut units = [0; 2];
        for character in fragment.chars() {
            if matches!(character, ' '..='~') {
                writer.write_all(&[u8::try_from(character).unwrap_or(b'?')])?;
            } else {
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Recorded from Python.
    #[test]
    fn text_is_escaped_as_python_escapes_it() {
        let value = json!({"a": [1, null, true, "é€😀\u{7f}\u{1}\n\"\\/"]});
        let expected = r#"{"a":[1,null,true,"\u00e9\u20ac\ud83d\ude00\u007f\u0001\n\"\\/"]}"#;
        assert_eq!(to_ascii(&value), expected);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text: String) {
            let json = to_ascii(&Value::from(text.as_str()));
            prop_assert!(json.is_ascii());
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
