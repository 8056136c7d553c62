//! Numbers in Django's base 62: digits, capitals, small letters; the sign before them.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(crate) fn encode(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        // The remainder is below 62.
        digits.push(char::from(DIGITS[usize::try_from(rest % 62).unwrap_or(0)]));
        rest /= 62;
    }
    if number < 0 {
        digits.push('-');
    }
    digits.iter().rev().collect()
}

pub(crate) fn decode(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    if digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0_i64, |number, byte| {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        let digit = i64::try_from(digit).ok()?;
        number.checked_mul(62)?.checked_add(sign * digit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_written_as_django_writes_them() {
        for (number, text) in [
            (0, "0"),
            (61, "z"),
            (62, "10"),
            (-5, "-5"),
            (1_763_800_000, "1vMix6"),
        ] {
            assert_eq!(encode(number), text);
            assert_eq!(decode(text), Some(number));
        }
        for text in ["", "-", "1-", "a b", "é", "zzzzzzzzzzzz"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_number_comes_back(number: i64) {
            prop_assert_eq!(decode(&encode(number)), Some(number));
        }

        #[test]
        fn no_text_is_too_much(text: String) {
            decode(&text);
        }
    }
}
