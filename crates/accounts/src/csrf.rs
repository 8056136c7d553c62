//! The secret behind a form's token, as Django stores and masks it
//! (`Django 5.2 middleware/csrf.py`). Knows no request: the caller reads cookies and forms.

use std::fmt;

use subtle::ConstantTimeEq as _;

use hashers::random::{self, LETTERS_AND_DIGITS};

/// Characters of a secret.
pub const SECRET_LENGTH: usize = 32;
/// Characters of a masked token: the mask, then the secret under it.
pub const TOKEN_LENGTH: usize = 2 * SECRET_LENGTH;

/// The secret in a visitor's cookie. Every token in the visitor's forms is this secret under a mask.
#[derive(Clone, PartialEq, Eq)]
pub struct CsrfSecret([u8; SECRET_LENGTH]);

impl CsrfSecret {
    /// A new one.
    pub fn random() -> Self {
        Self(random_bytes())
    }

    /// From a cookie: plain, or masked as Django up to 4.0 had it there.
    pub fn parse(text: &str) -> Option<Self> {
        let places = text.bytes().map(index_of).collect::<Option<Vec<usize>>>()?;
        match places.len() {
            SECRET_LENGTH => text.as_bytes().try_into().ok().map(Self),
            TOKEN_LENGTH => {
                let (mask, cipher) = places.split_at(SECRET_LENGTH);
                let mut secret = [0; SECRET_LENGTH];
                for ((byte, mask), cipher) in secret.iter_mut().zip(mask).zip(cipher) {
                    *byte = LETTERS_AND_DIGITS[(cipher + 62 - mask) % 62];
                }
                Some(Self(secret))
            }
            _ => None,
        }
    }

    /// As the cookie holds it.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// A token for a form. It is masked differently each time, so that the length of a compressed page
    /// tells nothing about the secret (BREACH).
    pub fn token(&self) -> String {
        self.token_with(&random_bytes())
    }

    fn token_with(&self, mask: &[u8; SECRET_LENGTH]) -> String {
        let cipher = self.0.iter().zip(mask).map(|(secret, mask)| {
            let sum = index_of(*secret).unwrap_or_default() + index_of(*mask).unwrap_or_default();
            LETTERS_AND_DIGITS[sum % 62]
        });
        mask.iter().copied().chain(cipher).map(char::from).collect()
    }

    /// Whether what came with a form is a token of this secret, or the secret itself.
    pub fn matches(&self, token: &str) -> bool {
        Self::parse(token).is_some_and(|secret| secret.0.ct_eq(&self.0).into())
    }
}

impl fmt::Debug for CsrfSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CsrfSecret(…)")
    }
}

fn random_bytes() -> [u8; SECRET_LENGTH] {
    let text = random::text(LETTERS_AND_DIGITS, SECRET_LENGTH);
    let mut bytes = [0; SECRET_LENGTH];
    bytes.copy_from_slice(text.as_bytes());
    bytes
}

/// The index of a character in the alphabet.
fn index_of(byte: u8) -> Option<usize> {
    LETTERS_AND_DIGITS.iter().position(|letter| *letter == byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "abcdefghijklmnopqrstuvwxyzABCDEF";
    const MASK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    const TOKEN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345ACEGIKMOQSUWY02468acegikmoqsuwyA";

    #[test]
    fn a_token_is_the_mask_and_the_secret_under_it() {
        let secret = CsrfSecret::parse(SECRET).unwrap();
        assert_eq!(secret.token_with(MASK), TOKEN);
        assert_eq!(CsrfSecret::parse(TOKEN).unwrap().as_str(), SECRET);
        assert!(secret.matches(TOKEN) && secret.matches(SECRET));
        assert!(secret.matches(&secret.token()));
        assert_ne!(secret.token(), secret.token());
        assert!(!CsrfSecret::random().matches(TOKEN));
    }

    #[test]
    fn what_has_another_length_or_alphabet_is_no_secret() {
        for text in [
            "",
            "abc",
            &SECRET[1..],
            &TOKEN[1..],
            &SECRET.replace('a', "-"),
        ] {
            assert_eq!(CsrfSecret::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_secret_survives_every_mask(
            secret in "[a-zA-Z0-9]{32}",
            mask in "[a-zA-Z0-9]{32}",
        ) {
            let parsed = CsrfSecret::parse(&secret).unwrap();
            let token = parsed.token_with(mask.as_bytes().try_into().unwrap());
            prop_assert_eq!(CsrfSecret::parse(&token), Some(parsed));
        }

        #[test]
        fn no_text_is_too_much(text in any::<String>()) {
            CsrfSecret::parse(&text);
        }
    }
}
